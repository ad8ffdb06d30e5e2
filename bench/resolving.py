"""Resolving short payments: one beside its hand-written rows, and many at once as a batch does it."""

import time
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

from django.utils import timezone

from bench import rows
from bench.ceiling import TOTAL, write_revision
from bench.hand import ALLOCATION, Hand, Subject, insert
from bench.world import Copier, World
from receivables.billing.models import Load
from receivables.collections.resolution import resolve_short_payment
from receivables.collections.short_payments.operations import dry_run, resolve_short_payments
from receivables.collections.short_payments.planning import Choice, Selection
from receivables.collections.short_payments.rules import Limits
from receivables.core import tasks
from receivables.core.models import Job

HALF = TOTAL / 2
SECONDS = 10  # the goal for 500
BATCH = 500

REDUCTION = insert(
    "billing_accessorial",
    "organization_id load_id type_id entity currency amount note state payment_id version created_by_id created_at",
    returning=True,
)
RESOLUTION = insert(
    "collections_resolution",
    "organization_id invoice_id load_id accessorial_id revision_number currency amount reason posting_date"
    " created_by_id created_at",
    returning=True,
)


def half_paid(to: Copier, batch: rows.Batch) -> None:
    rows.payments(to, batch, paid=10, halves=10)


def call_resolve(world: World, s: Subject) -> Any:
    load = Load.objects.get(pk=s["load"])
    return lambda: resolve_short_payment(actor=world.actor, load=load, type=world.write_off)


def resolve_by_hand(hand: Hand, s: Subject) -> None:
    """The payment off, half of the invoice written off, the invoice regenerated, the payment on again."""
    w, load, account, invoice = hand.world, s["load"], s["account"], s["invoice"]
    hand.lock(account)
    charge = hand.one(
        REDUCTION, load, w.write_off.pk, "customer", "USD", -HALF, "", "active", s["payment"], 1, w.user, timezone.now()
    )
    here = [f"billing.load:{load}", f"billing.invoice:{invoice}", f"customers.account:{account}"]
    data = {"type": "Write-Off", "entity": "customer", "currency": "USD", "amount": str(-HALF), "state": "active"}
    hand.event("add_accessorial", "billing.accessorial", charge, [f"billing.accessorial:{charge}", *here], data)
    resolution = hand.one(RESOLUTION, invoice, load, charge, 2, "USD", HALF, "", w.today, w.user, timezone.now())
    number = f"PMT-{s['payment']:06d}"
    source = ("collections.resolution", resolution, HALF, 2, number)
    (off,) = hand.entries((f"off {s['application']}", *source, s["application"]))
    _move(hand, s, off, -HALF, s["allocation"])
    _event(hand, s, "take_payment_off", resolution)
    _regenerate(hand, s, charge)
    (on,) = hand.entries((f"on {s['allocation']}", *source, None))
    _move(hand, s, on, HALF, None)
    _event(hand, s, "put_payment_back", resolution)
    data = {"before": {"total": str(TOTAL)}, "after": {"total": str(HALF)}, "currency": "USD", "revision": 2}
    refs = [f"collections.resolution:{resolution}", *here, f"collections.payment:{s['payment']}"]
    hand.event("resolve_short_payment", "collections.resolution", resolution, refs, data)


def _event(hand: Hand, s: Subject, name: str, resolution: int) -> None:
    """What the payment's history says of having been moved."""
    refs = [
        f"collections.payment:{s['payment']}", f"billing.load:{s['load']}", f"billing.invoice:{s['invoice']}",
        f"customers.account:{s['account']}", f"collections.resolution:{resolution}",
    ]  # fmt: skip
    hand.event(name, "collections.payment", s["payment"], refs, {"amount": str(HALF), "currency": "USD"})


def _move(hand: Hand, s: Subject, entry: int, amount: Any, reverses: int | None) -> None:
    """Money onto the invoice (positive) or off it."""
    w = hand.world
    hand.lines(
        (entry, 1, w.gl["2100"], amount, s["money"], False, None, None),
        (entry, 2, w.gl["1200"], -amount, s["item"], False, s["agreement"], None),
    )
    row = (w.organization, "payment", s["item"], s["money"], entry, "USD", HALF, reverses, w.today, timezone.now())
    hand.many("ledger_allocation", ALLOCATION, [row])


def _regenerate(hand: Hand, s: Subject, charge: int) -> None:
    w, load, invoice = hand.world, s["load"], s["invoice"]
    revision = write_revision(hand, Subject({**s.keys, "reduction": charge}), invoice, 2, "regenerated", HALF)
    (entry,) = hand.entries(("regenerated", "billing.revision", revision, HALF, 2, f"INV-{invoice:06d} v2", None))
    hand.lines(
        (entry, 1, w.gl["1200"], -HALF, s["item"], True, s["agreement"], None),
        (entry, 2, w.gl["6100"], HALF, None, False, None, s["agreement"]),
    )
    hand.cursor.execute(
        "UPDATE billing_load SET charges_total = %s, billed_charges = %s, version = %s WHERE id = %s",
        [HALF, HALF, 3, load],
    )
    refs = [f"billing.invoice:{invoice}", f"billing.load:{load}", f"customers.account:{s['account']}"]
    data = {"before": {"total": str(TOTAL)}, "after": {"total": str(HALF)}, "currency": "USD", "revision": 2}
    hand.event("regenerate_invoice", "billing.invoice", invoice, refs, data)


@dataclass(frozen=True)
class BulkResult:
    """Seconds that a batch took: its dry run, and its work; `cpu` is what of the work was this process."""

    count: int
    dry_run: float
    run: float
    cpu: float

    @property
    def goal(self) -> float:
        """What of the goal falls to so many."""
        return SECONDS * self.count / BATCH


def measure_bulk(world: World, count: int) -> BulkResult:
    """A batch of fresh short payments, five to an account, tried and worked off as the worker does it."""
    batch = rows.Batch(count, max(count // 5, 1), haul_steps=1, taxed_every=0, days=0)
    with Copier(world) as to:
        for stage in (rows.parties, rows.invoices, half_paid):
            stage(to, batch)
        to.writer.commit()
    first = batch.first["item"]
    selection, choice = Selection(tuple(range(first, first + count))), Choice(world.write_off, Limits("USD"))
    start = time.perf_counter()
    dry_run(world.actor, selection, choice)
    tried = time.perf_counter() - start
    asked = resolve_short_payments(actor=world.actor, selection=selection, choice=choice)
    start, cpu = time.perf_counter(), time.process_time()
    tasks.run_job.func(SimpleNamespace(job=SimpleNamespace(attempts=0)), job_id=asked.job_id)
    result = BulkResult(count, tried, time.perf_counter() - start, time.process_time() - cpu)
    job = Job.objects.get(pk=asked.job_id)
    done = asked.items.filter(state="done").count()
    if (job.state, done) != (Job.State.DONE, count):
        raise AssertionError(f"the batch ended {job.state} with {done} of {count} resolved")
    return result
