"""Debts written off by the dozen, and batches worked off without a worker of their own."""

from types import SimpleNamespace

from receivables.core import tasks
from receivables.core.models import Job
from receivables.customers.models import Agreement
from receivables.ledger.models import OpenItem
from receivables.writeoffs.bulk.choosing import Selection
from receivables.writeoffs.bulk.models import WriteOffBatch, WriteOffBatchItem
from receivables.writeoffs.bulk.operations import plan_write_offs, undo_write_offs, write_off_debts
from tests.builders import balances

EVERYTHING = Selection(everything=True)


def matching(query):
    """Everything that the list shows with these filters."""
    return Selection(everything=True, query=query)


def ticked(*invoices):
    return Selection(keys=tuple(invoice.open_item_id for invoice in invoices))


def work_off(batch, attempts=0):
    """Run the batch's job here, as a worker would; the batch anew."""
    current = anew(batch)
    tasks.run_job.func(SimpleNamespace(job=SimpleNamespace(attempts=attempts)), job_id=current.job_id)
    return anew(batch)


def anew(batch):
    return WriteOffBatch.objects.select_related("job", "request").get(pk=batch.pk)


def asked(actor, selection=EVERYTHING, currency="USD", reason="Uncollectable", **wanted):
    return plan_write_offs(actor=actor, selection=selection, currency=currency, reason=reason, **wanted)


def planned(actor, selection=EVERYTHING, **wanted):
    """A batch, worked out."""
    return work_off(asked(actor, selection, **wanted))


def confirmed(actor, selection=EVERYTHING, **wanted):
    """A batch, confirmed and not begun."""
    batch = planned(actor, selection, **wanted)
    write_off_debts(actor=actor, batch=batch)
    return anew(batch)


def written_off(actor, selection=EVERYTHING, **wanted):
    """A batch, worked off."""
    return work_off(confirmed(actor, selection, **wanted))


def undone(actor, batch, reason="They pay after all"):
    return work_off(undo_write_offs(actor=actor, batch=batch, reason=reason))


def written_off_at_once(actor, *invoices):
    """Some invoices written off by a batch, and taken back by it."""
    return undone(actor, written_off(actor, ticked(*invoices)))


def states(batch):
    """How many items are in each state."""
    counted = {}
    for state in WriteOffBatchItem.objects.filter(batch=batch).values_list("state", flat=True):
        counted[state] = counted.get(state, 0) + 1
    return counted


def codes(batch):
    """Of the accounts that were passed over, by name, why."""
    return dict(WriteOffBatchItem.objects.filter(batch=batch).exclude(code="").values_list("account__name", "code"))


def job_of(batch):
    return Job.objects.get(pk=WriteOffBatch.objects.get(pk=batch.pk).job_id)


def books(actor):
    """The trial balance by account, and every open item and agreement that is owed or was."""
    items = OpenItem.objects.of(actor).exclude(kind="write_off").order_by("pk")
    services = Agreement.objects.of(actor).exclude(type__special_role="write_off").order_by("pk")
    return (
        balances(actor),
        list(items.values_list("number", "amount", "balance", "organization_balance", "live_settlements")),
        list(services.values_list("number", "payoff_balance", "current_balance", "state")),
    )
