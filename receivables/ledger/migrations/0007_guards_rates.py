"""The table of exchange rates only grows: a correction is the next version of a day's rate, and none is skipped."""

from django.db import migrations

from receivables.core.guards import append_only, run

RATES = """
-- A rate is of another currency than the organization's, and the next version of its day.
CREATE FUNCTION ledger_rate_written() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE last int;
BEGIN
  IF NEW.currency = (SELECT o.currency FROM accounts_organization o WHERE o.id = NEW.organization_id)
     OR NEW.rate IS NULL OR NEW.rate = 'NaN' OR NEW.rate <> round(NEW.rate, 10) THEN
    RAISE EXCEPTION 'this is no exchange rate of %', NEW.currency USING ERRCODE = 'RV007';
  END IF;
  SELECT coalesce(max(r.version), 0) INTO last FROM ledger_exchangerate r
   WHERE r.organization_id = NEW.organization_id AND r.currency = NEW.currency AND r.date = NEW.date;
  IF NEW.version <> last + 1 THEN
    RAISE EXCEPTION 'a rate of % has version %, not %', NEW.date, last, NEW.version USING ERRCODE = 'RV007';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER ac_rate_written BEFORE INSERT ON ledger_exchangerate
  FOR EACH ROW EXECUTE FUNCTION ledger_rate_written();
ALTER TABLE ledger_exchangerate ENABLE ALWAYS TRIGGER ac_rate_written;
"""


class Migration(migrations.Migration):
    dependencies = [("ledger", "0006_guards_applications"), ("accounts", "0002_guards")]

    operations = [append_only("ledger_exchangerate"), run(RATES)]
