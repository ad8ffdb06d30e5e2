"""The immunity, kept by the database: debt of a class that is not eligible for collection starts no process and gets no
reminder. What was found and what was sent stays as it was; a process only rises, and ends once."""

from django.db import migrations

from receivables.core.guards import append_only, fixed_columns, money_check, no_delete, org_fk, org_key, run

PROCESSES = """
-- Documented: only debt classes that are eligible for collection are chased.
CREATE FUNCTION credit_control_process_started() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  IF NEW.ended_on IS NOT NULL OR NOT EXISTS (
      SELECT 1 FROM customers_debtclass d WHERE d.id = NEW.debt_class_id AND d.eligible_for_collection) THEN
    RAISE EXCEPTION 'debt of this class is not subject to collection' USING ERRCODE = 'RV007';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER ac_process_started BEFORE INSERT ON credit_control_collectionprocess
  FOR EACH ROW EXECUTE FUNCTION credit_control_process_started();
ALTER TABLE credit_control_collectionprocess ENABLE ALWAYS TRIGGER ac_process_started;

-- What ended stays ended, and chasing never goes back a step.
CREATE TRIGGER ad_process_only_rises BEFORE UPDATE ON credit_control_collectionprocess
  FOR EACH ROW WHEN (OLD.ended_on IS NOT NULL OR NEW.step < OLD.step) EXECUTE FUNCTION forbid_change();
ALTER TABLE credit_control_collectionprocess ENABLE ALWAYS TRIGGER ad_process_only_rises;
"""

REMINDERS = """
-- A reminder is about a process that is under way, at its step, in its currency, and about debt that may be chased.
CREATE FUNCTION credit_control_reminder_written() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  IF NEW.state <> (CASE WHEN NEW.method = 'email' THEN 'waiting' ELSE 'sent' END) OR NOT EXISTS (
      SELECT 1 FROM credit_control_collectionprocess p JOIN customers_debtclass d ON d.id = p.debt_class_id
       WHERE p.id = NEW.process_id AND p.ended_on IS NULL AND p.step = NEW.step AND p.currency = NEW.currency
         AND d.eligible_for_collection) THEN
    RAISE EXCEPTION 'this reminder does not fit its process' USING ERRCODE = 'RV007';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER ac_reminder_written BEFORE INSERT ON credit_control_reminder
  FOR EACH ROW EXECUTE FUNCTION credit_control_reminder_written();
ALTER TABLE credit_control_reminder ENABLE ALWAYS TRIGGER ac_reminder_written;

-- It moves only forward: what went out is never waiting again, so that nothing is mailed twice in silence.
CREATE FUNCTION credit_control_reminder_moved() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
  IF NOT (OLD.state, NEW.state) IN (
      ('waiting', 'sending'), ('waiting', 'failed'), ('sending', 'waiting'), ('sending', 'sent'), ('sending', 'failed'),
      ('sending', 'uncertain'), ('uncertain', 'waiting'), ('failed', 'waiting')) THEN
    RAISE EXCEPTION 'a reminder does not go from % to %', OLD.state, NEW.state USING ERRCODE = 'RV001';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER ac_reminder_moved BEFORE UPDATE OF state ON credit_control_reminder FOR EACH ROW
  WHEN (NEW.state IS DISTINCT FROM OLD.state) EXECUTE FUNCTION credit_control_reminder_moved();
ALTER TABLE credit_control_reminder ENABLE ALWAYS TRIGGER ac_reminder_moved;
"""

CRITERIA = """
-- Organizations that were there before begin with the criteria of a fresh one.
INSERT INTO credit_control_collectioncriterion
  (organization_id, collection_class_id, debt_class_id, priority, currency, minimum_amount, minimum_age, step, active)
SELECT o.id, c.id, d.id, n.priority, o.currency, 10, n.age, n.step, true
  FROM accounts_organization o
  JOIN customers_collectionclass c ON c.organization_id = o.id AND c.code = 'STD'
  JOIN customers_debtclass d ON d.organization_id = o.id AND d.code = 'REG' AND d.eligible_for_collection
 CROSS JOIN (VALUES (10, 45, 3), (20, 21, 2), (30, 7, 1)) n (priority, age, step);
"""


class Migration(migrations.Migration):
    dependencies = [
        ("credit_control", "0003_guards"),
        ("accounts", "0002_guards"),
        ("collections", "0017_guards_bounce_fees"),
        ("core", "0003_number_text"),
        ("customers", "0002_initial"),
        ("ledger", "0007_guards_rates"),
    ]

    operations = [
        org_key("credit_control_monitorrun", "credit_control_collectionprocess"),
        org_fk("credit_control_collectioncriterion", "collection_class_id", "customers_collectionclass"),
        org_fk("credit_control_collectioncriterion", "debt_class_id", "customers_debtclass"),
        org_fk("credit_control_monitorrun", "job_id", "core_job"),
        org_fk("credit_control_collectionprocess", "account_id", "customers_account"),
        org_fk("credit_control_collectionprocess", "debt_class_id", "customers_debtclass"),
        org_fk("credit_control_monitorresult", "run_id", "credit_control_monitorrun"),
        org_fk("credit_control_monitorresult", "account_id", "customers_account"),
        org_fk("credit_control_monitorresult", "debt_class_id", "customers_debtclass"),
        org_fk("credit_control_monitorresult", "process_id", "credit_control_collectionprocess"),
        org_fk("credit_control_reminder", "process_id", "credit_control_collectionprocess"),
        money_check("credit_control_collectioncriterion", "minimum_amount"),
        money_check("credit_control_collectionprocess", "amount"),
        money_check("credit_control_monitorresult", "amount"),
        money_check("credit_control_reminder", "amount"),
        money_check("credit_control_reminder", "less"),
        append_only("credit_control_monitorresult"),
        no_delete(
            "credit_control_collectioncriterion",
            "credit_control_monitorrun",
            "credit_control_collectionprocess",
            "credit_control_reminder",
        ),
        fixed_columns("credit_control_collectioncriterion", "id", "organization_id"),
        fixed_columns(
            "credit_control_monitorrun", "id", "organization_id", "day", "daily", "created_by_id", "created_at"
        ),
        fixed_columns(
            "credit_control_collectionprocess", "id", "organization_id", "account_id", "debt_class_id", "currency",
            "started_on", "created_by_id", "created_at",
        ),
        fixed_columns(
            "credit_control_reminder", "id", "organization_id", "process_id", "step", "day", "currency", "amount", "less",
            "rows", "method", "mail_to", "subject", "body", "language", "sender_name", "reply_to", "message_id",
            "created_by_id", "created_at",
        ),
        run(PROCESSES),
        run(REMINDERS),
        run(CRITERIA),
    ]  # fmt: skip
