"""List pages: all state in the URL, keyset paging, a bounded count, export of exactly what is shown."""

import base64
import json
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

import django_tables2 as tables
from django.core.exceptions import BadRequest, FieldError, ValidationError
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django_filters import FilterSet

from receivables.core.exports import export_response
from receivables.core.operations import authorize
from receivables.core.views import MemberView

COUNT_LIMIT = 10_000
PAGING = ("after", "before", "export")


def _encode(value: Any, pk: int) -> str:
    text = json.dumps([value.isoformat() if isinstance(value, date | datetime) else str(value), pk])
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def _decode(cursor: str) -> tuple[str, int]:
    """The sort value and key of the row a page begins after. Raises `BadRequest` for anything else."""
    try:
        value, pk = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        text, key = str(value), int(pk)
        text.encode()
    except (ValueError, TypeError, OverflowError, RecursionError):
        raise BadRequest("cursor") from None
    if "\x00" in text:
        raise BadRequest("cursor")
    return text, key


def readable(filters: FilterSet) -> QuerySet:
    """What filters leave, for who acts on all of it: nothing if one of them can't be read, since it would be left out
    and more be chosen than anybody meant."""
    rows: QuerySet = filters.qs if filters.is_valid() else filters.queryset.none()
    return rows


@dataclass(frozen=True)
class Page:
    """The rows of a page and the cursors of its neighbours ('' where there is none)."""

    rows: list[Any]
    after: str
    before: str


@dataclass(frozen=True)
class Summed:
    """How many rows a list has (`COUNT_LIMIT` + 1 for any more), that in words, and figures over them."""

    count: int
    text: str
    totals: list[dict[str, Any]]


def keyset_page(queryset: QuerySet, sort: str, size: int, after: str, before: str) -> Page:
    """`size` rows after (or before) a cursor, ordered by `sort` ("-field" descends) and then by key.

    The sort field is never empty. Raises `BadRequest` for a cursor that does not fit.
    """
    field, descending = sort.lstrip("-"), sort.startswith("-")
    backwards = bool(before)
    down = descending != backwards
    rows = queryset.order_by(f"-{field}" if down else field, "-pk" if down else "pk")
    cursor = before or after
    if cursor:
        value, pk = _decode(cursor)
        than = "lt" if down else "gt"
        try:
            rows = rows.filter(**{f"{field}__{than}e": value}).filter(
                Q(**{f"{field}__{than}": value}) | Q(**{f"pk__{than}": pk})
            )
        except (ValidationError, ValueError, FieldError, TypeError):
            raise BadRequest("cursor") from None
    # First the keys alone, by the index of the order, then the rows with all that they show: read in one query the
    # planner joins everything before it looks for the first rows.
    keys = list(rows.values_list("pk", flat=True)[: size + 1])
    by_key = {row.pk: row for row in queryset.filter(pk__in=keys)}
    found = [by_key[key] for key in keys if key in by_key]
    more, found = len(found) > size, found[:size]
    if backwards:
        found.reverse()
    first = _encode(_value(found[0], field), found[0].pk) if found else ""
    last = _encode(_value(found[-1], field), found[-1].pk) if found else ""
    has_next = more if not backwards else True
    has_previous = more if backwards else bool(after)
    return Page(found, last if has_next and found else "", first if has_previous and found else "")


def _value(row: Any, field: str) -> Any:
    for part in field.split("__"):
        row = getattr(row, part)
    return row.normalize() if isinstance(row, Decimal) and row == 0 else row


