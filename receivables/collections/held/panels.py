"""What an agreement holds for the customer, as a section on its page: which payment brought it, and what is left."""

from typing import Any

from receivables.collections.held.models import Holding
from receivables.collections.held.queries import HOLDS_MONEY, left_of
from receivables.core.registry import Panel, panels
from receivables.customers.models import Agreement

SHOWN = 50


def held_on(agreement: Agreement, actor: Any) -> dict[str, Any]:
    """Everything that was ever put on the agreement, newest first."""
    if agreement.type.special_role not in HOLDS_MONEY:
        return {"shown": False}
    found = Holding.objects.of(actor).filter(agreement=agreement).select_related("payment", "open_item").order_by("-pk")
    rows = [{"holding": each, "left": left_of(each)} for each in found[:SHOWN]]
    return {"shown": True, "agreement": agreement, "rows": rows}


def register() -> None:
    """Called once, when the application is ready."""
    panels.register(Panel("held", "customers.agreement", "main", "collections/held/held.html", held_on))
