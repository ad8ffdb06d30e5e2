"""Measuring: an operation, its ceiling and the bare ceiling in turn, wall and CPU time of client and server."""

import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg
from django.db import connection as django
from django.test.utils import CaptureQueriesContext

from bench import bare, scratch
from bench.cases import Case
from bench.hand import Hand, Subject
from bench.world import World

KINDS = ("operation", "ceiling", "bare")
WARM_UP = 8  # calls before the first that counts; psycopg prepares a statement when it comes for the sixth time


@dataclass(frozen=True)
class Sample:
    """Seconds a call, as the mean of one block: on the clock, and of CPU in the client and in its server process."""

    wall: float
    client: float
    server: float | None


@dataclass
class Result:
    """What was measured of a case at one size of the data set."""

    name: str
    samples: dict[str, list[Sample]] = field(default_factory=lambda: {kind: [] for kind in KINDS})
    statements: dict[str, int] = field(default_factory=dict)

    def walls(self, kind: str) -> list[float]:
        return [sample.wall for sample in self.samples[kind]]

    def wall(self, kind: str) -> float:
        return statistics.median(self.walls(kind))

    def cpu(self, kind: str) -> tuple[float, float | None]:
        """Median CPU seconds of client and server."""
        servers = [sample.server for sample in self.samples[kind] if sample.server is not None]
        client = statistics.median(sample.client for sample in self.samples[kind])
        return client, statistics.median(servers) if servers else None

    @property
    def ratio(self) -> float:
        """The operation's speed as a share of the ceiling's: the median of the rounds, each against its own ceiling."""
        pairs = zip(self.walls("operation"), self.walls("ceiling"), strict=True)
        return statistics.median(ceiling / operation for operation, ceiling in pairs)

    @property
    def cpu_ratio(self) -> float | None:
        """The same by CPU time of both ends, which other people's work on the machine disturbs less."""
        (ours, our_server), (theirs, their_server) = self.cpu("operation"), self.cpu("ceiling")
        if our_server is None or their_server is None:
            return None
        return (theirs + their_server) / (ours + our_server)


def server_cpu(pid: int) -> float | None:
    """CPU seconds that a server process has used, where it runs on this machine."""
    try:
        return int(Path(f"/proc/{pid}/schedstat").read_text().split()[0]) / 1e9
    except (OSError, ValueError, IndexError):
        return None


def block(calls: Sequence[Callable[[], Any]], pid: int) -> Sample:
    """Run the calls one after the other."""
    before, client, start = server_cpu(pid), time.process_time(), time.perf_counter()
    for call in calls:
        call()
    wall, cpu, after = time.perf_counter() - start, time.process_time() - client, server_cpu(pid)
    server = (after - before) / len(calls) if before is not None and after is not None else None
    return Sample(wall / len(calls), cpu / len(calls), server)


def by_hand(case: Case, hand: Hand, subject: Subject) -> None:
    case.ceiling(hand, subject)
    hand.connection.commit()


class CountingCursor(psycopg.Cursor[Any]):
    """Counts what it executes."""

    executed = 0

    def execute(self, *arguments: Any, **options: Any) -> Any:
        self.executed += 1
        return super().execute(*arguments, **options)


def count_statements(call: Callable[[], Any]) -> int:
    """The statements of a call through Django, without those that begin and end its transaction."""
    with CaptureQueriesContext(django) as seen:
        call()
    return sum(query["sql"] not in ("BEGIN", "COMMIT") for query in seen.captured_queries)


def use(world: World, case: Case, count: int) -> None:
    """Call an operation some times before statistics are taken, so that the database is one in use.

    A statement that was planned while a table was empty stays so until that table is counted again: the first minute of
    a new database, which is not what is measured.
    """
    for subject in case.prepare(world, max(count // case.share, 2)):
        case.call(world, subject)()


def measure(world: World, case: Case, rounds: int, size: int) -> Result:
    """`rounds` blocks of `size` calls of each kind, each kind first in turn, every call on fresh rows."""
    size = max(size // case.share, 2)
    warm = max(WARM_UP // case.share, 2)
    subjects = {kind: case.prepare(world, warm + rounds * size + 1) for kind in KINDS}
    bare.take_over(subjects["bare"])
    result = Result(case.name)
    with scratch.plain() as guarded, scratch.plain("bare") as unguarded:
        hands = {"ceiling": Hand(world, guarded), "bare": Hand(world, unguarded)}
        django.ensure_connection()
        pids = {kind: hand.connection.info.backend_pid for kind, hand in hands.items()}
        pids["operation"] = django.connection.info.backend_pid

        def bind(kind: str, subject: Subject) -> Callable[[], Any]:
            if kind == "operation":
                return case.call(world, subject)
            return lambda: by_hand(case, hands[kind], subject)

        def run(kind: str, count: int) -> Sample:
            mine, subjects[kind] = subjects[kind][:count], subjects[kind][count:]
            return block([bind(kind, each) for each in mine], pids[kind])

        for kind in KINDS:
            run(kind, warm)
        for turn in range(rounds):
            for kind in KINDS[turn % 3 :] + KINDS[: turn % 3]:
                result.samples[kind].append(run(kind, size))
        result.statements["operation"] = count_statements(bind("operation", subjects["operation"][0]))
        cursor = hands["ceiling"].cursor = CountingCursor(guarded)
        bind("ceiling", subjects["ceiling"][0])()
        result.statements["ceiling"] = cursor.executed
    return result
