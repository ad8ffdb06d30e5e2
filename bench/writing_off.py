"""Writing off many debts at once, beside the same rows by hand-written SQL; then all of it is taken back.

    python -m bench.writing_off --debts 2000,10000,100000

Works in a database of its own; the table goes to docs/benchmark-write-offs.md, unless --quick is given.
"""

import argparse
import gc
import os
import resource
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any

REPORT = Path(__file__).resolve().parent.parent / "docs" / "benchmark-write-offs.md"
GOAL, MEMORY = 1.5, 500

# Rows that a set of debts has, and what they sum to: equal for the operation and for the ceiling.
SAME = """
SELECT (SELECT count(*) FROM customers_agreement WHERE account_id BETWEEN %(a)s AND %(b)s),
       (SELECT string_agg(state || n, ',' ORDER BY state) FROM (SELECT state, count(*) AS n FROM customers_agreement
         WHERE account_id BETWEEN %(a)s AND %(b)s GROUP BY state) s),
       (SELECT sum(payoff_balance) FROM customers_agreement WHERE account_id BETWEEN %(a)s AND %(b)s),
       (SELECT count(*) FROM writeoffs_writeoff WHERE account_id BETWEEN %(a)s AND %(b)s),
       (SELECT count(*) || ':' || sum(l.amount) FROM writeoffs_writeoffline l JOIN writeoffs_writeoff w
          ON w.id = l.write_off_id WHERE w.account_id BETWEEN %(a)s AND %(b)s),
       (SELECT count(*) || ':' || sum(balance) FROM ledger_openitem WHERE account_id BETWEEN %(a)s AND %(b)s),
       (SELECT string_agg(concat_ws(':', gl_account_id, n, s), ',' ORDER BY gl_account_id) FROM (
          SELECT l.gl_account_id, count(*) AS n, trim_scale(sum(l.amount)) AS s FROM writeoffs_writeoff w
            JOIN ledger_journalentry e ON e.source_type = 'writeoffs.writeoff' AND e.source_id = w.id
            JOIN ledger_journalline l ON l.entry_id = e.id
           WHERE w.account_id BETWEEN %(a)s AND %(b)s GROUP BY 1) x),
       (SELECT count(*) FROM ledger_allocation x JOIN ledger_openitem i ON i.id = x.debit_item_id
         WHERE i.account_id BETWEEN %(a)s AND %(b)s),
       (SELECT count(*) || ':' || sum(x.payoff_effect) FROM ledger_agreementtransaction x JOIN customers_agreement g
          ON g.id = x.agreement_id WHERE g.account_id BETWEEN %(a)s AND %(b)s),
       (SELECT count(*) || ':' || sum(cardinality(v.refs)) FROM core_event v JOIN writeoffs_writeoff w
          ON v.subject_id = w.id AND v.name = 'write_off_debt' WHERE w.account_id BETWEEN %(a)s AND %(b)s),
       (SELECT count(*) FROM writeoffs_writeoffbatchitem i WHERE i.state = 'done'
           AND i.account_id BETWEEN %(a)s AND %(b)s)
"""
# Every balance of a set of accounts, and the trial balance of the organization.
BALANCES = """
SELECT (SELECT md5(string_agg(concat_ws(':', id, trim_scale(payoff_balance), trim_scale(current_balance)), ','
                              ORDER BY id))
          FROM customers_agreement g WHERE account_id BETWEEN %(a)s AND %(b)s
           AND NOT EXISTS (SELECT 1 FROM customers_agreementtype t WHERE t.id = g.type_id
                             AND t.special_role = 'write_off')),
       (SELECT md5(string_agg(concat_ws(':', id, trim_scale(amount), trim_scale(balance),
                                        trim_scale(organization_balance), live_settlements), ',' ORDER BY id))
          FROM ledger_openitem
         WHERE account_id BETWEEN %(a)s AND %(b)s AND kind <> 'write_off'),
       (SELECT coalesce(sum(balance), 0) FROM ledger_openitem
         WHERE account_id BETWEEN %(a)s AND %(b)s AND kind = 'write_off'),
       (SELECT string_agg(concat_ws(':', gl_account_id, s), ',' ORDER BY gl_account_id) FROM (
          SELECT gl_account_id, trim_scale(sum(organization_amount)) AS s FROM ledger_journalline GROUP BY 1
          HAVING sum(organization_amount) <> 0) x)
"""


@dataclass(frozen=True)
class Cost:
    """Seconds on the clock, and of processor in this process and in its server process."""

    wall: float
    client: float
    server: float

    @property
    def cpu(self) -> float:
        return self.client + self.server


@dataclass
class Run:
    """What one size came to."""

    debts: int
    plan: Cost
    operation: Cost
    ceiling: Cost
    undo: Cost
    progress: int
    megabytes: float
    load: tuple[float, float] = field(default_factory=lambda: (0.0, 0.0))

    @property
    def ratio(self) -> float:
        return self.operation.wall / self.ceiling.wall

    @property
    def by_cpu(self) -> float:
        return self.operation.cpu / self.ceiling.cpu


def timed(pid: int, work: Any) -> Cost:
    from bench.measure import server_cpu

    gc.collect()
    before, client, start = server_cpu(pid) or 0.0, time.process_time(), time.perf_counter()
    work()
    wall, cpu = time.perf_counter() - start, time.process_time() - client
    return Cost(wall, cpu, (server_cpu(pid) or 0.0) - before)


