"""The promises of the automated write-off: an agreement that closes leaves its process in the same transaction, whatever
closed it; what is over stays as it was; a write-down is what the ledger says."""

from django.db import migrations

from receivables.core.guards import append_only, fixed_columns, money_check, no_delete, org_fk, org_key, run

LEAVING = """
-- Documented: an agreement that closes leaves its process at once; when the last one has left, what is pending is
-- cancelled and the process ends. States follow balances in the database, so this does as well: no path is missed.
CREATE FUNCTION automated_agreements_left() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE touched bigint[]; ended bigint[];
BEGIN
  WITH gone AS (
    UPDATE automated_processagreement p
       SET active = false, left_at = now(), left_because = CASE WHEN n.state = 'closed' THEN 'closed' ELSE 'below' END
      FROM new_rows n, automated_writeoffprocess w, automated_writeoffcontrol c
     WHERE p.agreement_id = n.id AND p.active AND w.id = p.process_id AND c.id = w.control_id
       AND (n.state = 'closed' OR (c.inactive_threshold > 0 AND n.payoff_balance <= c.inactive_threshold))
    RETURNING p.process_id)
  SELECT array_agg(DISTINCT process_id) INTO touched FROM gone;
  IF touched IS NULL THEN
    RETURN NULL;
  END IF;
  WITH over AS (
    UPDATE automated_writeoffprocess w
       SET state = 'inactive', ended_at = now(), ended_because = 'closed', version = w.version + 1
     WHERE w.id = ANY(touched) AND w.state = 'active'
       AND NOT EXISTS (SELECT 1 FROM automated_processagreement p WHERE p.process_id = w.id AND p.active)
    RETURNING w.id)
  SELECT array_agg(id) INTO ended FROM over;
  UPDATE automated_processevent SET state = 'cancelled', version = version + 1
   WHERE process_id = ANY(ended) AND state IN ('pending', 'waiting', 'refused');
  UPDATE automated_referral SET active = false, cancelled_at = now() WHERE process_id = ANY(ended) AND active;
  INSERT INTO core_event (organization_id, name, subject_type, subject_id, refs, actor_name, at, reason, data, request_id)
    SELECT w.organization_id, 'write_off_process_ended', 'automated.writeoffprocess', w.id,
           ARRAY['automated.writeoffprocess:' || w.id, 'customers.account:' || w.account_id,
                 'customers.customer:' || a.customer_id],
           'Automated write-off', now(), '', '{}', ''
      FROM automated_writeoffprocess w JOIN customers_account a ON a.id = w.account_id WHERE w.id = ANY(ended);
  RETURN NULL;
END $$;
CREATE TRIGGER zz_agreements_left AFTER UPDATE ON customers_agreement REFERENCING NEW TABLE AS new_rows
  FOR EACH STATEMENT EXECUTE FUNCTION automated_agreements_left();
ALTER TABLE customers_agreement ENABLE ALWAYS TRIGGER zz_agreements_left;
"""

PROCESSES = """
-- What ended stays ended, what left stays away, a cancelled referral stays cancelled.
CREATE TRIGGER ac_ended_stays BEFORE UPDATE ON automated_writeoffprocess
  FOR EACH ROW WHEN (OLD.state = 'inactive') EXECUTE FUNCTION forbid_change();
ALTER TABLE automated_writeoffprocess ENABLE ALWAYS TRIGGER ac_ended_stays;
CREATE TRIGGER ac_left_stays BEFORE UPDATE ON automated_processagreement
  FOR EACH ROW WHEN (NOT OLD.active) EXECUTE FUNCTION forbid_change();
ALTER TABLE automated_processagreement ENABLE ALWAYS TRIGGER ac_left_stays;
CREATE TRIGGER ac_cancelled_stays BEFORE UPDATE ON automated_referral
  FOR EACH ROW WHEN (NOT OLD.active) EXECUTE FUNCTION forbid_change();
ALTER TABLE automated_referral ENABLE ALWAYS TRIGGER ac_cancelled_stays;

-- An event that is done says for ever what it did; a to-do is ticked off once. One that is cancelled is over, unless
-- the approval that it waited for was granted at the same moment.
CREATE FUNCTION automated_event_changed() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
  IF (OLD.state = 'done' AND (NEW.state, NEW.sequence, NEW.text, NEW.agency_id, NEW.due_on, NEW.done_on, NEW.outcome,
                              NEW.amount, NEW.rows, NEW.request_id)
        IS DISTINCT FROM (OLD.state, OLD.sequence, OLD.text, OLD.agency_id, OLD.due_on, OLD.done_on, OLD.outcome,
                          OLD.amount, OLD.rows, OLD.request_id))
     OR (OLD.state = 'cancelled' AND NOT (NEW.state = 'done' AND OLD.request_id IS NOT NULL))
     OR (OLD.handled_on IS NOT NULL AND (NEW.handled_on, NEW.handled_by_id)
                                        IS DISTINCT FROM (OLD.handled_on, OLD.handled_by_id))
     OR (NEW.handled_on IS NOT NULL AND (NEW.kind <> 'to_do' OR NEW.state <> 'done')) THEN
    RAISE EXCEPTION 'event % of a write-off process is over', OLD.id USING ERRCODE = 'RV001';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER ac_event_changed BEFORE UPDATE ON automated_processevent
  FOR EACH ROW EXECUTE FUNCTION automated_event_changed();
ALTER TABLE automated_processevent ENABLE ALWAYS TRIGGER ac_event_changed;

-- A process is about agreements of its account, in its currency, whose service has ended.
CREATE FUNCTION automated_agreement_joined() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  IF NOT EXISTS (SELECT 1 FROM automated_writeoffprocess w JOIN customers_agreement a ON a.id = NEW.agreement_id
                  WHERE w.id = NEW.process_id AND w.state = 'active' AND a.account_id = w.account_id
                    AND a.currency = w.currency AND a.state IN ('stopped', 'reactivated')) THEN
    RAISE EXCEPTION 'agreement % does not belong into process %', NEW.agreement_id, NEW.process_id
      USING ERRCODE = 'RV007';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER ac_agreement_joined BEFORE INSERT ON automated_processagreement
  FOR EACH ROW EXECUTE FUNCTION automated_agreement_joined();
ALTER TABLE automated_processagreement ENABLE ALWAYS TRIGGER ac_agreement_joined;
"""

