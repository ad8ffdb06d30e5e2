"""What a person typed and did not send yet: kept, shown again, sent or thrown away."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django.utils import timezone

from receivables.billing.models import Load
from receivables.collections.wizard.files import Evidence
from receivables.collections.wizard.models import ShortPaymentDraft
from receivables.core.transactions import run_atomic

KEPT_DAYS = 7
LONGEST = 2_000


def draft_of(actor: Any, load: Load) -> ShortPaymentDraft | None:
    """The actor's own draft about a load, while it is kept."""
    own = ShortPaymentDraft.objects.of(actor).filter(user=actor.user, load=load)
    return own.filter(kept_until__gt=timezone.now()).defer("content").first()


def locked_draft(actor: Any, load: Load) -> ShortPaymentDraft | None:
    """The same, so that it is sent once."""
    own = ShortPaymentDraft.objects.of(actor).filter(user=actor.user, load=load)
    return own.select_for_update(no_key=True).first()


def keep(
    actor: Any, load: Load, typed: Mapping[str, Any], file: Evidence | None, *, remove_file: bool
) -> ShortPaymentDraft:
    """Keep what was typed, for a week. Drafts whose time is over are cleared away on the way."""
    values: dict[str, Any] = {
        "data": {name: str(text)[:LONGEST] for name, text in typed.items()},
        "kept_until": timezone.now() + timedelta(days=KEPT_DAYS),
    }
    if file is not None:
        values |= {"file_name": file.name, "content": file.content}
    elif remove_file:
        values |= {"file_name": "", "content": None}

    def write() -> ShortPaymentDraft:
        ShortPaymentDraft.objects.of(actor).filter(kept_until__lte=timezone.now()).delete()
        return ShortPaymentDraft.objects.update_or_create(
            organization=actor.organization, user=actor.user, load=load, defaults=values
        )[0]

    return run_atomic(write)


def discard(actor: Any, load: Load) -> None:
    """Throw the actor's draft away."""
    ShortPaymentDraft.objects.of(actor).filter(user=actor.user, load=load).delete()
