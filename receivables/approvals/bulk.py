"""Approving several requests of the same kind at once: all of them or none."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from receivables.approvals.deciding import decision_facts
from receivables.approvals.models import ApprovalRequest
from receivables.approvals.operations import approve_request
from receivables.approvals.rules import approve_request_blocker
from receivables.core.access import lock_rows
from receivables.core.errors import Blocker, Refused, refuse
from receivables.core.events import record
from receivables.core.operations import operation

MOST = 50


@dataclass(frozen=True)
class BulkFacts:
    """What the rule looks at. `seen` is the sum that the person was shown, None before they saw one."""

    chosen: int
    verbs: int
    currencies: int
    total: Decimal
    seen: Decimal | None = None


def approve_requests_blocker(facts: BulkFacts) -> Blocker | None:
    """Only what is of one kind and currency, so that the sum shown means something (S8)."""
    if not facts.chosen:
        return Blocker("nothing_chosen", _("Choose at least one request that waits."))
    if facts.chosen > MOST:
        return Blocker("too_many", _("At most %(n)s requests can be approved at once.") % {"n": MOST})
    if facts.verbs > 1:
        return Blocker("mixed_verbs", _("Approve requests of one kind at a time: these ask for different things."))
    if facts.currencies > 1:
        return Blocker("mixed_currencies", _("Approve requests in one currency at a time."))
    if facts.seen is not None and facts.seen != facts.total:
        return Blocker("stale", _("These requests have changed since they were shown. Check them again."))
    return None


def bulk_facts(requests: Sequence[ApprovalRequest], seen: Decimal | None = None) -> BulkFacts:
    return BulkFacts(
        chosen=len(requests),
        verbs=len({(each.verb, each.kind) for each in requests}),
        currencies=len({each.currency for each in requests}),
        total=sum((each.amount for each in requests), Decimal(0)),
        seen=seen,
    )


def waiting_among(actor: Any, keys: Sequence[int]) -> list[ApprovalRequest]:
    """The requests with these keys that wait, in order of their keys; one more than may be approved at once."""
    rows = ApprovalRequest.objects.of(actor).filter(pk__in=keys, state=ApprovalRequest.State.WAITING)
    return list(rows.select_related("requested_by", "subject_type").order_by("pk")[: MOST + 1])


def single_blocker(actor: Any, request: ApprovalRequest) -> Blocker | None:
    """Why one of them can't be approved, with its name: each is judged by itself, by the limit for one."""
    found = approve_request_blocker(decision_facts(actor, request))
    return found and _named(request, found)


def _named(request: ApprovalRequest, found: Blocker) -> Blocker:
    words = {"title": request.title, "why": found.message}
    return Blocker(found.code, _("%(title)s: %(why)s") % words, link=request.get_absolute_url())


@operation
def approve_requests(
    *, actor: Any, requests: Sequence[ApprovalRequest], note: str = "", total: Decimal | None = None
) -> list[ApprovalRequest]:
    """Approve each of these requests as if it were the only one; if one is refused, none is approved.

    `total` is the sum that the person was shown. Raises `Refused` with the name of the request at fault.
    """
    lock_rows(ApprovalRequest.objects.of(actor), [each.pk for each in requests])
    current = waiting_among(actor, [each.pk for each in requests])
    refuse(approve_requests_blocker(bulk_facts(current, total)))
    if len(current) < len(requests):
        raise Refused(Blocker("stale", _("One of these requests was decided meanwhile. Check them again.")))
    done = []
    for each in current:
        try:
            done.append(approve_request(actor=actor, request=each, note=note))
        except Refused as refused:
            raise Refused(_named(each, refused.blocker)) from refused
    record(
        actor, "approve_requests", done[0], about=done[1:], reason=note, amount=bulk_facts(current).total,
        currency=done[0].currency, requests=len(done),
    )  # fmt: skip
    return done
