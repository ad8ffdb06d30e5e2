"""The people of a demo organization at work: every step is an operation, done by whoever would do it."""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from random import Random
from typing import Any

from accounts.models import Membership
from accounts.roles import Role
from receivables.approvals.models import ApprovalRequest
from receivables.approvals.operations import approve_request, reject_request
from receivables.billing.credit_notes.models import CreditNote, Reason
from receivables.billing.credit_notes.operations import issue_credit_note, reverse_credit_note
from receivables.billing.models import Accessorial, AccessorialType, Invoice, Load, TaxCode
from receivables.billing.operations import (
    add_accessorial,
    create_load,
    edit_load,
    generate_invoice,
    regenerate_invoice,
    reissue_invoice,
    send_invoice,
    void_invoice,
)
from receivables.collections.models import BankAccount, Payment
from receivables.collections.operations import Assignment, delete_payment, record_payment
from receivables.core.money import format_money, round_money
from receivables.demo.clients import Client
from receivables.demo.profiles import Profile
from receivables.ledger.models import OpenItem

CENT_LESS = Decimal("0.25")  # amounts per unit are typed in quarters, never in odd cents


@dataclass(frozen=True)
class Job:
    """An order of a client, with the day on which it begins."""

    client: Client
    day: date


class Office:
    """Acts for one organization. Dates are days of business; nothing here looks at the clock."""

    def __init__(
        self, profile: Profile, members: dict[str, Membership], clients: list[Client], rng: Random, as_of: date
    ) -> None:
        self.profile, self.clients, self.rng, self.as_of = profile, clients, rng, as_of
        self.admin, self.manager = members[Role.ADMIN], members[Role.OPERATIONS_MANAGER]
        self.biller, self.collector = members[Role.BILLER], members[Role.COLLECTOR]
        self.organization = self.admin.organization
        self.types = {each.name: each for each in AccessorialType.objects.of(self.admin).select_related("tax_code")}
        self.taxes = {each.code: each for each in TaxCode.objects.of(self.admin)}
        self.banks: dict[str, list[BankAccount]] = {}
        for bank in BankAccount.objects.of(self.admin).order_by("pk"):
            self.banks.setdefault(bank.currency, []).append(bank)

    # Days and amounts

    def workday(self, day: date) -> date:
        """The day, or the next one on which the office works."""
        while day.weekday() not in self.organization.work_days:
            day += timedelta(days=1)
        return day

    def later(self, day: date, least: int, most: int) -> date:
        """A working day so many days later."""
        return self.workday(day + timedelta(days=self.rng.randint(least, most)))

    def billing_day(self, load: Load) -> date:
        """The working day on which a load is billed, soon after its delivery."""
        if load.delivery_date is None:
            raise TypeError("a load of the demo has a delivery date")
        return self.later(load.delivery_date, 0, 2)

    def share(self, amount: Decimal, low: int, high: int, currency: str) -> Decimal:
        """Some percent of an amount, as a person would round it."""
        part = amount * self.rng.randint(low, high) / 100
        step = Decimal(5) if part >= 20 else CENT_LESS
        return round_money(max(part // step * step, step), currency)

    def text(self, amount: Decimal, currency: str) -> str:
        return format_money(amount, currency, self.organization.number_format, with_code=True)

    def balance(self, invoice: Invoice) -> Decimal:
        """What is still owed on an invoice."""
        return OpenItem.objects.values_list("balance", flat=True).get(pk=invoice.open_item_id)

    # Billing

    def enter(self, job: Job, *, extras: bool = True, **details: Any) -> Load:
        """Enter a load with its everyday charges; goods sold abroad carry none, as their rates are home currency."""
        trip = {**self.trip(job), **details}
        agreement = job.client.agreement_on(job.day)
        load = create_load(actor=self.biller, account=job.client.account, agreement=agreement, **trip)
        abroad = job.client.currency != self.profile.currency and not self.profile.by_distance
        for extra in self.profile.extras if extras and not abroad else ():
            if self.rng.random() < extra.share:
                quantity = Decimal(self.rng.randint(*extra.quantity)) or load.distance
                self.charge(load, extra.type, quantity=quantity, rate=extra.rate, note=extra.note)
        return load

    def trip(self, job: Job) -> dict[str, Any]:
        """Where from, where to, how far, how heavy, and for how much. Distances are in miles, weights in pounds."""
        rng, profile = self.rng, self.profile
        origin, destination = rng.sample(list(profile.cities), 2)
        miles = origin.road_miles(destination)
        low, high = profile.haul
        factor = low + (high - low) * Decimal(rng.randint(0, 1000)) / 1000
        amount = max(factor * miles, Decimal(350)) if profile.by_distance else factor
        foreign = job.client.currency != profile.currency
        if foreign and not profile.by_distance:
            amount /= profile.rates[job.client.currency][0]
        taxed = profile.line_tax and not foreign
        return {
            "line_haul": round_money(amount // CENT_LESS * CENT_LESS, job.client.currency),
            "tax_code": self.taxes[profile.line_tax] if taxed else None,
            "reference": f"PO {rng.randint(10000, 99999)}",
            "origin": origin.name, "destination": destination.name, "distance": Decimal(miles),
            "weight": Decimal(rng.randint(20, 440) * 100), "pickup_date": job.day,
            "delivery_date": job.day + timedelta(days=1 + miles // 550),
        }  # fmt: skip

    def charge(self, load: Load, name: str, *, by: Membership | None = None, **details: Any) -> Accessorial:
        """Add a customer's accessorial to a load."""
        return add_accessorial(
            actor=by or self.biller, load=load, type=self.types[name], entity=details.pop("entity", "customer"),
            **details,
        )  # fmt: skip

    def bill(self, load: Load, day: date, *, send: bool = True) -> Invoice:
        """Generate the invoice of a load and send it."""
        invoice = generate_invoice(actor=self.biller, load=load, issue_date=day)
        if send:
            self.send(load)
        return invoice

    def send(self, load: Load) -> None:
        send_invoice(actor=self.biller, load=load)

    def edit(self, load: Load, **changes: Any) -> None:
        edit_load(actor=self.biller, load=load, **changes)

    def regenerate(self, load: Load, day: date, reason: str = "") -> None:
        regenerate_invoice(actor=self.biller, load=load, posting_date=day, reason=reason)

    def reissue(self, load: Load, day: date, reason: str) -> None:
        reissue_invoice(actor=self.biller, load=load, posting_date=day, reason=reason)

    def void(self, load: Load, day: date, reason: str) -> None:
        void_invoice(actor=self.biller, load=load, posting_date=day, reason=reason)

    def credit(self, parts: dict[Invoice, Decimal], kind: str, day: date, text: str) -> CreditNote:
        """Take something off invoices of one account by a credit note, as the Admin, who may always."""
        invoices = list(parts)
        note = issue_credit_note(
            actor=self.admin, account=invoices[0].account, reason=Reason.objects.of(self.admin).get(kind=kind),
            parts=list(parts.items()), text=text, date=day,
        )  # fmt: skip
        if not isinstance(note, CreditNote):
            raise TypeError("an Admin of the demo may give away what its stories do")
        return note

    def take_back(self, note: CreditNote, day: date, reason: str) -> None:
        reverse_credit_note(actor=self.admin, credit_note=note, posting_date=day, reason=reason)

    # Collections

    def receive(
        self, client: Client, day: date, amount: Decimal, applied: dict[Invoice, Decimal], note: str = ""
    ) -> Payment:
        """Record money of a client, applied as said."""
        method, prefix = self.rng.choice(list(self.profile.methods))
        return record_payment(
            actor=self.collector, account=client.account, amount=amount, date=day, method=method,
            bank_account=self.rng.choice(self.banks[client.currency]),
            reference=f"{prefix} {self.rng.randint(10000, 999999)}", note=note,
            assignments=[Assignment(invoice, part) for invoice, part in applied.items()],
        )  # fmt: skip

    def pay(self, job: Job, invoice: Invoice, day: date, short: Decimal = Decimal(0), note: str = "") -> Payment:
        """Record a payment of an invoice, in full or short by an amount."""
        amount = self.balance(invoice) - short
        return self.receive(job.client, day, amount, {invoice: amount}, note)

    def short_note(self, short: Decimal, currency: str) -> str:
        return self.rng.choice(list(self.profile.short_notes)).format(short=self.text(short, currency))

    def delete(self, payment: Payment, day: date, reason: str) -> None:
        delete_payment(actor=self.biller, payment=payment, posting_date=day, reason=reason)

    # Approvals

    def waiting(self, row: Accessorial) -> ApprovalRequest:
        return ApprovalRequest.objects.of(self.admin).get(subject_id=row.pk, state=ApprovalRequest.State.WAITING)

    def approve(self, row: Accessorial, by: Membership, note: str) -> None:
        approve_request(actor=by, request=self.waiting(row), note=note)

    def reject(self, row: Accessorial, by: Membership, reason: str) -> None:
        reject_request(actor=by, request=self.waiting(row), reason=reason)
