"""The promises of write-offs, kept by the database: J4, J7, J8, J9, R1, W7."""

from django.db import migrations

from receivables.core.guards import append_only, fixed_columns, gap_free, money_check, no_delete, org_fk, org_key, run

TRANSFERS = """
-- J9: a transfer moves debt between agreements and creates or forgives none: in its entry the transfer account nets to
-- zero, and so does what the customers owe. Debt on a write-off agreement stands on its write-offs' open items, which
-- can't be overdrawn: so no transfer and no reversal takes a write-off agreement into credit.
CREATE FUNCTION writeoffs_transfers_net() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE bad bigint;
BEGIN
  SELECT n.entry_id INTO bad FROM new_rows n JOIN ledger_glaccount g ON g.id = n.gl_account_id AND g.role = 'transfer'
   GROUP BY n.entry_id
  HAVING sum(n.amount) <> 0 OR sum(n.organization_amount) <> 0
      OR (SELECT coalesce(sum(m.amount), 0) FROM new_rows m
           WHERE m.entry_id = n.entry_id AND m.agreement_id IS NOT NULL) <> 0
   LIMIT 1;
  IF FOUND THEN
    RAISE EXCEPTION 'the transfer of journal entry % does not net to zero', bad USING ERRCODE = 'RV004';
  END IF;
  SELECT n.entry_id INTO bad FROM new_rows n
    JOIN customers_agreement a ON a.id = n.agreement_id
    JOIN customers_agreementtype t ON t.id = a.type_id AND t.special_role = 'write_off'
    LEFT JOIN ledger_openitem i ON i.id = n.open_item_id
   WHERE i.id IS NULL OR i.kind <> 'write_off' OR i.amount < 0 LIMIT 1;
  IF FOUND THEN
    RAISE EXCEPTION 'a line of journal entry % moves a write-off agreement without a write-off', bad USING ERRCODE = 'RV007';
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER zz_transfers_net AFTER INSERT ON ledger_journalline REFERENCING NEW TABLE AS new_rows
  FOR EACH STATEMENT EXECUTE FUNCTION writeoffs_transfers_net();
ALTER TABLE ledger_journalline ENABLE ALWAYS TRIGGER zz_transfers_net;

-- R1: what is settled by a transfer went over the transfer account.
CREATE FUNCTION writeoffs_settled_by_transfer() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp SET enable_seqscan = off AS $$
BEGIN
  IF NOT EXISTS (SELECT 1 FROM ledger_journalline l JOIN ledger_glaccount g ON g.id = l.gl_account_id
                  WHERE l.entry_id = NEW.entry_id AND g.role = 'transfer') THEN
    RAISE EXCEPTION 'settlement % is no transfer', NEW.id USING ERRCODE = 'RV007';
  END IF;
  RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER zz_settled_by_transfer AFTER INSERT ON ledger_allocation
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (NEW.kind = 'transfer')
  EXECUTE FUNCTION writeoffs_settled_by_transfer();
ALTER TABLE ledger_allocation ENABLE ALWAYS TRIGGER zz_settled_by_transfer;
"""

ITEMS = """
-- W1: written-off debt stands on a write-off agreement, on an open item of its own.
CREATE FUNCTION writeoffs_items_made() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  IF EXISTS (SELECT 1 FROM new_rows n
               JOIN writeoffs_writeoff w ON w.id = n.write_off_id
               JOIN ledger_openitem i ON i.id = n.open_item_id
               JOIN customers_agreement a ON a.id = n.agreement_id
               JOIN customers_agreementtype t ON t.id = a.type_id
              WHERE t.special_role <> 'write_off' OR i.kind <> 'write_off' OR i.agreement_id <> n.agreement_id
                 OR i.currency <> w.currency OR i.number <> w.number) THEN
    RAISE EXCEPTION 'written-off debt does not fit its agreement' USING ERRCODE = 'RV007';
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER zz_items_made AFTER INSERT ON writeoffs_writeoffitem REFERENCING NEW TABLE AS new_rows
  FOR EACH STATEMENT EXECUTE FUNCTION writeoffs_items_made();
ALTER TABLE writeoffs_writeoffitem ENABLE ALWAYS TRIGGER zz_items_made;
"""

