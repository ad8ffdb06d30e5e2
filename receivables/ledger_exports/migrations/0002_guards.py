"""The promises about exports of the ledger: a batch stays what it was, and an entry leaves once per format."""

from django.db import migrations

from receivables.core.guards import append_only, fixed_columns, gap_free, no_delete, org_fk, org_key, run

EXPORTS = """
-- What was withdrawn frees its entries, in the same statement: nobody else says which entries are live.
CREATE FUNCTION ledger_exports_withdrawn() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  IF OLD.withdrawn_at IS NOT NULL THEN
    RAISE EXCEPTION 'a withdrawn batch stays withdrawn' USING ERRCODE = 'RV001';
  END IF;
  UPDATE ledger_exports_exportedentry SET live = false WHERE export_id = NEW.id;
  RETURN NULL;
END $$;
CREATE TRIGGER zz_withdrawn AFTER UPDATE ON ledger_exports_ledgerexport
  FOR EACH ROW EXECUTE FUNCTION ledger_exports_withdrawn();
ALTER TABLE ledger_exports_ledgerexport ENABLE ALWAYS TRIGGER zz_withdrawn;

-- An entry belongs to a batch of its own format that is live, and a batch gets no more entries or bytes than it says.
CREATE FUNCTION ledger_exports_entries_fit() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  IF EXISTS (SELECT 1 FROM (SELECT DISTINCT export_id, format, live FROM new_rows) n
               JOIN ledger_exports_ledgerexport x ON x.id = n.export_id
              WHERE n.format <> x.format OR NOT n.live OR x.withdrawn_at IS NOT NULL
                 OR x.entries < (SELECT count(*) FROM ledger_exports_exportedentry e WHERE e.export_id = x.id)) THEN
    RAISE EXCEPTION 'an entry does not fit its batch' USING ERRCODE = 'RV007';
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER zz_entries_fit AFTER INSERT ON ledger_exports_exportedentry REFERENCING NEW TABLE AS new_rows
  FOR EACH STATEMENT EXECUTE FUNCTION ledger_exports_entries_fit();
ALTER TABLE ledger_exports_exportedentry ENABLE ALWAYS TRIGGER zz_entries_fit;

CREATE FUNCTION ledger_exports_parts_fit() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  IF EXISTS (SELECT 1 FROM (SELECT DISTINCT export_id FROM new_rows) n
               JOIN ledger_exports_ledgerexport x ON x.id = n.export_id
              WHERE x.size < (SELECT sum(octet_length(p.content)) FROM ledger_exports_exportpart p
                               WHERE p.export_id = x.id)) THEN
    RAISE EXCEPTION 'a batch is longer than it says' USING ERRCODE = 'RV007';
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER zz_parts_fit AFTER INSERT ON ledger_exports_exportpart REFERENCING NEW TABLE AS new_rows
  FOR EACH STATEMENT EXECUTE FUNCTION ledger_exports_parts_fit();
ALTER TABLE ledger_exports_exportpart ENABLE ALWAYS TRIGGER zz_parts_fit;

-- At the end of its transaction a batch has the entries and the bytes that it says.
CREATE FUNCTION ledger_exports_whole() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  IF NEW.entries <> (SELECT count(*) FROM ledger_exports_exportedentry e WHERE e.export_id = NEW.id)
     OR NEW.size <> (SELECT coalesce(sum(octet_length(p.content)), 0) FROM ledger_exports_exportpart p
                      WHERE p.export_id = NEW.id) THEN
    RAISE EXCEPTION 'a batch is not what it says' USING ERRCODE = 'RV007';
  END IF;
  RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER zz_whole AFTER INSERT ON ledger_exports_ledgerexport
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION ledger_exports_whole();
ALTER TABLE ledger_exports_ledgerexport ENABLE ALWAYS TRIGGER zz_whole;

INSERT INTO core_sequence (organization_id, kind, prefix, width, last)
  SELECT o.id, 'ledger_export', 'EXP-', 6, 0 FROM accounts_organization o
   WHERE NOT EXISTS (SELECT 1 FROM core_sequence s WHERE s.organization_id = o.id AND s.kind = 'ledger_export');
"""

FIXED = (
    "id", "organization_id", "created_by_id", "created_at", "number", "sequence_number", "format", "through", "entries",
    "first_entry", "last_entry", "first_day", "last_day", "size", "sha256", "opened",
)  # fmt: skip


class Migration(migrations.Migration):
    dependencies = [("ledger_exports", "0001_initial"), ("core", "0003_number_text")]

    operations = [
        org_key("ledger_exports_ledgerexport"),
        org_fk("ledger_exports_exportpart", "export_id", "ledger_exports_ledgerexport"),
        org_fk("ledger_exports_exportedentry", "export_id", "ledger_exports_ledgerexport"),
        org_fk("ledger_exports_exportedentry", "entry_id", "ledger_journalentry"),
        append_only("ledger_exports_exportpart"),
        no_delete("ledger_exports_ledgerexport", "ledger_exports_exportedentry"),
        fixed_columns("ledger_exports_ledgerexport", *FIXED),
        fixed_columns("ledger_exports_exportedentry", "id", "organization_id", "export_id", "entry_id", "format"),
        gap_free("ledger_exports_ledgerexport", "ledger_export"),
        run(EXPORTS),
    ]
