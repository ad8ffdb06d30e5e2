"""Every guard of the database is dropped once, and the attacks on its table repeated: one of them goes through.

Guards are found in the catalogue, so none can be forgotten. Those of a kind (rows that are never changed or deleted,
fixed columns, references within an organization, CHECKs, what may be there once, rights, histories) are attacked by
`kinds.py` and `rights.py` on every table; triggers of their own by the tests that attack them (`support/dropping.py`).
NOT NULL, types, references to a table without an organization and Django's checks of positive integers are left out.

`DROPPED_GUARDS=1` (`make prove PARTS=dropped-guards`) takes all; else a sample of each kind.
"""

import json
import os
import subprocess
import sys
from collections import Counter
from pathlib import Path

import psycopg
import pytest
from django.conf import settings
from django.db import transaction

from receivables.core import provision
from tests.dropped import kinds, rights
from tests.dropped.attempts import ALONE, APART, BEHIND, Books
from tests.dropped.reasons import SUPERFLUOUS
from tests.dropped.rows import add_the_rest
from tests.support.attack import make_books
from tests.support.attack_rows import add_one_of_everything
from tests.support.foreign import composite_keys, foreign_references, seal_the_last_entry

ROOT = Path(__file__).resolve().parent.parent.parent
ALL = bool(os.environ.get("DROPPED_GUARDS"))
EACH = 40  # of a kind, one guard in so many is the sample

pytestmark = pytest.mark.skipif(not settings.EMBEDDED, reason="takes the superuser of the embedded database")


def some(guards, position=lambda each: each):
    """All guards, or the sample of them."""
    return guards if ALL else guards[::EACH]


@pytest.fixture
def cases(committed_db):
    """The books, and every guard of a kind with how it is judged."""
    with transaction.atomic():
        own, other = make_books(), make_books("Rival")
        add_one_of_everything(own)
        add_the_rest(own)
        seal_the_last_entry(own)
        add_one_of_everything(other)
    with transaction.atomic():
        references = foreign_references(own, other)
    assert len(references) == len(composite_keys())
    with provision.maintenance() as place:
        parameters = {**place.info.get_parameters(), "dbname": committed_db}
    with psycopg.connect(**parameters, autocommit=True) as database:
        books = Books(database)
        yield (
            [
                *((guard, kinds.judge_forbidding, ()) for guard in some(kinds.forbidding(books))),
                *((guard, kinds.judge_key, (reference,)) for guard, reference in some(kinds.keys(references))),
                *((guard, kinds.judge_check, ()) for guard in some(kinds.checks(books))),
                *((guard, kinds.judge_unique, ()) for guard in some(kinds.uniques(books))),
                *((guard, rights.judge_history, ()) for guard in some(rights.histories(books))),
                *((guard, rights.judge_right, ()) for guard in some(list(rights.withheld(books)))),
            ],
            books,
        )


def test_without_a_guard_of_a_kind_its_attack_goes_through(cases):
    guards, books = cases
    results = [judge(books, guard, *more) for guard, judge, more in guards]
    report([(each.guard.kind, str(each.guard), each.how, each.behind) for each in results])
    assert [str(each.guard) for each in results if not each.audited] == []
    missed = [each for each in results if not each.how and str(each.guard) not in SUPERFLUOUS]
    assert not missed, "\n".join([f"{each.guard}: {each.tried[:2]}" for each in missed])


@pytest.mark.skipif(not ALL, reason="make prove PARTS=dropped-guards")
def test_without_a_trigger_of_its_own_an_attack_goes_through(template_database, tmp_path):
    """In a process of its own: there the application's connection may drop a trigger for the length of a test."""
    file = tmp_path / "seen.json"
    command = [sys.executable, "-m", "pytest", "-q", "-n", "0", "-p", "tests.support.dropping"]
    done = subprocess.run(
        [*command, *attacking()], cwd=ROOT, capture_output=True, text=True, check=False,
        env={**os.environ, "DROPPED_RESULTS": str(file)},
    )  # fmt: skip
    assert file.exists(), done.stdout[-3000:] + done.stderr[-2000:]
    seen = json.loads(file.read_text())
    assert seen
    rows = [
        ("own trigger", f"{each['table']} {each['trigger']}", each["how"] or (BEHIND if each["behind"] else ""),
         ", ".join(each["behind"]))
        for each in seen
    ]  # fmt: skip
    report(rows)
    assert [name for _kind, name, how, _behind in rows if not how and name not in SUPERFLUOUS] == []


def attacking() -> list[str]:
    """The files whose tests attack the database, or see what its triggers did."""
    marks = ("RV00", "support.attack", "sqlstate")
    files = [
        file
        for file in sorted((ROOT / "tests").rglob("test_*.py"))
        if file.parent.name not in ("browser", "bench", "storm", "dropped", "importing")
        and any(mark in file.read_text() for mark in marks)
    ]
    return [str(file.relative_to(ROOT)) for file in files]


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
