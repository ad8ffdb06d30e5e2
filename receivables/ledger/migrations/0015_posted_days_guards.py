"""An open item knows when it was posted to first and last: written with the lines, as its balance is."""

from django.db import migrations

from receivables.core.guards import run

BORN_EMPTY = """
CREATE OR REPLACE FUNCTION ledger_item_born_empty() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
  NEW.amount := 0; NEW.organization_amount := 0; NEW.balance := 0; NEW.organization_balance := 0;
  NEW.paid := 0; NEW.live_payments := 0; NEW.live_settlements := 0; NEW.voided := false;
  NEW.first_posted := NULL; NEW.last_posted := NULL; NEW.moved_at := NULL;
  RETURN NEW;
END $$;
"""

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
      balance = i.balance + m.moved, organization_balance = i.organization_balance + m.organization_moved,
      first_posted = least(i.first_posted, m.first_posted), last_posted = greatest(i.last_posted, m.last_posted),
      moved_at = greatest(i.moved_at, m.moved_at)
    FROM (SELECT n.open_item_id, sum(n.amount) AS moved, sum(n.organization_amount) AS organization_moved,
                 coalesce(sum(n.amount) FILTER (WHERE n.opens), 0) AS opened,
                 coalesce(sum(n.organization_amount) FILTER (WHERE n.opens), 0) AS organization_opened,
                 min(e.posting_date) AS first_posted, max(e.posting_date) AS last_posted, max(e.posted_at) AS moved_at
            FROM new_rows n JOIN ledger_journalentry e ON e.id = n.entry_id
           WHERE n.open_item_id IS NOT NULL GROUP BY n.open_item_id) m
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

THOSE_BEFORE = """
ALTER TABLE ledger_openitem DISABLE TRIGGER USER;
UPDATE ledger_openitem i SET first_posted = m.first_posted, last_posted = m.last_posted, moved_at = m.moved_at
  FROM (SELECT l.open_item_id, min(e.posting_date) AS first_posted, max(e.posting_date) AS last_posted,
               max(e.posted_at) AS moved_at
          FROM ledger_journalline l JOIN ledger_journalentry e ON e.id = l.entry_id
         WHERE l.open_item_id IS NOT NULL GROUP BY l.open_item_id) m
 WHERE i.id = m.open_item_id;
DO $$
DECLARE guard record;
BEGIN
  FOR guard IN SELECT tgname FROM pg_trigger WHERE tgrelid = 'ledger_openitem'::regclass AND NOT tgisinternal LOOP
    EXECUTE format('ALTER TABLE ledger_openitem ENABLE ALWAYS TRIGGER %I', guard.tgname);
  END LOOP;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("ledger", "0014_posted_days")]

    operations = [run(BORN_EMPTY), run(LINES), run(THOSE_BEFORE)]
