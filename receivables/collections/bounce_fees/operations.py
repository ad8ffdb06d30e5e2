"""Taking a fee for a bounced payment back."""

import datetime
from typing import Any

from receivables.approvals.rules import no_reason_blocker
from receivables.billing.operations.revisions import chosen_posting_date
from receivables.collections.bounce_fees.rules import reverse_bounce_fee_blocker
from receivables.collections.models import BounceFee, BounceFeeReversal
from receivables.collections.rules import not_found_blocker
from receivables.collections.unapplied.acting import lock_all_accounts
from receivables.core.dates import today
from receivables.core.errors import refuse
from receivables.core.events import record
from receivables.core.operations import operation
from receivables.ledger.models import JournalEntry
from receivables.ledger.posting import mirror, post


@operation
def reverse_bounce_fee(
    *, actor: Any, fee: BounceFee, reason: str, posting_date: datetime.date | None = None
) -> BounceFeeReversal:
    """Take a fee back: its entry is mirrored and nothing is owed of it. Raises `Refused` while something is paid on
    it, or if it was taken back before."""
    refuse(not_found_blocker("payment", found=fee.organization_id == actor.organization_id))
    lock_all_accounts(actor, [fee.open_item.account_id])
    current = BounceFee.objects.of(actor).select_related("open_item__account", "bounced__payment").get(pk=fee.pk)
    undone = BounceFeeReversal.objects.filter(fee=current).exists()
    refuse(
        reverse_bounce_fee_blocker(
            number=current.number, reversed_already=undone, settled=current.open_item.live_settlements > 0,
            posted=current.posting_date, posting_date=posting_date,
        )
        or no_reason_blocker(reason)
    )  # fmt: skip
    posted_on = chosen_posting_date(actor, max(today(actor.organization), current.posting_date), posting_date)
    reversal = BounceFeeReversal.objects.create(
        organization=actor.organization, fee=current, reason=reason, posting_date=posted_on, created_by=actor.user
    )
    entry = (
        JournalEntry.objects.of(actor)
        .prefetch_related("lines")
        .get(source_type=current._meta.label_lower, source_id=current.pk, kind="bounce_fee")
    )
    lines = list(entry.lines.all())
    post(actor, mirror(entry, lines, kind="bounce_fee_reversed", source=current, posting_date=posted_on))
    record(
        actor, "reverse_bounce_fee", current, about=[current.bounced.payment, current.open_item.account],
        reason=reason, amount=current.amount, currency=current.currency,
    )  # fmt: skip
    return reversal
