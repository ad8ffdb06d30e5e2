"""Taking tax reliefs back, alone or with the bad debt that they were claimed for."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from receivables.collections.models import TaxRelief, TaxReliefReversal
from receivables.core.dates import today
from receivables.core.events import record
from receivables.ledger.models import JournalEntry
from receivables.ledger.posting import mirror, post
from receivables.ledger.queries import posting_date_for


def undo_reliefs(
    actor: Any, wanted: Iterable[TaxRelief], *, reason: str, chosen: date | None = None
) -> list[TaxReliefReversal]:
    """Mirror the entries of these reliefs, the newest first, in the transaction and under the locks of the caller.
    Posted on the day that was chosen or today, never before the claim."""
    keys = [each.pk for each in wanted]
    rows = TaxRelief.objects.of(actor).filter(pk__in=keys, reversal__isnull=True) if keys else TaxRelief.objects.none()
    return [_undo(actor, each, reason, chosen) for each in rows.select_related("claim", "invoice").order_by("-pk")]


def _undo(actor: Any, relief: TaxRelief, reason: str, chosen: date | None) -> TaxReliefReversal:
    posted = relief.claim.posting_date
    usual = posting_date_for(actor.organization_id, max(today(actor.organization), posted))
    posted_on = chosen if chosen is not None and chosen >= posted else usual
    reversal = TaxReliefReversal.objects.create(
        organization=actor.organization, relief=relief, reason=reason, posting_date=posted_on, created_by=actor.user
    )
    entry = (
        JournalEntry.objects.of(actor)
        .prefetch_related("lines")
        .get(source_type=relief._meta.label_lower, source_id=relief.pk, kind="tax_relief")
    )
    lines = list(entry.lines.all())
    post(actor, mirror(entry, lines, kind="tax_relief_reversed", source=relief, posting_date=posted_on))
    record(
        actor, "reverse_tax_relief", relief, about=[relief.claim, relief.invoice], reason=reason,
        amount=relief.amount, currency=relief.currency,
    )  # fmt: skip
    return reversal
