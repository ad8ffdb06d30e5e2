"""The promises of debt transfers, kept by the database: J4, J7, J8, J9, R1, R3."""

from django.db import migrations

from receivables.core.guards import append_only, gap_free, money_check, org_fk, org_key, run

SETTLED = """
-- R1: what is settled by moving it went over the transfer account.
CREATE CONSTRAINT TRIGGER zz_settled_by_move AFTER INSERT ON ledger_allocation
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (NEW.kind = 'moved')
  EXECUTE FUNCTION writeoffs_settled_by_transfer();
ALTER TABLE ledger_allocation ENABLE ALWAYS TRIGGER zz_settled_by_move;

-- Where debt came from is said once.
CREATE TRIGGER ac_origin_fixed BEFORE UPDATE ON ledger_openitem FOR EACH ROW
  WHEN (NEW.origin_id IS DISTINCT FROM OLD.origin_id) EXECUTE FUNCTION forbid_change();
ALTER TABLE ledger_openitem ENABLE ALWAYS TRIGGER ac_origin_fixed;
"""

TRANSFERS = """
-- J9, R1: at commit a transfer is what its debts say, these what they were booked to, and its one entry moved just that
-- from the source to the target: two agreements of one customer, both ordinary, or both written off and paid as usual.
CREATE FUNCTION writeoffs_transfer_whole() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp SET enable_seqscan = off AS $$
BEGIN
  IF NOT EXISTS (
    SELECT 1 FROM customers_agreement s JOIN customers_agreementtype k ON k.id = s.type_id
      JOIN customers_account b ON b.id = s.account_id,
      customers_agreement t JOIN customers_agreementtype l ON l.id = t.type_id
      JOIN customers_account c ON c.id = t.account_id
     WHERE s.id = NEW.source_id AND t.id = NEW.target_id AND b.customer_id = c.customer_id
       AND s.currency = NEW.currency AND t.currency = NEW.currency
       AND (k.special_role = 'write_off') = (l.special_role = 'write_off')
       AND (k.special_role <> 'write_off' OR (k.payment_segment_type <> '' AND l.payment_segment_type <> ''))) THEN
    RAISE EXCEPTION 'debt transfer % is between agreements that do not fit', NEW.id USING ERRCODE = 'RV007';
  END IF;
  IF (SELECT count(*) = NEW.item_count AND sum(m.amount) = NEW.amount AND sum(m.organization_amount) = NEW.organization_amount
             AND bool_and(m.currency = NEW.currency AND i.agreement_id = NEW.target_id
                          AND i.origin_id IS NOT DISTINCT FROM coalesce(f.origin_id, f.id)
                          AND m.amount = (SELECT sum(o.amount) FROM writeoffs_movedorigin o
                                           WHERE o.moved_id = m.id AND o.currency = m.currency))
        FROM writeoffs_moveddebt m JOIN ledger_openitem i ON i.id = m.open_item_id
        LEFT JOIN ledger_openitem f ON f.id = m.source_item_id
       WHERE m.transfer_id = NEW.id) IS NOT TRUE THEN
    RAISE EXCEPTION 'the debts do not add up to transfer %', NEW.id USING ERRCODE = 'RV007';
  END IF;
  IF EXISTS (
    SELECT 1 FROM (
      SELECT j.agreement_id, j.open_item_id, j.gl_account_id, j.amount, j.organization_amount AS own
        FROM ledger_journalentry e JOIN ledger_journalline j ON j.entry_id = e.id AND j.agreement_id IS NOT NULL
       WHERE e.organization_id = NEW.organization_id AND e.source_type = 'writeoffs.debttransfer' AND e.source_id = NEW.id
      UNION ALL SELECT NEW.source_id, m.source_item_id, m.source_account_id, m.amount, m.organization_amount
        FROM writeoffs_moveddebt m WHERE m.transfer_id = NEW.id
      UNION ALL SELECT NEW.target_id, m.open_item_id, i.gl_account_id, -m.amount, -m.organization_amount
        FROM writeoffs_moveddebt m JOIN ledger_openitem i ON i.id = m.open_item_id WHERE m.transfer_id = NEW.id) moved
     GROUP BY agreement_id, open_item_id, gl_account_id HAVING sum(amount) <> 0 OR sum(own) <> 0) THEN
    RAISE EXCEPTION 'transfer % is not what its entry moved', NEW.id USING ERRCODE = 'RV007';
  END IF;
  RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER zz_transfer_whole AFTER INSERT ON writeoffs_debttransfer
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION writeoffs_transfer_whole();
ALTER TABLE writeoffs_debttransfer ENABLE ALWAYS TRIGGER zz_transfer_whole;

-- A debt or an origin that is added later no longer fits: the same comparison again.
CREATE FUNCTION writeoffs_moved_added() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE bad bigint;
BEGIN
  SELECT t.id INTO bad FROM writeoffs_debttransfer t
   WHERE t.id = CASE TG_TABLE_NAME WHEN 'writeoffs_moveddebt' THEN (to_jsonb(NEW) ->> 'transfer_id')::bigint
                ELSE (SELECT m.transfer_id FROM writeoffs_moveddebt m WHERE m.id = (to_jsonb(NEW) ->> 'moved_id')::bigint) END
     AND (t.item_count <> (SELECT count(*) FROM writeoffs_moveddebt m WHERE m.transfer_id = t.id)
          OR t.amount <> (SELECT coalesce(sum(o.amount), 0) FROM writeoffs_movedorigin o
                            JOIN writeoffs_moveddebt m ON m.id = o.moved_id WHERE m.transfer_id = t.id));
  IF FOUND THEN
    RAISE EXCEPTION 'the debts do not add up to transfer %', bad USING ERRCODE = 'RV007';
  END IF;
  RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER zz_moved_added AFTER INSERT ON writeoffs_moveddebt
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION writeoffs_moved_added();
CREATE CONSTRAINT TRIGGER zz_origin_added AFTER INSERT ON writeoffs_movedorigin
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION writeoffs_moved_added();
ALTER TABLE writeoffs_moveddebt ENABLE ALWAYS TRIGGER zz_moved_added;
ALTER TABLE writeoffs_movedorigin ENABLE ALWAYS TRIGGER zz_origin_added;
"""

