"""The drill: back up, restore, and compare every row, figure and guard; and what a restore refuses."""

import json
import re
from datetime import date
from io import StringIO
from pathlib import Path

import psycopg
import pytest
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.management import CommandError, call_command
from django.db import connection, transaction

from receivables.audit.backups import programs, restoring
from receivables.audit.backups.making import DUMP, MANIFEST, SUMS
from receivables.audit.backups.restoring import is_empty
from receivables.core import provision
from receivables.ledger.queries import trial_balance
from receivables.ledger.standing import ageing, open_items
from tests.audit.test_seals import seal
from tests.builders import make_member, make_organization
from tests.support.attack import make_books
from tests.support.attack_rows import add_one_of_everything
from tests.support.databases import drop, pointed_at

CATALOG = """
SELECT 'trigger', tgrelid::regclass::text, tgname, tgenabled::text, pg_get_triggerdef(oid) FROM pg_trigger
 WHERE NOT tgisinternal
UNION ALL SELECT 'constraint', conrelid::regclass::text, conname, convalidated::text, pg_get_constraintdef(oid)
  FROM pg_constraint WHERE connamespace = 'public'::regnamespace
UNION ALL SELECT 'function', oid::regprocedure::text, pg_get_userbyid(proowner), coalesce(proacl::text, ''),
       pg_get_functiondef(oid) FROM pg_proc WHERE pronamespace = 'public'::regnamespace AND prokind = 'f'
UNION ALL SELECT 'index', indrelid::regclass::text, indexrelid::regclass::text, '', pg_get_indexdef(indexrelid)
  FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid WHERE c.relnamespace = 'public'::regnamespace
UNION ALL SELECT 'table', relname, pg_get_userbyid(relowner), relkind::text, (
       SELECT coalesce(string_agg(a::text, ' ' ORDER BY a::text), '') FROM unnest(relacl) a) FROM pg_class
 WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p', 'v', 'S')
UNION ALL SELECT 'column', attrelid::regclass::text, attname, format_type(atttypid, atttypmod) || attnotnull,
       concat_ws(' ', attacl::text, pg_get_expr(adbin, adrelid), attidentity::text) FROM pg_attribute
  JOIN pg_class c ON c.oid = attrelid AND c.relnamespace = 'public'::regnamespace AND c.relkind = 'r'
  LEFT JOIN pg_attrdef ON adrelid = attrelid AND adnum = attnum WHERE attnum > 0 AND NOT attisdropped
UNION ALL SELECT 'schema', nspname, pg_get_userbyid(nspowner), '',
       (SELECT string_agg(a::text, ' ' ORDER BY a::text) FROM unnest(nspacl) a) FROM pg_namespace
 WHERE nspname = 'public'
UNION ALL SELECT 'sequence', sequencename, last_value::text, increment_by::text, '' FROM pg_sequences
"""


# The same condition is written with its casts elsewhere once it was read again.
CASTS = re.compile(r"::(?:character varying|text)(?:\[\])?|[()]")


def state(actor):
    """Every guard, every row, and the figures that people read."""
    with provision.connect("owner") as owner:
        catalog = sorted((*facts, CASTS.sub("", words)) for *facts, words in owner.execute(CATALOG).fetchall())
        tables = [name for kind, name, *_rest in catalog if kind == "table" and not name.endswith("_seq")]
        each = "SELECT '{0}', count(*), md5(string_agg(t::text, '|' ORDER BY t::text)) FROM {0} t"
        rows = sorted(owner.execute(" UNION ALL ".join(each.format(table) for table in tables)).fetchall())
    figures = (trial_balance(actor), ageing(open_items(actor), date(2026, 11, 22)), open_items(actor).count())
    return catalog, rows, str(figures)


@pytest.fixture
def backup(committed_db, tmp_path):
    """Books with one of everything, sealed and backed up: the actor and the folder."""
    with transaction.atomic():
        books = make_books()
        add_one_of_everything(books)
    with provision.connect("owner") as owner:  # their first seal is forged, for the sake of the attacks
        owner.execute("ALTER TABLE audit_seal DISABLE TRIGGER USER; DELETE FROM audit_seal; DELETE FROM audit_sealmark")
        owner.execute("ALTER TABLE audit_seal ENABLE TRIGGER USER")
        for trigger in ("aa_append_only", "aa_no_truncate", "zz_chain_grows", "zz_sealed_is_counted"):
            owner.execute(f"ALTER TABLE audit_seal ENABLE ALWAYS TRIGGER {trigger}")
    seal(books.actor)
    folder = tmp_path / "backup"
    call_command("backup", str(folder), stdout=StringIO())
    return books.actor, folder


