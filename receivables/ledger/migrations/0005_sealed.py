"""What attacks on the first guards got through: each function says what it keeps now (J1, J7, J8, J9, R1)."""

from django.db import migrations

from receivables.core.guards import run

LINES = """
CREATE OR REPLACE FUNCTION ledger_lines_posted() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE bad bigint;
BEGIN
  -- A later line, even a balanced pair, changes the count of its header: posted entries are sealed (J3).
  SELECT e.id INTO bad FROM (SELECT DISTINCT entry_id FROM new_rows) t
    LEFT JOIN ledger_journalentry e ON e.id = t.entry_id
    LEFT JOIN LATERAL (
      SELECT count(*) AS lines, sum(l.amount) AS balance, sum(l.organization_amount) AS organization_balance,
             coalesce(sum(l.amount) FILTER (WHERE l.amount > 0), 0) AS total,
             coalesce(sum(l.organization_amount) FILTER (WHERE l.organization_amount > 0), 0) AS organization_total
        FROM ledger_journalline l WHERE l.entry_id = t.entry_id) s ON true
   WHERE (s.lines, s.balance, s.organization_balance, s.total, s.organization_total)
         IS DISTINCT FROM (e.line_count::bigint, 0::numeric, 0::numeric, e.total, e.organization_total) LIMIT 1;
  IF FOUND THEN
    RAISE EXCEPTION 'journal entry % does not balance or does not match its header', bad USING ERRCODE = 'RV004';
  END IF;

  -- In the organization's own currency both amounts are one and the same.
  SELECT n.entry_id INTO bad FROM new_rows n
    JOIN ledger_journalentry e ON e.id = n.entry_id
    JOIN ledger_glaccount g ON g.id = n.gl_account_id
    JOIN accounts_organization o ON o.id = n.organization_id
   WHERE n.currency <> e.currency OR (n.amount = 0 AND g.role <> 'exchange')
      OR NOT money_ok(n.organization_amount, o.currency)
      OR (n.currency = o.currency AND n.organization_amount <> n.amount)
      OR (g.role IN ('receivables', 'unapplied') AND n.open_item_id IS NULL) LIMIT 1;
  IF FOUND THEN
    RAISE EXCEPTION 'a line of journal entry % does not fit its entry, currency or account', bad USING ERRCODE = 'RV004';
  END IF;

  SELECT n.entry_id INTO bad FROM new_rows n JOIN ledger_openitem i ON i.id = n.open_item_id
   WHERE (i.gl_account_id, i.organization_id, i.currency, i.agreement_id)
         IS DISTINCT FROM (n.gl_account_id, n.organization_id, n.currency, n.agreement_id) LIMIT 1;
  IF FOUND THEN
    RAISE EXCEPTION 'a line of journal entry % does not fit its open item', bad USING ERRCODE = 'RV007';
  END IF;

  -- J9: what moves the control account moves an agreement whose type books to it, and the other way round.
  SELECT n.entry_id INTO bad FROM new_rows n
    JOIN ledger_glaccount g ON g.id = n.gl_account_id
    LEFT JOIN customers_agreement a ON a.id = n.agreement_id
    LEFT JOIN customers_agreementtype t ON t.id = a.type_id
    LEFT JOIN ledger_glaccount own ON own.id = t.gl_account_id
   WHERE (g.role = 'receivables' OR n.agreement_id IS NOT NULL)
     AND (g.role = 'receivables') IS DISTINCT FROM (own.role = 'receivables') LIMIT 1;
  IF FOUND THEN
    RAISE EXCEPTION 'a line of journal entry % does not fit its agreement', bad USING ERRCODE = 'RV007';
  END IF;

  -- J7: a reversal mirrors its entry line by line, all of them, in its currency.
  SELECT e.id INTO bad FROM (SELECT DISTINCT entry_id FROM new_rows) t
    JOIN ledger_journalentry e ON e.id = t.entry_id AND e.reverses_id IS NOT NULL
    LEFT JOIN ledger_journalentry r ON r.id = e.reverses_id
    JOIN ledger_journalline n ON n.entry_id = e.id
    LEFT JOIN ledger_journalline o ON o.entry_id = e.reverses_id AND o.line_no = n.line_no
   WHERE (r.currency, r.line_count, o.gl_account_id, o.open_item_id, o.opens, o.agreement_id, o.for_agreement_id,
          -o.amount, -o.organization_amount)
         IS DISTINCT FROM (e.currency, e.line_count, n.gl_account_id, n.open_item_id, n.opens, n.agreement_id,
                           n.for_agreement_id, n.amount, n.organization_amount)
   LIMIT 1;
  IF FOUND THEN
    RAISE EXCEPTION 'journal entry % does not mirror what it reverses', bad USING ERRCODE = 'RV005';
  END IF;

  IF EXISTS (SELECT 1 FROM new_rows WHERE open_item_id IS NOT NULL) THEN
    PERFORM 1 FROM ledger_openitem WHERE id IN (SELECT open_item_id FROM new_rows) ORDER BY id FOR NO KEY UPDATE;
    UPDATE ledger_openitem i SET
      amount = i.amount + m.opened, organization_amount = i.organization_amount + m.organization_opened,
      balance = i.balance + m.moved, organization_balance = i.organization_balance + m.organization_moved
    FROM (SELECT open_item_id, sum(amount) AS moved, sum(organization_amount) AS organization_moved,
                 coalesce(sum(amount) FILTER (WHERE opens), 0) AS opened,
                 coalesce(sum(organization_amount) FILTER (WHERE opens), 0) AS organization_opened
            FROM new_rows WHERE open_item_id IS NOT NULL GROUP BY open_item_id) m
    WHERE i.id = m.open_item_id;
  END IF;

  INSERT INTO ledger_agreementtransaction
      (organization_id, agreement_id, entry_id, kind, date, payoff_effect, current_effect, created_at)
    SELECT n.organization_id, n.agreement_id, n.entry_id, e.kind, e.posting_date, sum(n.amount), sum(n.amount), now()
      FROM new_rows n JOIN ledger_journalentry e ON e.id = n.entry_id
     WHERE n.agreement_id IS NOT NULL
     GROUP BY n.organization_id, n.agreement_id, n.entry_id, e.kind, e.posting_date;
  RETURN NULL;
END $$;
"""

