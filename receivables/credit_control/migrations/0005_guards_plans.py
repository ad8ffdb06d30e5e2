"""A plan stays what was agreed; it asks for more only as days come, ends once, and is about one agreement's debt."""

from django.db import migrations

from receivables.core.guards import append_only, fixed_columns, money_check, no_delete, org_fk, org_key, run

PLANS = """
-- What ended stays ended, and what was asked for is not taken back.
CREATE TRIGGER ad_plan_goes_on BEFORE UPDATE ON credit_control_plan FOR EACH ROW
  WHEN (OLD.ended_on IS NOT NULL OR NEW.asked < OLD.asked OR NEW.seen_movement < OLD.seen_movement)
  EXECUTE FUNCTION forbid_change();
ALTER TABLE credit_control_plan ENABLE ALWAYS TRIGGER ad_plan_goes_on;

-- A plan is in its agreement's currency and about debt for service: nothing that was written off is deferred.
CREATE FUNCTION credit_control_plan_begins() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  IF NOT EXISTS (SELECT 1 FROM customers_agreement a JOIN customers_agreementtype t ON t.id = a.type_id
                  WHERE a.id = NEW.agreement_id AND a.currency = NEW.currency AND t.special_role = 'none') THEN
    RAISE EXCEPTION 'this plan does not fit its agreement' USING ERRCODE = 'RV007';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER ac_plan_begins BEFORE INSERT ON credit_control_plan
  FOR EACH ROW EXECUTE FUNCTION credit_control_plan_begins();
ALTER TABLE credit_control_plan ENABLE ALWAYS TRIGGER ac_plan_begins;

-- An arrangement covers open items of its own agreement, none for more than it is.
CREATE FUNCTION credit_control_plan_covers() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  IF NOT EXISTS (SELECT 1 FROM credit_control_plan p JOIN ledger_openitem i ON i.agreement_id = p.agreement_id
                  WHERE p.id = NEW.plan_id AND i.id = NEW.open_item_id AND p.kind = 'arrangement'
                    AND i.currency = NEW.currency AND NEW.amount <= i.amount) THEN
    RAISE EXCEPTION 'this debt does not fit its arrangement' USING ERRCODE = 'RV007';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER ac_plan_covers BEFORE INSERT ON credit_control_planitem
  FOR EACH ROW EXECUTE FUNCTION credit_control_plan_covers();
ALTER TABLE credit_control_planitem ENABLE ALWAYS TRIGGER ac_plan_covers;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("credit_control", "0004_guards_debt_monitor"),
        ("customers", "0002_initial"),
        ("ledger", "0007_guards_rates"),
    ]

    operations = [
        org_key("credit_control_plan"),
        org_fk("credit_control_plan", "agreement_id", "customers_agreement"),
        org_fk("credit_control_planitem", "plan_id", "credit_control_plan"),
        org_fk("credit_control_planitem", "open_item_id", "ledger_openitem"),
        money_check("credit_control_plan", "amount"),
        money_check("credit_control_plan", "total"),
        money_check("credit_control_planitem", "amount"),
        append_only("credit_control_planitem"),
        no_delete("credit_control_plan"),
        fixed_columns(
            "credit_control_plan", "id", "organization_id", "agreement_id", "kind", "currency", "amount", "total",
            "instalments", "every_months", "first_due", "grace_days", "reason", "created_by_id", "created_at",
        ),
        run(PLANS),
    ]  # fmt: skip
