"""Promises about invoices over several loads: a load is billed once, and its share of a settlement is real."""

from django.db import migrations

from receivables.core.guards import append_only, fixed_columns, money_check, no_delete, org_fk, org_key, run

LOADS = """
-- A load stands on the invoice that it says, and on no other live one. Looked at when a revision is made and when a
-- load comes or goes, at commit.
CREATE FUNCTION billing_loads_billed(invoice bigint) RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE bad bigint;
BEGIN
  SELECT l.load_id INTO bad FROM billing_invoice i
    JOIN billing_revision r ON r.invoice_id = i.id AND r.number = i.current_revision
    JOIN billing_revisionline l ON l.revision_id = r.id JOIN billing_load b ON b.id = l.load_id
   WHERE i.id = invoice AND i.voided_at IS NULL AND b.invoice_id IS DISTINCT FROM i.id LIMIT 1;
  IF FOUND THEN
    RAISE EXCEPTION 'load % stands on an invoice that is not its own', bad USING ERRCODE = 'RV007';
  END IF;
  SELECT b.id INTO bad FROM billing_load b JOIN billing_invoice i ON i.id = b.invoice_id
   WHERE i.id = invoice AND i.voided_at IS NULL AND i.summary AND b.charges_total <> 0 AND NOT EXISTS (
     SELECT 1 FROM billing_revision r JOIN billing_revisionline l ON l.revision_id = r.id
      WHERE r.invoice_id = i.id AND r.number = i.current_revision AND l.load_id = b.id) LIMIT 1;
  IF FOUND THEN
    RAISE EXCEPTION 'load % is not on the newest revision of its invoice', bad USING ERRCODE = 'RV007';
  END IF;
END $$;

CREATE FUNCTION billing_revision_bills() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  PERFORM billing_loads_billed(NEW.invoice_id);
  RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER zz_revision_bills AFTER INSERT ON billing_revision
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION billing_revision_bills();
ALTER TABLE billing_revision ENABLE ALWAYS TRIGGER zz_revision_bills;

CREATE FUNCTION billing_load_moved() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  PERFORM billing_loads_billed(moved) FROM unnest(ARRAY[OLD.invoice_id, NEW.invoice_id]) AS moved WHERE moved IS NOT NULL;
  RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER zz_load_moved AFTER UPDATE OF invoice_id ON billing_load
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (OLD.invoice_id IS DISTINCT FROM NEW.invoice_id)
  EXECUTE FUNCTION billing_load_moved();
ALTER TABLE billing_load ENABLE ALWAYS TRIGGER zz_load_moved;
"""

SHARES = """
-- A share belongs to a live settlement of the summary invoice that its load stands on; the shares of a settlement never
-- add up past it, and those of a load never past what is billed of it.
CREATE FUNCTION billing_shares_given() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  PERFORM 1 FROM ledger_openitem WHERE id IN (
      SELECT a.debit_item_id FROM new_rows n JOIN ledger_allocation a ON a.id = n.allocation_id)
    ORDER BY id FOR NO KEY UPDATE;
  IF EXISTS (SELECT 1 FROM new_rows n JOIN ledger_allocation a ON a.id = n.allocation_id JOIN billing_load b ON b.id = n.load_id
               LEFT JOIN billing_invoice i ON i.id = b.invoice_id
              WHERE a.reverses_id IS NOT NULL OR EXISTS (SELECT 1 FROM ledger_allocation r WHERE r.reverses_id = a.id)
                 OR i.open_item_id IS DISTINCT FROM a.debit_item_id OR NOT i.summary OR n.currency <> a.currency) THEN
    RAISE EXCEPTION 'a share does not fit its settlement and its load' USING ERRCODE = 'RV007';
  END IF;
  IF EXISTS (SELECT 1 FROM billing_loadshare s JOIN ledger_allocation a ON a.id = s.allocation_id
              WHERE s.allocation_id IN (SELECT allocation_id FROM new_rows)
              GROUP BY a.id HAVING sum(s.amount) > a.amount)
     OR EXISTS (SELECT 1 FROM billing_loadshare s WHERE s.allocation_id IN (SELECT allocation_id FROM new_rows)
                 GROUP BY s.allocation_id, s.load_id HAVING sum(s.amount) < 0) THEN
    RAISE EXCEPTION 'the shares of a settlement add up to more than it, or one is negative' USING ERRCODE = 'RV007';
  END IF;
  IF EXISTS (
    SELECT 1 FROM (SELECT DISTINCT load_id FROM new_rows) t JOIN billing_load b ON b.id = t.load_id
      JOIN billing_invoice i ON i.id = b.invoice_id
      JOIN billing_revision r ON r.invoice_id = i.id AND r.number = i.current_revision
     WHERE (SELECT coalesce(sum(s.amount), 0) FROM billing_loadshare s JOIN ledger_allocation a ON a.id = s.allocation_id
             WHERE s.load_id = t.load_id AND a.debit_item_id = i.open_item_id
               AND NOT EXISTS (SELECT 1 FROM ledger_allocation x WHERE x.reverses_id = a.id))
         > (SELECT coalesce(sum(l.total), 0) FROM billing_revisionline l WHERE l.revision_id = r.id AND l.load_id = t.load_id)) THEN
    RAISE EXCEPTION 'a load is paid beyond what is billed of it' USING ERRCODE = 'RV007';
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER zz_shares_given AFTER INSERT ON billing_loadshare REFERENCING NEW TABLE AS new_rows
  FOR EACH STATEMENT EXECUTE FUNCTION billing_shares_given();
ALTER TABLE billing_loadshare ENABLE ALWAYS TRIGGER zz_shares_given;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("billing", "0009_guards_credit_notes"),
        ("customers", "0002_initial"),
        ("ledger", "0006_guards_applications"),
    ]

    operations = [
        org_key("billing_loadshare", "billing_summaryschedule"),
        org_fk("billing_loadshare", "allocation_id", "ledger_allocation"),
        org_fk("billing_loadshare", "load_id", "billing_load"),
        org_fk("billing_summaryschedule", "customer_id", "customers_customer"),
        money_check("billing_loadshare", "amount"),
        append_only("billing_loadshare"),
        no_delete("billing_summaryschedule"),
        fixed_columns("billing_summaryschedule", "id", "organization_id", "customer_id"),
        run(LOADS),
        run(SHARES),
    ]
