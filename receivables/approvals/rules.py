"""How much may be given away alone, and who may decide a request."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Any

from django.utils.translation import gettext as _

from accounts.roles import Role
from receivables.approvals.models import ApprovalRequest, ApprovalStep, AuthorityKind
from receivables.core.errors import Blocker

# Nothing configured: bad debt and price concessions as in the published procedure, nothing else without asking.
UNLIMITED_BY_DEFAULT = frozenset({AuthorityKind.BAD_DEBT, AuthorityKind.PRICE_CONCESSION})
# Days after which a request that waits is overdue.
OVERDUE_DAYS = 3
ADMINS = frozenset({Role.ADMIN, Role.PARTNER_ADMIN})


@dataclass(frozen=True)
class Authority:
    """What a person may give away alone, in one currency. `maximum` None: no maximum.

    It speaks of amounts from `minimum` on; of smaller ones speaks `below`, the next more general limit. `reason_key` is
    the reason that it was set for, empty for the whole kind.
    """

    minimum: Decimal
    maximum: Decimal | None
    below: "Authority | None" = None
    reason_key: str = ""

    def for_amount(self, amount: Decimal) -> "Authority":
        """The limit that speaks of this amount."""
        if amount < self.minimum and self.below is not None:
            return self.below.for_amount(amount)
        return self

    def covers(self, amount: Decimal) -> bool:
        maximum = self.for_amount(amount).maximum
        return maximum is None or amount <= maximum


def default_authority(kind: str, *, is_admin: bool) -> Authority:
    """What holds where no limit is set: see UNLIMITED_BY_DEFAULT; Admins may write off and refund."""
    unlimited = kind in UNLIMITED_BY_DEFAULT or is_admin
    return Authority(Decimal(0), None if unlimited else Decimal(0))


def authority_from(
    limits: Iterable[Any], *, role: str, membership_id: int | None, kind: str, currency: str, reason_key: str = ""
) -> Authority:
    """Out of the organization's limits those of a person: their own row beats their role's, that the default, and the
    rows of a reason beat those of its kind."""
    authority = default_authority(kind, is_admin=role in ADMINS)
    fitting = [each for each in limits if each.kind == kind and each.currency == currency]
    for key in dict.fromkeys(("", reason_key)):
        mine = [each for each in fitting if each.reason_key == key]
        of_role = [each for each in mine if role and each.membership_id is None and each.role == role]
        of_person = [each for each in mine if membership_id is not None and each.membership_id == membership_id]
        for row in (*of_role, *of_person):
            authority = Authority(row.minimum, row.maximum, authority, key)
    return authority


def levels_needed(steps: Iterable[ApprovalStep], *, kind: str, currency: str, amount: Decimal) -> int:
    """How many people must approve an amount: the step with the highest amount that it reaches says so."""
    reached = [
        (step.amount_from, step.decisions)
        for step in steps
        if step.kind == kind and step.currency == currency and step.amount_from <= amount
    ]
    return max(reached)[1] if reached else 1


class Requester(StrEnum):
    """What became of the person who asked."""

    MAY_STILL = "may_still"
    LEFT = "left"
    LOST_PERMISSION = "lost_permission"


@dataclass(frozen=True)
class DecisionFacts:
    """What the rules about a decision look at. `others` are the names of those who may decide such an amount.

    `level` is the one that waits, `seen` the one that the person saw; `took_part` whether they, or the person they
    stand in for, decided on an earlier one.
    """

    state: str
    requested_by_id: int
    decider_id: int | None
    amount_text: str
    authority: Authority
    amount: Decimal
    limit_text: str = ""
    others: str = ""
    level: int = 1
    seen: int | None = None
    took_part: bool = False
    requester: Requester = Requester.MAY_STILL
    requester_name: str = ""
    permission: str = ""


def approve_request_blocker(facts: DecisionFacts) -> Blocker | None:
    """Decided once on each level, never by the requester, each time by somebody else, only within the decider's own
    authority, and only for who may still do it."""
    first = (
        open_blocker(facts)
        or own_blocker(facts, _("You can't approve your own request."))
        or _turn_blocker(facts)
        or _requester_blocker(facts)
    )
    if first is not None:
        return first
    if not facts.authority.covers(facts.amount):
        words = {"amount": facts.amount_text, "limit": facts.limit_text, "approver": facts.others}
        if facts.others:
            message = _("%(amount)s is above your limit of %(limit)s. It waits for %(approver)s.")
        else:
            message = _("%(amount)s is above your limit of %(limit)s. An administrator can set a higher one.")
        return Blocker("above_limit", message % words)
    return None


def reject_request_blocker(facts: DecisionFacts) -> Blocker | None:
    """To refuse takes no authority over the amount, but somebody other than who asked."""
    return open_blocker(facts) or own_blocker(facts, _("You can't reject your own request; withdraw it instead."))


def withdraw_request_blocker(facts: DecisionFacts) -> Blocker | None:
    """Only who asked takes a request back."""
    if facts.decider_id is None or facts.decider_id != facts.requested_by_id:
        return Blocker("not_yours", _("Only the person who asked can withdraw a request."))
    return open_blocker(facts)


def open_blocker(facts: DecisionFacts) -> Blocker | None:
    if facts.state == ApprovalRequest.State.WAITING:
        return None
    return Blocker("decided", _("This request was already decided."))


def _turn_blocker(facts: DecisionFacts) -> Blocker | None:
    if facts.took_part:
        return Blocker("took_part", _("You approved this already. Somebody else decides on what is left to decide."))
    if facts.seen is not None and facts.seen != facts.level:
        return Blocker("stale", _("Somebody approved this meanwhile. Look at it again before you decide."))
    return None


def _requester_blocker(facts: DecisionFacts) -> Blocker | None:
    """What somebody may not do any more is not done in their name."""
    words = {"name": facts.requester_name, "permission": facts.permission}
    if facts.requester == Requester.LEFT:
        message = _("%(name)s asked for this and is not an active member any more. Reject it; somebody else may ask.")
        return Blocker("requester_left", message % words)
    if facts.requester == Requester.LOST_PERMISSION:
        message = _("%(name)s asked for this and may not do it any more (“%(permission)s”). Reject it.")
        return Blocker("requester_lost_permission", message % words)
    return None


def own_blocker(facts: DecisionFacts, message: str) -> Blocker | None:
    if facts.decider_id is None or facts.decider_id == facts.requested_by_id:
        return Blocker("own_request", message)
    return None


def no_reason_blocker(reason: Any) -> Blocker | None:
    if str(reason).strip():
        return None
    return Blocker("no_reason", _("Say why."), field="reason")


def not_found_blocker(*, found: bool) -> Blocker | None:
    """A request exists for its own organization only."""
    return None if found else Blocker("not_found", _("This request was not found."))
