"""The promises of differences that are split, asked for and granted, kept by the database: J8, R1, R3, W3."""

from django.db import migrations

from receivables.core.guards import append_only, money_check, org_fk, org_key, run

ASKED = """
-- W3: what is asked for belongs to a payment that stands, in its currency and that of its invoice.
CREATE FUNCTION collections_pay_off_asked() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  IF NOT EXISTS (SELECT 1 FROM collections_payment p JOIN billing_invoice i ON i.id = NEW.invoice_id
                  WHERE p.id = NEW.payment_id AND p.currency = NEW.currency AND i.currency = NEW.currency)
     OR EXISTS (SELECT 1 FROM collections_paymentreversal r WHERE r.payment_id = NEW.payment_id) THEN
    RAISE EXCEPTION 'what is asked for does not fit its payment' USING ERRCODE = 'RV007';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER ac_pay_off_asked BEFORE INSERT ON collections_payoffrequest
  FOR EACH ROW EXECUTE FUNCTION collections_pay_off_asked();
ALTER TABLE collections_payoffrequest ENABLE ALWAYS TRIGGER ac_pay_off_asked;
"""

GIVEN = """
-- R1: a pay-off is a settlement of its invoice that stands, of the kind that its reason stands for, documented by the
-- credit note of that settlement, which speaks of this invoice alone; it hangs on a payment that stands.
CREATE OR REPLACE FUNCTION collections_pay_off_given() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  IF NOT EXISTS (SELECT 1 FROM ledger_allocation a JOIN billing_invoice i ON i.open_item_id = a.debit_item_id
                   JOIN billing_reason r ON r.id = NEW.reason_id
                  WHERE a.id = NEW.allocation_id AND i.id = NEW.invoice_id AND a.amount = NEW.amount
                    AND a.currency = NEW.currency AND a.credit_item_id IS NULL AND a.reverses_id IS NULL
                    AND a.kind = CASE r.kind WHEN 'bad_debt' THEN 'bad_debt' WHEN 'small_difference' THEN 'difference'
                                             ELSE 'credit_note' END
                    AND NOT EXISTS (SELECT 1 FROM ledger_allocation u WHERE u.reverses_id = a.id)) THEN
    RAISE EXCEPTION 'a pay-off does not fit its settlement' USING ERRCODE = 'RV007';
  END IF;
  IF NEW.credit_note_id IS DISTINCT FROM (SELECT l.credit_note_id FROM billing_creditnoteline l
                                           WHERE l.allocation_id = NEW.allocation_id LIMIT 1)
     OR EXISTS (SELECT 1 FROM billing_creditnote c WHERE c.id = NEW.credit_note_id AND c.reason_id <> NEW.reason_id)
     OR EXISTS (SELECT 1 FROM billing_creditnoteline l
                 WHERE l.credit_note_id = NEW.credit_note_id AND l.invoice_id <> NEW.invoice_id) THEN
    RAISE EXCEPTION 'a pay-off names another credit note' USING ERRCODE = 'RV007';
  END IF;
  IF NEW.asked_id IS NOT NULL AND NOT EXISTS (
       SELECT 1 FROM collections_payoffrequest q
        WHERE q.id = NEW.asked_id AND (q.payment_id, q.invoice_id, q.reason_id, q.currency, q.amount)
              = (NEW.payment_id, NEW.invoice_id, NEW.reason_id, NEW.currency, NEW.amount)) THEN
    RAISE EXCEPTION 'a pay-off is not what was asked for' USING ERRCODE = 'RV007';
  END IF;
  IF EXISTS (SELECT 1 FROM collections_paymentreversal r WHERE r.payment_id = NEW.payment_id) THEN
    RAISE EXCEPTION 'nothing hangs on a payment that was taken back' USING ERRCODE = 'RV007';
  END IF;
  RETURN NEW;
END $$;

-- W3: at commit, what was asked for and stands on its own was granted.
CREATE FUNCTION collections_pay_off_granted() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  IF NOT EXISTS (SELECT 1 FROM approvals_approvalrequest q JOIN django_content_type t ON t.id = q.subject_type_id
                  WHERE t.app_label = 'collections' AND t.model = 'payoffrequest' AND q.subject_id = NEW.asked_id
                    AND q.organization_id = NEW.organization_id AND q.state = 'approved') THEN
    RAISE EXCEPTION 'a pay-off that was asked for was not granted' USING ERRCODE = 'RV007';
  END IF;
  RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER zz_pay_off_granted AFTER INSERT ON collections_payoff
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (NEW.asked_id IS NOT NULL)
  EXECUTE FUNCTION collections_pay_off_granted();
ALTER TABLE collections_payoff ENABLE ALWAYS TRIGGER zz_pay_off_granted;

-- R3: what was given up with a payment does not outlive it; what was granted outlives a deletion, not a bounce.
CREATE OR REPLACE FUNCTION collections_pay_offs_fall() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  IF EXISTS (SELECT 1 FROM collections_payoff p WHERE p.payment_id = NEW.payment_id
               AND (p.asked_id IS NULL OR NEW.kind = 'bounced')
               AND NOT EXISTS (SELECT 1 FROM ledger_allocation u WHERE u.reverses_id = p.allocation_id)) THEN
    RAISE EXCEPTION 'bad debt of a payment that was taken back still stands' USING ERRCODE = 'RV007';
  END IF;
  RETURN NULL;
END $$;
"""

SETTLED = """
-- R1: nothing is credited without a document: a credit note, or the pay-off of a payment by a reason that has none. What
-- a credit note settled is undone by its reversal alone.
CREATE OR REPLACE FUNCTION billing_credit_settled() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  IF NEW.reverses_id IS NULL THEN
    IF NEW.kind = 'credit_note' AND NEW.credit_item_id IS NULL
       AND NOT EXISTS (SELECT 1 FROM billing_creditnoteline l WHERE l.allocation_id = NEW.id)
       AND NOT EXISTS (SELECT 1 FROM collections_payoff p WHERE p.allocation_id = NEW.id) THEN
      RAISE EXCEPTION 'settlement % is credited without a credit note', NEW.id USING ERRCODE = 'RV007';
    END IF;
  ELSIF EXISTS (SELECT 1 FROM billing_creditnoteline l
                 WHERE l.allocation_id = NEW.reverses_id AND NOT EXISTS (
                   SELECT 1 FROM billing_creditnotereversal r WHERE r.credit_note_id = l.credit_note_id)) THEN
    RAISE EXCEPTION 'settlement % belongs to a credit note that stands', NEW.reverses_id USING ERRCODE = 'RV007';
  END IF;
  RETURN NULL;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("collections", "0012_guards_recoveries"),
        ("approvals", "0005_guards_delegations"),
        ("billing", "0016_loads_billed_by_key"),
        ("ledger", "0007_guards_rates"),
        ("contenttypes", "0002_remove_content_type_name"),
    ]

    operations = [
        org_key("collections_payoffrequest"),
        org_fk("collections_payoffrequest", "payment_id", "collections_payment"),
        org_fk("collections_payoffrequest", "invoice_id", "billing_invoice"),
        org_fk("collections_payoffrequest", "reason_id", "billing_reason"),
        org_fk("collections_payoff", "asked_id", "collections_payoffrequest"),
        money_check("collections_payoffrequest", "amount"),
        append_only("collections_payoffrequest"),
        run(ASKED),
        run(GIVEN),
        run(SETTLED),
    ]
