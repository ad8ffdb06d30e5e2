"""The promises of pay-offs, kept by the database: J8, R1, R3; every organization has one policy."""

from django.db import migrations

from receivables.core.guards import append_only, fixed_columns, money_check, no_delete, org_fk, org_key, run

POLICIES = """
-- An organization that exists begins as without the feature: no maximum, booked as bad debt.
INSERT INTO collections_payoffpolicy (organization_id, currency, reason_id, why)
SELECT o.id, o.currency, min(r.id), 'Set up' FROM accounts_organization o
  JOIN billing_reason r ON r.organization_id = o.id AND r.kind = 'bad_debt' GROUP BY o.id, o.currency;

-- What is given up reads as written off: the reason is of a kind that does.
CREATE FUNCTION collections_pay_off_reason() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  IF (SELECT r.kind FROM billing_reason r WHERE r.id = NEW.reason_id) NOT IN ('bad_debt', 'small_difference') THEN
    RAISE EXCEPTION 'a pay-off is booked as bad debt or small difference' USING ERRCODE = 'RV007';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER ac_pay_off_reason BEFORE INSERT OR UPDATE OF reason_id ON collections_payoffpolicy
  FOR EACH ROW EXECUTE FUNCTION collections_pay_off_reason();
ALTER TABLE collections_payoffpolicy ENABLE ALWAYS TRIGGER ac_pay_off_reason;
"""

PAY_OFFS = """
-- R1: a pay-off is a settlement of its invoice that stands, documented by the credit note of that settlement, and
-- hangs on a payment that stands.
CREATE FUNCTION collections_pay_off_given() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  IF NOT EXISTS (SELECT 1 FROM ledger_allocation a JOIN billing_invoice i ON i.open_item_id = a.debit_item_id
                  WHERE a.id = NEW.allocation_id AND i.id = NEW.invoice_id AND a.amount = NEW.amount
                    AND a.currency = NEW.currency AND a.kind IN ('bad_debt', 'difference') AND a.credit_item_id IS NULL
                    AND a.reverses_id IS NULL
                    AND NOT EXISTS (SELECT 1 FROM ledger_allocation u WHERE u.reverses_id = a.id)) THEN
    RAISE EXCEPTION 'a pay-off does not fit its settlement' USING ERRCODE = 'RV007';
  END IF;
  IF NEW.credit_note_id IS DISTINCT FROM (SELECT l.credit_note_id FROM billing_creditnoteline l
                                           WHERE l.allocation_id = NEW.allocation_id LIMIT 1) THEN
    RAISE EXCEPTION 'a pay-off names another credit note' USING ERRCODE = 'RV007';
  END IF;
  IF EXISTS (SELECT 1 FROM collections_paymentreversal r WHERE r.payment_id = NEW.payment_id) THEN
    RAISE EXCEPTION 'nothing hangs on a payment that was taken back' USING ERRCODE = 'RV007';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER ac_pay_off_given BEFORE INSERT ON collections_payoff
  FOR EACH ROW EXECUTE FUNCTION collections_pay_off_given();
ALTER TABLE collections_payoff ENABLE ALWAYS TRIGGER ac_pay_off_given;

-- R3: what was given up with a payment does not outlive it.
CREATE FUNCTION collections_pay_offs_fall() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp SET enable_seqscan = off AS $$
BEGIN
  IF EXISTS (SELECT 1 FROM collections_payoff p WHERE p.payment_id = NEW.payment_id
               AND NOT EXISTS (SELECT 1 FROM ledger_allocation u WHERE u.reverses_id = p.allocation_id)) THEN
    RAISE EXCEPTION 'bad debt of a payment that was taken back still stands' USING ERRCODE = 'RV007';
  END IF;
  RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER zz_pay_offs_fall AFTER INSERT ON collections_paymentreversal
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION collections_pay_offs_fall();
ALTER TABLE collections_paymentreversal ENABLE ALWAYS TRIGGER zz_pay_offs_fall;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("collections", "0008_guards_batches"),
        ("accounts", "0002_guards"),
        ("billing", "0010_summary_guards"),
        ("customers", "0002_initial"),
        ("ledger", "0006_guards_applications"),
    ]

    operations = [
        org_key("collections_payoffpolicy", "collections_payoffexclusion", "collections_payoff"),
        org_fk("collections_payoffpolicy", "reason_id", "billing_reason"),
        org_fk("collections_payoffexclusion", "customer_id", "customers_customer"),
        org_fk("collections_payoff", "payment_id", "collections_payment"),
        org_fk("collections_payoff", "invoice_id", "billing_invoice"),
        org_fk("collections_payoff", "allocation_id", "ledger_allocation"),
        org_fk("collections_payoff", "credit_note_id", "billing_creditnote"),
        org_fk("collections_payoff", "reason_id", "billing_reason"),
        money_check("collections_payoffpolicy", "maximum"),
        money_check("collections_payoffpolicy", "cap"),
        money_check("collections_payoff", "amount"),
        append_only("collections_payoff"),
        no_delete("collections_payoffpolicy"),
        fixed_columns("collections_payoffpolicy", "id", "organization_id", "currency"),
        fixed_columns("collections_payoffexclusion", "id", "organization_id", "customer_id"),
        run(POLICIES),
        run(PAY_OFFS),
    ]
