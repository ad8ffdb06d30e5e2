"""The chain of seals: in order and complete while people post, and every way of tampering is found and named."""

from datetime import timedelta
from io import StringIO

import psycopg
import pytest
from django.core.management import call_command
from django.db import models, transaction

from receivables.audit import canonical
from receivables.audit.checks import named
from receivables.audit.models import AuditRun, Seal
from receivables.audit.operations import look
from receivables.audit.running import run_check
from receivables.audit.sealing import head, link
from receivables.audit.sealing import seal as seal_now
from receivables.billing.operations import generate_invoice
from receivables.core.dates import today
from receivables.core.events import record
from receivables.core.models import Event
from receivables.ledger.models import JournalEntry, JournalLine
from receivables.ledger.queries import trial_balance
from receivables.ledger.totals import Counted, balance_after
from tests.builders import make_invoice, make_load, make_member, make_organization
from tests.support.races import other_connection, race

NOW = timedelta()


def seal(actor):
    """Mark and seal, as two runs of the worker do that nothing stands between."""
    seal_now(actor.organization_id, patience=NOW)
    return seal_now(actor.organization_id, patience=NOW)


@pytest.fixture
def actor(committed_db):
    member = make_member(make_organization())
    make_invoice(member)
    return member


def found(cursor):
    results = {check.name: run_check(cursor, check) for check in named("O3")}
    return {name: [row for each in result.values() for row in each.ids] for name, result in results.items() if result}


def test_everything_is_sealed_once_in_order(actor):
    assert seal(actor) == Event.objects.of(actor).count() + JournalEntry.objects.of(actor).count()
    rows = list(Seal.objects.of(actor).order_by("number").values_list("number", "kind", "row_id"))
    assert [number for number, _kind, _row in rows] == list(range(1, len(rows) + 1))
    for kind in ("entry", "event"):
        keys = [row for _number, each, row in rows if each == kind]
        assert keys == sorted(set(keys))
    make_invoice(actor)
    more = seal(actor)
    assert more > 0
    assert seal(actor) == 0
    assert head(actor.organization_id)[0] == len(rows) + more
    with other_connection("owner") as owner:
        assert found(owner.cursor()) == {}


def test_what_is_sealed_is_counted_and_the_books_are_the_same(actor):
    """Trial balance and running totals from lines alone, from totals alone, and from both, on every day."""

    def books():
        found = [{row.code: row.balance for row in trial_balance(actor, day)} for day in days]
        for row in JournalLine.objects.of(actor).select_related("gl_account"):
            older = JournalLine.objects.of(actor).filter(gl_account=row.gl_account_id, entry_id__lte=row.entry_id)
            after = sum(each.organization_amount for each in older if (each.entry_id, each.line_no) <= at(row))
            assert balance_after(actor, row.gl_account_id, *at(row)) == after
        return found

    def at(line):
        return line.entry_id, line.line_no

    def by_lines(day):
        lines = JournalLine.objects.of(actor).filter(entry__posting_date__lte=day).values_list("gl_account__code")
        return dict(lines.annotate(models.Sum("organization_amount")).order_by())

    early = today(actor.organization) - timedelta(days=40)
    generate_invoice(actor=actor, load=make_load(actor), issue_date=early)
    days = [today(actor.organization) - timedelta(days=back) for back in (0, 1, 39, 40, 41)]
    expected = [by_lines(day) for day in days]
    assert expected[0] != expected[1] != expected[4] == {}
    assert books() == expected
    seal(actor)
    assert Counted.objects.of(actor).get().through == JournalEntry.objects.of(actor).latest("pk").pk
    assert books() == expected
    make_invoice(actor)
    assert books() == [by_lines(day) for day in days] != expected
    seal(actor)
    assert books() == [by_lines(day) for day in days]
    with other_connection("owner") as owner:
        assert not any(run_check(owner.cursor(), check) for check in named("J10"))


