"""The promises of credit notes, kept by the database: J4, J7, J8, R1."""

from django.db import migrations

from receivables.core.guards import append_only, fixed_columns, gap_free, money_check, no_delete, org_fk, org_key, run

LINES = """
-- R1: the lines of a credit note come in one statement, add up to it, and say what its one entry settled and booked.
CREATE FUNCTION billing_credit_lines_written() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE bad bigint;
BEGIN
  SELECT c.id INTO bad FROM (SELECT DISTINCT credit_note_id FROM new_rows) t
    JOIN billing_creditnote c ON c.id = t.credit_note_id
    JOIN LATERAL (SELECT count(*) AS lines, sum(l.net) AS net, sum(l.tax) AS tax
                    FROM billing_creditnoteline l WHERE l.credit_note_id = t.credit_note_id) s ON true
   WHERE (s.lines, s.net, s.tax) IS DISTINCT FROM (c.line_count::bigint, c.net, c.tax) LIMIT 1;
  IF FOUND THEN
    RAISE EXCEPTION 'the lines do not add up to credit note %', bad USING ERRCODE = 'RV007';
  END IF;

  -- Each line is about an invoice of the account, and names its settlement, of the kind that the reason stands for.
  SELECT n.credit_note_id INTO bad FROM new_rows n
    JOIN billing_creditnote c ON c.id = n.credit_note_id
    JOIN billing_reason r ON r.id = c.reason_id
    JOIN billing_invoice i ON i.id = n.invoice_id
    JOIN ledger_allocation a ON a.id = n.allocation_id
    LEFT JOIN ledger_journalentry e ON e.id = a.entry_id
   WHERE (n.currency, i.account_id, a.debit_item_id, a.currency, e.posting_date)
         IS DISTINCT FROM (c.currency, c.account_id, i.open_item_id, c.currency, c.posting_date)
      OR a.reverses_id IS NOT NULL OR a.credit_item_id IS NOT NULL
      OR a.kind <> CASE r.kind WHEN 'bad_debt' THEN 'bad_debt' WHEN 'small_difference' THEN 'difference'
                               ELSE 'credit_note' END
   LIMIT 1;
  IF FOUND THEN
    RAISE EXCEPTION 'a line of credit note % does not fit its invoice or settlement', bad USING ERRCODE = 'RV007';
  END IF;

  SELECT t.allocation_id INTO bad FROM (SELECT DISTINCT allocation_id FROM new_rows) t
    JOIN ledger_allocation a ON a.id = t.allocation_id
   WHERE a.amount <> (SELECT sum(l.total) FROM billing_creditnoteline l WHERE l.allocation_id = t.allocation_id) LIMIT 1;
  IF FOUND THEN
    RAISE EXCEPTION 'settlement % is not what its credit note says', bad USING ERRCODE = 'RV007';
  END IF;

  SELECT c.id INTO bad FROM (SELECT n.credit_note_id, min(a.entry_id) AS entry_id, count(DISTINCT a.entry_id) AS entries
                               FROM new_rows n JOIN ledger_allocation a ON a.id = n.allocation_id GROUP BY 1) t
    JOIN billing_creditnote c ON c.id = t.credit_note_id
   WHERE t.entries <> 1
      OR c.total <> (SELECT sum(a.amount) FROM ledger_allocation a WHERE a.entry_id = t.entry_id)
      OR EXISTS (
        SELECT 1 FROM (
          SELECT s.gl_account_id, s.amount FROM ledger_journalline s
           WHERE s.entry_id = t.entry_id AND s.open_item_id IS NULL
          UNION ALL SELECT l.gl_account_id, -l.net FROM billing_creditnoteline l WHERE l.credit_note_id = c.id
          UNION ALL SELECT x.gl_account_id, -l.tax FROM billing_creditnoteline l JOIN billing_taxcode x ON x.id = l.tax_code_id
                     WHERE l.credit_note_id = c.id) booked
         GROUP BY booked.gl_account_id HAVING sum(booked.amount) <> 0)
   LIMIT 1;
  IF FOUND THEN
    RAISE EXCEPTION 'credit note % is not what its entry booked', bad USING ERRCODE = 'RV007';
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER zz_lines_written AFTER INSERT ON billing_creditnoteline REFERENCING NEW TABLE AS new_rows
  FOR EACH STATEMENT EXECUTE FUNCTION billing_credit_lines_written();
ALTER TABLE billing_creditnoteline ENABLE ALWAYS TRIGGER zz_lines_written;
"""

