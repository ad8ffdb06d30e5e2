"""The first page: a few honest figures, each the way to its list."""

from decimal import Decimal
from typing import Any

from django.core.cache import cache
from django.db import connection
from django.db.models import Count, Q, Sum
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from receivables.approvals.models import ApprovalRequest
from receivables.billing.filters import LOAD_STATUSES, to_send
from receivables.billing.models import Invoice, Load
from receivables.billing.pages import number_format
from receivables.billing.queries import OUT_OF_DATE
from receivables.billing.views.shown import panels_of
from receivables.core.dates import today
from receivables.core.money import format_money, format_number
from receivables.core.views import member_view
from receivables.ledger.models import OpenItem
from receivables.ledger.standing import ageing, open_items

KEPT_SECONDS = 300  # the page says of when its figures are, and takes them anew on request


def _list(name: str, query: str = "") -> str:
    """The address of a filtered list; empty while its package brings no page."""
    try:
        return reverse(name) + (f"?{query}" if query else "")
    except NoReverseMatch:
        return ""


def receivable_figures(actor: Any) -> list[dict[str, Any]]:
    """What is owed and how much of it is late, in the organization's currency."""
    organization = actor.organization
    late = Q(due_date__lt=today(organization))
    sums = (
        OpenItem.objects.of(actor)
        .filter(kind=OpenItem.Kind.INVOICE)
        .exclude(balance=0)
        .aggregate(
            total=Sum("organization_balance"),
            late=Sum("organization_balance", filter=late),
            short=Count("pk", filter=Q(live_payments__gt=0)),
        )
    )
    total, past = sums["total"] or Decimal(0), sums["late"] or Decimal(0)
    fmt, currency = number_format(actor), organization.currency
    share = format_number(past * 100 / total if total else Decimal(0), 1, fmt)
    return [
        {
            "label": _("Total receivables"),
            "value": format_money(total, currency, fmt),
            "unit": currency,
            "url": _list("invoices", "status=open"),
        },
        {
            "label": _("Past due"),
            "value": format_money(past, currency, fmt),
            "unit": currency,
            "note": _("%(share)s%% of all receivables") % {"share": share},
            "url": _list("invoices", "status=overdue"),
            "tone": "danger" if past else "",
        },
        {
            "label": _("Short payments waiting"),
            "value": format_number(sums["short"], 0, fmt),
            "note": _("Paid in part, still open"),
            "url": _list("short_payments"),
            "tone": "warning" if sums["short"] else "",
        },
    ]


def work_figures(actor: Any) -> list[dict[str, Any]]:
    """What waits for somebody in billing; each figure counts exactly what its list shows."""
    counts = Load.objects.of(actor).aggregate(
        draft=Count("pk", filter=LOAD_STATUSES["draft"]),
        unsent=Count("pk", filter=to_send()),
        stale=Count("pk", filter=OUT_OF_DATE),
    )
    waiting = ApprovalRequest.objects.of(actor).filter(state=ApprovalRequest.State.WAITING).count()
    fmt = number_format(actor)
    return [
        {
            "label": _("Drafts to invoice"),
            "value": format_number(counts["draft"], 0, fmt),
            "url": _list("loads", "status=draft"),
        },
        {
            "label": _("Invoices to send"),
            "value": format_number(counts["unsent"], 0, fmt),
            "url": _list("loads", "status=to_send"),
        },
        {
            "label": _("Out of date"),
            "value": format_number(counts["stale"], 0, fmt),
            "note": _("Charges differ from the invoice"),
            "url": _list("loads", "out_of_date=yes"),
            "tone": "warning" if counts["stale"] else "",
        },
        {
            "label": _("Approvals waiting"),
            "value": format_number(waiting, 0, fmt),
            "url": _list("approvals"),
        },
    ]


def standing(actor: Any, *, anew: bool) -> dict[str, Any]:
    """All figures and when they were taken; kept for some minutes, since they are sums over everything there is."""
    reader = f"{actor.organization_id}:{getattr(actor.user, 'pk', '')}:{get_language()}"
    key = f"home:{connection.settings_dict['NAME']}:{reader}"
    kept: dict[str, Any] | None = None if anew else cache.get(key)
    if kept is None:
        kept = {
            "as_of": timezone.now(), "figures": receivable_figures(actor), "work": work_figures(actor),
            "ageing": ageing(open_items(actor), today(actor.organization)),
        }  # fmt: skip
        cache.set(key, kept, KEPT_SECONDS)
    return kept


@member_view("view_receivables")
def home(request: HttpRequest) -> HttpResponse:
    """Where things stand."""
    actor: Any = request.actor  # type: ignore[attr-defined]
    some = Load.objects.of(actor).exists() or Invoice.objects.of(actor).exists()
    context = {
        "title": _("Dashboard"),
        "empty": not some,
        **(standing(actor, anew="refresh" in request.GET) if some else {}),
        "ageing_url": _list("ageing") if actor.can("view_reports") else "",
        "panels": panels_of(request, actor.organization, "home"),
        "may_create": actor.can("create_load"),
        "import_url": _list("import_receivables") if actor.can("import_receivables") else "",
    }
    return render(request, "billing/home.html", context)
