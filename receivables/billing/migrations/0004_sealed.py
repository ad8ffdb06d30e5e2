"""What attacks on the first guards got through: invoices, revisions and their taxes say what the ledger says (I1-I3)."""

from django.db import migrations

from receivables.core.guards import run

INVOICES = """
-- I3: an invoice begins with revision 1 and not void, whatever its row claims.
CREATE FUNCTION billing_invoice_born() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
  NEW.current_revision := 1; NEW.voided_at := NULL;
  RETURN NEW;
END $$;
CREATE TRIGGER aa_born BEFORE INSERT ON billing_invoice FOR EACH ROW EXECUTE FUNCTION billing_invoice_born();
ALTER TABLE billing_invoice ENABLE ALWAYS TRIGGER aa_born;

-- At commit an invoice says something, and its open item is its own.
CREATE FUNCTION billing_invoice_issued() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  IF NOT EXISTS (SELECT 1 FROM ledger_openitem o JOIN billing_revision r ON r.invoice_id = NEW.id AND r.number = 1
                  WHERE o.id = NEW.open_item_id AND o.kind = 'invoice' AND o.number = NEW.number) THEN
    RAISE EXCEPTION 'invoice % has no revision or another document''s open item', NEW.number USING ERRCODE = 'RV007';
  END IF;
  RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER zz_invoice_issued AFTER INSERT ON billing_invoice
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION billing_invoice_issued();
ALTER TABLE billing_invoice ENABLE ALWAYS TRIGGER zz_invoice_issued;

-- I1, I3: only a revision changes what an invoice's open item amounts to, in both currencies.
CREATE FUNCTION billing_item_invoiced() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  IF NOT EXISTS (SELECT 1 FROM ledger_openitem o JOIN billing_invoice i ON i.open_item_id = o.id
                   JOIN billing_revision r ON r.invoice_id = i.id AND r.number = i.current_revision
                  WHERE o.id = NEW.id AND r.total = o.amount AND r.organization_total = o.organization_amount) THEN
    RAISE EXCEPTION 'the ledger has an amount for % that no revision says', NEW.number USING ERRCODE = 'RV007';
  END IF;
  RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER zz_item_invoiced AFTER UPDATE OF amount ON ledger_openitem
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
  WHEN (NEW.kind = 'invoice' AND (NEW.amount, NEW.organization_amount)
                                 IS DISTINCT FROM (OLD.amount, OLD.organization_amount))
  EXECUTE FUNCTION billing_item_invoiced();
ALTER TABLE ledger_openitem ENABLE ALWAYS TRIGGER zz_item_invoiced;

ALTER TABLE billing_invoice ADD CONSTRAINT billing_invoice_agreement_account FOREIGN KEY (agreement_id, account_id)
  REFERENCES customers_agreement (id, account_id);
ALTER TABLE billing_load ADD CONSTRAINT billing_load_agreement_account FOREIGN KEY (agreement_id, account_id)
  REFERENCES customers_agreement (id, account_id);
ALTER TABLE billing_revision ADD CONSTRAINT revision_void_is_zero
  CHECK (cause <> 'voided' OR (total = 0 AND number > 1));
"""

TAXES = """
-- I3: the tax of a revision by code is the tax of its lines by code; a later row has no lines to stand on.
CREATE FUNCTION billing_taxes_written() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE bad bigint;
BEGIN
  SELECT n.revision_id INTO bad FROM new_rows n
    LEFT JOIN LATERAL (SELECT sum(l.net) AS net, sum(l.tax) AS tax FROM billing_revisionline l
                        WHERE l.revision_id = n.revision_id AND l.tax_code_id = n.tax_code_id) s ON true
   WHERE (s.net, s.tax) IS DISTINCT FROM (n.net, n.tax) LIMIT 1;
  IF FOUND THEN
    RAISE EXCEPTION 'the taxes do not match the lines of revision %', bad USING ERRCODE = 'RV007';
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER zz_taxes_written AFTER INSERT ON billing_revisiontax REFERENCING NEW TABLE AS new_rows
  FOR EACH STATEMENT EXECUTE FUNCTION billing_taxes_written();
ALTER TABLE billing_revisiontax ENABLE ALWAYS TRIGGER zz_taxes_written;

CREATE FUNCTION billing_revision_taxed() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  IF (SELECT coalesce(sum(t.tax), 0) FROM billing_revisiontax t WHERE t.revision_id = NEW.id) <> NEW.tax
     OR EXISTS (SELECT 1 FROM billing_revisionline l WHERE l.revision_id = NEW.id AND l.tax_code_id IS NOT NULL
                   AND NOT EXISTS (SELECT 1 FROM billing_revisiontax t
                                    WHERE t.revision_id = NEW.id AND t.tax_code_id = l.tax_code_id)) THEN
    RAISE EXCEPTION 'the taxes of revision % are missing', NEW.id USING ERRCODE = 'RV007';
  END IF;
  RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER zz_revision_taxed AFTER INSERT ON billing_revision
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION billing_revision_taxed();
ALTER TABLE billing_revision ENABLE ALWAYS TRIGGER zz_revision_taxed;
"""


class Migration(migrations.Migration):
    dependencies = [("billing", "0003_guards"), ("customers", "0002_initial"), ("ledger", "0006_guards_applications")]

    operations = [run(INVOICES), run(TAXES)]
