"""The promises about audits and seals: neither changes, and the chain grows only at its end."""

from django.db import migrations

from receivables.core.guards import append_only, org_fk, run

CHAIN = """
-- A new seal has the next number, and its hash is over the one before it.
CREATE FUNCTION audit_chain_grows() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  IF EXISTS (
    SELECT 1 FROM new_rows n LEFT JOIN audit_seal b ON b.organization_id = n.organization_id AND b.number = n.number - 1
     WHERE (b.id IS NULL AND n.number <> 1)
        OR n.hash IS DISTINCT FROM sha256(coalesce(b.hash, ''::bytea) || n.digest || convert_to(
             concat_ws('|', n.number, n.kind, n.row_id, n.version,
                       to_char(n.sealed_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US')), 'UTF8'))) THEN
    RAISE EXCEPTION 'a seal does not follow the one before it' USING ERRCODE = 'RV007';
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER zz_chain_grows AFTER INSERT ON audit_seal REFERENCING NEW TABLE AS new_rows
  FOR EACH STATEMENT EXECUTE FUNCTION audit_chain_grows();
ALTER TABLE audit_seal ENABLE ALWAYS TRIGGER zz_chain_grows;
"""


class Migration(migrations.Migration):
    dependencies = [("audit", "0001_initial"), ("collections", "0008_guards_batches")]

    operations = [
        org_fk("audit_auditrun", "job_id", "core_job"),
        append_only("audit_auditrun", "audit_seal"),
        run(CHAIN),
    ]
