"""What the pay-off rule looks at, and what it answers with: an invoice of a payment, its limits, its reasons."""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal

from receivables.approvals.models import AuthorityKind
from receivables.approvals.rules import Authority
from receivables.collections.rules import AssignmentFacts
from receivables.core.errors import Blocker
from receivables.core.money import decimals, format_money, format_number, with_currency

ZERO = Decimal(0)


@dataclass(frozen=True)
class Limits:
    """How much may be given up, in the organization's `currency`; None: no maximum. All that are set must allow.

    `percent` is of the invoice's total, `cap` what a customer may be given in 12 months. `reason` is what Pay bill? is
    booked with, `reason_limit` what it may take off one invoice, `reason_id` its key.
    """

    currency: str
    limit: Decimal | None = None
    percent: Decimal | None = None
    cap: Decimal | None = None
    reason: str = ""
    reason_limit: Decimal | None = None
    reason_id: int = 0


@dataclass(frozen=True)
class ReasonFacts:
    """A reason of a difference on one invoice. `loss`: it reads as written off, and the pay-off limit is for it.

    `maximum` is what it may take off one invoice, in the organization's currency. In the invoice's currency are
    `taken`, what it took off this invoice before, and `given`, what was given on it under the same authority. Without
    an `authority_kind` nothing is given away: a bank fee was paid, only not to us.
    """

    pk: int
    name: str
    loss: bool
    authority_kind: str = ""
    maximum: Decimal | None = None
    taken: Decimal = ZERO
    given: Decimal = ZERO
    authority: Authority = field(default_factory=lambda: Authority(ZERO, None))


@dataclass(frozen=True)
class Part:
    """What of a difference goes to one reason, in the invoice's currency."""

    reason: ReasonFacts
    amount: Decimal


@dataclass(frozen=True)
class PayOffFacts:
    """One invoice of a payment. Amounts are in its currency, `given_to_customer` in the organization's.

    `bad_debt` is what a person typed, `given` the live bad debt on this invoice, `rate` what one unit is worth in the
    organization's currency on the payment's date. `parts` are what a person split off for other reasons; `ask`: what
    exceeds a limit is to wait for approval; `waiting` is what waits on this invoice already.
    """

    assignment: AssignmentFacts
    limits: Limits
    pay_bill: bool = False
    bad_debt: Decimal = ZERO
    given: Decimal = ZERO
    given_to_customer: Decimal = ZERO
    total: Decimal = ZERO
    rate: Decimal = Decimal(1)
    excluded: bool = False
    customer: str = ""
    customer_id: int = 0
    authority: Authority = field(default_factory=lambda: Authority(ZERO, None))
    parts: tuple[Part, ...] = ()
    ask: bool = False
    waiting: Decimal = ZERO

    @property
    def named(self) -> Decimal:
        """What is split off for reasons that a person named."""
        return sum((part.amount for part in self.parts), ZERO)

    @property
    def wanted(self) -> list[Part]:
        """All that is to be settled besides the money, one part for each reason: Pay bill? takes the whole rest."""
        own = ReasonFacts(
            self.limits.reason_id, self.limits.reason, True, AuthorityKind.BAD_DEBT, self.limits.reason_limit,
            self.given, self.given, self.authority,
        )  # fmt: skip
        rest = self.left - self.named if self.pay_bill else self.bad_debt
        found: dict[int, Part] = {}
        for part in [*([Part(own, rest)] if rest else []), *self.parts]:
            known = found.get(part.reason.pk)
            found[part.reason.pk] = replace(known, amount=known.amount + part.amount) if known else part
        return list(found.values())

    @property
    def left(self) -> Decimal:
        """What the money leaves open."""
        return self.assignment.balance - self.assignment.applied

    def text(self, amount: Decimal) -> str:
        return self.assignment.text(amount)

    def own_text(self, amount: Decimal) -> str:
        """An amount in the organization's currency, with all the decimals that it was compared with."""
        currency, fmt = self.limits.currency, self.assignment.fmt
        if amount == round(amount, decimals(currency)):
            return format_money(amount, currency, fmt, with_code=True)
        return with_currency(format_number(amount.normalize(), None, fmt), currency)

    @property
    def digest(self) -> str:
        """Fingerprints of what decides besides what is typed: the invoice, then the limits."""
        limits = (self.limits.limit, self.limits.percent, self.limits.cap, self.limits.reason_limit)
        invoice = _fingerprint((self.assignment.balance, self.given), self.assignment.voided or bool(self.waiting))
        return f"{invoice}.{_fingerprint(limits, self.excluded)}"

    def moved(self, seen: str) -> str:
        """What is not any more as it was shown: "invoice", "limits", or "". `seen` empty: nothing was shown."""
        if not seen or seen == self.digest:
            return ""
        return "limits" if seen.partition(".")[0] == self.digest.partition(".")[0] else "invoice"

    @property
    def foreign(self) -> bool:
        return self.assignment.currency != self.limits.currency


def _fingerprint(amounts: Sequence[Decimal | None], flag: bool) -> str:
    facts = [None if each is None else str(each.normalize()) for each in amounts]
    return hashlib.sha256(repr((facts, flag)).encode()).hexdigest()[:16]


@dataclass(frozen=True)
class Outcome:
    """What Save does with an invoice: `bad_debt` is given up, `new_balance` stays open, or `blocker` says why not.

    `parts` is all that is posted besides the money, by reason, `asked` what waits for approval and stays open until
    then, since it is `over` a limit. `words` make the `notice`, the sentence for what happens, once somebody wants to
    read it: of 200 invoices few are. `repair` is the amount to apply
    instead, `leave_open` whether giving up Pay bill? would do, `askable` whether asking for approval would.
    """

    bad_debt: Decimal
    new_balance: Decimal
    blocker: Blocker | None = None
    words: Callable[[], str] = field(default=str, compare=False, repr=False)
    repair: Decimal | None = None
    leave_open: bool = False
    askable: bool = False
    parts: tuple[Part, ...] = ()
    asked: tuple[Part, ...] = ()
    over: str = ""

    @property
    def notice(self) -> str:
        return self.words()

    @property
    def others(self) -> Decimal:
        """What is settled for reasons that are no loss: a fee, a tax withheld, a concession."""
        return sum((part.amount for part in self.parts if not part.reason.loss), ZERO)

    @property
    def waits(self) -> Decimal:
        return sum((part.amount for part in self.asked), ZERO)