WRITE_DOWNS = """
-- R1: at commit the ledger took exactly the write-down off its agreement, and nothing off another one.
CREATE FUNCTION automated_write_down_posted() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  IF (SELECT coalesce(sum(l.amount) FILTER (WHERE l.agreement_id = NEW.agreement_id), 0) = -NEW.amount
             AND count(*) FILTER (WHERE l.agreement_id <> NEW.agreement_id) = 0
             AND bool_and(e.currency = NEW.currency AND e.posting_date = NEW.posting_date)
        FROM ledger_journalentry e JOIN ledger_journalline l ON l.entry_id = e.id
       WHERE e.organization_id = NEW.organization_id AND e.source_type = 'automated.writedown' AND e.source_id = NEW.id)
     IS NOT TRUE OR NOT EXISTS (SELECT 1 FROM customers_agreement a
                                 WHERE a.id = NEW.agreement_id AND a.account_id = NEW.account_id) THEN
    RAISE EXCEPTION 'the ledger does not hold write-down %', NEW.id USING ERRCODE = 'RV007';
  END IF;
  RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER zz_write_down_posted AFTER INSERT ON automated_writedown
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION automated_write_down_posted();
ALTER TABLE automated_writedown ENABLE ALWAYS TRIGGER zz_write_down_posted;
"""

OLDER = """
-- Organizations that were there before begin with the settings of a fresh one.
INSERT INTO automated_collectionagency (organization_id, code, name, email, phone, active)
  SELECT o.id, 'AGENCY', 'Collection agency', '', '', true FROM accounts_organization o;
INSERT INTO automated_processtemplate (organization_id, code, name, active)
  SELECT o.id, 'STANDARD', 'Standard', true FROM accounts_organization o;
INSERT INTO automated_templateevent (organization_id, template_id, kind, sequence, days, text, function, active)
  SELECT t.organization_id, t.id, n.kind, n.sequence, n.days, '', '', true FROM automated_processtemplate t
   CROSS JOIN (VALUES ('refer', 10, 0), ('letter', 20, 0), ('cancel_referral', 30, 60), ('write_off', 40, 60))
              n (kind, sequence, days);
INSERT INTO automated_writeoffcontrol (organization_id, collection_class_id, write_off_debt_class_id, currency, grace_days,
    apply_money, write_down_below, write_up_below, difference_account_id, refund_credit, inactive_threshold, maximum, active)
  SELECT o.id, c.id, d.id, o.currency, 30, true, 10, 1, g.id, false, 0, 1000, true
    FROM accounts_organization o
    JOIN customers_collectionclass c ON c.organization_id = o.id AND c.code = 'STD'
    JOIN customers_writeoffdebtclass d ON d.organization_id = o.id AND d.code IN ('REG', 'NA')
    JOIN ledger_glaccount g ON g.organization_id = o.id AND g.code = '6300';
INSERT INTO automated_writeoffcriterion (organization_id, control_id, priority, test, currency, template_id, active)
  SELECT c.organization_id, c.id, 100, 'always', c.currency, t.id, true
    FROM automated_writeoffcontrol c JOIN automated_processtemplate t ON t.organization_id = c.organization_id
    JOIN customers_writeoffdebtclass d ON d.id = c.write_off_debt_class_id AND d.eligible_for_write_off;
"""

