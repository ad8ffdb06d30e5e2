"""What the plain model is made of: limits, loads, invoices and what stands on them, payments, credit notes."""

from dataclasses import dataclass, field
from decimal import Decimal

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


@dataclass
class Row:
    """What is typed beside an invoice in "Collections and assignments"."""

    invoice: Invoice
    applied: Decimal
    pay_bill: bool
    bad_debt: Decimal = ZERO

    @property
    def lost(self) -> Decimal:
        return self.invoice.balance - self.applied if self.pay_bill else self.bad_debt
