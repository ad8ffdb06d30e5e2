"""The tables of a run, as Markdown: on the screen and in docs/benchmark.md."""

import os
import platform
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import psutil
from django.utils import timezone

from bench.ageing import Aged
from bench.delivering import GOAL, Delivered
from bench.measure import Result
from bench.pages import SLOW, PageResult
from bench.pair import Gains
from bench.resolving import BulkResult

ROOT = Path(__file__).resolve().parent.parent
REPORT = ROOT / "docs" / "benchmark.md"
GOALS = {
    "generate_invoice": 0.4,
    "regenerate_invoice": 0.4,
    "resolve_short_payment": 0.4,
    "record_payment": 0.5,
    "record_payment with bad debt": 0.5,
    "record_payment, 200 invoices": 0.33,
}

NOTES = """\
How to read it: the *ceiling* is the same rows written by hand through psycopg, statement by statement in one
transaction, into the same guarded tables; it reads, checks, prices and words nothing. That it writes the same rows is
checked before it is measured. *Bare* is the same statements into copies of the tables without triggers, CHECKs and
foreign keys; they hold few rows and move no balances, so it shows what the guards cost at most. The *ratio* is the
operation's speed as a share of the ceiling's, as the median of the rounds; *by CPU* compares processor time of client
and server process instead, which other work on the same machine disturbs less. psycopg prepares the ceiling's
statements by itself after five uses. An operation is called as a page calls it, without the page. Each call has fresh
rows and an account of its own. Pages are asked for through the whole middleware by Django's test client: server time
without the network, one request at a time, with a warm process.
"""


@dataclass
class Stage:
    """What was measured at one size of the data set."""

    invoices: int
    load_seconds: float
    results: list[Result] = field(default_factory=list)
    gains: Gains | None = None
    bulk: BulkResult | None = None
    delivered: list[Delivered] = field(default_factory=list)
    aged: list[Aged] = field(default_factory=list)
    pages: list[PageResult] = field(default_factory=list)


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    line = "| " + " | ".join(head) + " |"
    rule = "|" + "|".join(" --- " if position == 0 else " ---: " for position in range(len(head))) + "|"
    return "\n".join([line, rule, *("| " + " | ".join(row) + " |" for row in rows)])


def ms(seconds: float) -> str:
    return f"{seconds * 1000:.1f}"


def spread(result: Result, kind: str) -> str:
    walls = result.walls(kind)
    return f"{ms(result.wall(kind))} ({ms(min(walls))}–{ms(max(walls))})"


def processor(result: Result, kind: str) -> str:
    client, server = result.cpu(kind)
    return f"{ms(client)} + {ms(server)}" if server is not None else ms(client)


def operations(stage: Stage) -> str:
    head = ["operation", "ms a call", "ceiling ms", "bare ms", "CPU ms, client + server", "ceiling's CPU", "statements",
            "ratio", "by CPU", "goal"]  # fmt: skip
    rows = []
    for each in stage.results:
        goal, by_cpu = GOALS.get(each.name), each.cpu_ratio
        rows.append([
            each.name, spread(each, "operation"), spread(each, "ceiling"), spread(each, "bare"),
            processor(each, "operation"), processor(each, "ceiling"),
            f"{each.statements['operation']} / {each.statements['ceiling']}", f"{each.ratio:.2f}",
            f"{by_cpu:.2f}" if by_cpu is not None else "–", f"≥ {goal}" if goal else "–",
        ])  # fmt: skip
    return table(head, rows)


def two_clients(gains: Gains) -> str:
    rows = [
        [kind, *(f"{gains.speed(kind, clients):.0f}" for clients in (1, 2)), f"{gains.gain(kind):.2f}"]
        for kind in ("operation", "ceiling")
    ]
    text = table([gains.name, "1 client, calls/s", "2 clients, calls/s", "gain"], rows)
    return f"{text}\n\nThe operation's gain is {gains.ratio:.2f} × the ceiling's (goal ≥ 0.8)."


def bulk(result: BulkResult) -> str:
    """A batch of short payments, some of them in one transaction, one client."""
    head = ["at once", "dry run s", "run s", "ms each", "client's CPU ms each", "goal s"]
    each = result.run / result.count
    row = [
        f"bulk resolve {result.count}", f"{result.dry_run:.2f}", f"{result.run:.1f}", ms(each),
        ms(result.cpu / result.count), f"≤ {result.goal:g}",
    ]  # fmt: skip
    return table(head, [row])


