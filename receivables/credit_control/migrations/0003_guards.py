"""The promises about disputes, kept by the database: kept for ever, closed once, never about more than is owed."""

from django.db import migrations

from receivables.core.guards import fixed_columns, money_check, no_delete, org_fk, org_key, run

DISPUTES = """
-- A dispute is about an invoice as it is, in its currency, and open disputes about it never add up to more than is open
-- when one is added. The open item is locked first, so that two can't both use the same rest.
CREATE FUNCTION credit_control_dispute_opened() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE invoice record; item record; disputed numeric;
BEGIN
  SELECT i.* INTO STRICT invoice FROM billing_invoice i WHERE i.id = NEW.invoice_id;
  PERFORM 1 FROM ledger_openitem WHERE id = invoice.open_item_id FOR NO KEY UPDATE;
  SELECT o.* INTO STRICT item FROM ledger_openitem o WHERE o.id = invoice.open_item_id;
  SELECT COALESCE(sum(d.amount), 0) INTO disputed
    FROM credit_control_dispute d WHERE d.invoice_id = NEW.invoice_id AND d.state = 'open';
  IF NEW.currency <> invoice.currency OR NEW.state <> 'open' OR disputed > item.balance OR item.voided
     OR (NEW.load_id IS NOT NULL AND NOT EXISTS (
       SELECT 1 FROM billing_load l WHERE l.id = NEW.load_id AND l.invoice_id = NEW.invoice_id)) THEN
    RAISE EXCEPTION 'this dispute does not fit invoice %', invoice.number USING ERRCODE = 'RV007';
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER zz_dispute_opened AFTER INSERT ON credit_control_dispute
  FOR EACH ROW EXECUTE FUNCTION credit_control_dispute_opened();
ALTER TABLE credit_control_dispute ENABLE ALWAYS TRIGGER zz_dispute_opened;

-- What was decided stays decided.
CREATE TRIGGER ac_closed_once BEFORE UPDATE ON credit_control_dispute
  FOR EACH ROW WHEN (OLD.state <> 'open') EXECUTE FUNCTION forbid_change();
ALTER TABLE credit_control_dispute ENABLE ALWAYS TRIGGER ac_closed_once;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("credit_control", "0002_initial"),
        ("billing", "0016_loads_billed_by_key"),
        ("ledger", "0007_guards_rates"),
    ]

    operations = [
        org_key("credit_control_dispute"),
        org_fk("credit_control_dispute", "invoice_id", "billing_invoice"),
        org_fk("credit_control_dispute", "load_id", "billing_load"),
        money_check("credit_control_dispute", "amount"),
        fixed_columns(
            "credit_control_dispute",
            "organization_id",
            "invoice_id",
            "load_id",
            "currency",
            "amount",
            "why",
            "note",
            "next_step_on",
            "opened_by_id",
            "opened_at",
        ),
        no_delete("credit_control_dispute"),
        run(DISPUTES),
    ]
