"""Writing off many debts at once, beside the same rows by hand-written SQL; then all of it is taken back.

    python -m bench.writing_off --debts 2000,10000,100000
    python -m bench.writing_off --debts 100000 --killed      its worker is killed half way, and another goes on
    python -m bench.writing_off --debts 100000 --hand 20000  no more than so many by hand

Works in a database of its own; the table goes to docs/benchmark-write-offs.md, unless --quick is given.
"""

import argparse
import gc
import os
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

REPORT = Path(__file__).resolve().parent.parent / "docs" / "benchmark-write-offs.md"
GOAL, MEMORY, REQUESTS = 1.5, 500, 30
PART = 10_000  # debts that are loaded by one COPY a table


@dataclass(frozen=True)
class Cost:
    """Seconds on the clock, and of processor in this process and in its server process."""

    wall: float
    client: float
    server: float

    @property
    def cpu(self) -> float:
        return self.client + self.server

    def __add__(self, other: "Cost") -> "Cost":
        return Cost(self.wall + other.wall, self.client + other.client, self.server + other.server)


@dataclass(frozen=True)
class Debts:
    """Open invoices, each on an account of its own whose service was stopped; the collection class is theirs alone."""

    parts: list[Any]
    collection_class: int

    @property
    def accounts(self) -> dict[str, int]:
        """The first and the last account, as the queries over them take them."""
        last = self.parts[-1]
        return {"a": self.parts[0].first["account"], "b": last.first["account"] + last.accounts - 1}

    def first(self, count: int) -> "Debts":
        """The first so many of them, in whole parts."""
        return replace(self, parts=self.parts[: -(-count // PART)])


@dataclass
class Run:
    """What one size came to."""

    debts: int
    plan: Cost
    operation: Cost
    ceiling: Cost
    undo: Cost
    progress: int
    memory: Any
    hand: int
    killed_at: int = 0
    pages: list[Any] = field(default_factory=list)
    load: tuple[float, float] = field(default_factory=lambda: (0.0, 0.0))

    @property
    def ratio(self) -> float:
        return self.operation.wall / self.debts / (self.ceiling.wall / self.hand)

    @property
    def by_cpu(self) -> float:
        return self.operation.cpu / self.debts / (self.ceiling.cpu / self.hand)


def timed(pid: int, work: Any) -> Cost:
    from bench.measure import server_cpu

    gc.collect()
    before, client, start = server_cpu(pid) or 0.0, time.process_time(), time.perf_counter()
    work()
    wall, cpu = time.perf_counter() - start, time.process_time() - client
    return Cost(wall, cpu, (server_cpu(pid) or 0.0) - before)


def debts(world: Any, count: int, name: str) -> Debts:
    """So many debts of a class of their own."""
    from bench import rows, scratch
    from bench.world import Copier
    from receivables.customers.models import CollectionClass

    own = CollectionClass.objects.create(organization_id=world.organization, code=f"{name} {count}", name=name)
    parts = []
    with Copier(replace(world, collection_class=own.pk)) as to:
        for start in range(0, count, PART):
            size = min(PART, count - start)
            parts.append(rows.Batch(size, size))
            rows.parties(to, parts[-1])
            rows.invoices(to, parts[-1])
            to.writer.commit()
            agreement = parts[-1].first["agreement"]
            to.writer.execute(
                "UPDATE customers_agreement SET state = 'stopped', stop_date = start_date WHERE id >= %s AND id < %s",
                [agreement, agreement + size],
            )
            to.writer.commit()
    scratch.settle()
    return Debts(parts, own.pk)


def planned(world: Any, chosen: Debts) -> Any:
    """A batch of write-offs over these debts, worked out as the worker does it: everything that the list shows."""
    from receivables.writeoffs.bulk.choosing import Selection
    from receivables.writeoffs.bulk.operations import plan_write_offs

    selection = Selection(everything=True, query=f"collection_class={chosen.collection_class}")
    made = plan_write_offs(actor=world.actor, selection=selection, currency="USD", reason="Benchmark")
    work_off(made)
    return made


def work_off(batch: Any) -> None:
    """Run the batch's job as the worker does it."""
    from receivables.core import tasks
    from receivables.core.models import Job
    from receivables.writeoffs.bulk.models import WriteOffBatch

    current = WriteOffBatch.objects.get(pk=batch.pk)
    tasks.run_job.func(SimpleNamespace(job=SimpleNamespace(attempts=0)), job_id=current.job_id)
    job = Job.objects.get(pk=current.job_id)
    if job.state != Job.State.DONE or job.done != job.total:
        raise AssertionError(f"the job ended {job.state} at {job.done} of {job.total}: {job.message}")


def ask(statement: str, chosen: Debts) -> Any:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(statement, chosen.accounts)
        return cursor.fetchone()


def by_hand(world: Any, chosen: Debts, batch: Any) -> Cost:
    from bench import scratch
    from bench.written_off_by_hand import ByHand

    cost = Cost(0, 0, 0)
    with scratch.plain() as guarded:
        for part in chosen.parts:
            cost += timed(guarded.info.backend_pid, ByHand(world, guarded, part, batch.pk).all)
    say(f"  by hand {cost.wall:.1f} s, {cost.cpu:.1f} s of CPU")
    return cost


def measure(world: Any, count: int, hand: int, *, killed: bool) -> Run:
    """Write off `count` debts by a batch and `hand` by hand, compare the rows, and take the batch back."""
    from django.db import connection

    from bench import scratch
    from bench.own_process import work
    from bench.written_off_rows import BALANCES, SAME, must_be_sound
    from receivables.writeoffs.bulk.operations import undo_write_offs, write_off_debts

    ours, theirs, begun = debts(world, count, "ours"), debts(world, hand, "theirs"), os.getloadavg()[0]
    connection.ensure_connection()
    pid = connection.connection.info.backend_pid
    made: list[Any] = []
    plan = timed(pid, lambda: made.append(planned(world, ours)))
    say(f"  worked out in {plan.wall:.1f} s, {plan.cpu:.1f} s of CPU")
    other = planned(world, theirs)
    for batch in (made[0], other):
        write_off_debts(actor=world.actor, batch=batch)
    scratch.settle()
    ceiling = by_hand(world, theirs, other)
    before = ask(BALANCES, ours)
    half = work(made[0], until=count // 2) if killed else None
    if half is not None:
        must_be_sound(connection.cursor())
        say(f"  killed at {half.done:,}: {half.cost.wall:.1f} s, {half.cost.cpu:.1f} s of CPU; all is whole so far")
    whole = work(made[0])
    operation, memory = whole.cost, whole.memory
    if half is not None:
        operation, memory = operation + half.cost, memory.or_more(half.memory)
    if ask(SAME, ours.first(hand)) != ask(SAME, theirs):
        raise AssertionError(f"the rows differ:\n{ask(SAME, ours.first(hand))}\n{ask(SAME, theirs)}")
    must_be_sound(connection.cursor())
    say(f"  as a batch {operation.wall:.1f} s, {operation.cpu:.1f} s of CPU; {memory}")
    pages = measured_pages(world, made[0])
    undo_write_offs(actor=world.actor, batch=made[0], reason="Benchmark")
    undo = timed(pid, lambda: work_off(made[0]))
    if ask(BALANCES, ours) != before:
        raise AssertionError("a balance is not as it was before")
    must_be_sound(connection.cursor())
    say(f"  taken back in {undo.wall:.1f} s, every balance as before")
    return Run(
        count, plan, operation, ceiling, undo, whole.progress, memory, hand, half.done if half else 0, pages,
        (begun, os.getloadavg()[0]),
    )  # fmt: skip


def measured_pages(world: Any, batch: Any) -> list[Any]:
    """The pages that show what was written off, while it is, and the file of the register."""
    from django.test import Client
    from django.urls import reverse

    from bench import scratch
    from bench.pages import measure_page
    from receivables.writeoffs.models import WriteOff

    scratch.settle()
    client = Client()
    client.force_login(world.actor.user, backend="accounts.backends.MembershipBackend")
    made = WriteOff.objects.of(world.actor).order_by("pk")[:2000:200]
    register = reverse("write_offs")
    wanted = {
        "register": [register, f"{register}?what=written_off&sort=amount", f"{register}?reason=Benchmark"],
        "register, nothing found": [f"{register}?what=recovered"],
        "debts to write off": [reverse("debts_to_write_off")],
        "batches": [reverse("write_off_batches")],
        "batch": [reverse("write_off_batch", args=[batch.pk]), batch.get_absolute_url() + "?view=done"],
        "account": [reverse("account", args=[each.account_id]) for each in made],
        "write-off": [each.get_absolute_url() for each in made],
        "processes": [reverse("write_off_processes")],
    }
    pages = [measure_page(client, name, urls, REQUESTS) for name, urls in wanted.items()]
    pages += [exported(client, f"register as {kind}", f"{register}?export={kind}") for kind in ("csv", "xlsx")]
    for page in pages:
        say(f"  {page.name}: {page.note or f'{page.percentile(0.95) * 1000:.0f} ms, {page.statements} statements'}")
    return pages


def exported(client: Any, name: str, url: str) -> Any:
    """The whole list as a file, once; a workbook is sent piece by piece."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    from bench.pages import PageResult

    Path("/proc/self/clear_refs").write_text("5")  # the most that was resident is counted anew
    before = _resident("VmRSS")
    with CaptureQueriesContext(connection) as seen:
        cost = timed(connection.connection.info.backend_pid, lambda: client.get(url).getvalue())
    name = f"{name}, {_resident('VmHWM') - before:.0f} MB of memory"
    return PageResult(name, (cost.wall,), (cost.cpu,), len(seen.captured_queries))


def _resident(what: str) -> float:
    """Megabytes of this process: VmRSS now, VmHWM at most."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(f"{what}:")) / 1024


def say(sentence: str) -> None:
    print(sentence, file=sys.stderr, flush=True)


def render(runs: Sequence[Run], facts: dict[str, str]) -> str:
    from bench.report import machine, table
    from bench.written_off_by_hand import SET

    head = ["debts", "worked out s", "written off s", "by hand", "s", "× by hand", "CPU s, client + server",
            "by hand's CPU", "× by CPU", "CPU ms a debt", "taken back s", "CPU s", "MB resident", "proportional",
            "of its server", "progress"]  # fmt: skip
    body = [
        [f"{run.debts:,}", f"{run.plan.wall:.1f}", f"{run.operation.wall:.1f}",
         f"{run.hand:,}", f"{run.ceiling.wall:.1f}",
         f"{run.ratio:.2f}", f"{run.operation.client:.1f} + {run.operation.server:.1f}",
         f"{run.ceiling.client:.1f} + {run.ceiling.server:.1f}", f"{run.by_cpu:.2f}",
         f"{run.operation.cpu / run.debts * 1000:.2f}", f"{run.undo.wall:.1f}",
         f"{run.undo.client:.1f} + {run.undo.server:.1f}", f"{run.memory.resident:.0f}",
         f"{run.memory.proportional:.0f}", f"{run.memory.server:.0f}", f"{run.progress} times"]
        for run in runs
    ]  # fmt: skip
    loads = ", ".join(f"{run.debts:,}: {run.load[0]:.1f} and {run.load[1]:.1f}" for run in runs)
    killed = "".join(
        f" Of the {run.debts:,} the worker was killed (kill -9) at {run.killed_at:,} and another went on; what was lost"
        " and done again is counted."
        for run in runs if run.killed_at
    )  # fmt: skip
    notes = f"""\
Each debt is an invoice of an account of its own whose service is stopped, every fourth with tax; its agreement closes.
*Worked out* is the preview, which posts nothing; *written off* the confirmed job as the worker runs it, in sets of 500,
each a transaction: lock, read and plan anew, post, record, mark. *By hand* is the same rows by INSERT … SELECT, in sets
of {SET:,}, every key and share given, through the same guards; that the rows are the same is checked in the run. × is a
debt's share. Goal ≤ {GOAL} × by hand, and below {MEMORY} MB: the most
that was seen of the worker's process, which does nothing else; of its server process what is its own. *Progress* is how
often it was written.{killed}

After each step all is added up again: each row of a batch has exactly one write-off of its amount, no account two, each
one event; entries balance, open items and agreements are what their lines say, nothing is left on the transfer account.
After *taken back* every balance is as before to the cent.
Load averages when it began and ended: {loads}. Other people's work disturbs the clock: go by the columns of CPU."""
    return "\n\n".join(["# Writing off many debts", machine(facts), table(head, body), notes, *_pages(runs)]) + "\n"


def _pages(runs: Sequence[Run]) -> list[str]:
    from bench.report import table

    last = runs[-1]
    rows = [
        [page.name, f"{page.percentile(0.5) * 1000:.0f}", f"{page.percentile(0.95) * 1000:.0f}",
         f"{page.cpu * 1000:.0f}", str(page.statements)]
        for page in last.pages if not page.note
    ]  # fmt: skip
    said = f"Asked for while {last.debts + last.hand:,} debts are written off, with the files of the whole register:"
    return ["## Its pages", said, table(["page", "median ms", "p95 ms", "CPU ms", "statements"], rows)]


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--debts", default="2000,10000", help="numbers of debts with commas between them")
    parser.add_argument("--hand", type=int, default=10**9, help="no more than so many are written off by hand")
    parser.add_argument("--killed", action="store_true", help="the worker of the last number is killed half way")
    parser.add_argument("--quick", action="store_true", help="a few hundred, to see that it works; writes no report")
    given = parser.parse_args(arguments)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "bench.settings")
    import django

    django.setup()
    from bench import scratch
    from bench.world import make_world

    with scratch.database():
        facts, world, runs = scratch.server_facts(), make_world(), []
        sizes = [300] if given.quick else [int(size) for size in given.debts.split(",")]
        for count in sizes:
            say(f"{count:,} debts")
            hand = min(count, -(-given.hand // PART) * PART)  # rows are compared in whole parts
            runs.append(measure(world, count, hand, killed=given.killed and count == sizes[-1]))
        text = render(runs, facts)
    print(text)
    if not given.quick:
        REPORT.write_text(text)


if __name__ == "__main__":
    main()
