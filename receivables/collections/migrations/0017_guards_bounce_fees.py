"""A fee for a bounced payment is what the ledger says, and undone by its reversal alone."""

from django.db import migrations

from receivables.core.guards import append_only, gap_free, money_check, org_fk, org_key, run

FEES = """
-- R1, R3: an open item of a fee is its fee's, holds its amount or, once reversed, nothing, and takes nothing any more.
-- Only a payment that bounced has a fee.
CREATE FUNCTION collections_fee_holds(fee_id bigint) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE fee record; item record; undone boolean; bounced record;
BEGIN
  SELECT f.* INTO STRICT fee FROM collections_bouncefee f WHERE f.id = $1;
  SELECT o.* INTO STRICT item FROM ledger_openitem o WHERE o.id = fee.open_item_id;
  SELECT r.kind, p.account_id, p.currency INTO STRICT bounced FROM collections_paymentreversal r
    JOIN collections_payment p ON p.id = r.payment_id WHERE r.id = fee.bounced_id;
  undone := EXISTS (SELECT 1 FROM collections_bouncefeereversal v WHERE v.fee_id = fee.id);
  IF item.kind <> 'fee' OR item.number <> fee.number OR item.currency <> fee.currency OR bounced.kind <> 'bounced'
     OR item.account_id <> bounced.account_id OR fee.currency <> bounced.currency
     OR item.amount <> (CASE WHEN undone THEN 0 ELSE fee.amount END) OR (undone AND item.live_settlements > 0) THEN
    RAISE EXCEPTION 'the ledger does not hold fee %', fee.number USING ERRCODE = 'RV007';
  END IF;
  IF undone AND NOT item.voided THEN
    UPDATE ledger_openitem SET voided = true WHERE id = item.id;
  END IF;
END $$;

CREATE FUNCTION collections_fee_posted() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE found_id bigint;
BEGIN
  IF TG_TABLE_NAME = 'collections_bouncefee' THEN
    found_id := NEW.id;
  ELSIF TG_TABLE_NAME = 'collections_bouncefeereversal' THEN
    found_id := NEW.fee_id;
  ELSE
    SELECT f.id INTO found_id FROM collections_bouncefee f WHERE f.open_item_id = NEW.id;
    IF NOT FOUND THEN
      RAISE EXCEPTION 'open item % is a fee that nobody charged', NEW.number USING ERRCODE = 'RV007';
    END IF;
  END IF;
  PERFORM collections_fee_holds(found_id);
  RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER zz_fee_posted AFTER INSERT ON collections_bouncefee
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION collections_fee_posted();
CREATE CONSTRAINT TRIGGER zz_fee_reversed AFTER INSERT ON collections_bouncefeereversal
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION collections_fee_posted();
CREATE CONSTRAINT TRIGGER zz_item_charged AFTER UPDATE OF amount ON ledger_openitem
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (NEW.kind = 'fee' AND NEW.amount IS DISTINCT FROM OLD.amount)
  EXECUTE FUNCTION collections_fee_posted();
ALTER TABLE collections_bouncefee ENABLE ALWAYS TRIGGER zz_fee_posted;
ALTER TABLE collections_bouncefeereversal ENABLE ALWAYS TRIGGER zz_fee_reversed;
ALTER TABLE ledger_openitem ENABLE ALWAYS TRIGGER zz_item_charged;

INSERT INTO core_sequence (organization_id, kind, prefix, width, last)
  SELECT o.id, 'bounce_fee', 'FEE-', 6, 0 FROM accounts_organization o
   WHERE NOT EXISTS (SELECT 1 FROM core_sequence s WHERE s.organization_id = o.id AND s.kind = 'bounce_fee');
"""


class Migration(migrations.Migration):
    dependencies = [
        ("collections", "0016_guards_payment_drafts"),
        ("accounts", "0002_guards"),
        ("core", "0003_number_text"),
        ("ledger", "0007_guards_rates"),
    ]

    operations = [
        org_key("collections_paymentreversal", "collections_bouncefee"),
        org_fk("collections_bankaccount", "fee_account_id", "ledger_glaccount"),
        org_fk("collections_bouncefee", "bounced_id", "collections_paymentreversal"),
        org_fk("collections_bouncefee", "open_item_id", "ledger_openitem"),
        org_fk("collections_bouncefeereversal", "fee_id", "collections_bouncefee"),
        money_check("collections_bankaccount", "bounce_fee"),
        money_check("collections_bouncefee", "amount"),
        append_only("collections_bouncefee", "collections_bouncefeereversal"),
        gap_free("collections_bouncefee", "bounce_fee"),
        run(FEES),
    ]
