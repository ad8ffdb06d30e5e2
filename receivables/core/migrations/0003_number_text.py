"""A document reads the number that was taken for it: nobody can squat on a later one (J4)."""

from django.db import migrations

from receivables.core.guards import run

TAKEN = """
CREATE OR REPLACE FUNCTION numbers_taken() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  IF EXISTS (SELECT 1 FROM new_rows n LEFT JOIN core_sequence s
               ON s.organization_id = n.organization_id AND s.kind = TG_ARGV[0]
             WHERE n.sequence_number < 1 OR n.sequence_number > coalesce(s.last, 0)
                OR n.number <> s.prefix || lpad(n.sequence_number::text,
                                                greatest(s.width, length(n.sequence_number::text)), '0')) THEN
    RAISE EXCEPTION 'a number of % was not taken from its sequence', TG_TABLE_NAME USING ERRCODE = 'RV002';
  END IF;
  RETURN NULL;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("core", "0002_guards")]

    operations = [run(TAKEN)]
