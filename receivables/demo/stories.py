"""What becomes of an order: each story yields the day on which it goes on, and is left where as-of finds it.

A story is called with the office and a job. The first yield is the day it begins; a day after as-of is never reached.
"""

from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from receivables.billing.models import Accessorial, Invoice, Load
from receivables.demo.office import Job, Office
from receivables.demo.summaries import summed_up, summed_up_short

Story = Callable[[Office, Job], Iterator[date]]


def billed(office: Office, job: Job, *, send: bool = True) -> Generator[date, None, tuple[Load, Invoice]]:
    """Enter the load and bill it after delivery. Returns (load, invoice) to the story that goes on from here."""
    yield office.workday(job.day)
    load = office.enter(job)
    day = office.billing_day(load)
    yield day
    invoice = office.bill(load, day, send=send)
    return load, invoice


def ordinary(office: Office, job: Job) -> Iterator[date]:
    """Billed, and paid when this customer usually pays; one in twelve is forgotten."""
    _load, invoice = yield from billed(office, job)
    if office.rng.random() < 1 / 12:
        return
    day = office.later(invoice.due_date, job.client.late - 8, job.client.late + 8)
    yield day
    office.pay(job, invoice, day)


def statement(office: Office, job: Job) -> Iterator[date]:
    """Several loads of a week, paid with one payment."""
    invoices = []
    day = job.day
    for _number in range(office.rng.randint(3, 5)):
        _load, invoice = yield from billed(office, Job(job.client, day))
        invoices.append(invoice)
        day = invoice.issue_date + timedelta(days=office.rng.randint(0, 2))
    day = office.later(invoices[-1].due_date, job.client.late - 4, job.client.late + 6)
    yield day
    owed = {invoice: office.balance(invoice) for invoice in invoices}
    office.receive(job.client, day, sum(owed.values(), Decimal(0)), owed, "Statement payment")


def draft(office: Office, job: Job) -> Iterator[date]:
    """Entered, not billed yet."""
    yield job.day
    office.enter(job)


def queued(office: Office, job: Job) -> Iterator[date]:
    """Billed, not sent yet."""
    yield from billed(office, job, send=False)


def unpaid(office: Office, job: Job) -> Iterator[date]:
    """Nobody pays."""
    yield from billed(office, job)


def part_paid(office: Office, job: Job) -> Iterator[date]:
    """An instalment came, the rest is open."""
    _load, invoice = yield from billed(office, job)
    day = office.later(invoice.issue_date, 3, 9)
    yield day
    rest = office.share(office.balance(invoice), 30, 60, invoice.currency)
    office.pay(job, invoice, day, rest, "Instalment, the rest follows")


def short_paid(office: Office, job: Job) -> Iterator[date]:
    """Paid short, with the customer's reason; somebody has to solve it."""
    _load, invoice = yield from billed(office, job)
    day = office.later(invoice.issue_date, 9, 20)
    yield day
    short = office.share(office.balance(invoice), 2, 12, invoice.currency)
    office.pay(job, invoice, day, short, office.short_note(short, invoice.currency))


def given_up(office: Office, job: Job, type_name: str, note: str, low: int, high: int) -> Iterator[date]:
    """The five steps by hand: payment deleted, negative accessorial, regenerated, paid again."""
    load, invoice = yield from billed(office, job)
    paid_on = office.later(invoice.issue_date, 10, 24)
    yield paid_on
    short = office.share(office.balance(invoice), low, high, invoice.currency)
    payment = office.pay(job, invoice, paid_on, short, office.short_note(short, invoice.currency))
    day = office.later(paid_on, 2, 6)
    yield day
    office.delete(payment, day, "Short payment: the invoice is reduced first")
    office.charge(load, type_name, by=office.admin, amount=-short, note=note)
    office.regenerate(load, day, "Short payment")
    office.receive(job.client, paid_on, payment.amount, {invoice: payment.amount}, "Recorded again after regenerating")


def written_off(office: Office, job: Job) -> Iterator[date]:
    """A short payment given up: Settled – written off."""
    yield from given_up(office, job, office.profile.write_off, "Not worth pursuing", 2, 8)


def conceded(office: Office, job: Job) -> Iterator[date]:
    """A short payment that the customer was right about: Paid, shown as credited."""
    yield from given_up(office, job, office.profile.concession, "Price as quoted", 3, 10)


def written_off_whole(office: Office, job: Job) -> Iterator[date]:
    """The whole invoice is given up; a payment of zero closes it in the customer's books."""
    load, invoice = yield from billed(office, job)
    day = office.later(invoice.due_date, 60, 75)
    yield day
    whole = office.balance(invoice)
    office.charge(load, office.profile.write_off, by=office.admin, amount=-whole, note="Customer ceased trading")
    office.regenerate(load, day, "Full write-off")
    if office.rng.random() < 0.5:
        office.receive(job.client, day, Decimal(0), {invoice: Decimal(0)}, "Zero payment to close the invoice")


