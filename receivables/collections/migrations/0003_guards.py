"""The promises of collections, kept by the database: J4, R1, R3."""

from django.db import migrations

from receivables.core.guards import append_only, gap_free, money_check, no_delete, org_fk, org_key, run

PAYMENTS = """
-- R1, R3: at commit a payment's open item holds exactly the payment, or, when it was undone, nothing.
CREATE FUNCTION collections_payment_posted() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE payment record; item record; undone boolean;
BEGIN
  IF TG_TABLE_NAME = 'collections_payment' THEN
    SELECT p.* INTO STRICT payment FROM collections_payment p WHERE p.id = NEW.id;
  ELSE
    SELECT p.* INTO STRICT payment FROM collections_payment p WHERE p.id = NEW.payment_id;
  END IF;
  SELECT o.* INTO STRICT item FROM ledger_openitem o WHERE o.id = payment.open_item_id;
  undone := EXISTS (SELECT 1 FROM collections_paymentreversal r WHERE r.payment_id = payment.id);
  IF item.kind <> 'payment' OR item.currency <> payment.currency OR item.account_id <> payment.account_id
     OR item.amount <> (CASE WHEN undone THEN 0 ELSE -payment.amount END)
     OR (undone AND item.live_settlements > 0) THEN
    RAISE EXCEPTION 'the ledger does not hold payment %', payment.number USING ERRCODE = 'RV007';
  END IF;
  RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER zz_payment_posted AFTER INSERT ON collections_payment
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION collections_payment_posted();
CREATE CONSTRAINT TRIGGER zz_payment_reversed AFTER INSERT ON collections_paymentreversal
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION collections_payment_posted();
ALTER TABLE collections_payment ENABLE ALWAYS TRIGGER zz_payment_posted;
ALTER TABLE collections_paymentreversal ENABLE ALWAYS TRIGGER zz_payment_reversed;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("collections", "0002_initial"),
        ("billing", "0003_guards"),
        ("customers", "0002_initial"),
        ("ledger", "0006_guards_applications"),
    ]

    operations = [
        org_key("collections_bankaccount", "collections_payment"),
        org_fk("collections_bankaccount", "gl_account_id", "ledger_glaccount"),
        org_fk("collections_payment", "account_id", "customers_account"),
        org_fk("collections_payment", "open_item_id", "ledger_openitem"),
        org_fk("collections_payment", "bank_account_id", "collections_bankaccount"),
        org_fk("collections_paymentreversal", "payment_id", "collections_payment"),
        money_check("collections_payment", "amount"),
        append_only("collections_payment", "collections_paymentreversal"),
        no_delete("collections_bankaccount"),
        gap_free("collections_payment", "payment"),
        run(PAYMENTS),
    ]
