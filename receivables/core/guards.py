"""The guards of the database, as SQL for migrations: each with the promise it keeps.

Every helper returns a migration operation. They are plain SQL and stay what they were when a migration was written.
"""

from django.db import migrations


def run(sql: str, undo: str = "") -> migrations.RunSQL:
    return migrations.RunSQL(sql, undo or migrations.RunSQL.noop)


def append_only(*tables: str) -> migrations.RunSQL:
    """Posted rows are never updated, deleted or truncated, by whatever role, also under a replica session."""
    return run(
        "\n".join(
            f"""
CREATE TRIGGER aa_append_only BEFORE UPDATE OR DELETE ON {table} FOR EACH ROW EXECUTE FUNCTION forbid_change();
CREATE TRIGGER aa_no_truncate BEFORE TRUNCATE ON {table} FOR EACH STATEMENT EXECUTE FUNCTION forbid_change();
ALTER TABLE {table} ENABLE ALWAYS TRIGGER aa_append_only;
ALTER TABLE {table} ENABLE ALWAYS TRIGGER aa_no_truncate;"""
            for table in tables
        )
    )


def no_delete(*tables: str) -> migrations.RunSQL:
    """Documents may change in named columns, but no row ever disappears."""
    return run(
        "\n".join(
            f"""
CREATE TRIGGER aa_no_delete BEFORE DELETE ON {table} FOR EACH ROW EXECUTE FUNCTION forbid_change();
CREATE TRIGGER aa_no_truncate BEFORE TRUNCATE ON {table} FOR EACH STATEMENT EXECUTE FUNCTION forbid_change();
ALTER TABLE {table} ENABLE ALWAYS TRIGGER aa_no_delete;
ALTER TABLE {table} ENABLE ALWAYS TRIGGER aa_no_truncate;"""
            for table in tables
        )
    )


def fixed_columns(table: str, *columns: str) -> migrations.RunSQL:
    """These columns keep the value they were inserted with."""
    new = ", ".join(f"NEW.{column}" for column in columns)
    old = ", ".join(f"OLD.{column}" for column in columns)
    return run(
        f"""
CREATE TRIGGER ab_fixed_columns BEFORE UPDATE ON {table} FOR EACH ROW
  WHEN (({new}) IS DISTINCT FROM ({old})) EXECUTE FUNCTION forbid_change();
ALTER TABLE {table} ENABLE ALWAYS TRIGGER ab_fixed_columns;"""
    )


def org_key(*tables: str) -> migrations.RunSQL:
    """The key that composite foreign keys point at: a row together with its organization (J8)."""
    return run(
        "\n".join(
            f"ALTER TABLE {table} ADD CONSTRAINT {table}_org_key UNIQUE (id, organization_id);" for table in tables
        )
    )


def org_fk(table: str, column: str, target: str) -> migrations.RunSQL:
    """A reference that cannot leave the row's organization (J8)."""
    return run(
        f"""
ALTER TABLE {table} ADD CONSTRAINT {table}_{column}_org FOREIGN KEY ({column}, organization_id)
  REFERENCES {target} (id, organization_id);"""
    )


def money_check(table: str, column: str, currency: str = "currency") -> migrations.RunSQL:
    """An amount is a number, bounded, and has no more decimals than its currency (J2)."""
    return run(
        f"""
ALTER TABLE {table} ADD CONSTRAINT {table}_{column}_money CHECK (money_ok({column}, {currency}));"""
    )


def gap_free(table: str, kind: str) -> migrations.RunSQL:
    """Numbers of a kind are 1..n without gap or repeat (J4): none beyond the counter, none taken and left unused."""
    return run(
        f"""
CREATE UNIQUE INDEX {table}_sequence_number ON {table} (organization_id, sequence_number);
CREATE TRIGGER zz_numbers_taken AFTER INSERT ON {table} REFERENCING NEW TABLE AS new_rows
  FOR EACH STATEMENT EXECUTE FUNCTION numbers_taken('{kind}');
CREATE CONSTRAINT TRIGGER {kind}_numbers_used AFTER UPDATE OF last ON core_sequence
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (NEW.kind = '{kind}') EXECUTE FUNCTION numbers_used('{table}');
ALTER TABLE {table} ENABLE ALWAYS TRIGGER zz_numbers_taken;
ALTER TABLE core_sequence ENABLE ALWAYS TRIGGER {kind}_numbers_used;"""
    )
