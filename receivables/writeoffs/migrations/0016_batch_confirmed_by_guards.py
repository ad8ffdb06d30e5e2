"""Who confirmed a batch stays as it is, like when."""

from django.db import migrations

from receivables.core.guards import run

# Batches that were confirmed before: their history says by whom.
THOSE_BEFORE = """
UPDATE writeoffs_writeoffbatch b SET confirmed_by_id = coalesce((
  SELECT e.actor_user_id FROM core_event e
   WHERE e.organization_id = b.organization_id AND e.name = 'write_off_debts'
     AND e.refs @> ARRAY['writeoffs.writeoffbatch:' || b.id]::varchar[]
     AND e.subject_type = 'writeoffs.writeoffbatch' AND e.subject_id = b.id
   ORDER BY e.id DESC LIMIT 1), b.created_by_id)
 WHERE b.confirmed_at IS NOT NULL;
"""
BATCHES = """
CREATE OR REPLACE FUNCTION writeoffs_batch_moves() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  IF (OLD.planned_at IS NOT NULL AND (NEW.planned_at, NEW.plan) IS DISTINCT FROM (OLD.planned_at, OLD.plan))
     OR (OLD.confirmed_at IS NOT NULL AND (NEW.confirmed_at, NEW.confirmed_by_id, NEW.request_id, NEW.approved_by_id)
           IS DISTINCT FROM (OLD.confirmed_at, OLD.confirmed_by_id, OLD.request_id, OLD.approved_by_id)) THEN
    RAISE EXCEPTION 'what a batch was worked out to and confirmed as is kept' USING ERRCODE = 'RV001';
  END IF;
  RETURN NEW;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("writeoffs", "0015_batch_confirmed_by"), ("core", "0003_number_text")]

    operations = [run(THOSE_BEFORE), run(BATCHES)]
