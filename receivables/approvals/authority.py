"""Who may set whose limits: nobody widens their own authority, whichever row it is done with.

Decided here: a row that concerns oneself (one's own, or that of one's role while no own row stands above it) may be
narrowed and never widened. Compared is what the person may give away alone before and after, so that adding,
changing and deleting a row all meet the same rule.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from receivables.approvals.models import AuthorityLimit
from receivables.approvals.rules import Authority, authority_from
from receivables.core.errors import Blocker
from receivables.core.money import MAX_DECIMALS

SMALLEST = Decimal(1).scaleb(-MAX_DECIMALS)  # no amount lies between two that are so far apart


@dataclass(frozen=True)
class Limit:
    """A row as far as the rule needs it."""

    role: str
    membership_id: int | None
    kind: str
    currency: str
    minimum: Decimal
    maximum: Decimal | None
    reason_key: str = ""


def limit_of(row: AuthorityLimit) -> Limit:
    return Limit(row.role, row.membership_id, row.kind, row.currency, row.minimum, row.maximum, row.reason_key)


def authority_among(limits: list[Limit], actor: Any, kind: str, currency: str, reason_key: str = "") -> Authority:
    """What the actor may give away alone if these were all the limits."""
    return authority_from(
        limits, role=actor.role, membership_id=actor.pk, kind=kind, currency=currency, reason_key=reason_key
    )


def is_wider(after: Authority, before: Authority) -> bool:
    """Whether any amount is covered afterwards that was not before. What is covered changes at a minimum, and behind a
    maximum, of a limit or of those that speak of smaller amounts, so only these are tried."""
    edges = {Decimal(0)}
    for each in (*_speaking(after), *_speaking(before)):
        edges |= {each.minimum} if each.maximum is None else {each.minimum, each.maximum + SMALLEST}
    return any(after.covers(amount) and not before.covers(amount) for amount in edges)


def _speaking(authority: Authority) -> Iterator[Authority]:
    """A limit, and those that speak of smaller amounts."""
    yield authority
    if authority.below is not None:
        yield from _speaking(authority.below)


def authority_blocker(actor: Any, before: list[Limit], after: list[Limit], touched: Limit) -> Blocker | None:
    """Refuses limits under which the actor could give away more alone than now."""
    now = authority_among(before, actor, touched.kind, touched.currency, touched.reason_key)
    then = authority_among(after, actor, touched.kind, touched.currency, touched.reason_key)
    if not is_wider(then, now):
        return None
    message = _("Nobody widens their own authority, and this limit is yours. Ask another Admin, or choose less.")
    return Blocker("own_authority", message, field="maximum")