DOCUMENTS = """
-- At commit a credit note has its lines.
CREATE FUNCTION billing_credit_note_issued() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp SET enable_seqscan = off AS $$
BEGIN
  IF (SELECT count(*) FROM billing_creditnoteline l WHERE l.credit_note_id = NEW.id) <> NEW.line_count THEN
    RAISE EXCEPTION 'credit note % has not its lines', NEW.number USING ERRCODE = 'RV007';
  END IF;
  RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER zz_credit_note_issued AFTER INSERT ON billing_creditnote
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION billing_credit_note_issued();
ALTER TABLE billing_creditnote ENABLE ALWAYS TRIGGER zz_credit_note_issued;

-- R1: nothing is credited without a credit note, and what one settled is undone by its reversal alone.
CREATE FUNCTION billing_credit_settled() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp SET enable_seqscan = off AS $$
BEGIN
  IF NEW.reverses_id IS NULL THEN
    IF NEW.kind = 'credit_note' AND NEW.credit_item_id IS NULL
       AND NOT EXISTS (SELECT 1 FROM billing_creditnoteline l WHERE l.allocation_id = NEW.id) THEN
      RAISE EXCEPTION 'settlement % is credited without a credit note', NEW.id USING ERRCODE = 'RV007';
    END IF;
  ELSIF EXISTS (SELECT 1 FROM billing_creditnoteline l
                 WHERE l.allocation_id = NEW.reverses_id AND NOT EXISTS (
                   SELECT 1 FROM billing_creditnotereversal r WHERE r.credit_note_id = l.credit_note_id)) THEN
    RAISE EXCEPTION 'settlement % belongs to a credit note that stands', NEW.reverses_id USING ERRCODE = 'RV007';
  END IF;
  RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER zz_credit_settled AFTER INSERT ON ledger_allocation
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (NEW.kind IN ('credit_note', 'bad_debt', 'difference'))
  EXECUTE FUNCTION billing_credit_settled();
ALTER TABLE ledger_allocation ENABLE ALWAYS TRIGGER zz_credit_settled;

-- R3: a credit note that was reversed settles nothing any more.
CREATE FUNCTION billing_credit_note_reversed() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp SET enable_seqscan = off AS $$
BEGIN
  IF EXISTS (SELECT 1 FROM billing_creditnoteline l WHERE l.credit_note_id = NEW.credit_note_id
               AND NOT EXISTS (SELECT 1 FROM ledger_allocation a WHERE a.reverses_id = l.allocation_id)) THEN
    RAISE EXCEPTION 'a reversed credit note still settles its invoices' USING ERRCODE = 'RV007';
  END IF;
  RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER zz_credit_note_reversed AFTER INSERT ON billing_creditnotereversal
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION billing_credit_note_reversed();
ALTER TABLE billing_creditnotereversal ENABLE ALWAYS TRIGGER zz_credit_note_reversed;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("billing", "0008_guards_delivery"),
        ("customers", "0002_initial"),
        ("ledger", "0006_guards_applications"),
    ]

    operations = [
        org_key("billing_reason", "billing_creditnote"),
        org_fk("billing_reason", "gl_account_id", "ledger_glaccount"),
        org_fk("billing_creditnote", "account_id", "customers_account"),
        org_fk("billing_creditnote", "reason_id", "billing_reason"),
        org_fk("billing_creditnoteline", "credit_note_id", "billing_creditnote"),
        org_fk("billing_creditnoteline", "invoice_id", "billing_invoice"),
        org_fk("billing_creditnoteline", "allocation_id", "ledger_allocation"),
        org_fk("billing_creditnoteline", "gl_account_id", "ledger_glaccount"),
        org_fk("billing_creditnoteline", "tax_code_id", "billing_taxcode"),
        org_fk("billing_creditnotereversal", "credit_note_id", "billing_creditnote"),
        money_check("billing_reason", "maximum"),
        money_check("billing_creditnote", "net"),
        money_check("billing_creditnote", "tax"),
        money_check("billing_creditnote", "total"),
        money_check("billing_creditnoteline", "net"),
        money_check("billing_creditnoteline", "tax"),
        money_check("billing_creditnoteline", "total"),
        append_only("billing_creditnote", "billing_creditnoteline", "billing_creditnotereversal"),
        no_delete("billing_reason"),
        fixed_columns("billing_reason", "id", "organization_id", "kind", "currency"),
        gap_free("billing_creditnote", "credit_note"),
        run(LINES),
        run(DOCUMENTS),
    ]
