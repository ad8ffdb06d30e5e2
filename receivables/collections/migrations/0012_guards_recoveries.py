"""A recovery is what the ledger says, never more than was given up, and undone by its reversal alone."""

from django.db import migrations

from receivables.core.guards import append_only, gap_free, money_check, org_fk, org_key, run

LIMIT = """
-- R1: what is recovered of bad debt is at most what was given up and still is. The invoice's open item is locked first,
-- as by whoever gives up or takes that back, so that two people never recover the same money.
CREATE FUNCTION collections_recovery_made() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE item bigint; lost numeric; recovered numeric;
BEGIN
  SELECT i.open_item_id INTO item FROM billing_invoice i WHERE i.id = NEW.invoice_id AND i.currency = NEW.currency;
  PERFORM 1 FROM ledger_openitem o WHERE o.id = item FOR NO KEY UPDATE;
  IF NEW.allocation_id IS NULL THEN
    SELECT r.bad_debt INTO lost FROM billing_invoice i
      JOIN billing_revision r ON r.invoice_id = i.id AND r.number = i.current_revision WHERE i.id = NEW.invoice_id;
  ELSE
    SELECT a.amount INTO lost FROM ledger_allocation a
     WHERE a.id = NEW.allocation_id AND a.debit_item_id = item AND a.kind IN ('bad_debt', 'difference')
       AND a.credit_item_id IS NULL AND a.reverses_id IS NULL
       AND NOT EXISTS (SELECT 1 FROM ledger_allocation u WHERE u.reverses_id = a.id);
  END IF;
  SELECT sum(r.amount) INTO recovered FROM collections_recovery r
   WHERE r.invoice_id = NEW.invoice_id AND r.allocation_id IS NOT DISTINCT FROM NEW.allocation_id
     AND NOT EXISTS (SELECT 1 FROM collections_recoveryreversal v WHERE v.recovery_id = r.id);
  IF item IS NULL OR lost IS NULL OR recovered > lost THEN
    RAISE EXCEPTION 'recovery % is more than was given up', NEW.number USING ERRCODE = 'RV007';
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER zz_recovery_made AFTER INSERT ON collections_recovery
  FOR EACH ROW EXECUTE FUNCTION collections_recovery_made();
ALTER TABLE collections_recovery ENABLE ALWAYS TRIGGER zz_recovery_made;

-- R3: bad debt is not taken back under a recovery that stands: the customer would have paid for what is owed again.
CREATE FUNCTION collections_loss_taken_back() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  IF EXISTS (SELECT 1 FROM collections_recovery r WHERE r.allocation_id = NEW.reverses_id
               AND NOT EXISTS (SELECT 1 FROM collections_recoveryreversal v WHERE v.recovery_id = r.id)) THEN
    RAISE EXCEPTION 'bad debt that was taken back is still recovered' USING ERRCODE = 'RV007';
  END IF;
  RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER zz_loss_taken_back AFTER INSERT ON ledger_allocation
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
  WHEN (NEW.reverses_id IS NOT NULL AND NEW.kind IN ('bad_debt', 'difference'))
  EXECUTE FUNCTION collections_loss_taken_back();
ALTER TABLE ledger_allocation ENABLE ALWAYS TRIGGER zz_loss_taken_back;

CREATE FUNCTION collections_loss_revised() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE lost numeric;
BEGIN
  SELECT r.bad_debt INTO lost FROM billing_invoice i
    JOIN billing_revision r ON r.invoice_id = i.id AND r.number = i.current_revision WHERE i.id = NEW.invoice_id;
  IF (SELECT coalesce(sum(r.amount), 0) FROM collections_recovery r
       WHERE r.invoice_id = NEW.invoice_id AND r.allocation_id IS NULL
         AND NOT EXISTS (SELECT 1 FROM collections_recoveryreversal v WHERE v.recovery_id = r.id)) > lost THEN
    RAISE EXCEPTION 'more is recovered of an invoice than its newest revision gives up' USING ERRCODE = 'RV007';
  END IF;
  RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER zz_loss_revised AFTER INSERT ON billing_revision
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (NEW.number > 1) EXECUTE FUNCTION collections_loss_revised();
ALTER TABLE billing_revision ENABLE ALWAYS TRIGGER zz_loss_revised;
"""

