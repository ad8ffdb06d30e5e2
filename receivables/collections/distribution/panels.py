"""What came back of written-off debt, as a section on the page of its agreement."""

from decimal import Decimal
from typing import Any

from django.db.models import Sum

from receivables.collections.queries import applied_rows, is_live
from receivables.core.registry import Panel, panels
from receivables.customers.models import Agreement, AgreementType
from receivables.ledger.models import OpenItem

SHOWN = 50


def recoveries_of(agreement: Agreement, actor: Any) -> dict[str, Any]:
    """The payments on a write-off agreement, newest first, and how much of it was recovered so far."""
    if agreement.type.special_role != AgreementType.SpecialRole.WRITE_OFF:
        return {"shown": False}
    items = OpenItem.objects.of(actor).filter(agreement=agreement, kind=OpenItem.Kind.WRITE_OFF)
    sums = items.aggregate(moved=Sum("amount"), recovered=Sum("paid"), owed=Sum("balance"))
    rows = applied_rows(newest=SHOWN, debit_item__in=items)
    return {
        "shown": True, "agreement": agreement,
        "moved": sums["moved"] or Decimal(0), "recovered": sums["recovered"] or Decimal(0),
        "owed": sums["owed"] or Decimal(0), "rows": [{"row": row, "live": is_live(row)} for row in rows],
    }  # fmt: skip


def register() -> None:
    """Called once, when the application is ready."""
    template = "collections/distribution/recoveries.html"
    panels.register(Panel("recoveries", "customers.agreement", "main", template, recoveries_of))
