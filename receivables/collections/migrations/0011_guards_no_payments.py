"""No payment ever reaches an agreement whose type takes none: bankrupt debt is legally uncollectable (documented
behaviour of utility systems: the payment segment type of such a type is blank)."""

from django.db import migrations

from receivables.core.guards import run

SETTLED = """
-- No settlement by a payment on an agreement that takes none, whoever writes it.
CREATE FUNCTION collections_no_payment_settles() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE barred text;
BEGIN
  SELECT a.number INTO barred FROM new_rows n
    JOIN ledger_openitem d ON d.id = n.debit_item_id
    JOIN customers_agreement a ON a.id = d.agreement_id
    JOIN customers_agreementtype t ON t.id = a.type_id
   WHERE n.kind = 'payment' AND t.payment_segment_type = '' LIMIT 1;
  IF FOUND THEN
    RAISE EXCEPTION 'agreement % takes no payments', barred USING ERRCODE = 'RV010';
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER zz_no_payment_settles AFTER INSERT ON ledger_allocation REFERENCING NEW TABLE AS new_rows
  FOR EACH STATEMENT EXECUTE FUNCTION collections_no_payment_settles();
ALTER TABLE ledger_allocation ENABLE ALWAYS TRIGGER zz_no_payment_settles;
"""

MOVED = """
-- Nor an entry that moves such an agreement and money at once: a bank, unapplied money, currency clearing, or what is
-- held for a customer. An entry is written whole (J3), so all its lines are among the new ones.
CREATE FUNCTION collections_no_money_moves() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE barred text;
BEGIN
  SELECT a.number INTO barred FROM new_rows n
    JOIN customers_agreement a ON a.id = n.agreement_id
    JOIN customers_agreementtype t ON t.id = a.type_id AND t.payment_segment_type = ''
    JOIN new_rows m ON m.entry_id = n.entry_id
    JOIN ledger_glaccount g ON g.id = m.gl_account_id
   WHERE g.role IN ('unapplied', 'currency_clearing')
      OR EXISTS (SELECT 1 FROM collections_bankaccount b WHERE b.gl_account_id = g.id)
      OR EXISTS (SELECT 1 FROM customers_agreementtype h
                  WHERE h.gl_account_id = g.id AND h.special_role IN ('deposit', 'overpayment')) LIMIT 1;
  IF FOUND THEN
    RAISE EXCEPTION 'agreement % takes no payments', barred USING ERRCODE = 'RV010';
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER zz_no_money_moves AFTER INSERT ON ledger_journalline REFERENCING NEW TABLE AS new_rows
  FOR EACH STATEMENT EXECUTE FUNCTION collections_no_money_moves();
ALTER TABLE ledger_journalline ENABLE ALWAYS TRIGGER zz_no_money_moves;
"""

TYPES = """
-- Whether agreements of a type take payments never changes once there is one: a payment would stand where none may,
-- or bankrupt debt would become payable. Whoever makes the first agreement holds the type meanwhile.
DROP TRIGGER ab_type_in_use ON customers_agreementtype;
CREATE TRIGGER ab_type_in_use BEFORE UPDATE ON customers_agreementtype FOR EACH ROW
  WHEN ((NEW.gl_account_id, NEW.special_role, NEW.organization_id, NEW.payment_segment_type)
        IS DISTINCT FROM (OLD.gl_account_id, OLD.special_role, OLD.organization_id, OLD.payment_segment_type))
  EXECUTE FUNCTION customers_type_in_use();
ALTER TABLE customers_agreementtype ENABLE ALWAYS TRIGGER ab_type_in_use;

CREATE FUNCTION customers_agreement_holds_type() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  PERFORM 1 FROM customers_agreementtype WHERE id = NEW.type_id FOR SHARE;
  RETURN NEW;
END $$;
CREATE TRIGGER ab_holds_type BEFORE INSERT ON customers_agreement
  FOR EACH ROW EXECUTE FUNCTION customers_agreement_holds_type();
ALTER TABLE customers_agreement ENABLE ALWAYS TRIGGER ab_holds_type;
"""

ONE_TIME = """
-- W7: the states after stopping follow the balances by themselves. An agreement for one charge closes when that is
-- paid off, without being stopped; a bounced payment reactivates it (documented behaviour of utility systems).
CREATE OR REPLACE FUNCTION customers_agreement_state() RETURNS trigger
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
DECLARE settled boolean := NEW.payoff_balance = 0 AND NEW.current_balance = 0;
BEGIN
  IF NEW.state IN ('stopped', 'reactivated') AND settled THEN
    NEW.state := 'closed';
  ELSIF NEW.state = 'active' AND settled AND (OLD.payoff_balance, OLD.current_balance) <> (0, 0) AND EXISTS (
      SELECT 1 FROM customers_agreementtype t WHERE t.id = NEW.type_id AND t.one_time_charge) THEN
    NEW.state := 'closed';
  ELSIF NEW.state = 'closed' AND NOT settled THEN
    NEW.state := 'reactivated';
  ELSIF NEW.state = 'cancelled' AND (NOT settled OR EXISTS (
      SELECT 1 FROM ledger_agreementtransaction t WHERE t.agreement_id = NEW.id)) THEN
    RAISE EXCEPTION 'an agreement that was posted to is never cancelled' USING ERRCODE = 'RV007';
  END IF;
  RETURN NEW;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("collections", "0010_guards_unapplied"),
        ("customers", "0002_initial"),
        ("ledger", "0006_guards_applications"),
    ]

    operations = [run(SETTLED), run(MOVED), run(TYPES), run(ONE_TIME)]
