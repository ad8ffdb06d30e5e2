"""Stories of summary invoices: a client's loads of a week on one document, paid in full or short on one of them."""

from collections.abc import Generator, Iterator
from datetime import date, timedelta

from receivables.billing.models import Invoice, Load, Revision
from receivables.billing.summary.operations import generate_summary_invoice
from receivables.billing.summary.parts import parts_of, short_shares
from receivables.collections.operations import Assignment, record_payment
from receivables.demo.office import Job, Office


def summed_up(office: Office, job: Job) -> Iterator[date]:
    """Loads of a week on one invoice, paid in full."""
    invoice, _loads, day = yield from _billed(office, job)
    yield day
    office.pay(job, invoice, day)


def summed_up_short(office: Office, job: Job) -> Iterator[date]:
    """Paid short, and the remittance says on which load."""
    invoice, loads, day = yield from _billed(office, job)
    yield day
    balance = office.balance(invoice)
    amount = balance - office.share(loads[1].charges_total, 4, 9, invoice.currency)
    current = Invoice.objects.select_related("open_item").get(pk=invoice.pk)
    parts = parts_of(current, Revision.objects.get(invoice=invoice, number=current.current_revision))
    method, prefix = office.rng.choice(list(office.profile.methods))
    record_payment(
        actor=office.collector, account=job.client.account, amount=amount, date=day, method=method,
        bank_account=office.banks[job.client.currency][0], reference=f"{prefix} {office.rng.randint(10000, 999999)}",
        note=f"Short on {loads[1].number}",
        assignments=[Assignment(current, amount, short_shares(parts, loads[1], amount))],
    )  # fmt: skip


def _billed(office: Office, job: Job) -> Generator[date, None, tuple[Invoice, list[Load], date]]:
    loads: list[Load] = []
    day = job.day
    for _number in range(3):
        yield day
        load = office.enter(Job(job.client, day), pickup_date=day, delivery_date=day + timedelta(days=2))
        loads.append(Load.objects.get(pk=load.pk))
        day = office.later(day, 1, 2)
    day = office.later(day, 2, 4)
    yield day
    invoice = generate_summary_invoice(
        actor=office.biller, loads=loads, issue_date=day, reference=f"Week of {job.day.isoformat()}"
    )
    office.send(loads[0])
    return invoice, loads, office.later(invoice.issue_date, 8, 18)
