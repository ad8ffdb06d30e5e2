"""The books of a small carrier in plain Python, written from the requirements alone: what is refused, and what every
amount is afterwards. Nothing of the product is imported, so that both can't be wrong in the same way.

A verb of `Books` changes the books and answers "" where it is accepted. Where it is refused the books stay as they are,
and the answer is a piece of the sentence that the requirements give for it, or REFUSED where they give none.
"""

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

REFUSED = "refused"
ZERO = Decimal(0)
BAD_DEBT, CONCESSION, CHARGE = "bad_debt", "price_concession", "charge"
PAID, LOST, CREDITED = "paid", "lost", "credited"


@dataclass
class Limits:
    """What may be given up without asking; None: no maximum."""

    invoice: Decimal | None = None
    customer: Decimal | None = None


@dataclass(eq=False)
class Charge:
    """An accessorial on a load; `resolved` is the payment that it was given for, in one step."""

    kind: str
    amount: Decimal
    note: str
    resolved: "Payment | None" = None


@dataclass(eq=False)
class Load:
    """What a load charges now. `version` grows with every change of its charges or of its invoice."""

    customer: str
    line_haul: Decimal
    number: str = ""
    charges: list[Charge] = field(default_factory=list)
    invoice: "Invoice | None" = None
    version: int = 0

    @property
    def total(self) -> Decimal:
        return self.line_haul + sum((each.amount for each in self.charges), ZERO)

    def reduced(self, kind: str) -> Decimal:
        return -sum((each.amount for each in self.charges if each.kind == kind), ZERO)

    @property
    def late(self) -> bool:
        """Whether its invoice says something else than its charges add up to."""
        return self.invoice is not None and not self.invoice.void and self.invoice.total != self.total


@dataclass(eq=False)
class Settlement:
    """Something that stands on an invoice; only what `stands` counts."""

    kind: str
    amount: Decimal
    payment: "Payment | None" = None
    note: "CreditNote | None" = None
    stands: bool = True


@dataclass(eq=False)
class Invoice:
    """What the newest revision says, and what stands on it."""

    number: str
    load: Load
    total: Decimal = ZERO
    lost_lines: Decimal = ZERO
    conceded_lines: Decimal = ZERO
    revision: int = 0
    void: bool = False
    settlements: list[Settlement] = field(default_factory=list)

    def standing(self, *kinds: str) -> list[Settlement]:
        return [each for each in self.settlements if each.stands and each.kind in kinds]

    def sum_of(self, *kinds: str) -> Decimal:
        return sum((each.amount for each in self.standing(*kinds)), ZERO)

    @property
    def settled(self) -> Decimal:
        return self.sum_of(LOST, CREDITED)

    @property
    def balance(self) -> Decimal:
        return self.total - self.sum_of(PAID, LOST, CREDITED)

    @property
    def given_up(self) -> Decimal:
        return self.lost_lines + self.sum_of(LOST)

    @property
    def split(self) -> dict[str, Decimal]:
        """What every page about it shows."""
        return {
            "Total": self.total, "Paid": self.sum_of(PAID), "Credited": self.conceded_lines + self.sum_of(CREDITED),
            "Written off": self.given_up, "Balance": self.balance,
        }  # fmt: skip

    @property
    def status(self) -> str:
        """A written-off invoice never reads Paid."""
        if self.void:
            return "Void"
        if self.balance == 0 and self.given_up:
            return "Settled – written off"
        if self.balance == 0:
            return "Paid" if self.total or self.sum_of(PAID) else "Settled"
        return "Part paid" if self.balance < self.total else "Open"

    def revise(self) -> None:
        self.total, self.revision = self.load.total, self.revision + 1
        self.lost_lines, self.conceded_lines = self.load.reduced(BAD_DEBT), self.load.reduced(CONCESSION)
        self.load.version += 1


@dataclass(eq=False)
class Payment:
    number: str
    customer: str
    amount: Decimal
    undone: str = ""

    def applied(self, invoices: list[Invoice]) -> Decimal:
        found = [each for invoice in invoices for each in invoice.standing(PAID) if each.payment is self]
        return sum((each.amount for each in found), ZERO)


