"""The promises of the ledger, kept by the database: J1-J3, J5, J7-J9, I1, R1, R3, W7.

Each function says which. They run as their owner, so that the application role needs no right to move a balance.
"""

from django.db import migrations

from receivables.core.guards import append_only, fixed_columns, money_check, no_delete, org_fk, org_key, run

PERIODS = """
-- J5: a posting holds its period FOR SHARE; closing it is an UPDATE, so each waits for the other.
CREATE FUNCTION ledger_period_open() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE p record;
BEGIN
  INSERT INTO ledger_period (organization_id, month)
    SELECT DISTINCT n.organization_id, date_trunc('month', n.posting_date)::date FROM new_rows n
     WHERE NOT EXISTS (SELECT 1 FROM ledger_period q WHERE q.organization_id = n.organization_id
                        AND q.month = date_trunc('month', n.posting_date)::date)
     ORDER BY 1, 2 ON CONFLICT DO NOTHING;
  FOR p IN SELECT q.month, q.closed_at FROM ledger_period q
            WHERE (q.organization_id, q.month) IN
                  (SELECT n.organization_id, date_trunc('month', n.posting_date)::date FROM new_rows n)
            ORDER BY q.id FOR SHARE LOOP
    IF p.closed_at IS NOT NULL THEN
      RAISE EXCEPTION 'the period % is closed', to_char(p.month, 'YYYY-MM') USING ERRCODE = 'RV003';
    END IF;
  END LOOP;
  RETURN NULL;
END $$;
CREATE TRIGGER zz_period_open AFTER INSERT ON ledger_journalentry REFERENCING NEW TABLE AS new_rows
  FOR EACH STATEMENT EXECUTE FUNCTION ledger_period_open();
ALTER TABLE ledger_journalentry ENABLE ALWAYS TRIGGER zz_period_open;
"""

ENTRIES = """
-- J1: a header has lines at commit. Everything else about its lines is checked the moment they are written.
CREATE FUNCTION ledger_entry_has_lines() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  IF NOT EXISTS (SELECT 1 FROM ledger_journalline l WHERE l.entry_id = NEW.id) THEN
    RAISE EXCEPTION 'journal entry % has no lines', NEW.id USING ERRCODE = 'RV004';
  END IF;
  RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER zz_has_lines AFTER INSERT ON ledger_journalentry
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION ledger_entry_has_lines();
ALTER TABLE ledger_journalentry ENABLE ALWAYS TRIGGER zz_has_lines;

-- J1, J2, J3, J7, J8, J9, I1: what a statement wrote is compared with its headers, its items and its agreements.
CREATE FUNCTION ledger_lines_posted() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
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

  SELECT n.entry_id INTO bad FROM new_rows n
    JOIN ledger_journalentry e ON e.id = n.entry_id
    JOIN ledger_glaccount g ON g.id = n.gl_account_id
    JOIN accounts_organization o ON o.id = n.organization_id
   WHERE n.currency <> e.currency OR (n.amount = 0 AND g.role <> 'exchange')
      OR NOT money_ok(n.organization_amount, o.currency)
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

  -- J7: a reversal mirrors its entry line by line.
  SELECT e.id INTO bad FROM (SELECT DISTINCT entry_id FROM new_rows) t
    JOIN ledger_journalentry e ON e.id = t.entry_id AND e.reverses_id IS NOT NULL
    JOIN ledger_journalline n ON n.entry_id = e.id
    LEFT JOIN ledger_journalline o ON o.entry_id = e.reverses_id AND o.line_no = n.line_no
   WHERE (o.gl_account_id, o.open_item_id, o.opens, o.agreement_id, -o.amount, -o.organization_amount)
         IS DISTINCT FROM (n.gl_account_id, n.open_item_id, n.opens, n.agreement_id, n.amount, n.organization_amount)
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
CREATE TRIGGER zz_lines_posted AFTER INSERT ON ledger_journalline REFERENCING NEW TABLE AS new_rows
  FOR EACH STATEMENT EXECUTE FUNCTION ledger_lines_posted();
ALTER TABLE ledger_journalline ENABLE ALWAYS TRIGGER zz_lines_posted;
"""

