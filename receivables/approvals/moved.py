"""What a request was asked about, kept as it was shown, and compared when it is decided.

Granted is what was shown: where a fact has moved since, the decision is refused and says which. Upper packages name
their facts by verb (`watch`), so that the page of a request can say it before anybody clicks.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from receivables.approvals.models import ApprovalRequest
from receivables.core.errors import Blocker

KEPT = "seen"


@dataclass(frozen=True)
class Fact:
    """Something that a person was shown: `value` as it was written, `key` by which it is found again."""

    key: str
    label: str
    value: str


_watched: dict[str, Callable[[Any, ApprovalRequest], Sequence[Fact]]] = {}


def watch(verb: str, facts: Callable[[Any, ApprovalRequest], Sequence[Fact]]) -> None:
    """`facts(actor, request)` are what a request for `verb` was shown with, as they are now. For `AppConfig.ready`."""
    _watched[verb] = facts


def kept(facts: Sequence[Fact]) -> dict[str, Any]:
    """The facts as a request keeps them."""
    return {KEPT: [[fact.key, fact.label, fact.value] for fact in facts]} if facts else {}


def facts_moved_blocker(request: ApprovalRequest, now: Sequence[Fact]) -> Blocker | None:
    """Names every fact that is not as it was when the request was asked; nothing for a request that kept none."""
    values = {fact.key: fact.value for fact in now}
    said = _("%(what)s: %(before)s when this was asked, %(now)s now.")
    moved = [
        said % {"what": label, "before": before, "now": values.get(key, _("nothing"))}
        for key, label, before in request.facts.get(KEPT, [])
        if values.get(key) != before
    ]
    if not moved:
        return None
    return Blocker("facts_moved", " ".join([*moved, _("Reject it, so that it can be asked anew.")]))


def moved_since(actor: Any, request: ApprovalRequest) -> Blocker | None:
    """The same for the page of a request that waits, read without a lock."""
    facts = _watched.get(request.verb)
    if facts is None or request.state != ApprovalRequest.State.WAITING or KEPT not in request.facts:
        return None
    return facts_moved_blocker(request, facts(actor, request))
