"""The ageing: by customer, down to the documents, beside the ledger, out as a file."""

from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from django.core.paginator import Paginator
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django_tables2 import Table

from receivables.core.access import fetch
from receivables.core.context import day_text
from receivables.core.exports import rows_response
from receivables.core.operations import authorize
from receivables.core.views import member_view
from receivables.customers.models import Customer
from receivables.reports.ageing.forms import AgeingForm
from receivables.reports.ageing.queries import Aged, Asked, Owed, by_customer, of_customer, ties
from receivables.reports.ageing.tables import AgedTable, AgeingTable

VERB = "view_reports"
ON_A_PAGE = 100
ZERO = Decimal(0)
SORTS = {"name": lambda row: (row.name.lower(), row.pk), "total": lambda row: -row.total, "old": lambda row: -row.old}


@member_view(VERB)
def ageing(request: HttpRequest) -> HttpResponseBase:
    """What every customer owed on a day, in buckets of age."""
    actor: Any = request.actor  # type: ignore[attr-defined]
    form = AgeingForm(request.GET, actor=actor)
    context = {
        "title": _("Ageing"), "section": _("Reports"), "form": form, "crumb": _("Ageing"),
        "breadcrumb": _way(request)[:1],
    }  # fmt: skip
    if not form.is_valid():
        return render(request, "reports/ageing.html", context, status=422)
    asked, sort = form.asked(), request.GET.get("sort", "")
    rows = sorted(by_customer(actor, asked), key=SORTS.get(sort, SORTS["name"]))

    def table(some: Sequence[Owed]) -> AgeingTable:
        return AgeingTable(some, asked=asked, currency=_currency(actor, asked), query=_query(request), request=request)

    if request.GET.get("compare"):
        context["ties"] = ties(actor, asked)
    context |= {"views": _orders(request, sort), "compare_url": _address(request, compare="1")}
    return _shown(request, context, asked, table, rows, rows, title=_title(asked))


@member_view(VERB)
def ageing_of_customer(request: HttpRequest, pk: int) -> HttpResponseBase:
    """The documents that a customer owed on a day."""
    actor: Any = request.actor  # type: ignore[attr-defined]
    customer = fetch(actor, Customer, pk, verb=VERB)
    form = AgeingForm(request.GET, actor=actor)
    context = {
        "title": customer.name, "section": _("Ageing"), "form": form, "customer": customer, "crumb": customer.name,
        "breadcrumb": _way(request),
    }  # fmt: skip
    if not form.is_valid():
        return render(request, "reports/ageing.html", context, status=422)
    asked = form.asked()
    rows = of_customer(actor, customer.pk, asked)

    def table(some: Sequence[Aged]) -> AgedTable:
        return AgedTable(some, asked=asked, request=request)

    title = f"{customer.number} {_title(asked)}"
    return _shown(request, context, asked, table, rows, [_as_owed(customer, rows, asked)], title=title)


def _shown(
    request: HttpRequest, context: dict[str, Any], asked: Asked, table: Callable[[Any], Table], rows: Sequence[Any],
    owed: Sequence[Owed], *, title: str,
) -> HttpResponseBase:  # fmt: skip
    """A page of rows below their sums, or all of them as a file."""
    actor: Any = request.actor  # type: ignore[attr-defined]
    if request.GET.get("export"):
        authorize(actor, "export_data")
        return rows_response(table, rows, title, request.GET["export"])
    page = Paginator(rows, ON_A_PAGE).get_page(request.GET.get("page"))
    exports = [
        {"label": label, "url": _address(request, export=kind)} for kind, label in (("csv", "CSV"), ("xlsx", "Excel"))
    ]
    context |= {
        "table": table(page.object_list), "page": page, "pager": _pager(request, page), "strip": strip(owed, asked),
        "unapplied": sum((row.unapplied for row in owed), ZERO), "total": sum((row.total for row in owed), ZERO),
        "currency": _currency(actor, asked), "own_currency": actor.organization.currency, "asked": asked,
        "prepared_by": actor.name, "day": day_text(actor, asked.day),
        "exports": exports if actor.can("export_data") else [],
    }  # fmt: skip
    return render(request, "reports/ageing.html", context)


def _currency(actor: Any, asked: Asked) -> str:
    return asked.currency or str(actor.organization.currency)


def _way(request: HttpRequest) -> list[dict[str, str]]:
    return [
        {"label": _("Reports"), "url": reverse("reports")},
        {"label": _("Ageing"), "url": reverse("ageing") + _query(request)},
    ]


def _as_owed(customer: Customer, rows: Sequence[Aged], asked: Asked) -> Owed:
    levels = [ZERO] * 6
    for row in rows:
        levels[row.level] += row.balance if asked.currency else row.own
    return Owed(customer.pk, customer.number, customer.name, tuple(levels[1:]), levels[0])


def strip(rows: Sequence[Owed], asked: Asked) -> list[dict[str, Any]]:
    """The sums of the buckets, for the bars."""
    return [
        {"level": at + 1, "label": label, "amount": sum((row.buckets[at] for row in rows), ZERO)}
        for at, label in enumerate(asked.labels())
    ]


def _title(asked: Asked) -> str:
    return _("Ageing %(day)s") % {"day": asked.day.isoformat()}


def _kept(request: HttpRequest) -> dict[str, str]:
    return {key: request.GET[key] for key in ("as_of", "known", "by", "currency") if request.GET.get(key)}


def _query(request: HttpRequest) -> str:
    kept = _kept(request)
    return f"?{urlencode(kept)}" if kept else ""


def _address(request: HttpRequest, **more: str) -> str:
    kept = {**_kept(request), **({"sort": request.GET["sort"]} if request.GET.get("sort") else {}), **more}
    return f"{request.path}?{urlencode(kept)}"


def _pager(request: HttpRequest, page: Any) -> dict[str, str]:
    return {
        "first_url": _address(request) if page.number > 2 else "",
        "previous_url": _address(request, page=str(page.previous_page_number())) if page.has_previous() else "",
        "next_url": _address(request, page=str(page.next_page_number())) if page.has_next() else "",
    }


def _orders(request: HttpRequest, sort: str) -> list[dict[str, Any]]:
    labels = {"name": _("By name"), "total": _("Most owed first"), "old": _("Most of the oldest first")}
    chosen = sort if sort in SORTS else "name"
    return [
        {"label": label, "url": _address(request, sort=name), "active": name == chosen, "count": None}
        for name, label in labels.items()
    ]
