"""What a person typed into the grid and did not save yet: kept by itself while they type, resumed, thrown away."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone

from receivables.collections.models import PaymentDraft
from receivables.collections.recoveries.rules import recovery_field
from receivables.core.forms import key_of
from receivables.customers.models import Account

KEPT = timedelta(days=7)
LONGEST = 300
LONGEST_NAME = 40
HEADER = (
    "amount", "date", "method", "bank_account", "reference", "note", "posting_date", "why", "excess", "own_rate",
    "rate_reason",
)  # fmt: skip
ROW = ("applied", "bad", "pay", "short", "ask", "why", "part", "amount")


def drafts_of(actor: Any) -> QuerySet[PaymentDraft]:
    """The actor's own drafts that are still kept, the newest first."""
    own = PaymentDraft.objects.of(actor).filter(user=actor.user, saved_at__gt=timezone.now() - KEPT)
    return own.select_related("account__customer").order_by("-saved_at")


def draft_of(actor: Any, account: Account) -> PaymentDraft | None:
    return drafts_of(actor).filter(account=account).first()


def keep(actor: Any, account: Account, typed: Mapping[str, str]) -> PaymentDraft | None:
    """Keep what is typed, if anything is; what was kept too long is cleared away on the way. Nothing is posted."""
    data = {name: text[:LONGEST] for name, text in typed.items() if text.strip() and _belongs(name)}
    if not any(name == "amount" or name not in HEADER for name in data):
        return None

    draft = PaymentDraft(organization=actor.organization, user=actor.user, account=account, data=data)
    own = PaymentDraft.objects.of(actor).filter(user=actor.user)
    if not own.filter(account=account).update(data=data, saved_at=draft.saved_at):
        own.filter(saved_at__lte=draft.saved_at - KEPT).delete()
        PaymentDraft.objects.bulk_create([draft], ignore_conflicts=True)  # another window may be quicker
    return draft


def _belongs(name: str) -> bool:
    word, dash, key = name.partition("_")
    if name in HEADER or name.startswith(recovery_field("")):
        return len(name) <= LONGEST_NAME
    return word in ROW and bool(dash) and all(key_of(part) is not None for part in key.split("_"))


def resumed(draft: PaymentDraft) -> dict[str, str]:
    """What a browser would send of the draft: its rows are shown anew, so nothing of them counts as seen."""
    data = {str(name): str(text) for name, text in draft.data.items()}
    keys = {name.split("_")[1] for name in data if name not in HEADER and name.split("_")[0] in ROW}
    return data | {f"seen_{key}": "" for key in keys}


def discard(actor: Any, account: Account) -> None:
    """Throw the actor's draft away: it was saved, or is not wanted."""
    PaymentDraft.objects.of(actor).filter(user=actor.user, account=account).delete()
