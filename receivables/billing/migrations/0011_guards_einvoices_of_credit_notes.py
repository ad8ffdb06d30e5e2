"""Promises about e-invoices of credit notes: they say what the credit note says, after the invoices that it corrects."""

from django.db import migrations

from receivables.core.guards import org_fk, run

CREDITED = """
-- What an invoice's documents add up to is a matter of its own documents only.
DROP TRIGGER zz_einvoice_made ON billing_einvoice;
CREATE TRIGGER zz_einvoice_made AFTER INSERT ON billing_einvoice
  FOR EACH ROW WHEN (NEW.credit_note_id IS NULL) EXECUTE FUNCTION billing_einvoice_made();
ALTER TABLE billing_einvoice ENABLE ALWAYS TRIGGER zz_einvoice_made;

-- A credit note leaves under its own number with exactly its own amounts, while it stands, and after each of its
-- invoices; what takes it back says the same amounts the other way, after it was exported and reversed. Bad debt never.
CREATE FUNCTION billing_einvoice_credits() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE note record; itself boolean := NEW.kind = 'credit_note'; sign int;
BEGIN
  sign := CASE WHEN itself THEN -1 ELSE 1 END;
  SELECT c.number, c.currency, c.net, c.tax, c.total, r.kind AS reason,
         EXISTS (SELECT 1 FROM billing_creditnotereversal v WHERE v.credit_note_id = c.id) AS reversed
    INTO STRICT note FROM billing_creditnote c JOIN billing_reason r ON r.id = c.reason_id
   WHERE c.id = NEW.credit_note_id;
  IF (NEW.currency, NEW.net, NEW.tax, NEW.total)
       IS DISTINCT FROM (note.currency, sign * note.net, sign * note.tax, sign * note.total)
     OR note.reason = 'bad_debt' OR itself <> (NEW.number = note.number) OR itself = note.reversed
     OR NOT EXISTS (SELECT 1 FROM billing_einvoice e
                     WHERE e.credit_note_id = NEW.credit_note_id AND e.kind = 'credit_note')
     OR EXISTS (SELECT 1 FROM billing_creditnoteline l
                 WHERE l.credit_note_id = NEW.credit_note_id AND NOT EXISTS (
                   SELECT 1 FROM billing_einvoice e WHERE e.invoice_id = l.invoice_id AND e.kind = 'invoice')) THEN
    RAISE EXCEPTION 'this is no e-invoice of credit note %', note.number USING ERRCODE = 'RV007';
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER zz_einvoice_credits AFTER INSERT ON billing_einvoice
  FOR EACH ROW WHEN (NEW.credit_note_id IS NOT NULL) EXECUTE FUNCTION billing_einvoice_credits();
ALTER TABLE billing_einvoice ENABLE ALWAYS TRIGGER zz_einvoice_credits;
"""


class Migration(migrations.Migration):
    dependencies = [("billing", "0010_summary_guards")]

    operations = [
        org_fk("billing_einvoice", "credit_note_id", "billing_creditnote"),
        run(CREDITED),
    ]
