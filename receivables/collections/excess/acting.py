"""The parts that booking a small over-payment is made of; the payer's account is locked by the caller."""

from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Sum

from receivables.collections.excess.models import SmallExcess, SmallExcessReversal
from receivables.collections.models import Payment
from receivables.ledger.models import JournalEntry
from receivables.ledger.posting import Draft, Line, mirror, post, settled_value


def standing_excesses(payment: Payment) -> list[SmallExcess]:
    """What of a payment is booked as income and still is."""
    found = SmallExcess.objects.filter(payment_id=payment.pk, reversal__isnull=True)
    return list(found.select_related("gl_account", "payment").order_by("pk"))


def booked(payment: Payment) -> Decimal:
    """What of a payment is booked as income now."""
    live = SmallExcess.objects.filter(payment_id=payment.pk, reversal__isnull=True)
    return live.aggregate(sum=Sum("amount"))["sum"] or Decimal(0)


def put_into_income(actor: Any, payment: Payment, amount: Decimal, gl_account_id: int, posting_date: date) -> Any:
    """Dr unapplied money / Cr income, at the value that the money is booked at. `payment` is as it was just read."""
    money = payment.open_item
    excess = SmallExcess.objects.create(
        organization=actor.organization, payment=payment, gl_account_id=gl_account_id, currency=payment.currency,
        amount=amount, posting_date=posting_date, created_by=actor.user,
    )  # fmt: skip
    value = -settled_value(money, -amount, actor.organization.currency)
    lines = [
        # Not a settlement between two documents: there is less of the payment itself, so its item's amount moves too.
        Line(money.gl_account_id, amount, money.pk, opens=True, organization_amount=value),
        Line(gl_account_id, -amount, organization_amount=-value),
    ]
    post(actor, Draft("excess", excess, payment.date, posting_date, payment.currency, lines, memo=payment.number))
    return excess


def take_out_of_income(actor: Any, excess: SmallExcess, *, reason: str, posting_date: date) -> SmallExcessReversal:
    """Mirror the entry of an over-payment: its money is on account again."""
    reversal = SmallExcessReversal.objects.create(
        organization=actor.organization, excess=excess, reason=reason, posting_date=posting_date, created_by=actor.user
    )
    entry = (
        JournalEntry.objects.of(actor)
        .prefetch_related("lines")
        .get(source_type=excess._meta.label_lower, source_id=excess.pk, kind="excess")
    )
    post(
        actor, mirror(entry, list(entry.lines.all()), kind="excess_reversed", source=excess, posting_date=posting_date)
    )
    return reversal


def take_all_out_of_income(actor: Any, payment: Payment, *, reason: str, posting_date: date) -> None:
    """Everything of a payment that is about to be undone."""
    for excess in standing_excesses(payment):
        take_out_of_income(actor, excess, reason=reason, posting_date=posting_date)