def test_what_commits_late_is_waited_for(actor):
    """Somebody took a lower key and has not committed yet: nothing behind it is sealed, and it is not skipped."""
    seal(actor)
    before = head(actor.organization_id)[0]
    with other_connection() as slow:
        late = slow.execute(
            "INSERT INTO core_event (organization_id, name, subject_type, subject_id, refs, actor_name, at, reason,"
            " data, request_id) VALUES (%s, 'late', 'x', 1, '{}', 'Late', now(), '', '{}', '') RETURNING id",
            [actor.organization_id],
        ).fetchone()[0]
        with transaction.atomic():
            early = record(actor, "early", actor.organization).pk
        assert seal(actor) == 0
        slow.commit()
    assert seal_now(actor.organization_id, patience=NOW) == 2
    assert late < early
    added = Seal.objects.of(actor).filter(number__gt=before).order_by("number")
    assert list(added.values_list("kind", "row_id")) == [("event", late), ("event", early)]


def test_a_mark_is_patient(actor):
    seal_now(actor.organization_id)
    assert seal_now(actor.organization_id) == 0


def test_two_sealers_make_one_chain(actor):
    seal_now(actor.organization_id, patience=NOW)
    outcomes = race(*[lambda: seal_now(actor.organization_id, patience=NOW)] * 3)
    assert sum(outcomes) == head(actor.organization_id)[0] > 0
    with other_connection("owner") as owner:
        assert found(owner.cursor()) == {}


GUARDED = ("ledger_journalentry", "ledger_journalline", "core_event", "audit_seal", "audit_auditrun")
FIRST = "(SELECT min(id) FROM {0})"
# What is done, and which check names which row; {x} are the first entry, the newest event and the last seal.
TAMPERED = [
    (["UPDATE ledger_journalentry SET memo = 'x' WHERE id = {entry}"], {"sealed_entries_are_unchanged": "{entry}"}),
    (["UPDATE ledger_journalline SET amount = amount * 2 WHERE entry_id = {entry}"],
     {"sealed_entries_are_unchanged": "{entry}"}),
    (["DELETE FROM ledger_journalline WHERE entry_id = {entry}"], {"sealed_entries_are_unchanged": "{entry}"}),
    (["DELETE FROM ledger_journalline WHERE entry_id = {entry}", "DELETE FROM ledger_journalentry WHERE id = {entry}"],
     {"sealed_entries_are_unchanged": "{entry}"}),
    (["UPDATE core_event SET actor_name = 'Somebody else' WHERE id = {event}"],
     {"sealed_events_are_unchanged": "{event}"}),
    (["""UPDATE core_event SET data = data || '{{"amount": 1}}' WHERE id = {event}"""],
     {"sealed_events_are_unchanged": "{event}"}),
    (["DELETE FROM core_event WHERE id = {event}"], {"sealed_events_are_unchanged": "{event}"}),
    (["INSERT INTO core_event SELECT (jsonb_populate_record(NULL::core_event, to_jsonb(e) || '{{\"id\": 0}}')).*"
      " FROM core_event e WHERE id = {event}"], {"nothing_was_put_in_between": "event 0"}),
    (["UPDATE audit_seal SET number = CASE number WHEN 2 THEN 3 ELSE 2 END WHERE number IN (2, 3)"],
     {"the_chain_is_whole": "2"}),
    (["DELETE FROM audit_seal WHERE number = 2"], {"the_chain_is_whole": "3", "nothing_was_put_in_between": None}),
    (["UPDATE core_event SET reason = 'x' WHERE id = {event}",
      "UPDATE audit_seal SET digest = 'd' WHERE kind = 'event' AND row_id = {event}"],
     {"the_chain_is_whole": None, "sealed_events_are_unchanged": "{event}"}),
    (["DELETE FROM audit_seal WHERE number = {last}", "DELETE FROM core_event WHERE id = {event}"],
     {"the_chain_has_every_known_head": "{run}"}),
]  # fmt: skip


