"""Orders that end in a credit note: a short payment conceded, a small debt given up, a rebate over several invoices."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal

from receivables.demo.office import Job, Office
from receivables.demo.stories import Chapter, billed


def conceded_by_credit_note(office: Office, job: Job) -> Iterator[date]:
    """Paid short, and the customer was right: the payment stays, a credit note takes off the rest."""
    _load, invoice = yield from billed(office, job)
    day = office.later(invoice.issue_date, 10, 20)
    yield day
    short = office.share(office.balance(invoice), 2, 8, invoice.currency)
    office.pay(job, invoice, day, short, office.short_note(short, invoice.currency))
    yield (day := office.later(day, 2, 6))
    office.credit({invoice: short}, "price_concession", day, "Rate as quoted")


def given_up_by_credit_note(office: Office, job: Job) -> Iterator[date]:
    """Paid short and not worth pursuing: Settled – written off."""
    _load, invoice = yield from billed(office, job)
    day = office.later(invoice.issue_date, 10, 20)
    yield day
    short = office.share(office.balance(invoice), 1, 3, invoice.currency)
    office.pay(job, invoice, day, short, office.short_note(short, invoice.currency))
    yield (day := office.later(day, 20, 30))
    office.credit({invoice: short}, "bad_debt", day, "Not worth pursuing")


def rebate(office: Office, job: Job) -> Iterator[date]:
    """One credit note over the invoices of a week."""
    invoices = []
    day = job.day
    for _number in range(3):
        _load, invoice = yield from billed(office, Job(job.client, day))
        invoices.append(invoice)
        day = invoice.issue_date
    yield (day := office.later(day, 3, 6))
    same = [each for each in invoices if each.agreement_id == invoices[0].agreement_id]
    parts = {each: office.share(office.balance(each), 4, 6, each.currency) for each in same}
    office.credit(parts, "discount", day, "Rebate for the week, as agreed")
    yield (day := office.later(invoices[-1].due_date, job.client.late, job.client.late + 6))
    owed = {each: office.balance(each) for each in invoices}
    office.receive(job.client, day, sum(owed.values(), Decimal(0)), owed, "Statement payment, less the rebate")


def credited_by_mistake(office: Office, job: Job) -> Iterator[date]:
    """A credit note for the wrong customer, reversed two days later."""
    _load, invoice = yield from billed(office, job)
    day = office.later(invoice.issue_date, 2, 5)
    yield day
    note = office.credit(
        {invoice: office.share(office.balance(invoice), 10, 20, invoice.currency)}, "price_concession", day,
        "Damaged pallets",
    )  # fmt: skip
    yield (day := office.later(day, 1, 3))
    office.take_back(note, day, "Meant for another customer")


CHAPTERS = [
    Chapter(conceded_by_credit_note, 6, (40, 120)),
    Chapter(given_up_by_credit_note, 5, (62, 140)),
    Chapter(rebate, 6, (60, 130), loads=3),
    Chapter(credited_by_mistake, 2, (24, 60)),
    Chapter(conceded_by_credit_note, 2, (45, 120), foreign=True),
]