@dataclass(eq=False)
class CreditNote:
    number: str
    invoice: Invoice
    reversed: bool = False


@dataclass(eq=False)
class Resolution:
    """A short payment that was resolved in one step; `charge` is None where charges of before were brought along."""

    load: Load
    invoice: Invoice
    revision: int
    charge: Charge | None
    undone: bool = False


class Books:
    """All of it, and the verbs."""

    def __init__(self) -> None:
        self.limits = Limits()
        self.loads: list[Load] = []
        self.invoices: list[Invoice] = []
        self.payments: list[Payment] = []
        self.notes: list[CreditNote] = []
        self.resolutions: list[Resolution] = []

    def given_to(self, customer: str) -> Decimal:
        """All bad debt of a customer."""
        return sum((each.given_up for each in self.invoices if each.load.customer == customer), ZERO)

    def unapplied(self, payment: Payment) -> Decimal:
        return ZERO if payment.undone else payment.amount - payment.applied(self.invoices)

    # Loads and invoices -----------------------------------------------------------------------------------------

    def create_load(self, customer: str, line_haul: Decimal) -> str:
        self.loads.append(Load(customer, line_haul))
        return ""

    def generate_invoice(self, load: Load) -> str:
        if load.invoice is not None and not load.invoice.void:
            return "was already generated"
        load.invoice = Invoice(f"INV-{len(self.invoices) + 1:06}", load)
        self.invoices.append(load.invoice)
        load.invoice.revise()
        return ""

    def add_accessorial(self, load: Load, kind: str, amount: Decimal, note: str) -> str:
        if amount == 0:
            return REFUSED
        signed = amount if kind == CHARGE else -abs(amount)
        total = load.total + signed
        if total < 0:
            return "negative" if signed < 0 else REFUSED
        if signed < 0 and load.invoice is not None and not load.invoice.void and total < load.invoice.settled:
            return "is already credited by"
        load.charges.append(Charge(kind, signed, note))
        load.version += 1
        return ""

    def remove_accessorial(self, load: Load, charge: Charge) -> str:
        if load.total - charge.amount < 0:
            return REFUSED
        load.charges.remove(charge)
        load.version += 1
        return ""

    def regenerate_refused(self, load: Load) -> str:
        """The five conditions of the button, the first that fails."""
        invoice = load.invoice
        if invoice is None:
            return "Generate the invoice first."
        if invoice.void:
            return "is void"
        if payments := invoice.standing(PAID):
            return f"Delete payment {payments[0].payment.number} first"
        if load.total < 0 or load.total < invoice.settled:
            return "is already credited by"
        if not load.late:
            return "Nothing to regenerate: the charges still add up to"
        return ""

    def regenerate_invoice(self, load: Load) -> str:
        refused = self.regenerate_refused(load)
        if not refused:
            load.invoice.revise()
        return refused

    def void_invoice(self, load: Load) -> str:
        invoice = load.invoice
        if invoice is None or invoice.void or invoice.standing(PAID, LOST, CREDITED):
            return REFUSED
        invoice.void, invoice.revision = True, invoice.revision + 1
        invoice.total = invoice.lost_lines = invoice.conceded_lines = ZERO
        load.version += 1
        return ""

    # Money ------------------------------------------------------------------------------------------------------

    def record_payment(self, invoice: Invoice, amount: Decimal, pay_bill: bool = False, keep: bool = False) -> str:
        """`keep`: what exceeds the balance stays on account, the one click that is offered instead."""
        if invoice.void:
            return "is void"
        applied = min(amount, invoice.balance) if keep else amount
        if applied > invoice.balance:
            return "is bigger than the invoice balance"
        on_account = keep and amount > 0 and applied == 0
        if pay_bill and applied == 0 and not on_account:
            return "Nothing is applied to this invoice"
        lost = invoice.balance - applied if pay_bill and not on_account else ZERO
        if lost and (refused := self.too_much(invoice, lost)):
            return refused
        payment = Payment(f"PMT-{len(self.payments) + 1:06}", invoice.load.customer, amount)
        self.payments.append(payment)
        if not on_account:
            invoice.settlements.append(Settlement(PAID, applied, payment))
        if lost:
            self.issue(invoice, LOST, lost, payment)
        return ""

    def too_much(self, invoice: Invoice, lost: Decimal) -> str:
        """All limits that are set must allow; equal is allowed."""
        limit, cap = self.limits.invoice, self.limits.customer
        if limit is not None and invoice.given_up + lost > limit:
            return "pay off limit"
        if cap is not None and self.given_to(invoice.load.customer) + lost > cap:
            return "in 12 months"
        return ""

    def issue(self, invoice: Invoice, kind: str, amount: Decimal, payment: Payment | None = None) -> None:
        note = CreditNote(f"CN-{len(self.notes) + 1:06}", invoice)
        self.notes.append(note)
        invoice.settlements.append(Settlement(kind, amount, payment, note))

    def delete_payment(self, payment: Payment) -> str:
        if payment.undone:
            return REFUSED
        payment.undone = "Deleted"
        for invoice in self.invoices:
            for each in invoice.settlements:
                if each.payment is payment and each.stands:
                    each.stands = False
                    if each.note is not None:
                        each.note.reversed = True
        return ""

    def bounce_payment(self, payment: Payment) -> str:
        """As deleting it; and what was taken off in one step because of it is owed again."""
        if payment.undone:
            return REFUSED
        given = [(load, each) for load in self.loads for each in load.charges if each.resolved is payment]
        for load, charge in given:
            invoice = load.invoice
            left = sum((each.amount for each in invoice.standing(PAID) if each.payment is not payment), ZERO)
            if not invoice.void and load.total - charge.amount < left + invoice.settled:
                return REFUSED
        self.delete_payment(payment)
        payment.undone = "Bounced"
        for load, charge in given:
            load.charges.remove(charge)
            load.version += 1
            if not load.invoice.void:
                load.invoice.revise()
        return ""

    # The short payment ------------------------------------------------------------------------------------------

    def resolve_short_payment(self, load: Load, kind: str, amount: Decimal | None, note: str) -> str:
        """Without a kind, charges that were changed before are what changes the total; without an amount all that is
        open is taken off."""
        invoice = load.invoice
        if invoice is None:
            return "Generate the invoice first."
        if invoice.void:
            return "is void"
        waiting = invoice.total - load.total
        if not kind:
            if not load.late or waiting > invoice.balance:
                return REFUSED
            return self._resolved(load, None)
        most = max(invoice.balance - waiting, ZERO)
        amount = most if amount is None else amount
        if invoice.balance == 0 or amount <= 0 or amount > most:
            return REFUSED
        if load.total - amount == invoice.total:
            return "Nothing to regenerate: the charges still add up to"
        payments = invoice.standing(PAID)
        return self._resolved(load, Charge(kind, -amount, note, payments[-1].payment if payments else None))

    def _resolved(self, load: Load, charge: Charge | None) -> str:
        if charge is not None:
            load.charges.append(charge)
        load.invoice.revise()
        self.resolutions.append(Resolution(load, load.invoice, load.invoice.revision, charge))
        return ""

    def undo_resolution(self, resolution: Resolution) -> str:
        """Once, and only while nothing was built on it."""
        load, invoice, charge = resolution.load, resolution.invoice, resolution.charge
        built_on = invoice is not load.invoice or invoice.revision != resolution.revision or load.late
        if resolution.undone or charge is None or built_on:
            return REFUSED
        load.charges.remove(charge)
        invoice.revise()
        resolution.undone = True
        return ""

    # Credit notes -----------------------------------------------------------------------------------------------

    def issue_credit_note(self, invoice: Invoice, kind: str, amount: Decimal) -> str:
        if invoice.void or amount <= 0 or amount > invoice.balance:
            return REFUSED
        self.issue(invoice, kind, amount)
        return ""

    def reverse_credit_note(self, note: CreditNote) -> str:
        if note.reversed:
            return REFUSED
        note.reversed = True
        for each in note.invoice.settlements:
            each.stands = each.stands and each.note is not note
        return ""

    def facts(self) -> dict[str, Any]:
        """Everything that the pages are compared with, to see whether a step changed anything."""
        return {
            "invoices": {each.number: (each.status, each.split) for each in self.invoices},
            "payments": {each.number: (each.undone, self.unapplied(each)) for each in self.payments},
        }
