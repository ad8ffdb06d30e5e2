"""How much may be given away alone, and who may decide a request."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from accounts.roles import Role
from receivables.approvals.models import ApprovalRequest, AuthorityKind, AuthorityLimit
from receivables.core.errors import Blocker

# Nothing configured: bad debt and price concessions as in the published procedure, nothing else without asking.
UNLIMITED_BY_DEFAULT = frozenset({AuthorityKind.BAD_DEBT, AuthorityKind.PRICE_CONCESSION})
ADMINS = frozenset({Role.ADMIN, Role.PARTNER_ADMIN})


@dataclass(frozen=True)
class Authority:
    """What a person may give away alone, in one currency. `maximum` None: no maximum.

    It speaks of amounts from `minimum` on; of smaller ones speaks `below`, the next more general limit.
    """

    minimum: Decimal
    maximum: Decimal | None
    below: "Authority | None" = None

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
    limits: Iterable[AuthorityLimit], *, role: str, membership_id: int | None, kind: str, currency: str
) -> Authority:
    """Out of the organization's limits those of a person: their own row beats their role's, that the default."""
    authority = default_authority(kind, is_admin=role in ADMINS)
    mine = [each for each in limits if each.kind == kind and each.currency == currency]
    of_role = [each for each in mine if role and each.membership_id is None and each.role == role]
    of_person = [each for each in mine if membership_id is not None and each.membership_id == membership_id]
    for row in (*of_role, *of_person):
        authority = Authority(row.minimum, row.maximum, authority)
    return authority


@dataclass(frozen=True)
class DecisionFacts:
    """What the rules about a decision look at. `others` are the names of those who may decide such an amount."""

    state: str
    requested_by_id: int
    decider_id: int | None
    amount_text: str
    authority: Authority
    amount: Decimal
    limit_text: str = ""
    others: str = ""


def approve_request_blocker(facts: DecisionFacts) -> Blocker | None:
    """Decided once, never by the requester, and only within the decider's own authority."""
    first = _open_blocker(facts) or _own_blocker(facts, _("You can't approve your own request."))
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
    return _open_blocker(facts) or _own_blocker(facts, _("You can't reject your own request; withdraw it instead."))


def withdraw_request_blocker(facts: DecisionFacts) -> Blocker | None:
    """Only who asked takes a request back."""
    if facts.decider_id is None or facts.decider_id != facts.requested_by_id:
        return Blocker("not_yours", _("Only the person who asked can withdraw a request."))
    return _open_blocker(facts)


def _open_blocker(facts: DecisionFacts) -> Blocker | None:
    if facts.state == ApprovalRequest.State.WAITING:
        return None
    return Blocker("decided", _("This request was already decided."))


def _own_blocker(facts: DecisionFacts, message: str) -> Blocker | None:
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
