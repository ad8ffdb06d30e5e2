"""Short payments by the dozen, and batches worked off without a worker of their own."""

from types import SimpleNamespace

from receivables.billing.models import Invoice
from receivables.collections.short_payments.models import BatchItem, BatchResolution
from receivables.collections.short_payments.operations import dry_run, resolve_short_payments, undo_batch
from receivables.collections.short_payments.planning import Choice, Selection
from receivables.collections.short_payments.rules import Limits
from receivables.core import tasks
from receivables.core.models import Job
from tests.builders import make_invoice, pay

EVERYTHING = Selection(everything=True)


def short(actor, account=None, paid="950", **details):
    """An invoice of 1,000.00 of which so much is paid."""
    invoice = make_invoice(actor, account, **details)
    pay(actor, invoice, paid)
    return invoice


def ticked(*invoices):
    return Selection(keys=tuple(invoice.open_item_id for invoice in invoices))


def choice(type, currency="USD", amount=None, percent=None, posting_date=None, **words):
    return Choice(type, Limits(currency, amount, percent, posting_date), **words)


def planned(actor, type, selection=EVERYTHING, **wanted):
    return dry_run(actor, selection, choice(type, **wanted))


def ask(actor, type, selection=EVERYTHING, **wanted):
    return resolve_short_payments(actor=actor, selection=selection, choice=choice(type, **wanted))


def work_off(batch, attempts=0):
    """Run the batch's job here, as a worker would; the batch anew."""
    current = BatchResolution.objects.get(pk=batch.pk)
    tasks.run_job.func(SimpleNamespace(job=SimpleNamespace(attempts=attempts)), job_id=current.job_id)
    return BatchResolution.objects.get(pk=batch.pk)


def resolved(actor, type, selection=EVERYTHING, **wanted):
    """A batch, asked for and worked off."""
    return work_off(ask(actor, type, selection, **wanted))


def undone(actor, batch, reason="They paid after all"):
    return work_off(undo_batch(actor=actor, batch=batch, reason=reason))


def states(batch):
    """How many items are in each state, and the codes of those passed over."""
    items = BatchItem.objects.filter(batch=batch)
    counted = {}
    for state in items.values_list("state", flat=True):
        counted[state] = counted.get(state, 0) + 1
    return counted


def codes(batch):
    return dict(BatchItem.objects.filter(batch=batch).exclude(code="").values_list("invoice__number", "code"))


def balance(invoice):
    return Invoice.objects.select_related("open_item").get(pk=invoice.pk).open_item.balance


def job_of(batch):
    return Job.objects.get(pk=BatchResolution.objects.get(pk=batch.pk).job_id)
