"""Whatever is sealed is counted in the totals that the trial balance starts from: in the same transaction, once."""

from django.db import migrations

from receivables.core.guards import run

# Entries after the last that was counted, up to the last that is sealed now. Seals are made one sealer at a time for an
# organization and in the order of keys, so that none in between is missing.
COUNT = """
  WITH sealed AS (
    SELECT n.organization_id, coalesce(c.through, 0) AS since, max(n.row_id) AS through
      FROM {seals} n LEFT JOIN ledger_counted c ON c.organization_id = n.organization_id
     WHERE n.kind = 'entry' GROUP BY 1, 2),
  counted AS (
    INSERT INTO ledger_counted AS c (organization_id, through) SELECT organization_id, through FROM sealed
    ON CONFLICT (organization_id) DO UPDATE SET through = greatest(c.through, EXCLUDED.through))
  INSERT INTO ledger_accounttotal AS t (organization_id, gl_account_id, day, amount)
    SELECT e.organization_id, l.gl_account_id, e.posting_date, sum(l.organization_amount)
      FROM sealed s
      JOIN ledger_journalentry e
        ON e.organization_id = s.organization_id AND e.id > s.since AND e.id <= s.through
      JOIN ledger_journalline l ON l.entry_id = e.id
     GROUP BY 1, 2, 3
  ON CONFLICT (organization_id, gl_account_id, day) DO UPDATE SET amount = t.amount + EXCLUDED.amount;
"""
COUNTED = f"""
CREATE FUNCTION audit_sealed_is_counted() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  {COUNT.format(seals="new_rows")}
  RETURN NULL;
END $$;
CREATE TRIGGER zz_sealed_is_counted AFTER INSERT ON audit_seal REFERENCING NEW TABLE AS new_rows
  FOR EACH STATEMENT EXECUTE FUNCTION audit_sealed_is_counted();
ALTER TABLE audit_seal ENABLE ALWAYS TRIGGER zz_sealed_is_counted;
"""
# What was sealed before there were totals.
THOSE_BEFORE = COUNT.format(seals="audit_seal")


class Migration(migrations.Migration):
    dependencies = [("audit", "0002_guards"), ("ledger", "0013_totals_guards")]

    operations = [run(COUNTED), run(THOSE_BEFORE)]
