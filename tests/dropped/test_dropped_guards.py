"""Every guard of the database is dropped once, and the attacks on its table repeated: one of them goes through.

Guards are found in the catalogue, so none can be forgotten. Those of a kind (rows that are never changed or deleted,
fixed columns, references within an organization, CHECKs, what may be there once, rights, histories) are attacked by
`kinds.py` and `rights.py` on every table. Triggers with a function of their own are attacked by copies of rows with
what the function reads changed (`copies.py`) and by whole documents of which one thing is wrong (`written.py`); those
that only compute are seen by the figure that they keep (`computed.py`).
NOT NULL, types, references to a table without an organization and Django's checks of positive integers are left out.

`DROPPED_GUARDS=1` (`make prove PARTS=dropped-guards`) takes all; else a sample of each kind.
"""

import os
from collections import Counter
from pathlib import Path

import psycopg
import pytest
from django.conf import settings
from django.db import transaction

from receivables.core import provision
from tests.dropped import kinds, rights
from tests.dropped import own as own_triggers
from tests.dropped.attempts import ALONE, APART, BEHIND, Books
from tests.dropped.computed import COMPUTED
from tests.dropped.reasons import SUPERFLUOUS
from tests.dropped.rows import add_the_rest
from tests.dropped.written import WRITTEN
from tests.support.attack import make_books
from tests.support.attack_rows import add_one_of_everything
from tests.support.foreign import composite_keys, foreign_references, seal_the_last_entry

ALL = bool(os.environ.get("DROPPED_GUARDS"))
EACH = 40  # of a kind, one guard in so many is the sample

pytestmark = pytest.mark.skipif(not settings.EMBEDDED, reason="takes the superuser of the embedded database")


def some(guards):
    """All guards, or the sample of them."""
    return guards if ALL else guards[::EACH]


@pytest.fixture
def books(committed_db):
    """The superuser's connection to a database."""
    with provision.maintenance() as place:
        parameters = {**place.info.get_parameters(), "dbname": committed_db}
    with psycopg.connect(**parameters, autocommit=True) as database:
        yield Books(database)


@pytest.fixture
def cases(books):
    """Every guard with how it is judged, in books with one of everything."""
    with transaction.atomic():
        own, other = make_books(), make_books("Rival")
        add_one_of_everything(own)
        add_the_rest(own)
        seal_the_last_entry(own)
        add_one_of_everything(other)
    with transaction.atomic():
        references = foreign_references(own, other)
    assert len(references) == len(composite_keys())
    return [
        *((guard, kinds.judge_forbidding, ()) for guard in some(kinds.forbidding(books))),
        *((guard, kinds.judge_key, (reference,)) for guard, reference in some(kinds.keys(references))),
        *((guard, kinds.judge_check, ()) for guard in some(kinds.checks(books))),
        *((guard, kinds.judge_unique, ()) for guard in some(kinds.uniques(books))),
        *((guard, rights.judge_history, ()) for guard in some(rights.histories(books))),
        *((guard, rights.judge_right, ()) for guard in some(list(rights.withheld(books)))),
        *((guard, own_triggers.judge_own, ()) for guard in some(own_triggers.owned(books))),
    ]


def test_without_a_guard_its_attack_goes_through(cases, books):
    results = [judge(books, guard, *more) for guard, judge, more in cases]
    report([(each.guard.kind, str(each.guard), each.how, each.behind) for each in results])
    assert [str(each.guard) for each in results if not each.audited] == []
    missed = [each for each in results if not each.how and str(each.guard) not in SUPERFLUOUS]
    assert not missed, "\n".join([f"{each.guard}: {each.tried[:2]}" for each in missed])
    assert not own_triggers.judge_own(books, idle(books)).how, "nothing misses a trigger that does nothing"


def idle(books):
    """A trigger that refuses and computes nothing."""
    books.database.execute(
        "CREATE FUNCTION idle() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';"
        " CREATE TRIGGER ac_idle BEFORE INSERT OR UPDATE ON collections_refund FOR EACH ROW EXECUTE FUNCTION idle();"
        " ALTER TABLE collections_refund ENABLE ALWAYS TRIGGER ac_idle"
    )
    return next(guard for guard in own_triggers.owned(books) if guard.name == "ac_idle")


def test_every_trigger_is_of_a_kind_or_of_its_own(books):
    """None is forgotten between the queries that find them."""
    known = [*kinds.forbidding(books), *rights.histories(books), *own_triggers.owned(books)]
    found = books.rows(
        "SELECT tgrelid::regclass::text || ' ' || tgname FROM pg_trigger WHERE NOT tgisinternal"
        " AND tgrelid::regclass::text = ANY(%s)",
        list(kinds.own_tables()),
    )
    assert sorted(map(str, known)) == sorted(name for (name,) in found)


def test_what_is_written_is_about_a_trigger_that_there_is(books):
    assert set(WRITTEN) | set(COMPUTED) <= set(map(str, own_triggers.owned(books)))


def report(rows: list[tuple[str, str, str, str]]) -> None:
    """Figures for whoever asked for all; beside them, for each that is not alone, what else refuses its attacks."""
    if not os.environ.get("DROPPED_GUARDS_TABLE"):
        return
    file = Path(os.environ["DROPPED_GUARDS_TABLE"])
    counts = Counter((kind, how) for kind, _name, how, _behind in rows)
    lines = ["| kind | went through | told apart | others refuse it too | missed |", "|---|---:|---:|---:|---:|"]
    for kind in dict.fromkeys(row[0] for row in rows):
        lines.append(f"| {kind} | {' | '.join(str(counts[kind, how]) for how in (ALONE, APART, BEHIND, ''))} |")
    write(file, lines)
    listed = [f"| {kind} | {name} | {behind} |" for kind, name, how, behind in rows if how in (BEHIND, "")]
    write(file.with_suffix(".behind.md"), ["| kind | guard | what else refuses |", "|---|---|---|", *listed])


def write(file: Path, lines: list[str]) -> None:
    with file.open("a") as opened:
        opened.write("\n".join([*lines, "", ""]))