BALANCES = """
-- An open item is born empty; only lines and allocations move it.
CREATE FUNCTION ledger_item_born_empty() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
  NEW.amount := 0; NEW.organization_amount := 0; NEW.balance := 0; NEW.organization_balance := 0;
  NEW.paid := 0; NEW.live_payments := 0; NEW.live_settlements := 0; NEW.voided := false;
  RETURN NEW;
END $$;
CREATE TRIGGER aa_born_empty BEFORE INSERT ON ledger_openitem FOR EACH ROW EXECUTE FUNCTION ledger_item_born_empty();
ALTER TABLE ledger_openitem ENABLE ALWAYS TRIGGER aa_born_empty;

-- Agreement movements: those with an entry say exactly what its lines say; all move the balances.
CREATE FUNCTION ledger_agreements_moved() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  IF EXISTS (SELECT 1 FROM new_rows n JOIN customers_agreement a ON a.id = n.agreement_id
              WHERE NOT money_ok(n.payoff_effect, a.currency) OR NOT money_ok(n.current_effect, a.currency)) THEN
    RAISE EXCEPTION 'an agreement movement has more decimals than its currency' USING ERRCODE = 'RV004';
  END IF;
  IF EXISTS (SELECT 1 FROM new_rows n LEFT JOIN ledger_journalentry e ON e.id = n.entry_id
               LEFT JOIN customers_agreement a ON a.id = n.agreement_id
              WHERE n.entry_id IS NOT NULL AND (a.currency IS DISTINCT FROM e.currency
                 OR n.payoff_effect IS DISTINCT FROM (SELECT sum(l.amount) FROM ledger_journalline l
                                                       WHERE l.entry_id = n.entry_id AND l.agreement_id = n.agreement_id))) THEN
    RAISE EXCEPTION 'an agreement movement does not match the lines of its entry' USING ERRCODE = 'RV007';
  END IF;
  PERFORM 1 FROM customers_agreement WHERE id IN (SELECT agreement_id FROM new_rows) ORDER BY id FOR NO KEY UPDATE;
  UPDATE customers_agreement a SET
    payoff_balance = a.payoff_balance + m.payoff, current_balance = a.current_balance + m.current
  FROM (SELECT agreement_id, sum(payoff_effect) AS payoff, sum(current_effect) AS current FROM new_rows GROUP BY 1) m
  WHERE a.id = m.agreement_id;
  RETURN NULL;
END $$;
CREATE TRIGGER zz_agreements_moved AFTER INSERT ON ledger_agreementtransaction REFERENCING NEW TABLE AS new_rows
  FOR EACH STATEMENT EXECUTE FUNCTION ledger_agreements_moved();
ALTER TABLE ledger_agreementtransaction ENABLE ALWAYS TRIGGER zz_agreements_moved;
"""