LINES = """
-- R1: the lines of a write-off come in one statement, add up to it, and say what its one entry moved.
CREATE FUNCTION writeoffs_lines_written() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE bad bigint;
BEGIN
  SELECT w.id INTO bad FROM (SELECT DISTINCT write_off_id FROM new_rows) t
    JOIN writeoffs_writeoff w ON w.id = t.write_off_id
    JOIN LATERAL (SELECT count(*) AS lines, sum(l.amount) AS amount, sum(l.organization_amount) AS own,
                         bool_and(l.currency = w.currency AND m.write_off_id = w.id) AS fits
                    FROM writeoffs_writeoffline l JOIN writeoffs_writeoffitem m ON m.id = l.item_id
                   WHERE l.write_off_id = w.id) s ON true
   WHERE (s.lines, s.amount, s.own, s.fits) IS DISTINCT FROM (w.line_count::bigint, w.amount, w.organization_amount, true)
   LIMIT 1;
  IF FOUND THEN
    RAISE EXCEPTION 'the lines do not add up to write-off %', bad USING ERRCODE = 'RV007';
  END IF;
  SELECT w.id INTO bad FROM (SELECT DISTINCT write_off_id FROM new_rows) t
    JOIN writeoffs_writeoff w ON w.id = t.write_off_id
   WHERE writeoffs_differs(w.organization_id, 'writeoffs.writeoff', w.id, w.id, NULL) LIMIT 1;
  IF FOUND THEN
    RAISE EXCEPTION 'write-off % is not what its entry moved', bad USING ERRCODE = 'RV007';
  END IF;
  RETURN NULL;
END $$;

-- Whether the entry of a document moved anything else than its lines say: those of a write-off, or of a reversal, which
-- moves the same debt the other way.
CREATE FUNCTION writeoffs_differs(organization bigint, source text, document bigint, write_off bigint, reversal bigint)
RETURNS boolean LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT EXISTS (
    WITH said AS (
      SELECT l.source_agreement_id, l.source_item_id, l.source_account_id, m.agreement_id, m.open_item_id, i.gl_account_id,
             coalesce(-r.amount, l.amount) AS amount, coalesce(-r.organization_amount, l.organization_amount) AS own
        FROM writeoffs_writeoffline l
        JOIN writeoffs_writeoffitem m ON m.id = l.item_id
        JOIN ledger_openitem i ON i.id = m.open_item_id
        LEFT JOIN writeoffs_writeoffreversalline r ON r.line_id = l.id AND r.reversal_id = $5
       WHERE l.write_off_id = $4 AND ($5 IS NULL OR r.id IS NOT NULL))
    SELECT 1 FROM (
      SELECT j.agreement_id, j.open_item_id, j.gl_account_id, j.amount, j.organization_amount AS own
        FROM ledger_journalentry e JOIN ledger_journalline j ON j.entry_id = e.id AND j.agreement_id IS NOT NULL
       WHERE e.organization_id = $1 AND e.source_type = $2 AND e.source_id = $3
      UNION ALL SELECT source_agreement_id, source_item_id, source_account_id, amount, own FROM said
      UNION ALL SELECT agreement_id, open_item_id, gl_account_id, -amount, -own FROM said) moved
     GROUP BY agreement_id, open_item_id, gl_account_id HAVING sum(amount) <> 0 OR sum(own) <> 0)
$$;
CREATE TRIGGER zz_lines_written AFTER INSERT ON writeoffs_writeoffline REFERENCING NEW TABLE AS new_rows
  FOR EACH STATEMENT EXECUTE FUNCTION writeoffs_lines_written();
ALTER TABLE writeoffs_writeoffline ENABLE ALWAYS TRIGGER zz_lines_written;
"""

REVERSALS = """
-- R1, R3: so with a reversal; all of a write-off's together take back no more of any line than it wrote off.
CREATE FUNCTION writeoffs_reversal_written() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE bad bigint;
BEGIN
  PERFORM 1 FROM writeoffs_writeoff WHERE id IN (
    SELECT v.write_off_id FROM new_rows n JOIN writeoffs_writeoffreversal v ON v.id = n.reversal_id)
   ORDER BY id FOR NO KEY UPDATE;
  SELECT v.id INTO bad FROM (SELECT DISTINCT reversal_id FROM new_rows) t
    JOIN writeoffs_writeoffreversal v ON v.id = t.reversal_id
    JOIN LATERAL (SELECT count(*) AS lines, sum(r.amount) AS amount, sum(r.organization_amount) AS own,
                         bool_and(r.currency = v.currency AND l.currency = v.currency AND l.write_off_id = v.write_off_id) AS fits
                    FROM writeoffs_writeoffreversalline r JOIN writeoffs_writeoffline l ON l.id = r.line_id
                   WHERE r.reversal_id = v.id) s ON true
   WHERE (s.lines, s.amount, s.own, s.fits) IS DISTINCT FROM (v.line_count::bigint, v.amount, v.organization_amount, true)
      OR writeoffs_differs(v.organization_id, 'writeoffs.writeoffreversal', v.id, v.write_off_id, v.id)
   LIMIT 1;
  IF FOUND THEN
    RAISE EXCEPTION 'reversal % of a write-off is not what its entry moved', bad USING ERRCODE = 'RV007';
  END IF;
  SELECT l.id INTO bad FROM writeoffs_writeoffline l
   WHERE l.id IN (SELECT line_id FROM new_rows)
     AND l.amount < (SELECT sum(r.amount) FROM writeoffs_writeoffreversalline r WHERE r.line_id = l.id) LIMIT 1;
  IF FOUND THEN
    RAISE EXCEPTION 'more than line % of a write-off is taken back', bad USING ERRCODE = 'RV008';
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER zz_reversal_written AFTER INSERT ON writeoffs_writeoffreversalline REFERENCING NEW TABLE AS new_rows
  FOR EACH STATEMENT EXECUTE FUNCTION writeoffs_reversal_written();
ALTER TABLE writeoffs_writeoffreversalline ENABLE ALWAYS TRIGGER zz_reversal_written;
"""