def zero_payment(office: Office, job: Job) -> Iterator[date]:
    """A payment of zero on an open invoice: a payment record all the same."""
    _load, invoice = yield from billed(office, job)
    day = office.later(invoice.issue_date, 8, 16)
    yield day
    office.receive(job.client, day, Decimal(0), {invoice: Decimal(0)}, "Remittance of zero, advice only")


def regenerated(office: Office, job: Job, *, send: bool) -> Iterator[date]:
    """A charge came late: revision 2."""
    load, invoice = yield from billed(office, job)
    day = office.later(invoice.issue_date, 2, 6)
    yield day
    extra = office.profile.extras[-1]
    office.charge(load, extra.type, amount=extra.rate, note="Reported late")
    office.regenerate(load, day, "Charge reported after billing")
    if send:
        office.send(load)


def regenerated_sent(office: Office, job: Job) -> Iterator[date]:
    yield from regenerated(office, job, send=True)


def regenerated_not_sent(office: Office, job: Job) -> Iterator[date]:
    yield from regenerated(office, job, send=False)


def out_of_date(office: Office, job: Job) -> Iterator[date]:
    """A charge was added while the payment stands: the invoice waits for the payment to be deleted."""
    load, invoice = yield from billed(office, job)
    day = office.later(invoice.issue_date, 8, 18)
    yield day
    short = office.share(office.balance(invoice), 3, 9, invoice.currency)
    office.pay(job, invoice, day, short, office.short_note(short, invoice.currency))
    office.charge(load, office.profile.concession, by=office.manager, amount=-short, note="Agreed by phone")


def details_changed(office: Office, job: Job) -> Iterator[date]:
    """The destination was corrected: the total is the same, the document is not."""
    load, invoice = yield from billed(office, job)
    yield office.later(invoice.issue_date, 1, 4)
    office.edit(load, destination=elsewhere(office, load))


def reissued(office: Office, job: Job) -> Iterator[date]:
    """As details changed, and issued anew."""
    load, invoice = yield from billed(office, job)
    day = office.later(invoice.issue_date, 1, 4)
    yield day
    office.edit(load, destination=elsewhere(office, load))
    office.reissue(load, day, "Destination corrected")
    office.send(load)


def elsewhere(office: Office, load: Load) -> str:
    return office.rng.choice([city.name for city in office.profile.cities if city.name not in load.destination])


def voided(office: Office, job: Job) -> Iterator[date]:
    """Billed twice by mistake; the second is taken back."""
    load, invoice = yield from billed(office, job)
    day = office.later(invoice.issue_date, 1, 5)
    yield day
    office.void(load, day, "Billed twice")


def voided_and_billed_again(office: Office, job: Job) -> Iterator[date]:
    """Voided, because the customer wants another issue date, and billed under a new number."""
    load, invoice = yield from billed(office, job)
    day = office.later(invoice.issue_date, 1, 5)
    yield day
    office.void(load, day, "Customer needs a later issue date")
    office.bill(load, day)


def cancelled(office: Office, job: Job) -> Iterator[date]:
    """TONU: cancelled before pickup and billed with a fee alone."""
    yield office.workday(job.day)
    load = office.enter(job, extras=False, tonu=True, line_haul=Decimal(0))
    office.charge(load, office.profile.cancelled_fee, amount=Decimal(250), note="Cancelled on the day")
    day = office.later(job.day, 1, 3)
    yield day
    invoice = office.bill(load, day)
    if office.rng.random() < 0.5:
        return
    paid_on = office.later(invoice.due_date, 0, 9)
    yield paid_on
    office.pay(job, invoice, paid_on)


def cancelled_draft(office: Office, job: Job) -> Iterator[date]:
    """Cancelled before pickup, the fee not billed yet."""
    yield job.day
    load = office.enter(job, extras=False, tonu=True, line_haul=Decimal(0))
    office.charge(load, office.profile.cancelled_fee, amount=Decimal(250), note="Cancelled on the day")


def on_account(office: Office, job: Job) -> Iterator[date]:
    """Money without remittance advice: all of it stays on account."""
    _load, invoice = yield from billed(office, job)
    day = office.later(invoice.issue_date, 10, 20)
    yield day
    amount = office.share(office.balance(invoice), 40, 90, invoice.currency)
    office.receive(job.client, day, amount, {}, "No remittance advice; asked the customer")


def overpaid(office: Office, job: Job) -> Iterator[date]:
    """Paid too much: the invoice is settled and the rest is kept on account."""
    _load, invoice = yield from billed(office, job)
    day = office.later(invoice.issue_date, 10, 20)
    yield day
    owed = office.balance(invoice)
    over = office.share(owed, 2, 9, invoice.currency)
    office.receive(job.client, day, owed + over, {invoice: owed}, "Paid twice for one charge; kept on account")


def payment_deleted(office: Office, job: Job) -> Iterator[date]:
    """Recorded with a wrong amount, deleted and recorded again."""
    _load, invoice = yield from billed(office, job)
    day = office.later(invoice.issue_date, 9, 18)
    yield day
    wrong = office.share(office.balance(invoice), 10, 30, invoice.currency)
    payment = office.pay(job, invoice, day, wrong)
    office.delete(payment, day, "Amount mistyped")
    office.pay(job, invoice, day)


