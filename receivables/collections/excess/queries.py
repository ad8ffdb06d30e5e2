"""What the rule about small over-payments looks at, for a payment and for the grid before there is one."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from receivables.billing.operations.locking import number_format
from receivables.billing.pages import amount_text
from receivables.collections.excess.rules import ExcessFacts, book_small_excess_blocker
from receivables.collections.models import Payment, PayOffPolicy
from receivables.collections.queries import unapplied
from receivables.collections.recoveries.losses import live_recoveries
from receivables.collections.status import reversal_of
from receivables.collections.unapplied.queries import waiting_refund
from receivables.ledger.models import Allocation, OpenItem


def excess_facts(actor: Any, policy: PayOffPolicy, payment: Payment) -> ExcessFacts:
    """A payment as it was just read, with what it pays as that is now."""
    pays = Allocation.objects.of(actor).filter(
        credit_item=payment.open_item_id, kind=Allocation.Kind.PAYMENT, reverses__isnull=True, reversed_by__isnull=True
    )
    short = OpenItem.objects.of(actor).filter(pk__in=pays.values("debit_item"), balance__gt=0).order_by("pk").first()
    return ExcessFacts(
        payment.number, payment.currency, unapplied(payment), payment.rate, policy.currency, policy.over_maximum,
        number_format(actor), applied=pays.exists() or live_recoveries().filter(payment=payment).exists(),
        still_open=short.number if short else "",
        income=policy.over_account_id is not None, undone=reversal_of(payment) is not None,
        asked=waiting_refund(actor, payment) is not None,
    )  # fmt: skip


def over_text(actor: Any, maximum: Decimal | None) -> str:
    """The over-payment limit in words: without one the choice does not exist."""
    if maximum is None:
        return _("none: what is paid too much stays on account")
    if maximum == 0:
        return _("nothing may be booked as income")
    return _("up to %(limit)s") % {"limit": amount_text(actor, maximum, actor.organization.currency)}


def booked_text(facts: ExcessFacts) -> str:
    """What will happen, before it does."""
    return _("%(excess)s is more than is owed and will be booked as income; nothing stays on account.") % {
        "excess": facts.text
    }


@dataclass(frozen=True)
class GridExcess:
    """The choice below the grid: whether it is offered, with which limit, ticked, and the sentence beside it."""

    offered: bool = False
    limit: str = ""
    ticked: bool = False
    message: str = ""
    refused: bool = False


def grid_excess(
    actor: Any,
    policy: PayOffPolicy,
    totals: Any,
    rows: Sequence[Any],
    short: str,
    *,
    currency: str,
    rate: Decimal,
    ticked: bool,
) -> GridExcess:
    """The choice as it stands while a person types, by the rule that will post; said only where it is ticked, so that
    nobody is urged."""
    if policy.over_maximum is None or not actor.can("book_small_excess"):
        return GridExcess()
    limit = over_text(actor, policy.over_maximum)
    if not ticked:
        return GridExcess(True, limit)
    paid = [row for row in rows if row.facts.assignment.applied]
    facts = ExcessFacts(
        "", currency, totals.left or Decimal(0), rate, policy.currency, policy.over_maximum, number_format(actor),
        applied=bool(paid or totals.crossed or totals.recovered),
        still_open=next((row.invoice.number for row in paid if row.new_balance > 0), short),
    )  # fmt: skip
    blocker = book_small_excess_blocker(facts)
    return GridExcess(True, limit, True, str(blocker.message) if blocker else booked_text(facts), blocker is not None)
