"""What reports show on the page of a request: how the account stands, and what was given up before."""

from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Q, Sum

from receivables.approvals.models import ApprovalRequest
from receivables.billing.pages import amount_text
from receivables.core.dates import today
from receivables.core.events import ref
from receivables.core.models import Event
from receivables.core.registry import Panel, panels
from receivables.customers.models import Account
from receivables.ledger.models import OpenItem
from receivables.ledger.standing import ageing
from receivables.reports.bad_debt import register
from receivables.reports.payoffs import MONTHS, months_ago

ACCOUNT = "customers.account:"


@dataclass(frozen=True)
class Earlier:
    """What was given up in the last 12 months: how often, how much in the organization's currency."""

    times: int
    total: str


def account_of(actor: Any, request: ApprovalRequest) -> Account | None:
    """The account that a request concerns, as it was named when it was asked."""
    event = Event.objects.of(actor).filter(name="ask_approval", refs__contains=[ref(request)]).first()
    keys = [int(each.removeprefix(ACCOUNT)) for each in (event.refs if event else []) if each.startswith(ACCOUNT)]
    return Account.objects.of(actor).select_related("customer").filter(pk__in=keys).first()


def _earlier(actor: Any, which: Q) -> Earlier:
    rows = register(actor).filter(which, entry__posting_date__gt=months_ago(actor, MONTHS))
    found: Any = rows.order_by().aggregate(n=Count("entry", distinct=True), sum=Sum("organization_amount"))
    return Earlier(found["n"], amount_text(actor, found["sum"] or 0, actor.organization.currency))


def standing_of(request: ApprovalRequest, actor: Any) -> dict[str, Any]:
    """The ageing of the account, and what was given up before on it and by who asked."""
    account = account_of(actor, request)
    mine = Q(author_id=request.requested_by_id)
    if account is None:
        return {"account": None, "requester": request.requested_by, "of_requester": _earlier(actor, mine)}
    items = OpenItem.objects.of(actor).filter(account=account)
    on_account = Q(for_agreement__account=account) | Q(agreement__account=account)
    return {
        "account": account, "ageing": ageing(items, today(actor.organization)), "requester": request.requested_by,
        "of_account": _earlier(actor, on_account), "of_requester": _earlier(actor, mine),
    }  # fmt: skip


def register_panels() -> None:
    panels.register(Panel("standing", "approvals.approvalrequest", "main", "reports/standing_panel.html", standing_of))
