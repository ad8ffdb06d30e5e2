"""Money in another currency than the debt: two entries, each of one currency, that meet on currency clearing."""

from django.db import migrations

from receivables.core.guards import org_fk, run

ALLOCATIONS = """
-- R1, R3, I2: an allocation fits its items and its entries, is undone once and exactly, and is counted on the items.
CREATE OR REPLACE FUNCTION ledger_allocations_made() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  PERFORM 1 FROM ledger_openitem
    WHERE id IN (SELECT debit_item_id FROM new_rows UNION SELECT credit_item_id FROM new_rows)
    ORDER BY id FOR NO KEY UPDATE;
  IF EXISTS (SELECT 1 FROM new_rows n JOIN ledger_allocation o ON o.id = n.reverses_id
              WHERE o.reverses_id IS NOT NULL
                 OR (o.kind, o.debit_item_id, o.credit_item_id, o.amount, o.currency, o.taken, o.taken_currency)
                    IS DISTINCT FROM
                    (n.kind, n.debit_item_id, n.credit_item_id, n.amount, n.currency, n.taken, n.taken_currency)) THEN
    RAISE EXCEPTION 'a reversal mirrors its allocation exactly' USING ERRCODE = 'RV005';
  END IF;
  IF EXISTS (SELECT 1 FROM new_rows n JOIN ledger_openitem d ON d.id = n.debit_item_id
               LEFT JOIN ledger_openitem c ON c.id = n.credit_item_id
              WHERE d.currency <> n.currency OR d.amount < 0 OR (n.reverses_id IS NULL AND d.voided)
                 OR (c.id IS NOT NULL AND (c.amount > 0 OR c.currency <>
                      (CASE WHEN n.taken IS NULL THEN n.currency ELSE n.taken_currency END)))
                 OR (n.kind IN ('payment', 'credit_note') AND c.kind <> n.kind)) THEN
    RAISE EXCEPTION 'an allocation does not fit its open items' USING ERRCODE = 'RV007';
  END IF;
  IF EXISTS (
    SELECT 1 FROM (SELECT DISTINCT entry_id, debit_item_id AS item_id FROM new_rows WHERE entry_id IS NOT NULL
                   UNION SELECT DISTINCT coalesce(taken_entry_id, entry_id), credit_item_id FROM new_rows
                          WHERE entry_id IS NOT NULL AND credit_item_id IS NOT NULL) t
     WHERE ledger_settled_by(t.entry_id, t.item_id)
           IS DISTINCT FROM
           (SELECT coalesce(sum(l.amount), 0) FROM ledger_journalline l
             WHERE l.entry_id = t.entry_id AND l.open_item_id = t.item_id AND NOT l.opens)) THEN
    RAISE EXCEPTION 'an allocation does not match the lines of its entry' USING ERRCODE = 'RV007';
  END IF;

  -- The two entries of a crossing stand for one act, and leave nothing on currency clearing in own currency.
  IF EXISTS (
    SELECT 1 FROM new_rows n JOIN ledger_journalentry e ON e.id = n.entry_id
      LEFT JOIN ledger_journalentry t ON t.id = n.taken_entry_id
     WHERE n.taken > 0 AND ((t.organization_id, t.source_type, t.source_id, t.posting_date)
             IS DISTINCT FROM (e.organization_id, e.source_type, e.source_id, e.posting_date)
        OR (SELECT coalesce(sum(l.organization_amount), 0) FROM ledger_journalline l
              JOIN ledger_glaccount g ON g.id = l.gl_account_id
             WHERE l.entry_id IN (n.entry_id, n.taken_entry_id) AND g.role = 'currency_clearing') <> 0)) THEN
    RAISE EXCEPTION 'currency clearing does not come to nothing' USING ERRCODE = 'RV004';
  END IF;
  UPDATE ledger_openitem i SET
    paid = i.paid + m.paid, live_payments = i.live_payments + m.payments, live_settlements = i.live_settlements + m.settlements
  FROM (
    SELECT item_id, sum(paid) AS paid, sum(payments) AS payments, sum(settlements) AS settlements FROM (
      SELECT n.debit_item_id AS item_id,
             CASE WHEN n.kind = 'payment' THEN n.amount * d.direction ELSE 0 END AS paid,
             CASE WHEN n.kind = 'payment' THEN d.direction ELSE 0 END AS payments, d.direction AS settlements
        FROM new_rows n, LATERAL (SELECT CASE WHEN n.reverses_id IS NULL THEN 1 ELSE -1 END AS direction) d
      UNION ALL
      SELECT n.credit_item_id, 0, 0, CASE WHEN n.reverses_id IS NULL THEN 1 ELSE -1 END
        FROM new_rows n WHERE n.credit_item_id IS NOT NULL) x GROUP BY item_id) m
  WHERE i.id = m.item_id;
  RETURN NULL;
END $$;
"""

SETTLED = """
-- What the allocations of an entry say that its lines move an item by: a debt goes down, money on account is used up.
CREATE FUNCTION ledger_settled_by(entry bigint, item bigint) RETURNS numeric LANGUAGE plpgsql STABLE SET search_path = public, pg_temp AS $$
BEGIN
  RETURN (SELECT coalesce(sum(x.moved), 0) FROM (
    SELECT CASE WHEN a.reverses_id IS NULL THEN -a.amount ELSE a.amount END AS moved
      FROM ledger_allocation a WHERE a.entry_id = entry AND a.debit_item_id = item
    UNION ALL
    SELECT CASE WHEN a.reverses_id IS NULL THEN a.amount ELSE -a.amount END
      FROM ledger_allocation a WHERE a.entry_id = entry AND a.credit_item_id = item AND a.taken IS NULL
    UNION ALL
    SELECT CASE WHEN a.reverses_id IS NULL THEN a.taken ELSE -a.taken END
      FROM ledger_allocation a WHERE a.taken_entry_id = entry AND a.credit_item_id = item) x);
END $$;

-- R1: a line that moves an open item belongs to the item's own document (it opens), or an allocation says what was
-- settled with what. At commit, because allocations refer to the entry.
CREATE OR REPLACE FUNCTION ledger_line_settles() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp SET enable_seqscan = off AS $$
BEGIN
  IF ledger_settled_by(NEW.entry_id, NEW.open_item_id) IS DISTINCT FROM
     (SELECT sum(l.amount) FROM ledger_journalline l
       WHERE l.entry_id = NEW.entry_id AND l.open_item_id = NEW.open_item_id AND NOT l.opens) THEN
    RAISE EXCEPTION 'a line of journal entry % settles open item % without an allocation', NEW.entry_id, NEW.open_item_id
      USING ERRCODE = 'RV007';
  END IF;
  RETURN NULL;
END $$;
"""

ALONE = """
-- J7: an entry that takes money for a debt in another currency does so for one debt alone.
CREATE UNIQUE INDEX ledger_allocation_taken_alone ON ledger_allocation (taken_entry_id) WHERE taken_entry_id IS NOT NULL;
"""


class Migration(migrations.Migration):
    dependencies = [("ledger", "0007_guards_rates"), ("billing", "0016_loads_billed_by_key")]

    operations = [
        org_fk("ledger_allocation", "taken_entry_id", "ledger_journalentry"),
        run("""
ALTER TABLE ledger_allocation ADD CONSTRAINT ledger_allocation_taken_money
  CHECK (taken IS NULL OR money_ok(taken, taken_currency));"""),
        run(SETTLED),
        run(ALLOCATIONS),
        run(ALONE),
    ]
