"""The promises of bankruptcies, kept by the database: J8, R1, W1."""

from django.db import migrations

from receivables.core.guards import append_only, org_fk, org_key, run

BANKRUPTCIES = """
-- Later service of a bankrupt account is billed to another account of the same customer.
CREATE FUNCTION writeoffs_bankruptcy_fits() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  IF NEW.account_id = NEW.new_account_id
     OR (SELECT customer_id FROM customers_account WHERE id = NEW.account_id)
        IS DISTINCT FROM (SELECT customer_id FROM customers_account WHERE id = NEW.new_account_id) THEN
    RAISE EXCEPTION 'the new account of bankruptcy % does not fit', NEW.id USING ERRCODE = 'RV007';
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER zz_bankruptcy_fits AFTER INSERT ON writeoffs_bankruptcy
  FOR EACH ROW EXECUTE FUNCTION writeoffs_bankruptcy_fits();
ALTER TABLE writeoffs_bankruptcy ENABLE ALWAYS TRIGGER zz_bankruptcy_fits;

-- What a bankruptcy moves stands on an agreement that takes no payments, what a dividend moves on one that takes them;
-- both are of the bankrupt account.
CREATE FUNCTION writeoffs_bankrupt_items() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  IF EXISTS (SELECT 1 FROM new_rows n
               JOIN writeoffs_writeoff w ON w.id = n.write_off_id AND w.bankruptcy_id IS NOT NULL
               JOIN writeoffs_bankruptcy b ON b.id = w.bankruptcy_id
               JOIN customers_agreement a ON a.id = n.agreement_id
               JOIN customers_agreementtype t ON t.id = a.type_id
              WHERE (w.method = 'bankruptcy') <> (t.payment_segment_type = '')
                 OR w.account_id <> b.account_id OR a.account_id <> b.account_id) THEN
    RAISE EXCEPTION 'debt of a bankruptcy does not fit its agreement' USING ERRCODE = 'RV007';
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER zz_bankrupt_items AFTER INSERT ON writeoffs_writeoffitem REFERENCING NEW TABLE AS new_rows
  FOR EACH STATEMENT EXECUTE FUNCTION writeoffs_bankrupt_items();
ALTER TABLE writeoffs_writeoffitem ENABLE ALWAYS TRIGGER zz_bankrupt_items;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("writeoffs", "0003_guards"),
        ("customers", "0002_initial"),
        ("ledger", "0008_guards_crossed_currencies"),
    ]

    operations = [
        org_key("writeoffs_bankruptcy"),
        org_fk("writeoffs_bankruptcy", "account_id", "customers_account"),
        org_fk("writeoffs_bankruptcy", "new_account_id", "customers_account"),
        org_fk("writeoffs_writeoff", "bankruptcy_id", "writeoffs_bankruptcy"),
        append_only("writeoffs_bankruptcy"),
        run(BANKRUPTCIES),
    ]