ALLOCATIONS = """
-- R1, R3, I2: an allocation fits its items and its entry, is undone once and exactly, and is counted on the items.
CREATE FUNCTION ledger_allocations_made() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  PERFORM 1 FROM ledger_openitem
    WHERE id IN (SELECT debit_item_id FROM new_rows UNION SELECT credit_item_id FROM new_rows)
    ORDER BY id FOR NO KEY UPDATE;
  IF EXISTS (SELECT 1 FROM new_rows n JOIN ledger_allocation o ON o.id = n.reverses_id
              WHERE o.reverses_id IS NOT NULL OR (o.kind, o.debit_item_id, o.credit_item_id, o.amount, o.currency)
                    IS DISTINCT FROM (n.kind, n.debit_item_id, n.credit_item_id, n.amount, n.currency)) THEN
    RAISE EXCEPTION 'a reversal mirrors its allocation exactly' USING ERRCODE = 'RV005';
  END IF;
  IF EXISTS (SELECT 1 FROM new_rows n JOIN ledger_openitem d ON d.id = n.debit_item_id
               LEFT JOIN ledger_openitem c ON c.id = n.credit_item_id
              WHERE d.currency <> n.currency OR d.amount < 0 OR (n.reverses_id IS NULL AND d.voided)
                 OR (c.id IS NOT NULL AND (c.currency <> n.currency OR c.amount > 0))
                 OR (n.kind IN ('payment', 'credit_note') AND c.kind <> n.kind)) THEN
    RAISE EXCEPTION 'an allocation does not fit its open items' USING ERRCODE = 'RV007';
  END IF;
  IF EXISTS (
    SELECT 1 FROM (SELECT DISTINCT entry_id, debit_item_id AS item_id FROM new_rows WHERE entry_id IS NOT NULL
                   UNION SELECT DISTINCT entry_id, credit_item_id FROM new_rows
                          WHERE entry_id IS NOT NULL AND credit_item_id IS NOT NULL) t
     WHERE (SELECT coalesce(sum(CASE WHEN a.debit_item_id = t.item_id THEN -a.amount ELSE a.amount END
                                * CASE WHEN a.reverses_id IS NULL THEN 1 ELSE -1 END), 0)
              FROM ledger_allocation a
             WHERE a.entry_id = t.entry_id AND t.item_id IN (a.debit_item_id, a.credit_item_id))
           IS DISTINCT FROM
           (SELECT coalesce(sum(l.amount), 0) FROM ledger_journalline l
             WHERE l.entry_id = t.entry_id AND l.open_item_id = t.item_id AND NOT l.opens)) THEN
    RAISE EXCEPTION 'an allocation does not match the lines of its entry' USING ERRCODE = 'RV007';
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
CREATE TRIGGER zz_allocations_made AFTER INSERT ON ledger_allocation REFERENCING NEW TABLE AS new_rows
  FOR EACH STATEMENT EXECUTE FUNCTION ledger_allocations_made();
ALTER TABLE ledger_allocation ENABLE ALWAYS TRIGGER zz_allocations_made;
CREATE INDEX ledger_allocation_entry_item ON ledger_allocation (entry_id, debit_item_id) WHERE entry_id IS NOT NULL;
"""

