"""`make bench`: the operations beside hand-written SQL, the pages, and how both grow with the data.

    python -m bench.run                              10,000 and 100,000 invoices
    python -m bench.run --sizes 10000,100000,1000000
    python -m bench.run --quick                      a minute, to see that it works; writes no report
    python -m bench.run --pages                      the pages alone; writes no report

Works in a database of its own on the server that the settings name, which is dropped at the end.
"""

import argparse
import os
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Plan:
    """How much is measured."""

    sizes: tuple[int, ...]
    rounds: int
    calls: int
    pair_rounds: int
    pair_calls: int
    requests: int
    bulk: int
    used: int
    quick: bool
    pages_alone: bool


def plan_of(arguments: Sequence[str]) -> Plan:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", default="", help="numbers of invoices, ascending, with commas between them")
    parser.add_argument("--rounds", type=int, default=0, help="how often each is measured, 7 by default")
    parser.add_argument("--quick", action="store_true", help="a minute, to see that it works; writes no report")
    parser.add_argument("--pages", action="store_true", help="the pages alone; writes no report")
    given = parser.parse_args(arguments)
    sizes = given.sizes or ("1000" if given.quick else "10000,100000")
    rounds = given.rounds or (5 if given.quick else 7)
    calls = (6, 2, 15, 5, 10, 2) if given.quick else (30, 5, 60, 40, 500, 200)
    return Plan(tuple(map(int, sizes.split(","))), rounds, *calls, given.quick, given.pages)


def measure_stage(world: Any, plan: Plan, size: int, present: int) -> Any:
    """Let the data grow to `size` invoices and measure everything on it."""
    from bench import bare, rows, scratch
    from bench.ageing import measure_ageing
    from bench.cases import CASES
    from bench.delivering import measure_delivering, measure_telling
    from bench.grid import measure_grid
    from bench.measure import measure, use
    from bench.pages import measure_pages
    from bench.pair import measure_pair
    from bench.report import Stage
    from bench.resolving import measure_bulk
    from bench.same import check

    start = time.perf_counter()
    rows.grow(world, size, present)
    stage = Stage(size, time.perf_counter() - start)
    say(f"{size:,} invoices loaded in {stage.load_seconds:.0f} s")
    if plan.pages_alone:
        scratch.settle()
        stage.aged = measure_ageing(world, plan.rounds)
        stage.pages = [*measure_pages(world, plan.requests), measure_grid(world, plan.requests)]
        return stage
    bare.make()
    for case in CASES:
        check(world, case)
        use(world, case, plan.used)
    scratch.settle()
    for case in CASES:
        stage.results.append(measure(world, case, plan.rounds, plan.calls))
        say(f"  {case.name}: {stage.results[-1].ratio:.2f} of its ceiling")
    payment = next(case for case in CASES if case.name == "record_payment")
    stage.gains = measure_pair(world, payment, plan.pair_rounds, plan.pair_calls)
    say(f"  two clients gain {stage.gains.gain('operation'):.2f}, by hand {stage.gains.gain('ceiling'):.2f}")
    stage.bulk = measure_bulk(world, plan.bulk)
    say(f"  {plan.bulk} short payments resolved at once in {stage.bulk.run:.1f} s")
    stage.delivered = [measure_delivering(world, plan.bulk), measure_telling(world, plan.bulk)]
    say(f"  {stage.delivered[0].speed:.0f} documents a second delivered by a worker")
    stage.aged = measure_ageing(world, plan.rounds)
    stage.pages = [*measure_pages(world, plan.requests), measure_grid(world, plan.requests)]
    return stage


def say(sentence: str) -> None:
    print(sentence, file=sys.stderr, flush=True)


def measured(plan: Plan) -> str:
    """Measure on the database that the aliases lead to, which is empty; the report."""
    from bench import report, scratch
    from bench.world import make_world

    begun, busy = time.perf_counter(), os.getloadavg()[0]
    facts = scratch.server_facts()
    faults = scratch.not_durable(facts)
    if faults and not plan.quick:
        raise SystemExit(f"Figures from this server would say nothing: {', '.join(faults)}.")
    world = make_world()
    grown = zip((0, *plan.sizes), plan.sizes, strict=False)
    stages = [measure_stage(world, plan, size, present) for present, size in grown]
    return report.render(stages, facts, (busy, os.getloadavg()[0]), time.perf_counter() - begun)


def main(arguments: Sequence[str] | None = None) -> None:
    plan = plan_of(sys.argv[1:] if arguments is None else arguments)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "bench.settings")
    import django

    django.setup()
    from django.urls import resolve

    from bench.report import REPORT
    from bench.scratch import database
    from receivables.core.web import keep_what_is_loaded

    resolve("/")  # every page, as the web server loads them
    keep_what_is_loaded()
    with database():
        text = measured(plan)
    print(text)
    if not (plan.quick or plan.pages_alone):
        REPORT.parent.mkdir(exist_ok=True)
        REPORT.write_text(text)


if __name__ == "__main__":
    main()
