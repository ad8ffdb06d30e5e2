"""A mail that the server took for some of its recipients only has a state of its own."""

from django.db import migrations

from receivables.core.guards import run

MOVES = """
CREATE OR REPLACE FUNCTION billing_dispatch_moved() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
  IF NOT (OLD.state, NEW.state) IN (
      ('waiting', 'sending'), ('waiting', 'failed'), ('sending', 'waiting'), ('sending', 'sent'), ('sending', 'partly'),
      ('sending', 'failed'), ('sending', 'uncertain'), ('uncertain', 'sent'), ('uncertain', 'partly'),
      ('uncertain', 'waiting'), ('failed', 'waiting'), ('sent', 'bounced'), ('partly', 'bounced')) THEN
    RAISE EXCEPTION 'a sending does not go from % to %', OLD.state, NEW.state USING ERRCODE = 'RV001';
  END IF;
  RETURN NEW;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("billing", "0011_guards_einvoices_of_credit_notes")]

    operations = [run(MOVES)]
