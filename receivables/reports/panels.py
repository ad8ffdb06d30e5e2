"""What reports show on the page of a request: how the account stands, and what was given up before."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import Count, Q, Sum

from receivables.approvals.models import ApprovalRequest
from receivables.billing.pages import amount_text
from receivables.collections.models import ShortPaymentNote
from receivables.core.dates import today
from receivables.core.events import ref
from receivables.core.models import Event
from receivables.core.registry import Panel, panels
from receivables.customers.models import Account
from receivables.ledger.models import OpenItem
from receivables.ledger.standing import ageing
from receivables.reports.bad_debt import register
from receivables.reports.payoffs import MONTHS, months_ago

ACCOUNT, LOAD = "customers.account:", "billing.load:"
SHOWN = 5


@dataclass(frozen=True)
class Earlier:
    """What was given up in the last 12 months: how often, how much in the organization's currency."""

    times: int
    total: str


def named_in(actor: Any, request: ApprovalRequest) -> list[str]:
    """What a request concerns, as it was named when it was asked."""
    event = Event.objects.of(actor).filter(name="ask_approval", refs__contains=[ref(request)]).first()
    return list(event.refs) if event else []


def _keys(refs: list[str], start: str) -> list[int]:
    return [int(each.removeprefix(start)) for each in refs if each.startswith(start)]


def evidence_of(actor: Any, refs: list[str]) -> list[ShortPaymentNote]:
    """Why the loads that a request concerns were short, with what was kept to prove it; the newest first."""
    notes = ShortPaymentNote.objects.of(actor).filter(load__in=_keys(refs, LOAD)).defer("content")
    return list(notes.select_related("load").order_by("-pk")[:SHOWN])


def _earlier(actor: Any, which: Q) -> Earlier:
    rows = register(actor).filter(which, entry__posting_date__gt=months_ago(actor, MONTHS))
    found: Any = rows.order_by().aggregate(n=Count("entry", distinct=True), sum=Sum("organization_amount"))
    return Earlier(found["n"], amount_text(actor, found["sum"] or Decimal(0), actor.organization.currency))


def standing_of(request: ApprovalRequest, actor: Any) -> dict[str, Any]:
    """The ageing of the account, and what was given up before on it and by who asked."""
    refs, mine = named_in(actor, request), Q(author_id=request.requested_by_id)
    account = Account.objects.of(actor).filter(pk__in=_keys(refs, ACCOUNT)).first()
    asked = {
        "account": account, "requester": request.requested_by, "of_requester": _earlier(actor, mine),
        "evidence": evidence_of(actor, refs),
    }  # fmt: skip
    if account is None:
        return asked
    items = OpenItem.objects.of(actor).filter(account=account)
    on_account = Q(for_agreement__account=account) | Q(agreement__account=account)
    owed = ageing(items, today(actor.organization))
    return {**asked, "ageing": owed, "of_account": _earlier(actor, on_account)}


def register_panels() -> None:
    panels.register(Panel("standing", "approvals.approvalrequest", "main", "reports/standing_panel.html", standing_of))
