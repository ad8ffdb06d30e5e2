"""The tally of a batch is what its items say: it is born empty, and moved by the statements that write items alone."""

from django.db import migrations

from receivables.core.guards import run

BORN = """
CREATE FUNCTION writeoffs_tally_born() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
  NEW.tally := '{}';
  RETURN NEW;
END $$;
CREATE TRIGGER aa_tally_born BEFORE INSERT ON writeoffs_writeoffbatch
  FOR EACH ROW EXECUTE FUNCTION writeoffs_tally_born();
ALTER TABLE writeoffs_writeoffbatch ENABLE ALWAYS TRIGGER aa_tally_born;
"""

# Of each batch by "state|state of taking it back|reason": how many items, and their amount, money and plan. Numbers are
# kept as text, since JSON is read as floating point.
SUMS = """
      SELECT x.batch_id, x.state || '|' || x.undo_state || '|' || x.code AS key, sum(x.n) AS n, sum(x.n * x.amount) AS amount,
             sum(x.n * x.money) AS money, sum(x.n * x.planned) AS planned
"""
MOVED = f"""
CREATE FUNCTION writeoffs_tally_moved() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE moved record;
BEGIN
  FOR moved IN
    SELECT s.batch_id, jsonb_object_agg(s.key, jsonb_build_array(s.n, s.amount, s.money, s.planned)) AS sums FROM (
      {SUMS} FROM %s x GROUP BY 1, 2) s
     WHERE s.n <> 0 OR s.amount <> 0 GROUP BY 1 ORDER BY 1
  LOOP
    PERFORM 1 FROM writeoffs_writeoffbatch WHERE id = moved.batch_id FOR NO KEY UPDATE;
    UPDATE writeoffs_writeoffbatch b SET tally = (
      SELECT coalesce(jsonb_object_agg(t.key, jsonb_build_array(
               t.n::text, trim_scale(t.amount)::text, trim_scale(t.money)::text, trim_scale(t.planned)::text)), '{{}}')
        FROM (SELECT e.key, sum((e.value->>0)::bigint) AS n, sum((e.value->>1)::numeric) AS amount,
                     sum((e.value->>2)::numeric) AS money, sum((e.value->>3)::numeric) AS planned
                FROM (SELECT * FROM jsonb_each(b.tally) UNION ALL SELECT * FROM jsonb_each(moved.sums)) e
               GROUP BY 1 HAVING sum((e.value->>0)::bigint) <> 0) t)
     WHERE b.id = moved.batch_id;
  END LOOP;
  RETURN NULL;
END $$;
"""
ADDED = MOVED.replace("_moved()", "_added()") % "(SELECT 1 AS n, * FROM new_rows)"
CHANGED = MOVED % "(SELECT 1 AS n, * FROM new_rows UNION ALL SELECT -1, * FROM old_rows)"
TRIGGERS = """
CREATE TRIGGER zz_tally_added AFTER INSERT ON writeoffs_writeoffbatchitem REFERENCING NEW TABLE AS new_rows
  FOR EACH STATEMENT EXECUTE FUNCTION writeoffs_tally_added();
CREATE TRIGGER zz_tally_moved AFTER UPDATE ON writeoffs_writeoffbatchitem
  REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
  FOR EACH STATEMENT EXECUTE FUNCTION writeoffs_tally_moved();
ALTER TABLE writeoffs_writeoffbatchitem ENABLE ALWAYS TRIGGER zz_tally_added;
ALTER TABLE writeoffs_writeoffbatchitem ENABLE ALWAYS TRIGGER zz_tally_moved;
"""
# Batches that were made before.
THOSE_BEFORE = f"""
UPDATE writeoffs_writeoffbatch b SET tally = s.tally FROM (
  SELECT t.batch_id, jsonb_object_agg(t.key, jsonb_build_array(
           t.n::text, trim_scale(t.amount)::text, trim_scale(t.money)::text, trim_scale(t.planned)::text)) AS tally
    FROM ({SUMS} FROM (SELECT 1 AS n, * FROM writeoffs_writeoffbatchitem) x GROUP BY 1, 2) t GROUP BY 1) s
 WHERE s.batch_id = b.id;
"""


class Migration(migrations.Migration):
    dependencies = [("writeoffs", "0009_batch_tally")]

    operations = [run(BORN), run(ADDED), run(CHANGED), run(TRIGGERS), run(THOSE_BEFORE)]
