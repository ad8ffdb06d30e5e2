"""What a revision bills and posts is looked up step by step, each row by its key.

As one query the order of its joins was the planner's to choose, and a plan kept from nearly empty tables went through
all loads for every invoice of a large import.
"""

from django.db import migrations

from receivables.core.guards import run

LOADS = """
CREATE OR REPLACE FUNCTION billing_loads_billed(invoice bigint) RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE head record; newest bigint; billed bigint; stands_on bigint; bad bigint;
BEGIN
  SELECT i.id, i.current_revision, i.voided_at, i.summary INTO head FROM billing_invoice i WHERE i.id = invoice;
  IF NOT FOUND OR head.voided_at IS NOT NULL THEN
    RETURN;
  END IF;
  SELECT r.id INTO newest FROM billing_revision r WHERE r.invoice_id = invoice AND r.number = head.current_revision;
  FOR billed IN SELECT DISTINCT l.load_id FROM billing_revisionline l WHERE l.revision_id = newest AND l.load_id IS NOT NULL LOOP
    SELECT b.invoice_id INTO stands_on FROM billing_load b WHERE b.id = billed;
    IF stands_on IS DISTINCT FROM invoice THEN
      RAISE EXCEPTION 'load % stands on an invoice that is not its own', billed USING ERRCODE = 'RV007';
    END IF;
  END LOOP;
  IF head.summary THEN
    SELECT b.id INTO bad FROM billing_load b
     WHERE b.invoice_id = invoice AND b.charges_total <> 0
       AND NOT EXISTS (SELECT 1 FROM billing_revisionline l WHERE l.revision_id = newest AND l.load_id = b.id) LIMIT 1;
    IF FOUND THEN
      RAISE EXCEPTION 'load % is not on the newest revision of its invoice', bad USING ERRCODE = 'RV007';
    END IF;
  END IF;
END $$;

CREATE OR REPLACE FUNCTION billing_revision_posted() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE newest int; item bigint; amount numeric; lines bigint;
BEGIN
  SELECT i.current_revision, i.open_item_id INTO STRICT newest, item FROM billing_invoice i WHERE i.id = NEW.invoice_id;
  SELECT o.amount INTO STRICT amount FROM ledger_openitem o WHERE o.id = item;
  IF newest = NEW.number AND amount <> NEW.total THEN
    RAISE EXCEPTION 'the ledger has % for a revision of %', amount, NEW.total USING ERRCODE = 'RV007';
  END IF;
  SELECT count(*) INTO lines FROM billing_revisionline l WHERE l.revision_id = NEW.id;
  IF lines <> NEW.line_count THEN
    RAISE EXCEPTION 'a revision of % lines has %', NEW.line_count, lines USING ERRCODE = 'RV007';
  END IF;
  RETURN NULL;
END $$;

CREATE OR REPLACE FUNCTION billing_revision_bills() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  PERFORM billing_loads_billed(NEW.invoice_id);
  IF (SELECT i.summary FROM billing_invoice i WHERE i.id = NEW.invoice_id) THEN
    PERFORM billing_shares_covered(NEW.invoice_id);
  END IF;
  RETURN NULL;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("billing", "0015_guards_agreement_charges"), ("ledger", "0006_guards_applications")]

    operations = [run(LOADS)]