POSTED = """
-- R1, R3: at commit the ledger took exactly the recovery off its payment's money, or nothing once it was reversed; its
-- payment is of the same customer and stands.
CREATE FUNCTION collections_recovery_posted() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE recovery record; payment record; reversed boolean;
BEGIN
  IF TG_TABLE_NAME = 'collections_recovery' THEN
    SELECT r.* INTO STRICT recovery FROM collections_recovery r WHERE r.id = NEW.id;
  ELSE
    SELECT r.* INTO STRICT recovery FROM collections_recovery r WHERE r.id = NEW.recovery_id;
  END IF;
  SELECT p.*, a.customer_id INTO STRICT payment FROM collections_payment p
    JOIN customers_account a ON a.id = p.account_id WHERE p.id = recovery.payment_id;
  reversed := EXISTS (SELECT 1 FROM collections_recoveryreversal v WHERE v.recovery_id = recovery.id);
  IF recovery.currency <> payment.currency
     OR payment.customer_id <> (SELECT a.customer_id FROM billing_invoice i
                                  JOIN customers_account a ON a.id = i.account_id WHERE i.id = recovery.invoice_id)
     OR (SELECT coalesce(sum(l.amount), 0) FROM ledger_journalentry e JOIN ledger_journalline l ON l.entry_id = e.id
          WHERE e.organization_id = recovery.organization_id AND e.source_type = 'collections.recovery'
            AND e.source_id = recovery.id AND l.open_item_id = payment.open_item_id AND l.opens)
        <> (CASE WHEN reversed THEN 0 ELSE recovery.amount END)
     OR (NOT reversed AND EXISTS (SELECT 1 FROM collections_paymentreversal x WHERE x.payment_id = payment.id)) THEN
    RAISE EXCEPTION 'the ledger does not hold recovery %', recovery.number USING ERRCODE = 'RV007';
  END IF;
  RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER zz_recovery_posted AFTER INSERT ON collections_recovery
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION collections_recovery_posted();
CREATE CONSTRAINT TRIGGER zz_recovery_reversed AFTER INSERT ON collections_recoveryreversal
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION collections_recovery_posted();
ALTER TABLE collections_recovery ENABLE ALWAYS TRIGGER zz_recovery_posted;
ALTER TABLE collections_recoveryreversal ENABLE ALWAYS TRIGGER zz_recovery_reversed;
"""

HOLDS = """
-- R1, R3: whoever moves the amount of a payment's open item, it holds the payment less what was given back of it and
-- what of it recovered bad debt or, once undone, nothing. An item undone is void: nothing is settled with it again.
CREATE OR REPLACE FUNCTION collections_payment_holds(payment_id bigint) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE payment record; item record; undone boolean; used numeric;
BEGIN
  SELECT p.* INTO STRICT payment FROM collections_payment p WHERE p.id = $1;
  SELECT o.* INTO STRICT item FROM ledger_openitem o WHERE o.id = payment.open_item_id;
  undone := EXISTS (SELECT 1 FROM collections_paymentreversal r WHERE r.payment_id = payment.id);
  SELECT (SELECT coalesce(sum(r.amount), 0) FROM collections_refund r WHERE r.payment_id = payment.id
             AND NOT EXISTS (SELECT 1 FROM collections_refundreversal v WHERE v.refund_id = r.id))
       + (SELECT coalesce(sum(r.amount), 0) FROM collections_recovery r WHERE r.payment_id = payment.id
             AND NOT EXISTS (SELECT 1 FROM collections_recoveryreversal v WHERE v.recovery_id = r.id)) INTO used;
  IF item.kind <> 'payment' OR item.currency <> payment.currency OR item.account_id <> payment.account_id
     OR item.number <> payment.number OR item.amount <> (CASE WHEN undone THEN 0 ELSE used - payment.amount END)
     OR (undone AND (item.live_settlements > 0 OR used > 0)) THEN
    RAISE EXCEPTION 'the ledger does not hold payment %', payment.number USING ERRCODE = 'RV007';
  END IF;
  IF undone AND NOT item.voided THEN
    UPDATE ledger_openitem SET voided = true WHERE id = item.id;
  END IF;
END $$;
"""

NUMBERS = """
INSERT INTO core_sequence (organization_id, kind, prefix, width, last)
  SELECT o.id, 'recovery', 'RCV-', 6, 0 FROM accounts_organization o
   WHERE NOT EXISTS (SELECT 1 FROM core_sequence s WHERE s.organization_id = o.id AND s.kind = 'recovery');
"""


class Migration(migrations.Migration):
    dependencies = [
        ("collections", "0011_guards_no_payments"),
        ("accounts", "0002_guards"),
        ("billing", "0016_loads_billed_by_key"),
        ("core", "0003_number_text"),
        ("customers", "0002_initial"),
        ("ledger", "0007_guards_rates"),
    ]

    operations = [
        org_key("collections_recovery"),
        org_fk("collections_recovery", "payment_id", "collections_payment"),
        org_fk("collections_recovery", "invoice_id", "billing_invoice"),
        org_fk("collections_recovery", "allocation_id", "ledger_allocation"),
        org_fk("collections_recoveryreversal", "recovery_id", "collections_recovery"),
        money_check("collections_recovery", "amount"),
        append_only("collections_recovery", "collections_recoveryreversal"),
        gap_free("collections_recovery", "recovery"),
        run(LIMIT),
        run(POSTED),
        run(HOLDS),
        run(NUMBERS),
    ]