def test_every_way_of_tampering_is_found_and_named(actor):
    seal(actor)
    run = look(actor.organization_id, named("O3"))
    run.save()
    assert (run.failed, run.seal_number) == (0, head(actor.organization_id)[0])
    rows = {
        "entry": JournalEntry.objects.of(actor).earliest("pk").pk, "event": Event.objects.of(actor).latest("pk").pk,
        "last": run.seal_number, "run": run.pk,
    }  # fmt: skip
    assert Seal.objects.of(actor).get(number=run.seal_number).row_id == rows["event"]
    with other_connection("owner") as owner:
        cursor = owner.cursor()
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        for table in GUARDED:
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        cursor.execute(
            "SELECT conrelid::regclass, conname FROM pg_constraint WHERE contype IN ('f', 'c', 'u') AND"
            " (conrelid::regclass::text = ANY(%s) OR confrelid::regclass::text = ANY(%s)) ORDER BY contype = 'u'",
            [list(GUARDED), list(GUARDED)],
        )
        for table, name in cursor.fetchall():
            cursor.execute(f"ALTER TABLE {table} DROP CONSTRAINT IF EXISTS {name} CASCADE")
        for statements, expected in TAMPERED:
            cursor.execute("SAVEPOINT tampered")
            for statement in statements:
                cursor.execute(statement.format(**rows))
            seen = found(cursor)
            assert seen.keys() == expected.keys(), statements
            for name, row in expected.items():
                assert row is None or row.format(**rows) in seen[name], statements
            cursor.execute("ROLLBACK TO SAVEPOINT tampered")
        owner.rollback()


def test_the_commands_end_with_an_error_and_print_the_heads(actor):
    seal(actor)
    out = StringIO()
    call_command("verify_seals", stdout=out)
    number, newest = head(actor.organization_id)
    kept = f"{actor.organization.slug}:{number}:{newest.hex()}"
    assert kept in out.getvalue()
    call_command("verify_seals", heads=True, head=[kept], stdout=out)
    with pytest.raises(SystemExit):
        call_command("verify_seals", head=[f"{actor.organization.slug}:{number}:{'0' * 64}"], stdout=out, stderr=out)
    call_command("audit_ledger", organization=actor.organization.name, stdout=out)
    with other_connection("owner") as owner:
        owner.execute("ALTER TABLE ledger_journalentry DISABLE TRIGGER USER")
        owner.execute("UPDATE ledger_journalentry SET memo = 'x'")
        owner.commit()
    out = StringIO()
    with pytest.raises(SystemExit):
        call_command("audit_ledger", json=True, stdout=out)
    assert '"check": "sealed_entries_are_unchanged"' in out.getvalue()
    assert '"check": "guards_are_on"' in out.getvalue()


def test_the_chain_grows_only_at_its_end(actor):
    """What the application's login may not do to the chain: the database refuses a link that does not follow."""
    seal(actor)
    newest = Seal.objects.of(actor).latest("number")
    own = {
        "organization": actor.organization,
        "kind": "event",
        "row_id": 0,
        "version": 1,
        "sealed_at": newest.sealed_at,
    }
    for number, previous in [(newest.number + 1, b"other"), (newest.number + 2, bytes(newest.hash))]:
        forged = link(previous, number, "event", 0, newest.sealed_at, b"d")
        with pytest.raises(Exception, match="does not follow"), transaction.atomic():
            Seal.objects.create(number=number, digest=b"d", hash=forged, **own)
    with other_connection() as app:
        for statement in ("DELETE FROM audit_seal", "UPDATE audit_seal SET number = 1", "DELETE FROM audit_auditrun"):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                app.execute(statement)
            app.rollback()
    assert not AuditRun.objects.exists()


def test_the_form_names_every_column():
    """A new column would not be sealed: it takes a new version of the form."""

    def columns(model: type[models.Model]) -> set[str]:
        return {str(field.column) for field in model._meta.concrete_fields}

    assert set(canonical.ENTRY) == columns(JournalEntry)
    assert {*canonical.LINE, "entry_id"} == columns(JournalLine)
    assert set(canonical.EVENT) == columns(Event)
