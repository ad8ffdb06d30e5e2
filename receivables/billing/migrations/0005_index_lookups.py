"""Guards that look at every row at commit look by index, whatever the planner thinks of a table that is still small.

In one transaction that fills empty tables a cached plan of their first rows would read all rows for each row.
"""

from django.db import migrations

from receivables.core.guards import run

LOOKUPS = """
CREATE OR REPLACE FUNCTION billing_item_invoiced() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE item record; invoice record; revision record;
BEGIN
  SELECT o.amount, o.organization_amount INTO STRICT item FROM ledger_openitem o WHERE o.id = NEW.id;
  SELECT i.id, i.current_revision INTO invoice FROM billing_invoice i WHERE i.open_item_id = NEW.id;
  SELECT r.total, r.organization_total INTO revision FROM billing_revision r
    WHERE r.invoice_id = invoice.id AND r.number = invoice.current_revision;
  IF (revision.total, revision.organization_total) IS DISTINCT FROM (item.amount, item.organization_amount) THEN
    RAISE EXCEPTION 'the ledger has an amount for % that no revision says', NEW.number USING ERRCODE = 'RV007';
  END IF;
  RETURN NULL;
END $$;
ALTER FUNCTION billing_item_invoiced() SET enable_seqscan = off;
ALTER FUNCTION billing_invoice_issued() SET enable_seqscan = off;
ALTER FUNCTION billing_revision_made() SET enable_seqscan = off;
ALTER FUNCTION billing_revision_posted() SET enable_seqscan = off;
ALTER FUNCTION billing_revision_taxed() SET enable_seqscan = off;
ALTER FUNCTION ledger_line_settles() SET enable_seqscan = off;
ALTER FUNCTION ledger_entry_has_lines() SET enable_seqscan = off;
"""


class Migration(migrations.Migration):
    dependencies = [("billing", "0004_sealed"), ("ledger", "0006_guards_applications")]

    operations = [run(LOOKUPS)]
