"""What attacks on the first guards got through: a payment's open item stays the payment's, and undone stays undone."""

from django.db import migrations

from receivables.core.guards import run

PAYMENTS = """
-- R1, R3: whoever moves the amount of a payment's open item, it holds the payment or, once undone, nothing. An item
-- undone is void: nothing is settled with it again.
CREATE FUNCTION collections_payment_holds(payment_id bigint) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE payment record; item record; undone boolean;
BEGIN
  SELECT p.* INTO STRICT payment FROM collections_payment p WHERE p.id = payment_id;
  SELECT o.* INTO STRICT item FROM ledger_openitem o WHERE o.id = payment.open_item_id;
  undone := EXISTS (SELECT 1 FROM collections_paymentreversal r WHERE r.payment_id = payment.id);
  IF item.kind <> 'payment' OR item.currency <> payment.currency OR item.account_id <> payment.account_id
     OR item.number <> payment.number OR item.amount <> (CASE WHEN undone THEN 0 ELSE -payment.amount END)
     OR (undone AND item.live_settlements > 0) THEN
    RAISE EXCEPTION 'the ledger does not hold payment %', payment.number USING ERRCODE = 'RV007';
  END IF;
  IF undone AND NOT item.voided THEN
    UPDATE ledger_openitem SET voided = true WHERE id = item.id;
  END IF;
END $$;

CREATE OR REPLACE FUNCTION collections_payment_posted() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  IF TG_TABLE_NAME = 'collections_payment' THEN
    PERFORM collections_payment_holds(NEW.id);
  ELSE
    PERFORM collections_payment_holds(NEW.payment_id);
  END IF;
  RETURN NULL;
END $$;

CREATE FUNCTION collections_item_moved() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE found_id bigint;
BEGIN
  SELECT p.id INTO found_id FROM collections_payment p WHERE p.open_item_id = NEW.id;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'open item % is money that no payment brought', NEW.number USING ERRCODE = 'RV007';
  END IF;
  PERFORM collections_payment_holds(found_id);
  RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER zz_item_paid AFTER UPDATE OF amount ON ledger_openitem
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (NEW.kind = 'payment' AND NEW.amount IS DISTINCT FROM OLD.amount)
  EXECUTE FUNCTION collections_item_moved();
ALTER TABLE ledger_openitem ENABLE ALWAYS TRIGGER zz_item_paid;
"""


class Migration(migrations.Migration):
    dependencies = [("collections", "0003_guards"), ("billing", "0004_sealed"), ("ledger", "0006_guards_applications")]

    operations = [run(PAYMENTS)]
