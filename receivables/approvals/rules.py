"""How much may be given away alone, and who may decide a request."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from receivables.approvals.models import ApprovalRequest, AuthorityKind
from receivables.core.errors import Blocker

# Nothing configured: bad debt and price concessions as in the published procedure, nothing else without asking.
UNLIMITED_BY_DEFAULT = frozenset({AuthorityKind.BAD_DEBT, AuthorityKind.PRICE_CONCESSION})


@dataclass(frozen=True)
class Authority:
    """What a person may give away alone, in one currency. `maximum` None: no maximum."""

    minimum: Decimal
    maximum: Decimal | None

    def covers(self, amount: Decimal) -> bool:
        return self.maximum is None or amount <= self.maximum


def default_authority(kind: str, *, is_admin: bool) -> Authority:
    """What holds where no limit is set: see UNLIMITED_BY_DEFAULT; Admins may write off and refund."""
    unlimited = kind in UNLIMITED_BY_DEFAULT or is_admin
    return Authority(Decimal(0), None if unlimited else Decimal(0))


@dataclass(frozen=True)
class DecisionFacts:
    """What the rules about a decision look at."""

    state: str
    requested_by_id: int
    decider_id: int | None
    amount_text: str
    authority: Authority
    amount: Decimal
    limit_text: str = ""


def approve_request_blocker(facts: DecisionFacts) -> Blocker | None:
    """Decided once, never by the requester, and only within the decider's own authority."""
    first = _open_blocker(facts) or _own_blocker(facts)
    if first is not None:
        return first
    if not facts.authority.covers(facts.amount):
        message = _("%(amount)s is above your own limit of %(limit)s; somebody with more authority must decide.")
        return Blocker("above_limit", message % {"amount": facts.amount_text, "limit": facts.limit_text})
    return None


def reject_request_blocker(facts: DecisionFacts) -> Blocker | None:
    return _open_blocker(facts) or _own_blocker(facts)


def withdraw_request_blocker(facts: DecisionFacts) -> Blocker | None:
    """Only who asked takes a request back."""
    if facts.decider_id != facts.requested_by_id:
        return Blocker("not_yours", _("Only the person who asked can withdraw a request."))
    return _open_blocker(facts)


def _open_blocker(facts: DecisionFacts) -> Blocker | None:
    if facts.state == ApprovalRequest.State.WAITING:
        return None
    return Blocker("decided", _("This request was already decided."))


def _own_blocker(facts: DecisionFacts) -> Blocker | None:
    if facts.decider_id is None or facts.decider_id == facts.requested_by_id:
        return Blocker("own_request", _("You can't approve your own request."))
    return None


def no_reason_blocker(reason: Any) -> Blocker | None:
    if str(reason).strip():
        return None
    return Blocker("no_reason", _("Say why."), field="reason")
