"""What is done with a payment's money is kept for ever; a refund is what the ledger says, and undone by its reversal."""

from django.db import migrations

from receivables.core.guards import append_only, gap_free, money_check, org_fk, org_key, run

ACTS = """
-- R3: at commit an act that took a settlement off has taken off one of its own payment's. No act on money that is gone.
CREATE FUNCTION collections_payment_assigned() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE payment record;
BEGIN
  SELECT p.* INTO STRICT payment FROM collections_payment p WHERE p.id = NEW.payment_id;
  IF NEW.currency <> payment.currency
     OR (NEW.removes_id IS NOT NULL AND NOT EXISTS (
          SELECT 1 FROM ledger_allocation a JOIN ledger_allocation u ON u.reverses_id = a.id
           WHERE a.id = NEW.removes_id AND a.credit_item_id = payment.open_item_id)) THEN
    RAISE EXCEPTION 'what was done with payment % is not what the ledger says', payment.number USING ERRCODE = 'RV007';
  END IF;
  RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER zz_payment_assigned AFTER INSERT ON collections_paymentassignment
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION collections_payment_assigned();
ALTER TABLE collections_paymentassignment ENABLE ALWAYS TRIGGER zz_payment_assigned;
"""

REFUNDS = """
-- R1, R3: at commit the ledger took exactly the refund off its payment's money, or nothing once it was reversed, and
-- no payment that was undone has a refund that stands.
CREATE FUNCTION collections_refund_posted() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE refund record; payment record; reversed boolean;
BEGIN
  IF TG_TABLE_NAME = 'collections_refund' THEN
    SELECT r.* INTO STRICT refund FROM collections_refund r WHERE r.id = NEW.id;
  ELSE
    SELECT r.* INTO STRICT refund FROM collections_refund r WHERE r.id = NEW.refund_id;
  END IF;
  SELECT p.* INTO STRICT payment FROM collections_payment p WHERE p.id = refund.payment_id;
  reversed := EXISTS (SELECT 1 FROM collections_refundreversal v WHERE v.refund_id = refund.id);
  IF refund.currency <> payment.currency
     OR (SELECT coalesce(sum(l.amount), 0) FROM ledger_journalentry e JOIN ledger_journalline l ON l.entry_id = e.id
          WHERE e.organization_id = refund.organization_id AND e.source_type = 'collections.refund'
            AND e.source_id = refund.id AND l.open_item_id = payment.open_item_id AND l.opens)
        <> (CASE WHEN reversed THEN 0 ELSE refund.amount END)
     OR (NOT reversed AND EXISTS (SELECT 1 FROM collections_paymentreversal x WHERE x.payment_id = payment.id)) THEN
    RAISE EXCEPTION 'the ledger does not hold refund %', refund.number USING ERRCODE = 'RV007';
  END IF;
  RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER zz_refund_posted AFTER INSERT ON collections_refund
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION collections_refund_posted();
CREATE CONSTRAINT TRIGGER zz_refund_reversed AFTER INSERT ON collections_refundreversal
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION collections_refund_posted();
ALTER TABLE collections_refund ENABLE ALWAYS TRIGGER zz_refund_posted;
ALTER TABLE collections_refundreversal ENABLE ALWAYS TRIGGER zz_refund_reversed;
"""

HOLDS = """
-- R1, R3: whoever moves the amount of a payment's open item, it holds the payment less what was given back of it or,
-- once undone, nothing. An item undone is void: nothing is settled with it again.
CREATE OR REPLACE FUNCTION collections_payment_holds(payment_id bigint) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp SET enable_seqscan = off AS $$
DECLARE payment record; item record; undone boolean; refunded numeric;
BEGIN
  SELECT p.* INTO STRICT payment FROM collections_payment p WHERE p.id = $1;
  SELECT o.* INTO STRICT item FROM ledger_openitem o WHERE o.id = payment.open_item_id;
  undone := EXISTS (SELECT 1 FROM collections_paymentreversal r WHERE r.payment_id = payment.id);
  SELECT coalesce(sum(r.amount), 0) INTO refunded FROM collections_refund r
   WHERE r.payment_id = payment.id
     AND NOT EXISTS (SELECT 1 FROM collections_refundreversal v WHERE v.refund_id = r.id);
  IF item.kind <> 'payment' OR item.currency <> payment.currency OR item.account_id <> payment.account_id
     OR item.number <> payment.number OR item.amount <> (CASE WHEN undone THEN 0 ELSE refunded - payment.amount END)
     OR (undone AND (item.live_settlements > 0 OR refunded > 0)) THEN
    RAISE EXCEPTION 'the ledger does not hold payment %', payment.number USING ERRCODE = 'RV007';
  END IF;
  IF undone AND NOT item.voided THEN
    UPDATE ledger_openitem SET voided = true WHERE id = item.id;
  END IF;
END $$;
"""

NUMBERS = """
INSERT INTO core_sequence (organization_id, kind, prefix, width, last)
  SELECT o.id, 'refund', 'RF-', 6, 0 FROM accounts_organization o
   WHERE NOT EXISTS (SELECT 1 FROM core_sequence s WHERE s.organization_id = o.id AND s.kind = 'refund');
"""


class Migration(migrations.Migration):
    dependencies = [
        ("collections", "0009_guards_pay_offs"),
        ("accounts", "0002_guards"),
        ("core", "0003_number_text"),
        ("ledger", "0006_guards_applications"),
    ]

    operations = [
        org_key("collections_paymentassignment", "collections_refund"),
        org_fk("collections_paymentassignment", "payment_id", "collections_payment"),
        org_fk("collections_paymentassignment", "removes_id", "ledger_allocation"),
        org_fk("collections_refund", "payment_id", "collections_payment"),
        org_fk("collections_refund", "bank_account_id", "collections_bankaccount"),
        org_fk("collections_refundreversal", "refund_id", "collections_refund"),
        money_check("collections_paymentassignment", "amount"),
        money_check("collections_refund", "amount"),
        append_only("collections_paymentassignment", "collections_refund", "collections_refundreversal"),
        gap_free("collections_refund", "refund"),
        run(ACTS),
        run(REFUNDS),
        run(HOLDS),
        run(NUMBERS),
    ]