REVERSALS = """
-- R3: at commit a reversal has its entry, which mirrors that of its transfer.
CREATE FUNCTION writeoffs_transfer_reversed() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp SET enable_seqscan = off AS $$
BEGIN
  IF NOT EXISTS (
    SELECT 1 FROM ledger_journalentry e JOIN ledger_journalentry r ON r.reverses_id = e.id
     WHERE e.organization_id = NEW.organization_id AND e.source_type = 'writeoffs.debttransfer'
       AND e.source_id = NEW.transfer_id AND r.source_type = 'writeoffs.debttransferreversal' AND r.source_id = NEW.id) THEN
    RAISE EXCEPTION 'reversal % of a debt transfer posted nothing', NEW.id USING ERRCODE = 'RV007';
  END IF;
  RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER zz_transfer_reversed AFTER INSERT ON writeoffs_debttransferreversal
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION writeoffs_transfer_reversed();
ALTER TABLE writeoffs_debttransferreversal ENABLE ALWAYS TRIGGER zz_transfer_reversed;
"""

TABLES = ["debttransfer", "moveddebt", "movedorigin", "debttransferreversal"]


class Migration(migrations.Migration):
    dependencies = [("writeoffs", "0007_moved_debt"), ("ledger", "0009_moved_debt")]

    operations = [
        org_key(*(f"writeoffs_{name}" for name in TABLES)),
        org_fk("ledger_openitem", "origin_id", "ledger_openitem"),
        org_fk("writeoffs_debttransfer", "source_id", "customers_agreement"),
        org_fk("writeoffs_debttransfer", "target_id", "customers_agreement"),
        org_fk("writeoffs_moveddebt", "transfer_id", "writeoffs_debttransfer"),
        org_fk("writeoffs_moveddebt", "source_item_id", "ledger_openitem"),
        org_fk("writeoffs_moveddebt", "source_account_id", "ledger_glaccount"),
        org_fk("writeoffs_moveddebt", "open_item_id", "ledger_openitem"),
        org_fk("writeoffs_movedorigin", "moved_id", "writeoffs_moveddebt"),
        org_fk("writeoffs_movedorigin", "booked_account_id", "ledger_glaccount"),
        org_fk("writeoffs_debttransferreversal", "transfer_id", "writeoffs_debttransfer"),
        money_check("writeoffs_debttransfer", "amount"),
        money_check("writeoffs_moveddebt", "amount"),
        money_check("writeoffs_movedorigin", "amount"),
        append_only(*(f"writeoffs_{name}" for name in TABLES)),
        gap_free("writeoffs_debttransfer", "debt_transfer"),
        run(SETTLED),
        run(TRANSFERS),
        run(REVERSALS),
    ]