AGREEMENT_STATE = """
-- W7: the states after stopping follow the balances by themselves (documented behaviour of utility systems).
CREATE FUNCTION customers_agreement_state() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
DECLARE settled boolean := NEW.payoff_balance = 0 AND NEW.current_balance = 0;
BEGIN
  IF NEW.state IN ('stopped', 'reactivated') AND settled THEN
    NEW.state := 'closed';
  ELSIF NEW.state = 'closed' AND NOT settled THEN
    NEW.state := 'reactivated';
  ELSIF NEW.state = 'cancelled' AND (NOT settled OR EXISTS (
      SELECT 1 FROM ledger_agreementtransaction t WHERE t.agreement_id = NEW.id)) THEN
    RAISE EXCEPTION 'an agreement that was posted to is never cancelled' USING ERRCODE = 'RV007';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER zz_agreement_state BEFORE UPDATE ON customers_agreement
  FOR EACH ROW EXECUTE FUNCTION customers_agreement_state();
ALTER TABLE customers_agreement ENABLE ALWAYS TRIGGER zz_agreement_state;

CREATE FUNCTION customers_agreement_born_empty() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
  NEW.payoff_balance := 0; NEW.current_balance := 0;
  RETURN NEW;
END $$;
CREATE TRIGGER aa_born_empty BEFORE INSERT ON customers_agreement
  FOR EACH ROW EXECUTE FUNCTION customers_agreement_born_empty();
ALTER TABLE customers_agreement ENABLE ALWAYS TRIGGER aa_born_empty;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("ledger", "0003_initial"),
        ("accounts", "0002_guards"),
        ("core", "0002_guards"),
        ("customers", "0002_initial"),
    ]

    operations = [
        org_key(
            "customers_paymentterms",
            "customers_division",
            "customers_debtclass",
            "customers_writeoffdebtclass",
            "customers_collectionclass",
            "customers_agreementtype",
            "customers_customer",
            "customers_account",
            "customers_agreement",
            "ledger_glaccount",
            "ledger_journalentry",
            "ledger_openitem",
            "ledger_allocation",
        ),
        org_fk("customers_agreementtype", "division_id", "customers_division"),
        org_fk("customers_agreementtype", "gl_account_id", "ledger_glaccount"),
        org_fk("customers_agreementtype", "debt_class_id", "customers_debtclass"),
        org_fk("customers_agreementtype", "write_off_debt_class_id", "customers_writeoffdebtclass"),
        org_fk("customers_customer", "terms_id", "customers_paymentterms"),
        org_fk("customers_account", "customer_id", "customers_customer"),
        org_fk("customers_account", "collection_class_id", "customers_collectionclass"),
        org_fk("customers_agreement", "account_id", "customers_account"),
        org_fk("customers_agreement", "type_id", "customers_agreementtype"),
        org_fk("ledger_glaccount", "write_off_type_id", "customers_agreementtype"),
        org_fk("ledger_journalentry", "reverses_id", "ledger_journalentry"),
        org_fk("ledger_journalline", "entry_id", "ledger_journalentry"),
        org_fk("ledger_journalline", "gl_account_id", "ledger_glaccount"),
        org_fk("ledger_journalline", "open_item_id", "ledger_openitem"),
        org_fk("ledger_journalline", "agreement_id", "customers_agreement"),
        org_fk("ledger_journalline", "for_agreement_id", "customers_agreement"),
        org_fk("ledger_openitem", "account_id", "customers_account"),
        org_fk("ledger_openitem", "agreement_id", "customers_agreement"),
        org_fk("ledger_openitem", "gl_account_id", "ledger_glaccount"),
        org_fk("ledger_allocation", "debit_item_id", "ledger_openitem"),
        org_fk("ledger_allocation", "credit_item_id", "ledger_openitem"),
        org_fk("ledger_allocation", "entry_id", "ledger_journalentry"),
        org_fk("ledger_allocation", "reverses_id", "ledger_allocation"),
        org_fk("ledger_agreementtransaction", "agreement_id", "customers_agreement"),
        org_fk("ledger_agreementtransaction", "entry_id", "ledger_journalentry"),
        money_check("customers_agreement", "payoff_balance"),
        money_check("customers_agreement", "current_balance"),
        money_check("ledger_journalentry", "total"),
        money_check("ledger_journalline", "amount"),
        money_check("ledger_openitem", "amount"),
        money_check("ledger_openitem", "balance"),
        money_check("ledger_allocation", "amount"),
        append_only("ledger_journalentry", "ledger_journalline", "ledger_allocation", "ledger_agreementtransaction"),
        no_delete(
            "ledger_openitem",
            "ledger_period",
            "ledger_glaccount",
            "customers_customer",
            "customers_account",
            "customers_agreement",
        ),
        fixed_columns(
            "ledger_openitem",
            "id",
            "organization_id",
            "account_id",
            "agreement_id",
            "gl_account_id",
            "kind",
            "number",
            "currency",
            "document_date",
        ),
        fixed_columns("customers_agreement", "id", "organization_id", "account_id", "type_id", "number", "currency"),
        fixed_columns("customers_account", "id", "organization_id", "customer_id"),
        fixed_columns("ledger_glaccount", "id", "organization_id", "role"),
        fixed_columns("ledger_period", "id", "organization_id", "month"),
        run(PERIODS),
        run(ENTRIES),
        run(BALANCES),
        run(ALLOCATIONS),
        run(AGREEMENT_STATE),
    ]