def debts(world: Any, count: int) -> Any:
    """So many open invoices, each on an account of its own whose service was stopped."""
    from bench import rows, scratch
    from bench.world import Copier

    batch = rows.Batch(count, count)
    with Copier(world) as to:
        rows.parties(to, batch)
        rows.invoices(to, batch)
        to.writer.commit()
        agreement = batch.first["agreement"]
        to.writer.execute(
            "UPDATE customers_agreement SET state = 'stopped', stop_date = start_date WHERE id >= %s AND id < %s",
            [agreement, agreement + count],
        )
        to.writer.commit()
    scratch.settle()
    return batch


def planned(world: Any, batch: Any) -> Any:
    """A batch of write-offs over these debts, worked out as the worker does it."""
    from receivables.writeoffs.bulk.choosing import Selection
    from receivables.writeoffs.bulk.operations import plan_write_offs

    first = batch.first["item"]
    selection = Selection(tuple(range(first, first + batch.count)))
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


def ask(statement: str, batch: Any) -> Any:
    from django.db import connection

    first = batch.first["account"]
    with connection.cursor() as cursor:
        cursor.execute(statement, {"a": first, "b": first + batch.accounts - 1})
        return cursor.fetchone()


def measure(world: Any, count: int) -> Run:
    """Write off `count` debts by a batch and as many by hand, compare the rows, and take the batch back."""
    from django.db import connection

    from bench import scratch
    from bench.written_off_by_hand import ByHand
    from receivables.core import jobs
    from receivables.writeoffs.bulk.operations import undo_write_offs, write_off_debts

    ours, theirs, begun = debts(world, count), debts(world, count), os.getloadavg()[0]
    connection.ensure_connection()
    pid = connection.connection.info.backend_pid
    made: list[Any] = []
    plan = timed(pid, lambda: made.append(planned(world, ours)))
    by_hand = planned(world, theirs)
    for batch in (made[0], by_hand):
        write_off_debts(actor=world.actor, batch=batch)
    scratch.settle()
    with scratch.plain() as guarded:
        ceiling = timed(guarded.info.backend_pid, ByHand(world, guarded, theirs, by_hand.pk).all)
    say(f"  by hand {ceiling.wall:.1f} s, {ceiling.cpu:.1f} s of CPU")
    before, written = ask(BALANCES, ours), []
    seen = jobs.Progress._write
    jobs.Progress._write = lambda self, done, total: written.append(done) or seen(self, done, total)  # type: ignore[method-assign,func-returns-value]
    operation = timed(pid, lambda: work_off(made[0]))
    jobs.Progress._write = seen  # type: ignore[method-assign]
    if ask(SAME, ours) != ask(SAME, theirs):
        raise AssertionError(f"the rows differ:\n{ask(SAME, ours)}\n{ask(SAME, theirs)}")
    say(f"  as a batch {operation.wall:.1f} s, {operation.cpu:.1f} s of CPU")
    undo_write_offs(actor=world.actor, batch=made[0], reason="Benchmark")
    undo = timed(pid, lambda: work_off(made[0]))
    if ask(BALANCES, ours) != before:
        raise AssertionError("a balance is not as it was before")
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    say(f"  taken back in {undo.wall:.1f} s, every balance as before; {memory:.0f} MB at most")
    return Run(count, plan, operation, ceiling, undo, len(written), memory, (begun, os.getloadavg()[0]))


def say(sentence: str) -> None:
    print(sentence, file=sys.stderr, flush=True)


def render(runs: Sequence[Run], facts: dict[str, str]) -> str:
    from bench.report import machine, table

    head = ["debts", "worked out s", "written off s", "by hand s", "× by hand", "CPU s, client + server",
            "by hand's CPU", "× by CPU", "ms a debt", "taken back s", "MB", "progress written"]  # fmt: skip
    body = [
        [f"{run.debts:,}", f"{run.plan.wall:.1f}", f"{run.operation.wall:.1f}", f"{run.ceiling.wall:.1f}",
         f"{run.ratio:.2f}", f"{run.operation.client:.1f} + {run.operation.server:.1f}",
         f"{run.ceiling.client:.1f} + {run.ceiling.server:.1f}", f"{run.by_cpu:.2f}",
         f"{run.operation.wall / run.debts * 1000:.2f}", f"{run.undo.wall:.1f}", f"{run.megabytes:.0f}",
         f"{run.progress} times"]
        for run in runs
    ]  # fmt: skip
    loads = ", ".join(f"{run.debts:,}: {run.load[0]:.1f} and {run.load[1]:.1f}" for run in runs)
    notes = f"""\
Each debt is an invoice of an account of its own whose service is stopped, every fourth with tax; its agreement closes.
*Worked out* is the preview, which posts nothing; *written off* the confirmed job as the worker runs it, in sets of 500,
each a transaction: lock, read and plan anew, post, record, mark. *By hand* is the same rows by INSERT … SELECT, sets of
5,000, every key and share given, through the same guards; that the rows are the same is checked in the run. Goal
≤ {GOAL} × by hand, and below {MEMORY} MB. After *taken back* every balance is as before to the cent, also checked.
Load averages when it began and ended: {loads}. Other people's work disturbs the clock: go by the columns of CPU."""
    return "\n\n".join(["# Writing off many debts", machine(facts), table(head, body), notes]) + "\n"


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--debts", default="2000,10000", help="numbers of debts with commas between them")
    parser.add_argument("--quick", action="store_true", help="a few hundred, to see that it works; writes no report")
    given = parser.parse_args(arguments)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "bench.settings")
    import django

    django.setup()
    from bench import scratch
    from bench.world import make_world

    with scratch.database():
        facts, world, runs = scratch.server_facts(), make_world(), []
        for count in [300] if given.quick else map(int, given.debts.split(",")):
            say(f"{count:,} debts")
            runs.append(measure(world, count))
        text = render(runs, facts)
    print(text)
    if not given.quick:
        REPORT.write_text(text)


if __name__ == "__main__":
    main()
