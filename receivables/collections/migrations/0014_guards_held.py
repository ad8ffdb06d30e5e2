"""Money held is kept for ever as it was put there and taken; the ledger says the same, and a payment is what came."""

from django.db import migrations

from receivables.core.guards import append_only, money_check, org_fk, org_key, run

HELD = """
-- At commit what is held of a payment is what its documents say: on an agreement of its account that holds money, less
-- what was taken from it, and nothing once the payment was undone.
CREATE FUNCTION collections_holding_holds(holding_id bigint) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE held record; payment record; item record; special text; released numeric;
BEGIN
  SELECT h.* INTO STRICT held FROM collections_holding h WHERE h.id = $1;
  SELECT p.* INTO STRICT payment FROM collections_payment p WHERE p.id = held.payment_id;
  SELECT o.* INTO STRICT item FROM ledger_openitem o WHERE o.id = held.open_item_id;
  SELECT t.special_role INTO STRICT special FROM customers_agreement a
    JOIN customers_agreementtype t ON t.id = a.type_id WHERE a.id = held.agreement_id;
  SELECT coalesce(sum(r.amount), 0) INTO released FROM collections_holdingrelease r WHERE r.holding_id = held.id;
  IF special NOT IN ('deposit', 'overpayment') OR item.kind <> special
     OR (item.agreement_id, item.account_id, item.currency, held.currency)
        IS DISTINCT FROM (held.agreement_id, payment.account_id, payment.currency, payment.currency)
     OR item.amount <> released - held.amount OR item.balance <> item.amount OR item.amount > 0
     OR EXISTS (SELECT 1 FROM collections_holdingrelease r WHERE r.holding_id = held.id AND r.currency <> held.currency)
     OR (item.amount <> 0 AND EXISTS (SELECT 1 FROM collections_paymentreversal x WHERE x.payment_id = payment.id)) THEN
    RAISE EXCEPTION 'the ledger does not hold what is held of payment %', payment.number USING ERRCODE = 'RV007';
  END IF;
END $$;

CREATE FUNCTION collections_holding_posted() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  IF TG_TABLE_NAME = 'collections_holding' THEN
    PERFORM collections_holding_holds(NEW.id);
    PERFORM collections_payment_holds(NEW.payment_id);
  ELSE
    PERFORM collections_holding_holds(NEW.holding_id);
    PERFORM collections_payment_holds((SELECT h.payment_id FROM collections_holding h WHERE h.id = NEW.holding_id));
  END IF;
  RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER zz_holding_posted AFTER INSERT ON collections_holding
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION collections_holding_posted();
CREATE CONSTRAINT TRIGGER zz_holding_released AFTER INSERT ON collections_holdingrelease
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION collections_holding_posted();
ALTER TABLE collections_holding ENABLE ALWAYS TRIGGER zz_holding_posted;
ALTER TABLE collections_holdingrelease ENABLE ALWAYS TRIGGER zz_holding_released;

CREATE FUNCTION collections_held_item_moved() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE found_id bigint;
BEGIN
  SELECT h.id INTO found_id FROM collections_holding h WHERE h.open_item_id = NEW.id;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'open item % is money that nobody put there', NEW.number USING ERRCODE = 'RV007';
  END IF;
  PERFORM collections_holding_holds(found_id);
  RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER zz_item_held AFTER UPDATE OF amount, balance ON ledger_openitem
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
  WHEN (NEW.kind IN ('deposit', 'overpayment') AND (NEW.amount, NEW.balance) IS DISTINCT FROM (OLD.amount, OLD.balance))
  EXECUTE FUNCTION collections_held_item_moved();
ALTER TABLE ledger_openitem ENABLE ALWAYS TRIGGER zz_item_held;
"""

PAYMENTS = """
-- R1, R3: whoever moves the amount of a payment's open item, it holds the payment less what was given back of it, what
-- of it recovered bad debt and what is held elsewhere or, once undone, nothing. An item undone is void: nothing is
-- settled with it again.
CREATE OR REPLACE FUNCTION collections_payment_holds(payment_id bigint) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE payment record; item record; undone boolean; used numeric; held numeric;
BEGIN
  SELECT p.* INTO STRICT payment FROM collections_payment p WHERE p.id = $1;
  SELECT o.* INTO STRICT item FROM ledger_openitem o WHERE o.id = payment.open_item_id;
  undone := EXISTS (SELECT 1 FROM collections_paymentreversal r WHERE r.payment_id = payment.id);
  SELECT (SELECT coalesce(sum(r.amount), 0) FROM collections_refund r WHERE r.payment_id = payment.id
             AND NOT EXISTS (SELECT 1 FROM collections_refundreversal v WHERE v.refund_id = r.id))
       + (SELECT coalesce(sum(r.amount), 0) FROM collections_recovery r WHERE r.payment_id = payment.id
             AND NOT EXISTS (SELECT 1 FROM collections_recoveryreversal v WHERE v.recovery_id = r.id)) INTO used;
  SELECT coalesce(sum(h.amount - (SELECT coalesce(sum(r.amount), 0) FROM collections_holdingrelease r
                                   WHERE r.holding_id = h.id)), 0) INTO held
    FROM collections_holding h WHERE h.payment_id = payment.id;
  IF item.kind <> 'payment' OR item.currency <> payment.currency OR item.account_id <> payment.account_id
     OR item.number <> payment.number
     OR item.amount <> (CASE WHEN undone THEN 0 ELSE used + held - payment.amount END)
     OR (undone AND (item.live_settlements > 0 OR used > 0 OR held <> 0)) THEN
    RAISE EXCEPTION 'the ledger does not hold payment %', payment.number USING ERRCODE = 'RV007';
  END IF;
  IF undone AND NOT item.voided THEN
    UPDATE ledger_openitem SET voided = true WHERE id = item.id;
  END IF;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("collections", "0013_guards_asked_pay_offs"),
        ("customers", "0002_initial"),
        ("ledger", "0007_guards_rates"),
    ]

    operations = [
        org_key("collections_holding", "collections_holdingrelease"),
        org_fk("collections_holding", "payment_id", "collections_payment"),
        org_fk("collections_holding", "agreement_id", "customers_agreement"),
        org_fk("collections_holding", "open_item_id", "ledger_openitem"),
        org_fk("collections_holdingrelease", "holding_id", "collections_holding"),
        money_check("collections_holding", "amount"),
        money_check("collections_holdingrelease", "amount"),
        append_only("collections_holding", "collections_holdingrelease"),
        run(HELD),
        run(PAYMENTS),
    ]