def carrier_charge(office: Office, job: Job) -> Iterator[date]:
    """Something was paid to the carrier as well; the customer's invoice knows nothing of it."""
    yield office.workday(job.day)
    load = office.enter(job)
    name = next(spec.name for spec in office.profile.types if "carrier" in spec.entities)
    office.charge(load, name, entity="carrier", amount=Decimal(150), note="Paid to the carrier")
    day = office.billing_day(load)
    yield day
    office.bill(load, day)


def asked(
    office: Office, job: Job, low: int, high: int
) -> Generator[date, None, tuple[Accessorial, Load, Invoice, date]]:
    """The Biller wants to give up more than they may. Returns (row, load, invoice, day)."""
    load, invoice = yield from billed(office, job)
    day = office.later(invoice.issue_date, 6, 14)
    yield day
    amount = min(Decimal(office.rng.randint(low, high) * 10), office.balance(invoice))
    row = office.charge(load, office.profile.write_off, amount=-amount, note="Claim for damaged goods, photos on file")
    return row, load, invoice, day


def approval_waiting(office: Office, job: Job) -> Iterator[date]:
    yield from asked(office, job, 26, 34)


def approval_waiting_for_admin(office: Office, job: Job) -> Iterator[date]:
    """Above the Operations Manager's limit as well, on an order large enough for it."""
    yield office.workday(job.day)
    load = office.enter(job, line_haul=Decimal(5800))
    day = office.billing_day(load)
    yield day
    office.bill(load, day)
    office.charge(load, office.profile.write_off, amount=Decimal(-2900), note="Whole trailer refused by the consignee")


def approval_granted(office: Office, job: Job) -> Iterator[date]:
    """Asked, approved, regenerated and the rest paid."""
    row, load, invoice, day = yield from asked(office, job, 26, 34)
    yield (day := office.later(day, 1, 2))
    office.approve(row, office.manager, "Photos seen, agreed")
    office.regenerate(load, day, "Approved write-off")
    yield (day := office.later(day, 3, 9))
    if office.balance(invoice):
        office.pay(job, invoice, day)


def approval_rejected(office: Office, job: Job) -> Iterator[date]:
    row, _load, _invoice, day = yield from asked(office, job, 26, 60)
    yield office.later(day, 1, 2)
    office.reject(row, office.manager, "No photos on file; the claim is against the carrier")


@dataclass(frozen=True)
class Chapter:
    """A story, how often it occurs per 1,000 loads, and how many days before as-of it begins.

    Ages leave room for the longest trip and weekends (12 days until billed), so that each story gets where it should.
    `terms` is the least number of days that the client has to pay.
    """

    story: Story
    per_thousand: int
    ages: tuple[int, int]
    terms: int = 0
    foreign: bool = False
    loads: int = 1


CHAPTERS = [
    Chapter(draft, 24, (0, 5)),
    Chapter(cancelled_draft, 3, (0, 5)),
    Chapter(queued, 18, (12, 16)),
    Chapter(unpaid, 30, (12, 26), terms=30),
    Chapter(unpaid, 18, (45, 58), terms=30),
    Chapter(unpaid, 14, (75, 88), terms=30),
    Chapter(unpaid, 10, (104, 118), terms=30),
    Chapter(unpaid, 14, (140, 270)),
    Chapter(part_paid, 10, (25, 29), terms=30),
    Chapter(part_paid, 16, (40, 100)),
    Chapter(short_paid, 30, (36, 75)),
    Chapter(written_off, 16, (48, 200)),
    Chapter(conceded, 12, (48, 200)),
    Chapter(written_off_whole, 3, (130, 220)),
    Chapter(zero_payment, 3, (32, 60)),
    Chapter(regenerated_sent, 6, (24, 200)),
    Chapter(regenerated_not_sent, 6, (20, 30)),
    Chapter(out_of_date, 6, (34, 60)),
    Chapter(details_changed, 5, (20, 28)),
    Chapter(reissued, 3, (22, 120)),
    Chapter(voided, 5, (22, 200)),
    Chapter(voided_and_billed_again, 2, (22, 150)),
    Chapter(cancelled, 8, (40, 200)),
    Chapter(on_account, 5, (36, 80)),
    Chapter(overpaid, 4, (36, 120)),
    Chapter(payment_deleted, 5, (34, 180)),
    Chapter(carrier_charge, 4, (14, 60)),
    Chapter(approval_waiting, 6, (32, 46)),
    Chapter(approval_waiting_for_admin, 2, (16, 28)),
    Chapter(approval_granted, 5, (44, 120)),
    Chapter(approval_rejected, 4, (36, 90)),
    Chapter(unpaid, 8, (12, 90), foreign=True),
    Chapter(written_off, 3, (60, 160), foreign=True),
    Chapter(ordinary, 26, (60, 260), foreign=True),
    Chapter(summed_up, 12, (60, 200), loads=3),
    Chapter(summed_up_short, 9, (36, 60), loads=3),
    Chapter(statement, 140, (75, 260), loads=4),
]
ORDINARY = Chapter(ordinary, 1000, (0, 272))
