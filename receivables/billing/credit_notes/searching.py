"""Credit notes in the one search: by the start of their number."""

from typing import Any

from receivables.billing.credit_notes.models import CreditNote
from receivables.core.search import LIMIT, Hit


def search_credit_notes(actor: Any, typed: str) -> list[Hit]:
    """Credit notes whose number begins with the text, the newest first."""
    rows = (
        CreditNote.objects.of(actor)
        .filter(number__istartswith=typed)
        .select_related("account__customer", "reason")
        .order_by("-pk")[:LIMIT]
    )
    return [
        {
            "label": row.number,
            "url": row.get_absolute_url(),
            "note": f"{row.account.customer.name} · {row.reason.name}",
        }
        for row in rows
    ]
