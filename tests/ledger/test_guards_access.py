"""What the application's login may not do at all, what even the owner may not, and what stays in its organization."""

import psycopg
import pytest
from django.apps import apps
from django.conf import settings

from tests.ledger.test_guards_journal import KEPT_ROWS, POSTED
from tests.support.attack import NO_PARENT, NO_RIGHT, make_books, refused, settle, sql
from tests.support.attack_rows import add_one_of_everything
from tests.support.foreign import FOUND_EARLIER, composite_keys, foreign_references, seal_the_last_entry
from tests.support.races import other_connection

FORBIDDEN = [
    "SET session_replication_role = replica",
    "ALTER TABLE ledger_journalline DISABLE TRIGGER ALL",
    "ALTER TABLE ledger_journalline DISABLE TRIGGER zz_lines_posted",
    "DROP TRIGGER zz_lines_posted ON ledger_journalline",
    "ALTER TABLE ledger_openitem DROP CONSTRAINT open_item_balance_within_amount",
    "DROP TABLE core_event",
    "CREATE TABLE own (id int)",
    "CREATE TEMP TABLE ledger_journalline (id int)",
    "CREATE SCHEMA own",
    "CREATE OR REPLACE FUNCTION forbid_change() RETURNS trigger LANGUAGE sql AS ''",
    "CREATE FUNCTION own() RETURNS int LANGUAGE sql AS 'SELECT 1'",
    "CREATE RULE quiet AS ON INSERT TO ledger_journalline DO INSTEAD NOTHING",
    "ALTER ROLE CURRENT_USER SUPERUSER",
    "COPY core_event TO PROGRAM 'cat'",
    "COPY core_event FROM '/etc/passwd'",
    "SELECT pg_read_file('/etc/passwd')",
    "SELECT collections_payment_holds(1)",
    "SELECT setval('core_event_id_seq', 1)",
]


def test_the_application_may_neither_define_nor_bypass_anything(books):
    for statement in FORBIDDEN:
        with refused(NO_RIGHT, what=statement):
            sql(statement)
    with refused(NO_RIGHT):
        sql(f'SET ROLE "{settings.DATABASES["owner"]["USER"]}"')


def test_not_even_the_owner_changes_what_is_posted(committed_db):
    """Triggers refuse the owner as well, also in a replica session, which skips ordinary triggers."""
    make_books()
    with other_connection("owner", autocommit=True) as owner:
        for table in KEPT_ROWS:
            verbs = [f"TRUNCATE {table} CASCADE", f"DELETE FROM {table}"]
            if table in POSTED:
                verbs.append(f"UPDATE {table} SET organization_id = organization_id")
            rows = owner.execute(f"SELECT count(*) FROM {table}").fetchone()[0]
            for verb in verbs[: 3 if rows else 1]:
                with pytest.raises(psycopg.Error) as caught:
                    owner.execute(verb)
                assert caught.value.sqlstate == "RV001", verb
            assert owner.execute(f"SELECT count(*) FROM {table}").fetchone()[0] == rows


def test_every_guard_fires_in_a_replica_session_too(db):
    ordinary = sql(
        "SELECT tgrelid::regclass || '.' || tgname FROM pg_trigger JOIN pg_class c ON c.oid = tgrelid"
        " WHERE NOT tgisinternal AND tgenabled <> 'A'"
        " AND relname ~ '^(ledger|billing|collections|customers|approvals|core|credit_control|automated)_'"
        " AND tgname !~ '^pgtrigger_'"
    )
    assert ordinary == []


# Organizations


def test_every_reference_between_rows_of_organizations_is_held_to_one(db):
    """A new foreign key without its composite twin is found here. Histories and sessions are no rows of the books."""
    held = set(
        sql(
            "SELECT c.conrelid::regclass::text, a.attname FROM pg_constraint c"
            " JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = c.conkey[1]"
            " WHERE c.contype = 'f' AND cardinality(c.conkey) = 2 AND c.conname LIKE '%_org'"
        )
    )
    missing = [
        (model._meta.db_table, field.column)
        for model in apps.get_models()
        if model.__module__.startswith("receivables.") and _owned(model)
        for field in model._meta.fields
        if field.is_relation and field.name != "organization" and _owned(field.related_model)
        if (model._meta.db_table, field.column) not in held
    ]
    assert missing == []


def _owned(model):
    return any(field.name == "organization" for field in model._meta.fields) and "event" not in model.__name__.lower()


# Which the application may not write at all: triggers do.
WRITTEN_BY_TRIGGER = {"writeoffs_registertotal", "writeoffs_registerline", "ledger_accounttotal", "ledger_counted"}


def test_no_row_refers_to_another_organization(books):
    """Each composite key is tried with a copy of a real row that refers to the same kind of row of a stranger."""
    other = make_books("Rival")
    add_one_of_everything(books)
    add_one_of_everything(other)
    seal_the_last_entry(books)
    attacks = foreign_references(books, other)
    for attack in attacks:
        early, closed = attack.key in FOUND_EARLIER, attack.table in WRITTEN_BY_TRIGGER
        state = NO_RIGHT if closed else "RV007" if early else NO_PARENT
        with refused(state, constraint="" if early or closed else attack.key, what=attack.key):
            if attack.instead:
                sql(attack.instead, *attack.turned)
                settle()
            sql(attack.statement, *attack.values)
    assert len(attacks) == len(composite_keys()), "every key was tried"
