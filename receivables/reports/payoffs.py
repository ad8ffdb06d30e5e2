"""What payments gave up by themselves under the pay-off limit: the control report, and who keeps coming close to it."""

from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Case, Count, DecimalField, ExpressionWrapper, F, OuterRef, Q, QuerySet, Subquery, Sum, When

from receivables.collections.models import PayOff, PayOffPolicy
from receivables.core.dates import months_later, today
from receivables.customers.models import Customer
from receivables.ledger.models import JournalLine
from receivables.reports.bad_debt import LOST_KINDS

HUNDRED = Decimal(100)
PLAIN: DecimalField = DecimalField(max_digits=38, decimal_places=10)
# How near the limit counts as "just under", how often, and in how many months, if nothing else is asked for.
NEAR_FROM, NEAR_TO, TIMES, MONTHS = Decimal(80), Decimal(100), 3, 12


def pay_offs(actor: Any) -> QuerySet[Any]:
    """What was given up under the limit without anybody being asked: bad debt and small differences, which the limit
    tests, with the limit that held then, what of that limit it took (percent), and its booked value in the
    organization's currency. Those taken back with their payment have a reversal.

    The history of the policy, which the database keeps, says which limit held.
    """
    kept: Any = PayOffPolicy.pgh_event_model  # type: ignore[attr-defined]
    held = kept.objects.filter(organization_id=OuterRef("organization_id"), pgh_created_at__lte=OuterRef("created_at"))
    lines = JournalLine.objects.filter(
        entry_id=OuterRef("allocation__entry_id"), open_item_id=OuterRef("allocation__debit_item_id")
    )
    value = lines.order_by().values("entry_id").annotate(sum=Sum("organization_amount")).values("sum")
    return (
        PayOff.objects.of(actor)
        .filter(asked__isnull=True, reason__kind__in=LOST_KINDS)
        .select_related(
            "payment__created_by", "invoice__account__customer", "reason", "credit_note", "allocation__entry",
            "allocation__reversed_by",
        )
        .annotate(
            limit_then=Subquery(held.order_by("-pgh_created_at", "-pgh_id").values("maximum")[:1]),
            own_value=ExpressionWrapper(-Subquery(value), output_field=PLAIN),
        )
        .annotate(
            share=Case(
                When(
                    limit_then__gt=0,
                    then=ExpressionWrapper(
                        F("amount") * F("payment__rate") * HUNDRED / F("limit_then"), output_field=PLAIN
                    ),
                ),
                default=None,
                output_field=PLAIN,
            )
        )
    )  # fmt: skip


def near(rows: QuerySet[Any], low: Decimal, high: Decimal = NEAR_TO) -> QuerySet[Any]:
    """Those that took from `low` to `high` percent of the limit that held then."""
    return rows.filter(share__gte=low, share__lte=high)


def months_ago(actor: Any, months: int) -> date:
    """The day, that many months ago, from which on a report counts."""
    return months_later(today(actor.organization), -months)


def repeaters(actor: Any, *, low: Decimal, high: Decimal, times: int, months: int) -> QuerySet[Customer]:
    """Customers whose payments fell short by just under the limit at least so often in the last months: how often and
    by how much in the organization's currency. What was taken back counts, since the limit was tried all the same."""
    close = near(pay_offs(actor), low, high).filter(allocation__date__gt=months_ago(actor, months))
    own = PayOff.objects.filter(pk__in=close.values("pk"), invoice__account__customer=OuterRef("pk"))
    by_customer = own.order_by().values("invoice__account__customer")
    worth = pay_offs(actor).filter(pk__in=close.values("pk"), invoice__account__customer=OuterRef("pk"))
    return (
        Customer.objects.of(actor)
        .annotate(
            times=Subquery(by_customer.annotate(n=Count("pk")).values("n")),
            last=Subquery(worth.order_by("-allocation__date").values("allocation__date")[:1]),
            closest=Subquery(worth.order_by("-share").values("share")[:1]),
        )
        .filter(Q(times__gte=times))
    )
