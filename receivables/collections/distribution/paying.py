"""Paying debt out of several moneys in turn: what is held of earlier payments, then a payment's own."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from receivables.collections.applying import Target
from receivables.collections.held.acting import take
from receivables.collections.held.models import Holding, HoldingRelease
from receivables.collections.held.queries import left_of
from receivables.collections.models import Payment
from receivables.collections.queries import unapplied
from receivables.collections.unapplied.acting import act_day, apply_money, read_payment
from receivables.collections.unapplied.models import PaymentAssignment
from receivables.ledger.models import OpenItem

ZERO = Decimal(0)


@dataclass(frozen=True)
class Source:
    """Money that may be used: what is held of a payment, or what of it is on account."""

    payment: Payment
    holding: Holding | None = None

    @property
    def amount(self) -> Decimal:
        return left_of(self.holding) if self.holding else unapplied(self.payment)

    @property
    def posted(self) -> date:
        return max(self.payment.posting_date, self.holding.posting_date) if self.holding else self.payment.posting_date


@dataclass(frozen=True)
class Paid:
    """What was done: an act on each payment whose money was used, and what was taken from money held for it."""

    acts: tuple[PaymentAssignment, ...]
    releases: tuple[HoldingRelease, ...]
    holding: Holding | None = None

    @property
    def amount(self) -> Decimal:
        return sum((act.amount for act in self.acts), ZERO)

    @property
    def documents(self) -> list[Any]:
        """The sources of its journal entries."""
        return [*self.releases, *self.acts, *([self.holding] if self.holding else [])]


def filled(amounts: Sequence[Decimal], shares: Mapping[int, Decimal]) -> list[dict[int, Decimal]]:
    """The shares paid out of these amounts in turn: what each amount pays of which share."""
    open_shares = dict(shares)
    paid: list[dict[int, Decimal]] = []
    for amount in amounts:
        left, part = amount, {}
        for key, wanted in open_shares.items():
            used = min(left, wanted)
            if used > 0:
                part[key] = used
                open_shares[key] = wanted - used
                left -= used
        paid.append(part)
    return paid


def pay_from(
    actor: Any, sources: Sequence[Source], items: Mapping[int, OpenItem], shares: Mapping[int, Decimal], *,
    reason: str, chosen: date | None,
) -> Paid:  # fmt: skip
    """Pay the shares (by open item) out of these moneys in turn. Everything was checked under the account's lock;
    `items` are as they are now and leave as they are afterwards."""
    acts, releases = [], []
    for source, part in zip(sources, filled([source.amount for source in sources], shares), strict=True):
        if not part:
            continue
        total, day = sum(part.values(), ZERO), act_day(actor, source.payment, source.posted, chosen)
        if source.holding is not None:
            releases.append(take(actor, source.holding, total, reason=reason, posting_date=day))
        payment = read_payment(actor, source.payment.pk)
        act = PaymentAssignment.objects.create(
            organization=actor.organization, payment=payment, kind=PaymentAssignment.Kind.ASSIGNED,
            currency=payment.currency, amount=total, reason=reason, posting_date=day, created_by=actor.user,
        )  # fmt: skip
        apply_money(actor, act, payment, [Target(items[pk], amount) for pk, amount in part.items()])
        acts.append(act)
    return Paid(tuple(acts), tuple(releases))
