"""What was paid too much and booked as income is what the ledger says and falls with its payment; files are kept."""

from django.db import migrations

from receivables.core.guards import append_only, money_check, org_fk, org_key, run

ACCOUNT = """
-- What is paid too much is income; it is never booked where it would look like money owed.
CREATE FUNCTION collections_over_account() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  IF (SELECT g.kind FROM ledger_glaccount g WHERE g.id = NEW.over_account_id) <> 'income' THEN
    RAISE EXCEPTION 'an over-payment is booked to an income account' USING ERRCODE = 'RV007';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER ac_over_account BEFORE INSERT OR UPDATE OF over_account_id ON collections_payoffpolicy
  FOR EACH ROW EXECUTE FUNCTION collections_over_account();
ALTER TABLE collections_payoffpolicy ENABLE ALWAYS TRIGGER ac_over_account;
"""

EXCESS = """
-- R1, R3: at commit the ledger took exactly what was paid too much off its payment's money and put it on the account
-- that the row names, or nothing once it was reversed; and it does not outlive its payment.
CREATE FUNCTION collections_excess_posted() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE excess record; payment record; standing numeric;
BEGIN
  IF TG_TABLE_NAME = 'collections_smallexcess' THEN
    SELECT x.* INTO STRICT excess FROM collections_smallexcess x WHERE x.id = NEW.id;
  ELSE
    SELECT x.* INTO STRICT excess FROM collections_smallexcess x WHERE x.id = NEW.excess_id;
  END IF;
  SELECT p.* INTO STRICT payment FROM collections_payment p WHERE p.id = excess.payment_id;
  standing := CASE WHEN EXISTS (SELECT 1 FROM collections_smallexcessreversal v WHERE v.excess_id = excess.id)
              THEN 0 ELSE excess.amount END;
  IF excess.currency <> payment.currency
     OR (SELECT coalesce(sum(l.amount) FILTER (WHERE l.open_item_id = payment.open_item_id AND l.opens), 0) <> standing
             OR coalesce(sum(l.amount) FILTER (WHERE l.gl_account_id = excess.gl_account_id AND l.open_item_id IS NULL), 0)
                <> -standing
           FROM ledger_journalentry e JOIN ledger_journalline l ON l.entry_id = e.id
          WHERE e.organization_id = excess.organization_id AND e.source_type = 'collections.smallexcess'
            AND e.source_id = excess.id) THEN
    RAISE EXCEPTION 'the ledger does not hold what payment % brought too much', payment.number USING ERRCODE = 'RV007';
  END IF;
  PERFORM collections_payment_holds(payment.id);
  RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER zz_excess_posted AFTER INSERT ON collections_smallexcess
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION collections_excess_posted();
CREATE CONSTRAINT TRIGGER zz_excess_reversed AFTER INSERT ON collections_smallexcessreversal
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION collections_excess_posted();
ALTER TABLE collections_smallexcess ENABLE ALWAYS TRIGGER zz_excess_posted;
ALTER TABLE collections_smallexcessreversal ENABLE ALWAYS TRIGGER zz_excess_reversed;
"""

PAYMENTS = """
-- R1, R3: whoever moves the amount of a payment's open item, it holds the payment less what was given back of it, what
-- of it recovered bad debt, what was booked as income and what is held elsewhere or, once undone, nothing. An item
-- undone is void: nothing is settled with it again.
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
             AND NOT EXISTS (SELECT 1 FROM collections_recoveryreversal v WHERE v.recovery_id = r.id))
       + (SELECT coalesce(sum(x.amount), 0) FROM collections_smallexcess x WHERE x.payment_id = payment.id
             AND NOT EXISTS (SELECT 1 FROM collections_smallexcessreversal v WHERE v.excess_id = x.id)) INTO used;
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
    dependencies = [("collections", "0018_small_excess_and_attachments")]

    operations = [
        org_fk("collections_payoffpolicy", "over_account_id", "ledger_glaccount"),
        money_check("collections_payoffpolicy", "over_maximum"),
        org_key("collections_smallexcess", "collections_paymentattachment"),
        org_fk("collections_smallexcess", "payment_id", "collections_payment"),
        org_fk("collections_smallexcess", "gl_account_id", "ledger_glaccount"),
        org_fk("collections_smallexcessreversal", "excess_id", "collections_smallexcess"),
        money_check("collections_smallexcess", "amount"),
        append_only("collections_smallexcess", "collections_smallexcessreversal"),
        org_fk("collections_paymentattachment", "payment_id", "collections_payment"),
        org_fk("collections_attachmentwithdrawal", "attachment_id", "collections_paymentattachment"),
        append_only("collections_paymentattachment", "collections_attachmentwithdrawal"),
        run(ACCOUNT),
        run(EXCESS),
        run(PAYMENTS),
    ]
