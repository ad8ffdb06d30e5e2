"""A summary invoice never bills less of a load than settlements say is settled of it, also after the next revision."""

from django.db import migrations

from receivables.core.guards import run

COVERED = """
-- What is said to be settled of a load, by a credit note or a payment, stays within what its newest revision bills of
-- it. Looked at when a share is given, and here when a revision is made or a load comes or goes, at commit.
CREATE FUNCTION billing_shares_covered(invoice bigint) RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE bad bigint;
BEGIN
  SELECT s.load_id INTO bad
    FROM billing_invoice i JOIN ledger_allocation a ON a.debit_item_id = i.open_item_id
    JOIN billing_loadshare s ON s.allocation_id = a.id
   WHERE i.id = invoice AND i.summary AND NOT EXISTS (SELECT 1 FROM ledger_allocation x WHERE x.reverses_id = a.id)
   GROUP BY i.id, s.load_id
  HAVING sum(s.amount) > (
     SELECT coalesce(sum(l.total), 0) FROM billing_revision r JOIN billing_revisionline l ON l.revision_id = r.id
      WHERE r.invoice_id = i.id AND r.number = i.current_revision AND l.load_id = s.load_id) LIMIT 1;
  IF FOUND THEN
    RAISE EXCEPTION 'less is billed of load % than is settled of it', bad USING ERRCODE = 'RV007';
  END IF;
END $$;

CREATE OR REPLACE FUNCTION billing_revision_bills() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  PERFORM billing_loads_billed(NEW.invoice_id), billing_shares_covered(NEW.invoice_id);
  RETURN NULL;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("billing", "0012_partly_sent"), ("ledger", "0006_guards_applications")]

    operations = [run(COVERED)]