@pytest.fixture
def elsewhere(committed_db):
    """Another database, empty and dropped afterwards."""
    name = f"{committed_db}_elsewhere"
    with provision.maintenance() as connection:
        connection.execute(provision.create_database(connection, name, settings.DATABASES["owner"]["USER"]))
    with pointed_at(name):
        yield name
    with provision.maintenance() as connection:
        drop(connection, name)


def test_a_restored_database_has_every_row_figure_and_guard(backup, committed_db, elsewhere):
    actor, folder = backup
    with pointed_at(committed_db):
        before = state(actor)
    assert is_empty()
    out = StringIO()
    call_command("restore", str(folder), stdout=out)
    assert " 0 failed" in out.getvalue(), "the audit after a restore is clean"
    after = state(actor)
    for was, now in zip(before, after, strict=True):
        assert was == now
    assert len([row for row in after[0] if row[0] == "trigger"]) > 300
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user, current_database()")
        assert cursor.fetchone() == (settings.DATABASES["default"]["USER"], elsewhere)
    with pytest.raises(CommandError, match="is not empty"):
        call_command("restore", str(folder), stdout=out)
    call_command("restore", str(folder), replace=True, stdout=out)
    assert state(actor) == before


def test_what_a_backup_and_a_restore_refuse(committed_db, monkeypatch, tmp_path, settings):
    """A backup is whole or absent and never overwrites; a changed one, or one of another key, is not restored."""
    actor = make_member(make_organization())
    seal(actor)
    folder = tmp_path / "backup"
    call_command("backup", str(folder), stdout=StringIO())
    with pytest.raises(CommandError, match="exists already"):
        call_command("backup", str(folder), stdout=StringIO())
    manifest = json.loads((folder / MANIFEST).read_text())
    assert manifest["heads"][0].startswith(f"{actor.organization.slug}:")
    assert settings.SECRET_KEY not in (folder / MANIFEST).read_text()
    assert sorted(path.name for path in folder.iterdir()) == sorted([DUMP, MANIFEST, SUMS])
    assert folder.stat().st_mode & 0o077 == 0, "nobody else reads it"
    with monkeypatch.context() as without:
        without.setattr(programs, "candidates", lambda name: iter(()))
        with pytest.raises(CommandError, match="postgresql-client"):
            call_command("backup", str(tmp_path / "other"), stdout=StringIO())
    assert [path.name for path in tmp_path.iterdir()] == ["backup"], "nothing half is left behind"
    settings.SECRET_KEY = "another one"
    with pytest.raises(CommandError, match="another SECRET_KEY"):
        call_command("restore", str(folder), stdout=StringIO())
    with (folder / DUMP).open("r+b") as dump:
        dump.seek(5000)
        dump.write(b"x")
    with pytest.raises(CommandError, match="was changed"):
        call_command("restore", str(folder), stdout=StringIO())


def test_the_program_of_the_servers_version_is_taken(monkeypatch):
    """The same version before a newer one, and never an older one, which could not read the database."""
    monkeypatch.setattr(programs, "candidates", lambda name: [Path("18"), Path("15"), Path("16")])
    monkeypatch.setattr(programs, "major", lambda path: int(path.name))
    assert [programs.find("pg_dump", version).name for version in (15, 16, 17, 18)] == ["15", "16", "18", "18"]
    with pytest.raises(ImproperlyConfigured, match="postgresql-client-19"):
        programs.find("pg_dump", 19)


def test_a_database_that_autovacuum_looks_at_is_replaced_all_the_same():
    """PostgreSQL lets no login but a superuser force autovacuum out; a DROP without force ends it."""
    done = []

    class Busy:
        def execute(self, statement, values=()):
            text = statement if isinstance(statement, str) else statement.as_string(None)
            done.append((text, *values))
            if "FORCE" in text:
                raise psycopg.errors.InsufficientPrivilege

    restoring._drop(Busy(), "books")
    assert done[1:] == [(restoring.LEAVE, "books"), ('DROP DATABASE IF EXISTS "books"',)]
