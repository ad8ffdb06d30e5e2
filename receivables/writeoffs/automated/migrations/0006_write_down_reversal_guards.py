"""The promises of reversed write-downs, kept by the database: J7, J8, R3."""

from django.db import migrations

from receivables.core.guards import append_only, org_fk, org_key, run

REVERSALS = """
-- R3: at commit a reversal has its entry, which mirrors that of its write-down.
CREATE FUNCTION automated_write_down_reversed() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp SET enable_seqscan = off AS $$
BEGIN
  IF NOT EXISTS (
    SELECT 1 FROM ledger_journalentry e JOIN ledger_journalentry r ON r.reverses_id = e.id
     WHERE e.organization_id = NEW.organization_id AND e.source_type = 'automated.writedown'
       AND e.source_id = NEW.write_down_id AND r.source_type = 'automated.writedownreversal' AND r.source_id = NEW.id) THEN
    RAISE EXCEPTION 'reversal % of a write-down posted nothing', NEW.id USING ERRCODE = 'RV007';
  END IF;
  RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER zz_write_down_reversed AFTER INSERT ON automated_writedownreversal
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION automated_write_down_reversed();
ALTER TABLE automated_writedownreversal ENABLE ALWAYS TRIGGER zz_write_down_reversed;
"""


class Migration(migrations.Migration):
    dependencies = [("automated", "0005_write_down_reversal")]

    operations = [
        org_key("automated_writedown", "automated_writedownreversal"),
        org_fk("automated_writedownreversal", "write_down_id", "automated_writedown"),
        append_only("automated_writedownreversal"),
        run(REVERSALS),
    ]
