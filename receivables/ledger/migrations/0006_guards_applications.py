"""What a payment paid is taken off invoice by invoice, and an entry is reversed as a whole (J7): so an entry applies a
payment to one invoice."""

from django.db import migrations

from receivables.core.guards import run

APPLICATIONS = """
CREATE FUNCTION ledger_applied_alone() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  IF EXISTS (SELECT 1 FROM ledger_allocation a WHERE a.entry_id = NEW.entry_id AND a.kind = 'payment' AND a.id <> NEW.id) THEN
    RAISE EXCEPTION 'entry % applies a payment more than once', NEW.entry_id USING ERRCODE = 'RV007';
  END IF;
  RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER zz_applied_alone AFTER INSERT ON ledger_allocation
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (NEW.kind = 'payment' AND NEW.entry_id IS NOT NULL)
  EXECUTE FUNCTION ledger_applied_alone();
ALTER TABLE ledger_allocation ENABLE ALWAYS TRIGGER zz_applied_alone;
"""


class Migration(migrations.Migration):
    dependencies = [("ledger", "0005_sealed")]

    operations = [run(APPLICATIONS)]