KEYS = [
    "collectionagency", "processtemplate", "writeoffcontrol", "automatedrun", "writeoffprocess", "processevent",
]  # fmt: skip
NEVER_DELETED = [
    *KEYS, "templateevent", "writeoffcriterion", "processagreement", "referral",
]  # fmt: skip
REFERENCES = [
    ("templateevent", "template_id", "automated_processtemplate"),
    ("templateevent", "agency_id", "automated_collectionagency"),
    ("templateevent", "to_type_id", "customers_agreementtype"),
    ("writeoffcontrol", "collection_class_id", "customers_collectionclass"),
    ("writeoffcontrol", "write_off_debt_class_id", "customers_writeoffdebtclass"),
    ("writeoffcontrol", "difference_account_id", "ledger_glaccount"),
    ("writeoffcriterion", "control_id", "automated_writeoffcontrol"),
    ("writeoffcriterion", "template_id", "automated_processtemplate"),
    ("automatedrun", "job_id", "core_job"),
    ("writeoffprocess", "account_id", "customers_account"),
    ("writeoffprocess", "control_id", "automated_writeoffcontrol"),
    ("writeoffprocess", "template_id", "automated_processtemplate"),
    ("processagreement", "process_id", "automated_writeoffprocess"),
    ("processagreement", "agreement_id", "customers_agreement"),
    ("processevent", "process_id", "automated_writeoffprocess"),
    ("processevent", "agency_id", "automated_collectionagency"),
    ("processevent", "to_type_id", "customers_agreementtype"),
    ("processevent", "request_id", "approvals_approvalrequest"),
    ("referral", "process_id", "automated_writeoffprocess"),
    ("referral", "agency_id", "automated_collectionagency"),
    ("writedown", "account_id", "customers_account"),
    ("writedown", "agreement_id", "customers_agreement"),
    ("writedown", "control_id", "automated_writeoffcontrol"),
    ("runresult", "run_id", "automated_automatedrun"),
    ("runresult", "account_id", "customers_account"),
    ("runresult", "agreement_id", "customers_agreement"),
    ("runresult", "process_id", "automated_writeoffprocess"),
    ("runresult", "event_id", "automated_processevent"),
]
AMOUNTS = [
    ("writeoffcontrol", "write_down_below"), ("writeoffcontrol", "write_up_below"),
    ("writeoffcontrol", "inactive_threshold"), ("writeoffcontrol", "maximum"), ("writeoffcriterion", "amount"),
    ("writeoffprocess", "amount"), ("processevent", "amount"), ("referral", "amount"), ("writedown", "amount"),
    ("runresult", "amount"),
]  # fmt: skip
FIXED = {
    "collectionagency": (), "processtemplate": (), "templateevent": ("template_id",), "writeoffcontrol": ("currency",),
    "writeoffcriterion": ("control_id", "currency"),
    "automatedrun": ("work", "day", "daily", "created_by_id", "created_at"),
    "writeoffprocess": (
        "account_id", "control_id", "template_id", "currency", "amount", "started_on", "created_by_id", "created_at",
    ),
    "processagreement": ("process_id", "agreement_id"),
    "processevent": ("process_id", "kind", "currency", "to_type_id", "points", "months", "function"),
    "referral": ("process_id", "agency_id", "currency", "amount", "referred_on", "created_by_id", "created_at"),
}  # fmt: skip


class Migration(migrations.Migration):
    dependencies = [
        ("automated", "0002_initial"),
        ("accounts", "0002_guards"),
        ("approvals", "0005_guards_delegations"),
        ("core", "0003_number_text"),
        ("customers", "0002_initial"),
        ("ledger", "0006_guards_applications"),
        ("writeoffs", "0003_guards"),
    ]

    operations = [
        org_key(*(f"automated_{name}" for name in KEYS)),
        *(org_fk(f"automated_{table}", column, target) for table, column, target in REFERENCES),
        *(money_check(f"automated_{table}", column) for table, column in AMOUNTS),
        append_only("automated_writedown", "automated_runresult"),
        no_delete(*(f"automated_{name}" for name in NEVER_DELETED)),
        *(fixed_columns(f"automated_{name}", "id", "organization_id", *columns) for name, columns in FIXED.items()),
        run(LEAVING),
        run(PROCESSES),
        run(WRITE_DOWNS),
        run(OLDER),
    ]
