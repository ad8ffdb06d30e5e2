"""Two clients at once on different accounts: what a second one gains, for the operation and for its ceiling."""

import multiprocessing
import statistics
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import connections

from bench import scratch
from bench.cases import Case
from bench.hand import Hand, Subject
from bench.measure import by_hand
from bench.world import World

PATIENCE = 120
WARM_UP = 8
fork = multiprocessing.get_context("fork")


@dataclass
class Gains:
    """Calls a second with one client and with two, a value for each round."""

    name: str
    speeds: dict[tuple[str, int], list[float]] = field(default_factory=dict)

    def speed(self, kind: str, clients: int) -> float:
        return statistics.median(self.speeds[kind, clients])

    def gain(self, kind: str) -> float:
        """How many times as fast two are as one: the median of the rounds."""
        rounds = zip(self.speeds[kind, 2], self.speeds[kind, 1], strict=True)
        return statistics.median(two / one for two, one in rounds)

    @property
    def ratio(self) -> float:
        return self.gain("operation") / self.gain("ceiling")


def client(case: Case, world: World, kind: str, subjects: Sequence[Subject], ready: Any, times: Any) -> None:
    """One process: warms up, waits for the other, works, says from when to when."""
    with scratch.plain() as connection:
        hand = Hand(world, connection)
        if kind == "operation":
            calls = [case.call(world, each) for each in subjects]
        else:
            calls = [lambda each=each: by_hand(case, hand, each) for each in subjects]
        for call in calls[:WARM_UP]:
            call()
        ready.wait(PATIENCE)
        start = time.perf_counter()
        for call in calls[WARM_UP:]:
            call()
        times.put((start, time.perf_counter()))
    connections.close_all()


def speed(case: Case, world: World, kind: str, clients: int, calls: int) -> float:
    """Calls a second of so many clients together, from the first start to the last end."""
    subjects = case.prepare(world, clients * (calls + WARM_UP))
    connections.close_all()
    ready, times = fork.Barrier(clients), fork.Queue()
    shares = [subjects[position::clients] for position in range(clients)]
    processes = [fork.Process(target=client, args=(case, world, kind, share, ready, times)) for share in shares]
    for process in processes:
        process.start()
    spans = [times.get(timeout=PATIENCE) for _ in processes]
    for process in processes:
        process.join(PATIENCE)
    return clients * calls / (max(end for _, end in spans) - min(start for start, _ in spans))


def measure_pair(world: World, case: Case, rounds: int, calls: int) -> Gains:
    """`rounds` times one and two clients, operation and ceiling in turn."""
    gains = Gains(case.name)
    for turn in range(rounds):
        kinds = ("operation", "ceiling") if turn % 2 == 0 else ("ceiling", "operation")
        for kind in kinds:
            for clients in (1, 2):
                gains.speeds.setdefault((kind, clients), []).append(speed(case, world, kind, clients, calls))
    return gains
