"""The promises of sending, kept by the database: what was sent to whom stays as it was, and no state is skipped."""

from django.db import migrations

from receivables.core.guards import fixed_columns, no_delete, org_fk, org_key, run

STATES = """
-- A sending moves only forward: what went out is never waiting again, so that nothing is mailed twice in silence.
-- Uncertain and failed wait again because a person says so; waiting becomes sending in the one transaction that claims it.
CREATE FUNCTION billing_dispatch_moved() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
  IF NOT (OLD.state, NEW.state) IN (
      ('waiting', 'sending'), ('waiting', 'failed'), ('sending', 'waiting'), ('sending', 'sent'), ('sending', 'failed'),
      ('sending', 'uncertain'), ('uncertain', 'sent'), ('uncertain', 'waiting'), ('failed', 'waiting'),
      ('sent', 'bounced')) THEN
    RAISE EXCEPTION 'a sending does not go from % to %', OLD.state, NEW.state USING ERRCODE = 'RV001';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER ac_dispatch_moved BEFORE UPDATE OF state ON billing_dispatch FOR EACH ROW
  WHEN (NEW.state IS DISTINCT FROM OLD.state) EXECUTE FUNCTION billing_dispatch_moved();
ALTER TABLE billing_dispatch ENABLE ALWAYS TRIGGER ac_dispatch_moved;

-- The revision that is sent is one of the invoice, and whatever was not mailed begins as sent.
CREATE FUNCTION billing_dispatch_made() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  IF NEW.state <> (CASE WHEN NEW.method = 'email' THEN 'waiting' ELSE 'sent' END)
     OR NOT EXISTS (SELECT 1 FROM billing_revision r WHERE r.id = NEW.revision_id AND r.invoice_id = NEW.invoice_id) THEN
    RAISE EXCEPTION 'this is no sending of that invoice' USING ERRCODE = 'RV007';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER ac_dispatch_made BEFORE INSERT ON billing_dispatch
  FOR EACH ROW EXECUTE FUNCTION billing_dispatch_made();
ALTER TABLE billing_dispatch ENABLE ALWAYS TRIGGER ac_dispatch_made;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("billing", "0007_einvoices_guards"),
        ("customers", "0002_initial"),
        ("ledger", "0006_guards_applications"),
    ]

    operations = [
        org_key("billing_dispatch"),
        org_fk("billing_customerdelivery", "customer_id", "customers_customer"),
        org_fk("billing_dispatch", "invoice_id", "billing_invoice"),
        org_fk("billing_dispatch", "revision_id", "billing_revision"),
        no_delete("billing_dispatch", "billing_customerdelivery", "billing_invoicemailtext"),
        fixed_columns("billing_customerdelivery", "id", "organization_id", "customer_id"),
        fixed_columns("billing_invoicemailtext", "id", "organization_id"),
        fixed_columns(
            "billing_dispatch",
            "id",
            "organization_id",
            "invoice_id",
            "revision_id",
            "method",
            "mail_to",
            "cc",
            "subject",
            "body",
            "sender_name",
            "reply_to",
            "language",
            "attach_pdf",
            "message_id",
            "automatic",
            "again",
            "sent_by_id",
            "created_at",
        ),
        run(STATES),
    ]
