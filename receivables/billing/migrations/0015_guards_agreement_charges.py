"""What a billing run may do, kept by the database: a period is billed once, only service is billed, and an agreement with
charges closes no sooner than its final bill."""

from django.db import migrations

from receivables.core.guards import append_only, fixed_columns, money_check, no_delete, org_fk, org_key, run

INVOICES = """
-- Only service is billed: no invoice on an agreement whose type is not eligible for billing, such as one that holds
-- written-off debt (documented), nor on one that is over (new billing needs a new agreement).
CREATE FUNCTION billing_invoice_on_service() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  IF EXISTS (SELECT 1 FROM customers_agreement a JOIN customers_agreementtype t ON t.id = a.type_id
              WHERE a.id = NEW.agreement_id
                AND (NOT t.eligible_for_billing OR a.state IN ('closed', 'reactivated', 'cancelled'))) THEN
    RAISE EXCEPTION 'agreement % is not billed', NEW.agreement_id USING ERRCODE = 'RV007';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER ac_on_service BEFORE INSERT ON billing_invoice
  FOR EACH ROW EXECUTE FUNCTION billing_invoice_on_service();
ALTER TABLE billing_invoice ENABLE ALWAYS TRIGGER ac_on_service;
"""

PERIODS = """
-- A period belongs to its charge, on a load of the charge's agreement, and overlaps no other period of it. The charge is
-- locked first, so that two runs can't both bill the same days.
CREATE FUNCTION billing_period_billed() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE charge record;
BEGIN
  SELECT c.* INTO charge FROM billing_agreementcharge c WHERE c.id = NEW.charge_id FOR NO KEY UPDATE;
  IF charge.id IS NULL OR charge.cancelled OR charge.currency <> NEW.currency
     OR NEW.first_day < charge.starts_on OR NEW.last_day > COALESCE(charge.ends_on, NEW.last_day)
     OR NOT EXISTS (SELECT 1 FROM billing_load l JOIN customers_agreement a ON a.id = l.agreement_id
                      JOIN customers_agreementtype t ON t.id = a.type_id
                     WHERE l.id = NEW.load_id AND a.id = charge.agreement_id AND t.eligible_for_billing) THEN
    RAISE EXCEPTION 'this period does not fit its charge or its load' USING ERRCODE = 'RV007';
  END IF;
  IF EXISTS (SELECT 1 FROM billing_billedperiod p WHERE p.charge_id = NEW.charge_id
              AND p.first_day <= NEW.last_day AND p.last_day >= NEW.first_day) THEN
    RAISE EXCEPTION 'this period of charge % is billed already', NEW.charge_id USING ERRCODE = 'RV007';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER ac_period_billed BEFORE INSERT ON billing_billedperiod
  FOR EACH ROW EXECUTE FUNCTION billing_period_billed();
ALTER TABLE billing_billedperiod ENABLE ALWAYS TRIGGER ac_period_billed;

-- How far a charge is billed only goes on, and it never ends before that.
CREATE TRIGGER ac_charge_goes_on BEFORE UPDATE ON billing_agreementcharge FOR EACH ROW
  WHEN (OLD.billed_through IS NOT NULL AND (NEW.billed_through IS NULL OR NEW.billed_through < OLD.billed_through
        OR NEW.ends_on < OLD.billed_through))
  EXECUTE FUNCTION forbid_change();
ALTER TABLE billing_agreementcharge ENABLE ALWAYS TRIGGER ac_charge_goes_on;
"""

FINAL_BILL = """
-- An agreement that waits for its final bill is stopped at zero, not closed (documented: what is stopped is final billed
-- before it closes). Runs after the rule of states, by its name.
CREATE FUNCTION customers_agreement_awaits() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
  NEW.state := 'stopped';
  RETURN NEW;
END $$;
CREATE TRIGGER zzz_awaits_final_bill BEFORE UPDATE ON customers_agreement FOR EACH ROW
  WHEN (NEW.state = 'closed' AND OLD.state IN ('active', 'pending_stop', 'stopped') AND NEW.awaits_final_bill)
  EXECUTE FUNCTION customers_agreement_awaits();
ALTER TABLE customers_agreement ENABLE ALWAYS TRIGGER zzz_awaits_final_bill;
"""

ITEMS = """
-- What became of an agreement of a run stays: its invoice is one of that agreement.
CREATE FUNCTION billing_run_item_moves() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  IF TG_OP = 'UPDATE' AND OLD.state IN ('billed', 'closed', 'skipped') THEN
    RAISE EXCEPTION 'what became of an agreement of a run is kept' USING ERRCODE = 'RV001';
  END IF;
  IF NEW.invoice_id IS NOT NULL AND NOT EXISTS (
      SELECT 1 FROM billing_invoice i WHERE i.id = NEW.invoice_id AND i.agreement_id = NEW.agreement_id) THEN
    RAISE EXCEPTION 'this invoice is of another agreement' USING ERRCODE = 'RV007';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER ac_item_moves BEFORE INSERT OR UPDATE ON billing_billingrunitem
  FOR EACH ROW EXECUTE FUNCTION billing_run_item_moves();
ALTER TABLE billing_billingrunitem ENABLE ALWAYS TRIGGER ac_item_moves;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("billing", "0014_attach_xml"),
        ("collections", "0011_guards_no_payments"),
        ("core", "0003_number_text"),
        ("customers", "0002_initial"),
        ("ledger", "0006_guards_applications"),
    ]

    operations = [
        org_key("billing_agreementcharge", "billing_billingrun"),
        org_fk("billing_agreementcharge", "agreement_id", "customers_agreement"),
        org_fk("billing_agreementcharge", "type_id", "billing_accessorialtype"),
        org_fk("billing_billedperiod", "charge_id", "billing_agreementcharge"),
        org_fk("billing_billedperiod", "load_id", "billing_load"),
        org_fk("billing_billingrun", "job_id", "core_job"),
        org_fk("billing_billingrunitem", "run_id", "billing_billingrun"),
        org_fk("billing_billingrunitem", "agreement_id", "customers_agreement"),
        org_fk("billing_billingrunitem", "invoice_id", "billing_invoice"),
        money_check("billing_agreementcharge", "amount"),
        money_check("billing_billedperiod", "amount"),
        money_check("billing_billingrunitem", "amount"),
        append_only("billing_billedperiod"),
        no_delete("billing_agreementcharge", "billing_billingrun", "billing_billingrunitem"),
        fixed_columns(
            "billing_agreementcharge", "id", "organization_id", "agreement_id", "type_id", "currency", "amount", "note",
            "every_months", "starts_on", "created_by_id", "created_at",
        ),
        fixed_columns(
            "billing_billingrun", "id", "organization_id", "cut_off", "issue_date", "created_by_id", "created_at"
        ),
        fixed_columns("billing_billingrunitem", "id", "organization_id", "run_id", "agreement_id", "currency"),
        run(INVOICES),
        run(PERIODS),
        run(FINAL_BILL),
        run(ITEMS),
    ]  # fmt: skip
