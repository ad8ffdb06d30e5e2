"""Debt that is given up or written off, and money for it that comes after all."""

from collections.abc import Generator, Iterator
from datetime import date
from decimal import Decimal

from receivables.collections.distribution.operations import distribute_payment
from receivables.collections.models import Payment
from receivables.collections.operations import Assignment, record_payment
from receivables.collections.recoveries.losses import losses_of
from receivables.collections.recoveries.operations import recover_bad_debt
from receivables.core.money import round_money
from receivables.demo.office import Job, Office
from receivables.demo.stories import Chapter, billed
from receivables.ledger.models import OpenItem
from receivables.writeoffs.drafting import Wanted
from receivables.writeoffs.models import WriteOff
from receivables.writeoffs.operations import write_off_debt
from receivables.writeoffs.reversing import reverse_write_off


def paid_off(office: Office, job: Job) -> Generator[date, None, Payment]:
    """A few short of the total: Pay bill? gives up the rest, within the limit."""
    _load, invoice = yield from billed(office, job)
    yield (day := office.later(invoice.due_date, job.client.late - 4, job.client.late + 6))
    short = round_money(Decimal(office.rng.randint(1, 45)), invoice.currency)
    amount = office.balance(invoice) - short
    method, prefix = office.rng.choice(list(office.profile.methods))
    payment = record_payment(
        actor=office.biller, account=invoice.account, amount=amount, date=day, method=method,
        bank_account=office.rng.choice(office.banks[invoice.currency]),
        reference=f"{prefix} {office.rng.randint(10000, 999999)}",
        assignments=[Assignment(invoice, amount, pay_bill=True)],
    )  # fmt: skip
    return payment


def came_after_all(office: Office, job: Job) -> Iterator[date]:
    """The rest that was given up is sent later, and recovered."""
    payment = yield from paid_off(office, job)
    given = payment.pay_offs.select_related("invoice").get()
    yield (day := office.later(payment.date, 10, 25))
    money = office.receive(job.client, day, given.amount, {}, f"Rest of {payment.reference}")
    [loss] = losses_of([given.invoice_id])
    recover_bad_debt(actor=office.biller, money=money, parts=[(loss, given.amount)], date=day)


def _written_off(office: Office, job: Job, reason: str) -> Generator[date, None, WriteOff | None]:
    """Nobody will pay it: transferred to a write-off agreement, where it is still owed. Where the customer has money on
    account, that would be used first: another story."""
    _load, invoice = yield from billed(office, job)
    yield (day := office.later(invoice.due_date, 20, 40))
    if OpenItem.objects.filter(account=invoice.account, balance__lt=0).exists():
        return None
    pick: dict[tuple[int, int | None], Decimal] = {
        (invoice.agreement_id, invoice.open_item_id): office.balance(invoice)
    }
    done = write_off_debt(
        actor=office.admin, wanted=Wanted(invoice.account, reason, picks=pick, posting_date=day)
    )  # fmt: skip
    if not isinstance(done, WriteOff):
        raise TypeError("an Admin of the demo may write off what its stories do")
    return done


def written_off(office: Office, job: Job) -> Iterator[date]:
    yield from _written_off(office, job, "Carrier's claim lapsed, the customer does not answer")


def written_off_and_recovered(office: Office, job: Job) -> Iterator[date]:
    """A part comes after all: it reaches the written-off debt once everything else is paid."""
    done = yield from _written_off(office, job, "Out of business")
    if done is None:
        return
    yield (day := office.later(done.posting_date, 5, 15))
    part = office.share(done.amount, 20, 60, done.currency)
    items = {item.open_item_id: item.open_item.balance for item in done.items.select_related("open_item")}
    amounts = {}
    left = part
    for item, balance in items.items():
        amounts[item] = min(left, balance)
        left -= amounts[item]
    payment = office.receive(job.client, day, part, {}, "From the estate")
    amounts = {item: amount for item, amount in amounts.items() if amount}
    distribute_payment(actor=office.biller, payment=payment, amounts=amounts, posting_date=day)


def written_off_too_early(office: Office, job: Job) -> Iterator[date]:
    """The customer answers: the write-off is taken back, and the invoice paid."""
    done = yield from _written_off(office, job, "No answer for two months")
    if done is None:
        return
    yield (day := office.later(done.posting_date, 3, 9))
    reverse_write_off(actor=office.admin, write_off=done, reason="The customer was abroad", posting_date=day)


CHAPTERS = [
    Chapter(paid_off, 10, (50, 130)),
    Chapter(came_after_all, 4, (90, 140)),
    Chapter(written_off, 3, (90, 140)),
    Chapter(written_off_and_recovered, 3, (90, 140)),
    Chapter(written_off_too_early, 2, (90, 140)),
]
