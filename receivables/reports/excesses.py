"""What was paid a little too much and booked as income under the over-payment limit: its control report."""

from decimal import Decimal
from typing import Any

from django.db.models import Case, ExpressionWrapper, F, OuterRef, QuerySet, Subquery, Sum, When

from receivables.collections.models import PayOffPolicy, SmallExcess
from receivables.ledger.models import JournalLine
from receivables.reports.payoffs import PLAIN

HUNDRED = Decimal(100)


def excesses(actor: Any) -> QuerySet[Any]:
    """What was booked as income, with the limit that held then, what of that limit it took (percent), and its booked
    value in the organization's currency. What was taken out of income again has a reversal."""
    kept: Any = PayOffPolicy.pgh_event_model  # type: ignore[attr-defined]
    held = kept.objects.filter(organization_id=OuterRef("organization_id"), pgh_created_at__lte=OuterRef("created_at"))
    lines = JournalLine.objects.filter(
        entry__source_type=SmallExcess._meta.label_lower, entry__source_id=OuterRef("pk"), entry__kind="excess",
        gl_account_id=OuterRef("gl_account_id"), organization_id=OuterRef("organization_id"),
    )  # fmt: skip
    value = lines.order_by().values("entry_id").annotate(sum=Sum("organization_amount")).values("sum")
    worth = F("amount") * F("payment__rate") * HUNDRED / F("limit_then")
    return (
        SmallExcess.objects.of(actor)
        .select_related("payment__account__customer", "created_by", "gl_account", "reversal")
        .annotate(
            limit_then=Subquery(held.order_by("-pgh_created_at", "-pgh_id").values("over_maximum")[:1]),
            own_value=ExpressionWrapper(-Subquery(value), output_field=PLAIN),
        )
        .annotate(
            share=Case(
                When(limit_then__gt=0, then=ExpressionWrapper(worth, output_field=PLAIN)),
                default=None, output_field=PLAIN,
            )
        )
    )  # fmt: skip