class ListPage(MemberView):
    """A list of an organization's rows.

    `sorts` maps the names of sortable columns to model fields; `default_sort` is such a name, "-" for descending.
    Lists of up to `everything_up_to` rows offer to choose all of them at once, beyond the page.
    """

    template = "core/list.html"
    title: Any = ""
    summary: Any = ""
    section = ""
    table_class: type[tables.Table]
    filter_class: type[FilterSet] | None = None
    sorts: dict[str, str]
    default_sort: str
    everything_up_to = 0
    empty: dict[str, Any] = {"title": gettext_lazy("Nothing here yet."), "text": "", "icon": "inbox", "actions": []}

    def queryset(self) -> QuerySet:
        """The rows of the actor's organization, with everything that the table shows."""
        raise TypeError(f"{type(self).__name__} does not say what it lists")

    def sum_up(self, filters: FilterSet | None, rows: QuerySet) -> Summed:
        """How many rows the list has, and their totals; a list that keeps both elsewhere reads them there."""
        count = rows.order_by().values("pk")[: COUNT_LIMIT + 1].count()  # without what each row shows
        return Summed(count, self._count_text(count), self.totals(rows) if count <= COUNT_LIMIT else [])

    def totals(self, rows: QuerySet) -> list[dict[str, Any]]:
        """Figures over all filtered rows for the footer; asked for only while the list is short enough to add up."""
        return []

    def page_actions(self) -> list[dict[str, Any]]:
        return []

    def bulk_actions(self) -> list[dict[str, Any]]:
        return []

    def extra_context(self) -> dict[str, Any]:
        return {}

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        filters = self._filters()
        rows = filters.qs if filters is not None else self.queryset()
        name = self._sort_name()
        field = self.sorts[name.lstrip("-")]
        sort = f"-{field}" if name.startswith("-") else field
        if request.GET.get("export"):
            authorize(request.actor, "export_data")
            ordered = rows.order_by(sort, "pk")
            return export_response(request, self.table_class, ordered, str(self.title), request.GET["export"])
        size = getattr(request.user, "page_size", 25) or 25
        page = keyset_page(rows, sort, size, request.GET.get("after", ""), request.GET.get("before", ""))
        return render(request, self.template, self._context(filters, rows, page, name))

    def _filters(self) -> FilterSet | None:
        if self.filter_class is None:
            return None
        return self.filter_class(self.request.GET, queryset=self.queryset(), request=self.request)

    def _sort_name(self) -> str:
        wanted = self.request.GET.get("sort", "")
        return wanted if wanted.lstrip("-") in self.sorts and wanted.count("-") <= 1 else self.default_sort

    def _url(self, **changes: str) -> str:
        kept = {
            key: value for key, value in self.request.GET.items() if key not in PAGING and key not in changes and value
        }
        kept.update({key: value for key, value in changes.items() if value})
        return f"{self.request.path}?{urlencode(kept)}" if kept else self.request.path

    def with_filters(self, address: str) -> str:
        """The address of a bulk action, with the filters: it may be asked for all that the list shows."""
        kept = {key: value for key, value in self.request.GET.items() if key not in (*PAGING, "sort") and value}
        return f"{address}?{urlencode(kept)}" if kept else address

    def _context(self, filters: FilterSet | None, rows: QuerySet, page: Page, sort: str) -> dict[str, Any]:
        request = self.request
        table = self.table_class(
            page.rows, order_by=sort, request=request, orderable=False,
            exclude=() if self.bulk_actions() else ("selected",),
        )  # fmt: skip
        for name in self.sorts:
            if name in table.columns.columns:
                table.columns[name].column.orderable = True
        summed = self.sum_up(filters, rows)
        exports = [
            {"label": "CSV", "url": self._url(export="csv")},
            {"label": "Excel", "url": self._url(export="xlsx")},
        ]
        chips = self._chips(filters)
        return {
            "title": self.title,
            "summary": self.summary,
            "table": table,
            "filter": filters,
            "chips": chips,
            "clear_url": request.path if chips else "",
            "empty_filtered_actions": [{"label": _("Clear filters"), "url": request.path}],
            "kept_parameters": [(key, request.GET[key]) for key in ("sort",) if request.GET.get(key)],
            "pager": {
                "text": summed.text,
                "first_url": self._url() if request.GET.get("after") or request.GET.get("before") else "",
                "previous_url": self._url(before=page.before) if page.before else "",
                "next_url": self._url(after=page.after) if page.after else "",
            },
            "totals": summed.totals,
            "exports": exports if request.actor.can("export_data") else [],
            "page_actions": self.page_actions(),
            "bulk_actions": self.bulk_actions(),
            "empty": self.empty,
            "select_everything": self._everything(summed.count),
            **self.extra_context(),
        }

    def _everything(self, count: int) -> str:
        """What is ticked to choose all rows that the filters show, on whatever page; "" where that is not offered."""
        if count > self.everything_up_to:
            return ""
        return ngettext("All %(n)s row", "All %(n)s rows", count) % {"n": f"{count:,}"}

    def _count_text(self, count: int) -> str:
        if count > COUNT_LIMIT:
            return _("More than %(n)s rows; filter them to see totals.") % {"n": f"{COUNT_LIMIT:,}"}
        return ngettext("%(n)s row", "%(n)s rows", count) % {"n": count}

    def _chips(self, filters: FilterSet | None) -> list[dict[str, str]]:
        if filters is None or not filters.is_valid():
            return []
        chips = []
        for name, value in filters.form.cleaned_data.items():
            if value in (None, "", [], False):
                continue
            field = filters.form.fields[name]
            choices = dict(getattr(field, "choices", ()) or ())
            shown = choices.get(value, value) if not isinstance(value, list) else ", ".join(map(str, value))
            chips.append({"label": str(field.label), "value": str(shown), "remove_url": self._url(**{name: ""})})
        return chips
