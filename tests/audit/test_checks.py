"""Each check of the audit finds what it is there for, names exactly that row, and nothing in sound books."""

import pytest
from django.apps import apps
from django.conf import settings
from django.db import transaction
from psycopg import sql

from receivables.audit import made
from receivables.audit.checks import all_checks, named
from receivables.audit.running import SHOWN, run_check
from tests.audit.plants import GUARDS, PLANTS
from tests.support.attack import make_books
from tests.support.attack import sql as sql_rows
from tests.support.attack_rows import add_one_of_everything
from tests.support.races import other_connection

SEALED = {check.name for check in all_checks() if check.code == "O3"}  # see test_seals.py


@pytest.fixture
def owner(committed_db):
    """The owner's connection to books with one of everything."""
    with transaction.atomic():
        add_one_of_everything(make_books())
    with other_connection("owner") as connection:
        yield connection
        connection.rollback()


def without_guards(cursor):
    """Switch off what only the owner can: triggers, CHECKs and keys. Rolled back at the end of the plant."""
    cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    cursor.execute(
        "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' AND"
        " relname ~ '^(ledger|billing|collections|customers|approvals|core|writeoffs|incoming|integrations)_'"
    )
    for (table,) in cursor.fetchall():
        cursor.execute(sql.SQL("ALTER TABLE {} DISABLE TRIGGER USER").format(sql.Identifier(table)))
    cursor.execute(
        "SELECT conrelid::regclass::text, conname FROM pg_constraint WHERE connamespace = 'public'::regnamespace"
        " AND contype IN ('f', 'c', 'u') AND conrelid::regclass::text ~"
        " '^(ledger|billing|collections|customers|approvals|core|writeoffs|incoming|integrations)_'"
        " ORDER BY contype = 'u'"
    )
    for table, name in cursor.fetchall():
        statement = sql.SQL("ALTER TABLE {} DROP CONSTRAINT IF EXISTS {} CASCADE")
        cursor.execute(statement.format(sql.Identifier(table), sql.Identifier(name)))
    cursor.execute(
        "SELECT indexrelid::regclass::text FROM pg_index JOIN pg_class c ON c.oid = indrelid WHERE indisunique AND NOT"
        " indisprimary AND c.relname ~ '^(ledger|billing|collections|customers|core|incoming|integrations)_'"
    )
    for (index,) in cursor.fetchall():
        cursor.execute(sql.SQL("DROP INDEX {}").format(sql.Identifier(index)))


def found(cursor, checks):
    """What checks find: name -> ids."""
    results = {check.name: run_check(cursor, check) for check in checks}
    return {name: [row for each in result.values() for row in each.ids] for name, result in results.items() if result}


def corrupted(cursor, plant, checks):
    """What the checks find after this plant, and what they should; the plant is undone again."""
    cursor.execute("SAVEPOINT plant")
    cursor.execute(plant.pick)
    rows = [str(row) for (row,) in cursor.fetchall() if row is not None]
    assert rows, f"{plant.check}: nothing to corrupt"
    for statement in plant.do:
        text = statement.replace("{application}", f'"{settings.DATABASES["default"]["USER"]}"')
        cursor.execute(text.replace("%(id)s", rows[0]))
    seen = found(cursor, checks)
    cursor.execute("ROLLBACK TO SAVEPOINT plant")
    return seen, {plant.check: rows}


def test_each_check_names_exactly_the_row_that_was_corrupted(owner):
    """The guards are dropped once; each plant is undone before the next."""
    cursor = owner.cursor()
    checks = [check for check in all_checks() if check.name not in SEALED]
    assert found(cursor, checks) == {}, "sound books"
    for plant in GUARDS:
        seen, expected = corrupted(cursor, plant, named(plant.check))
        assert seen == expected
    without_guards(cursor)
    slow = named("references_stay_at_home")
    quick = [check for check in checks if check.name not in ("guards_are_on", slow[0].name)]
    for plant in PLANTS:
        seen, expected = corrupted(cursor, plant, slow if plant.check == slow[0].name else quick)
        assert seen == expected


def test_every_check_has_a_corruption_that_it_finds():
    assert {plant.check for plant in PLANTS + GUARDS} == {check.name for check in all_checks()} - SEALED


def test_names_and_codes():
    names = [check.name for check in all_checks()]
    assert len(names) == len(set(names))
    assert {check.name for check in named("j1")} == {"entries_balance", "clearing_is_empty"}
    assert [check.code for check in named("write_offs_add_up")] == ["W6"]
    assert named("nothing") == ()


def test_a_finding_names_some_rows_and_counts_all(owner):
    cursor = owner.cursor()
    without_guards(cursor)
    cursor.execute("UPDATE ledger_journalentry SET total = total + 1")
    (finding,) = run_check(cursor, named("entries_balance")[0]).values()
    cursor.execute("SELECT count(*) FROM ledger_journalentry")
    assert finding.count == cursor.fetchone()[0] > SHOWN == len(finding.ids)


@pytest.mark.django_db
def test_the_audit_knows_every_guard_that_the_migrations_made():
    """A trigger, a rule of a table or a function that is made in a way that the audit cannot read is found here."""
    known, own = made.guards(), [model._meta.db_table for model in apps.get_models() if _is_ours(model)]
    triggers = sql_rows(
        "SELECT tgrelid::regclass::text, tgname::text FROM pg_trigger"
        " WHERE NOT tgisinternal AND tgrelid::regclass::text = ANY(%s)", own,
    )  # fmt: skip
    assert set(triggers) == set(known.triggers)
    constraints = sql_rows(
        "SELECT conrelid::regclass::text, conname::text FROM pg_constraint"
        " WHERE contype = 'c' AND conname !~ '_check$' OR contype = 'f' AND cardinality(conkey) = 2"
        " UNION SELECT indrelid::regclass::text, indexrelid::regclass::text FROM pg_index"
        " WHERE indisunique AND NOT indisprimary"
    )
    assert {each for each in constraints if each[0] in own} == known.constraints
    functions = sql_rows(
        "SELECT proname, md5(prosrc) FROM pg_proc WHERE pronamespace = 'public'::regnamespace AND prosqlbody IS NULL"
        " AND proname !~ '^_?(pgtrigger|pgh|procrastinate)_'"
    )
    assert dict(functions) == known.functions


def _is_ours(model):
    return model._meta.app_config.name in settings.OWN_APPS