def delivered(results: list[Delivered]) -> str:
    """Documents to a system that answers at once, by one worker; beside them the calls alone, by a bare client."""
    head = [
        "delivering", "documents", "documents/s", "calls alone/s", "ms each", "worker's CPU ms each",
        "calls' CPU ms each", "statements each", "goal",
    ]  # fmt: skip
    rows = [
        [each.what, str(each.documents), f"{each.speed:.0f}", f"{each.documents / each.bare:.0f}",
         ms(each.seconds / each.documents), ms(each.cpu / each.documents), ms(each.bare_cpu / each.documents),
         f"{each.statements:.1f}", f"≥ {GOAL} a second" if goal else ""]
        for each, goal in zip(results, (True, False), strict=True)
    ]  # fmt: skip
    return table(head, rows)


def aged(results: list[Aged]) -> str:
    """What customers owed on a day, in buckets, beside the same question put to every line by hand."""
    head = ["ageing by customer", "open items", "customers", "ms", "by hand ms", "share of its time", "goal"]
    rows = [
        [each.what, f"{each.items:,}", f"{each.customers:,}", ms(each.ours), ms(each.by_hand),
         f"{each.ours / each.by_hand:.2f}", "≤ 1.3"]
        for each in results
    ]  # fmt: skip
    return table(head, rows)


def pages(stage: Stage) -> str:
    rows = [
        [each.name, str(each.statements), ms(each.percentile(0.5)), ms(each.percentile(0.95)),
         ms(each.cpu), f"{each.bytes / 1024:.0f}", f"slower than {SLOW * 1000:.0f} ms" if each.slow else ""]
        for each in stage.pages if not each.note
    ]  # fmt: skip
    text = table(["page", "statements", "p50 ms", "p95 ms", "CPU ms", "kB", ""], rows)
    left_out = [f"{each.name} ({each.note})" for each in stage.pages if each.note]
    return text + (f"\n\nNot measured: {', '.join(left_out)}." if left_out else "")


def growth(first: Stage, last: Stage) -> str:
    rows = []
    for small, large in zip(first.results, last.results, strict=True):
        (client, server), (client_2, server_2) = small.cpu("operation"), large.cpu("operation")
        by_cpu = f"{(client_2 + server_2) / (client + server):.2f}" if server and server_2 is not None else "–"
        ceilings = large.wall("ceiling") / small.wall("ceiling")
        wall = large.wall("operation") / small.wall("operation")
        rows.append([small.name, f"{wall:.2f}", by_cpu, f"{ceilings:.2f}"])
    for page, page_2 in zip(first.pages, last.pages, strict=True):
        if page.times and page_2.times:
            wall = page_2.percentile(0.5) / page.percentile(0.5)
            rows.append([f"page {page.name}", f"{wall:.2f}", f"{page_2.cpu / page.cpu:.2f}", "–"])
    return table(["", "time", "CPU time", "ceiling's time"], rows)


def machine(facts: dict[str, str]) -> str:
    memory = psutil.virtual_memory().total / 2**30
    settings = ", ".join(f"{name} {value}" for name, value in facts.items() if name != "server_version")
    return (
        f"Made on {timezone.now():%Y-%m-%d} from commit {commit()} on {os.cpu_count()} cores with {memory:.0f} GB,"
        f" Python {platform.python_version()}, PostgreSQL {facts['server_version']} on the same machine ({settings})."
    )


def commit() -> str:
    """The commit the figures belong to, with a plus where files were changed since."""

    def ask(*words: str) -> str:
        done = subprocess.run(["git", *words], cwd=ROOT, capture_output=True, text=True, check=False)
        return done.stdout.strip()

    return ask("rev-parse", "--short", "HEAD") + ("+" if ask("status", "--porcelain", "-uno") else "")


def render(stages: Sequence[Stage], facts: dict[str, str], loads: tuple[float, float], seconds: float) -> str:
    """The whole report. `loads` are the machine's one-minute load averages before and after."""
    busy = f"Load average when it began {loads[0]:.1f}, when it ended {loads[1]:.1f}; the run took {seconds:.0f} s."
    if loads[0] > 1 or loads[1] > 3:  # the run itself makes two to three
        busy += " Other work ran on the machine: go by the columns of CPU time and the ratios."
    parts = ["# Benchmark", machine(facts) + " " + busy, NOTES]
    for stage in stages:
        parts += [
            f"## {stage.invoices:,} invoices",
            f"Loaded by COPY through every guard in {stage.load_seconds:.0f} s.",
        ]
        parts += [operations(stage)] if stage.results else []
        parts += [two_clients(stage.gains)] if stage.gains else []
        parts += [bulk(stage.bulk)] if stage.bulk else []
        parts += [delivered(stage.delivered)] if stage.delivered else []
        parts += [aged(stage.aged)] if stage.aged else []
        parts += [pages(stage)] if stage.pages else []
    if len(stages) > 1:
        first, last = stages[0], stages[-1]
        parts += [f"## Growth from {first.invoices:,} to {last.invoices:,} invoices (goal ≤ 1.2)", growth(first, last)]
    return "\n\n".join(part.strip() for part in parts) + "\n"
