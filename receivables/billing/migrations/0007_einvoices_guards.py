"""E-invoices are kept as they left: byte for byte, numbered without gap, adding up to what was billed."""

from django.db import migrations

from receivables.core.guards import append_only, gap_free, money_check, org_fk, org_key, run

EXPORTED = """
-- A kept document is the one that was checked: its fingerprint is recomputed by the database.
ALTER TABLE billing_einvoice ADD CONSTRAINT billing_einvoice_untouched CHECK (encode(sha256(content), 'hex') = sha256);

-- The first document carries the invoice's number, and all of them together say what the revision bills: its total
-- without bad debt, which is no business of the tax office's. The invoice is locked, so that two exports can't both add.
CREATE FUNCTION billing_einvoice_made() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE invoice record; revision record; said numeric;
BEGIN
  SELECT i.number, i.currency, i.imported INTO STRICT invoice
    FROM billing_invoice i WHERE i.id = NEW.invoice_id FOR NO KEY UPDATE;
  SELECT r.total + r.bad_debt AS total INTO revision
    FROM billing_revision r WHERE r.id = NEW.revision_id AND r.invoice_id = NEW.invoice_id;
  SELECT sum(e.total) INTO said FROM billing_einvoice e WHERE e.invoice_id = NEW.invoice_id;
  IF NEW.currency <> invoice.currency OR said IS DISTINCT FROM revision.total OR invoice.imported
     OR (NEW.kind = 'invoice') <> (NEW.number = invoice.number)
     OR NOT EXISTS (SELECT 1 FROM billing_einvoice e WHERE e.invoice_id = NEW.invoice_id AND e.kind = 'invoice') THEN
    RAISE EXCEPTION 'the e-invoices of % do not say what is billed', invoice.number USING ERRCODE = 'RV007';
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER zz_einvoice_made AFTER INSERT ON billing_einvoice
  FOR EACH ROW EXECUTE FUNCTION billing_einvoice_made();
ALTER TABLE billing_einvoice ENABLE ALWAYS TRIGGER zz_einvoice_made;
"""

SETTINGS = """
-- A rate of 0 % was taxed at 0 % before it could say so.
UPDATE billing_taxcode SET category = 'Z' WHERE rate = 0 AND category = 'S';
INSERT INTO core_sequence (organization_id, kind, prefix, width, last)
  SELECT o.id, 'einvoice_correction', 'COR-', 6, 0 FROM accounts_organization o
   WHERE NOT EXISTS (SELECT 1 FROM core_sequence s WHERE s.organization_id = o.id AND s.kind = 'einvoice_correction');
"""


class Migration(migrations.Migration):
    dependencies = [("billing", "0006_billed_charges"), ("accounts", "0002_guards"), ("core", "0003_number_text")]

    operations = [
        org_key("billing_einvoice"),
        org_fk("billing_einvoice", "invoice_id", "billing_invoice"),
        org_fk("billing_einvoice", "revision_id", "billing_revision"),
        money_check("billing_einvoice", "net"),
        money_check("billing_einvoice", "tax"),
        money_check("billing_einvoice", "total"),
        append_only("billing_einvoice"),
        gap_free("billing_einvoice", "einvoice_correction"),
        run(EXPORTED),
        run(SETTINGS),
    ]