SETTLED = """
-- R1: a line that moves an open item belongs to the item's own document (it opens), or an allocation says what was
-- settled with what. At commit, because allocations refer to the entry.
CREATE FUNCTION ledger_line_settles() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  IF (SELECT coalesce(sum(CASE WHEN (a.debit_item_id = NEW.open_item_id) = (a.reverses_id IS NULL)
                               THEN -a.amount ELSE a.amount END), 0)
        FROM ledger_allocation a
       WHERE a.entry_id = NEW.entry_id AND NEW.open_item_id IN (a.debit_item_id, a.credit_item_id))
     IS DISTINCT FROM
     (SELECT sum(l.amount) FROM ledger_journalline l
       WHERE l.entry_id = NEW.entry_id AND l.open_item_id = NEW.open_item_id AND NOT l.opens) THEN
    RAISE EXCEPTION 'a line of journal entry % settles open item % without an allocation', NEW.entry_id, NEW.open_item_id
      USING ERRCODE = 'RV007';
  END IF;
  RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER zz_line_settles AFTER INSERT ON ledger_journalline
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (NEW.open_item_id IS NOT NULL AND NOT NEW.opens)
  EXECUTE FUNCTION ledger_line_settles();
ALTER TABLE ledger_journalline ENABLE ALWAYS TRIGGER zz_line_settles;
"""

OWNERSHIP = """
-- J8, J9: debt stands on an agreement of the very account it is shown on.
ALTER TABLE customers_agreement ADD CONSTRAINT customers_agreement_account_key UNIQUE (id, account_id);
ALTER TABLE ledger_openitem ADD CONSTRAINT ledger_openitem_agreement_account FOREIGN KEY (agreement_id, account_id)
  REFERENCES customers_agreement (id, account_id);

-- J9: which account debt of a type is booked to, and what the type is for, never change once agreements carry it.
CREATE FUNCTION customers_type_in_use() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  IF EXISTS (SELECT 1 FROM customers_agreement a WHERE a.type_id = NEW.id) THEN
    RAISE EXCEPTION 'agreement type % is in use: make a new type instead', NEW.code USING ERRCODE = 'RV001';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER ab_type_in_use BEFORE UPDATE ON customers_agreementtype FOR EACH ROW
  WHEN ((NEW.gl_account_id, NEW.special_role, NEW.organization_id)
        IS DISTINCT FROM (OLD.gl_account_id, OLD.special_role, OLD.organization_id))
  EXECUTE FUNCTION customers_type_in_use();
ALTER TABLE customers_agreementtype ENABLE ALWAYS TRIGGER ab_type_in_use;
"""


class Migration(migrations.Migration):
    dependencies = [("ledger", "0004_guards"), ("accounts", "0002_guards"), ("customers", "0002_initial")]

    operations = [run(LINES), run(SETTLED), run(OWNERSHIP)]