DOCUMENTS = """
-- At commit a write-off and a reversal have their lines.
CREATE FUNCTION writeoffs_document_whole() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp SET enable_seqscan = off AS $$
DECLARE lines bigint;
BEGIN
  IF TG_TABLE_NAME = 'writeoffs_writeoff' THEN
    SELECT count(*) INTO lines FROM writeoffs_writeoffline l WHERE l.write_off_id = NEW.id;
  ELSE
    SELECT count(*) INTO lines FROM writeoffs_writeoffreversalline l WHERE l.reversal_id = NEW.id;
  END IF;
  IF lines <> NEW.line_count THEN
    RAISE EXCEPTION 'document % of % has not its lines', NEW.id, TG_TABLE_NAME USING ERRCODE = 'RV007';
  END IF;
  RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER zz_write_off_whole AFTER INSERT ON writeoffs_writeoff
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION writeoffs_document_whole();
CREATE CONSTRAINT TRIGGER zz_reversal_whole AFTER INSERT ON writeoffs_writeoffreversal
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION writeoffs_document_whole();
ALTER TABLE writeoffs_writeoff ENABLE ALWAYS TRIGGER zz_write_off_whole;
ALTER TABLE writeoffs_writeoffreversal ENABLE ALWAYS TRIGGER zz_reversal_whole;
"""

TABLES = ["writeoff", "writeoffitem", "writeoffline", "writeoffreversal", "writeoffreversalline"]


class Migration(migrations.Migration):
    dependencies = [
        ("writeoffs", "0002_initial"),
        ("collections", "0011_guards_no_payments"),
        ("customers", "0002_initial"),
        ("ledger", "0006_guards_applications"),
    ]

    operations = [
        org_key(*(f"writeoffs_{name}" for name in TABLES)),
        org_fk("writeoffs_writeoffsettings", "default_type_id", "customers_agreementtype"),
        org_fk("writeoffs_writeoff", "account_id", "customers_account"),
        org_fk("writeoffs_writeoffitem", "write_off_id", "writeoffs_writeoff"),
        org_fk("writeoffs_writeoffitem", "agreement_id", "customers_agreement"),
        org_fk("writeoffs_writeoffitem", "open_item_id", "ledger_openitem"),
        org_fk("writeoffs_writeoffline", "write_off_id", "writeoffs_writeoff"),
        org_fk("writeoffs_writeoffline", "source_agreement_id", "customers_agreement"),
        org_fk("writeoffs_writeoffline", "source_item_id", "ledger_openitem"),
        org_fk("writeoffs_writeoffline", "source_account_id", "ledger_glaccount"),
        org_fk("writeoffs_writeoffline", "booked_account_id", "ledger_glaccount"),
        org_fk("writeoffs_writeoffline", "item_id", "writeoffs_writeoffitem"),
        org_fk("writeoffs_writeoffreversal", "write_off_id", "writeoffs_writeoff"),
        org_fk("writeoffs_writeoffreversalline", "reversal_id", "writeoffs_writeoffreversal"),
        org_fk("writeoffs_writeoffreversalline", "line_id", "writeoffs_writeoffline"),
        *(money_check(f"writeoffs_{name}", "amount") for name in TABLES if name != "writeoffitem"),
        append_only(*(f"writeoffs_{name}" for name in TABLES)),
        no_delete("writeoffs_writeoffsettings"),
        fixed_columns("writeoffs_writeoffsettings", "id", "organization_id"),
        gap_free("writeoffs_writeoff", "write_off"),
        run(TRANSFERS),
        run(ITEMS),
        run(LINES),
        run(REVERSALS),
        run(DOCUMENTS),
    ]
