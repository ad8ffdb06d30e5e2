"""What a request was asked about, kept with the amounts that were shown, and compared when it is decided.

Granted is what was shown: where an amount has moved since, the decision is refused and says which. Amounts are compared
as amounts: who asks and who decides may read them in different formats and languages. Upper packages name their facts
by verb (`watch`), so that the page of a request can say it before anybody clicks.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from receivables.approvals.models import ApprovalRequest
from receivables.core.errors import Blocker
from receivables.core.money import NumberFormat, format_money

KEPT = "shown"


@dataclass(frozen=True)
class Fact:
    """An amount that a person was shown under a label, and the key by which it is found again."""

    key: str
    label: str
    amount: Decimal
    currency: str


_watched: dict[str, Callable[[Any, ApprovalRequest], Sequence[Fact]]] = {}


def watch(verb: str, facts: Callable[[Any, ApprovalRequest], Sequence[Fact]]) -> None:
    """`facts(actor, request)` are what a request for `verb` was shown with, as they are now. For `AppConfig.ready`."""
    _watched[verb] = facts


def kept(facts: Sequence[Fact]) -> dict[str, Any]:
    """The facts as a request keeps them."""
    return {KEPT: [[fact.key, fact.label, str(fact.amount), fact.currency] for fact in facts]} if facts else {}


def facts_moved_blocker(request: ApprovalRequest, now: Sequence[Fact], fmt: NumberFormat) -> Blocker | None:
    """Names every amount that is not as it was when the request was asked, in the reader's format; nothing for a
    request that kept none."""
    found = {fact.key: fact for fact in now}
    said = _("%(what)s: %(before)s when this was asked, %(now)s now.")
    moved = []
    for key, label, amount, currency in request.facts.get(KEPT, []):
        before, fact = Decimal(amount), found.get(key)
        if fact is None or fact.amount != before:
            current = format_money(fact.amount, fact.currency, fmt, with_code=True) if fact else _("nothing")
            shown = format_money(before, currency, fmt, with_code=True)
            moved.append(said % {"what": fact.label if fact else label, "before": shown, "now": current})
    if not moved:
        return None
    return Blocker("facts_moved", " ".join([*moved, _("Reject it, so that it can be asked anew.")]))


def moved_since(actor: Any, request: ApprovalRequest) -> Blocker | None:
    """The same for the page of a request that waits, read without a lock."""
    facts = _watched.get(request.verb)
    if facts is None or request.state != ApprovalRequest.State.WAITING or KEPT not in request.facts:
        return None
    return facts_moved_blocker(request, facts(actor, request), NumberFormat.of(actor.organization, actor.user))
