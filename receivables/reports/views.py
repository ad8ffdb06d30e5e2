"""The reports: filters in the address, added up by a column, down to the documents, and out as a file."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.db.models import Count, QuerySet, Sum
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import dateformat
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from receivables.billing.models import Reason
from receivables.billing.pages import amount_text
from receivables.core.context import day_text
from receivables.core.dates import today
from receivables.core.listing import COUNT_LIMIT, ListPage
from receivables.core.views import member_view
from receivables.customers.models import Customer
from receivables.ledger.queries import next_month
from receivables.reports.bad_debt import register
from receivables.reports.excesses import excesses
from receivables.reports.grouping import By, Group, grouped
from receivables.reports.payoffs import MONTHS, NEAR_FROM, NEAR_TO, TIMES, pay_offs, repeaters
from receivables.reports.tables import (
    BadDebtFilter,
    BadDebtTable,
    ExcessFilter,
    ExcessTable,
    PayOffFilter,
    PayOffTable,
    RepeaterFilter,
    RepeaterTable,
)

VERB = "view_reports"
ZERO = Decimal(0)


@member_view(VERB)
def reports(request: HttpRequest) -> HttpResponse:
    """Which reports there are."""
    shown = [
        {
            "title": _("Ageing"), "url": reverse("ageing"),
            "text": _("What each customer owed on any day, by how long it was past due, down to the documents."),
        }
    ] + [
        {"title": page.title, "text": page.summary, "url": reverse(name)}
        for name, page in (
            ("pay_off_report", PayOffReport), ("pay_off_repeaters", Repeaters), ("excess_report", ExcessReport),
            ("bad_debt_report", BadDebtReport),
        )
    ]  # fmt: skip
    return render(request, "reports/reports.html", {"title": _("Reports"), "reports": shown})


def _people(keys: Sequence[Any]) -> Mapping[Any, str]:
    found = User.objects.in_bulk([key for key in keys if key])
    return {None: _("Nobody"), **{pk: str(user) for pk, user in found.items()}}


def _customers(keys: Sequence[Any]) -> Mapping[Any, str]:
    return {pk: customer.name for pk, customer in Customer.objects.in_bulk([key for key in keys if key]).items()}


def _as_they_are(values: Sequence[Any]) -> Mapping[Any, str]:
    return {value: str(value) for value in values}


class Report(ListPage):
    """A list that is also added up by one of its columns (`by` in the address)."""

    verb = VERB
    template = "reports/report.html"
    section = gettext_lazy("Reports")
    amount = "organization_amount"

    def choices(self) -> dict[str, By]:
        """What this report may be added up by; the first is the default."""
        raise TypeError(f"{type(self).__name__} does not say by what it is added up")

    def notes(self) -> list[str]:
        return []

    def _customer(self, field: str) -> By:
        def narrowed(key: Any) -> dict[str, str]:
            found = Customer.objects.of(self.request.actor).filter(pk=key).values_list("number", flat=True).first()
            return {"customer": found or ""}

        return By(_("Customer"), field, _customers, narrowed)

    @property
    def by(self) -> str:
        wanted, known = self.request.GET.get("by", ""), self.choices()
        return wanted if wanted in known else next(iter(known))

    def groups(self, rows: QuerySet) -> list[Group]:
        return grouped(rows, self.choices()[self.by], self.amount, lambda kept: self._url(**kept))

    def totals(self, rows: QuerySet) -> list[dict[str, Any]]:
        self.shown_groups = self.groups(rows)
        found: Any = rows.order_by().aggregate(n=Count("pk"), sum=Sum(self.amount))
        own = self.request.organization.currency
        total = amount_text(self.request.actor, found["sum"] or ZERO, own)
        return [{"label": _("Rows"), "value": f"{found['n']:,}"}, {"label": _("In own currency"), "value": total}]

    def extra_context(self) -> dict[str, Any]:
        actor, known = self.request.actor, self.choices()
        own = self.request.organization.currency
        groups = [
            {"group": each, "total": amount_text(actor, each.total, own)} for each in getattr(self, "shown_groups", [])
        ]
        words = {"name": actor.name, "day": day_text(actor, today(actor.organization))}
        return {
            "section": self.section, "groups": groups, "by_label": known[self.by].label, "own_currency": own,
            "breadcrumb": [{"label": _("Reports"), "url": reverse("reports")}], "crumb": self.title,
            "by_choices": [
                {"label": each.label, "url": self._url(by=name), "active": name == self.by, "count": None}
                for name, each in known.items()
            ],
            "kept_parameters": [(key, self.request.GET[key]) for key in ("sort", "by") if self.request.GET.get(key)],
            "notes": [*self.notes(), _("Prepared by %(name)s on %(day)s, with the filters above.") % words],
            "more_than": COUNT_LIMIT,
        }  # fmt: skip


class PayOffReport(Report):
    """The control report of the pay-off limit: what was given up without anybody being asked."""

    title = gettext_lazy("Automatic pay-offs")
    summary = gettext_lazy("What payments gave up by themselves under the pay-off limit, and the limit that held then.")
    table_class = PayOffTable
    filter_class = PayOffFilter
    sorts = {"date": "allocation__entry__posting_date", "amount": "amount"}
    default_sort = "-date"
    amount = "own_value"
    empty = {"title": gettext_lazy("No payment gave anything up."), "text": "", "icon": "bar-chart", "actions": []}

    def queryset(self) -> QuerySet:
        return pay_offs(self.request.actor)

    def page_actions(self) -> list[dict[str, Any]]:
        return [
            {"label": _("Just under the limit"), "url": reverse("pay_off_repeaters"), "icon": "exclamation-triangle"}
        ]

    def choices(self) -> dict[str, By]:
        def reasons(keys: Sequence[Any]) -> Mapping[Any, str]:
            return {pk: row.name for pk, row in Reason.objects.in_bulk(list(keys)).items()}

        return {
            "user": By(_("Recorded by"), "payment__created_by", _people, lambda key: {"user": str(key or "")}),
            "customer": self._customer("invoice__account__customer"),
            "reason": By(_("Reason"), "reason", reasons, lambda key: {"reason": str(key)}),
        }

    def totals(self, rows: QuerySet) -> list[dict[str, Any]]:
        found = super().totals(rows)
        actor, own = self.request.actor, self.request.organization.currency
        found += [
            {"label": f"{code} {name}", "value": amount_text(actor, amount, own)}
            for code, name, amount in ledger_side(rows)
        ]
        return found


def ledger_side(rows: QuerySet) -> list[tuple[str, str, Decimal]]:
    """What the journal credited to each account for these pay-offs, which is what they add up to."""
    accounts = rows.order_by().values_list(
        "allocation__debit_item__gl_account__code", "allocation__debit_item__gl_account__name"
    )
    said = _("%(name)s (credited)")
    return [
        (code, said % {"name": name}, total or ZERO) for code, name, total in accounts.annotate(sum=Sum("own_value"))
    ]


class ExcessReport(Report):
    """The control report of the over-payment limit: what was booked as income."""

    title = gettext_lazy("Over-payments booked as income")
    summary = gettext_lazy("What payments brought too much and somebody booked as income, and the limit of then.")
    table_class = ExcessTable
    filter_class = ExcessFilter
    sorts = {"date": "posting_date", "amount": "amount"}
    default_sort = "-date"
    amount = "own_value"
    empty = {
        "title": gettext_lazy("No over-payment was booked as income."), "text": "", "icon": "bar-chart", "actions": [],
    }  # fmt: skip

    def queryset(self) -> QuerySet:
        return excesses(self.request.actor)

    def choices(self) -> dict[str, By]:
        return {
            "user": By(_("Booked by"), "created_by", _people, lambda key: {"user": str(key or "")}),
            "customer": self._customer("payment__account__customer"),
        }

    def totals(self, rows: QuerySet) -> list[dict[str, Any]]:
        actor, own = self.request.actor, self.request.organization.currency
        by_account = rows.order_by().values_list("gl_account__code", "gl_account__name").annotate(sum=Sum("own_value"))
        return super().totals(rows) + [
            {"label": f"{code} {name}", "value": amount_text(actor, total or ZERO, own)}
            for code, name, total in by_account.order_by("gl_account__code")
        ]


class Repeaters(ListPage):
    """Customers who keep paying just under the limit."""

    verb = VERB
    title = gettext_lazy("Just under the limit")
    summary = gettext_lazy("Customers whose payments keep falling short by a little less than the pay-off limit.")
    table_class = RepeaterTable
    filter_class = RepeaterFilter
    sorts = {"times": "times", "closest": "closest", "last": "last"}
    default_sort = "-times"
    empty = {
        "title": gettext_lazy("No customer keeps paying just under the limit."),
        "text": gettext_lazy("Ask for a lower percentage, fewer times or more months to see more."),
        "icon": "check-circle", "actions": [],
    }  # fmt: skip

    def asked(self) -> dict[str, Any]:
        """What was asked for, with the defaults where nothing readable was."""
        form = RepeaterFilter(self.request.GET, queryset=Customer.objects.none(), request=self.request).form
        found = form.cleaned_data if form.is_valid() else {}
        usual = {"low": NEAR_FROM, "high": NEAR_TO, "times": TIMES, "months": MONTHS}
        return {name: found.get(name) or default for name, default in usual.items()}

    def queryset(self) -> QuerySet:
        asked = self.asked()
        return repeaters(
            self.request.actor, low=asked["low"], high=asked["high"], times=int(asked["times"]),
            months=int(asked["months"]),
        )  # fmt: skip

    def extra_context(self) -> dict[str, Any]:
        asked = {name: f"{value:f}" if isinstance(value, Decimal) else value for name, value in self.asked().items()}
        said = _("From %(low)s to %(high)s %% of the limit that held then, at least %(times)s × in %(months)s months.")
        return {
            "section": _("Reports"),
            "summary": said % asked,
            "crumb": self.title,
            "breadcrumb": [{"label": _("Reports"), "url": reverse("reports")}],
        }


class BadDebtReport(Report):
    """The register of bad debt by reason, customer, approver and month."""

    title = gettext_lazy("Bad debt")
    summary = gettext_lazy("Every line on the accounts of bad debt: written off, less reversed and recovered.")
    table_class = BadDebtTable
    filter_class = BadDebtFilter
    sorts = {"date": "entry__posting_date", "organization_amount": "organization_amount"}
    default_sort = "-date"
    empty = {"title": gettext_lazy("No bad debt was booked."), "text": "", "icon": "bar-chart", "actions": []}

    def queryset(self) -> QuerySet:
        return register(self.request.actor)

    def choices(self) -> dict[str, By]:
        def months(values: Sequence[Any]) -> Mapping[Any, str]:
            return {value: dateformat.format(value, "F Y") for value in values}

        def of_month(value: Any) -> dict[str, str]:
            last = next_month(value) - timedelta(days=1)
            return {"since": value.isoformat(), "until": last.isoformat()}

        return {
            "reason": By(_("Reason"), "reason", _as_they_are, lambda key: {"reason": str(key)}),
            "customer": self._customer("customer_id"),
            "approver": By(
                _("Approved by"), "approver_id", _people, lambda key: {"approver": "null" if key is None else str(key)}
            ),
            "user": By(_("Given up by"), "author_id", _people, lambda key: {"user": str(key or "")}),
            "month": By(_("Month"), "month", months, of_month),
        }

    def totals(self, rows: QuerySet) -> list[dict[str, Any]]:
        actor, own = self.request.actor, self.request.organization.currency
        by_account = (
            rows.order_by().values_list("gl_account__code", "gl_account__name").annotate(sum=Sum("organization_amount"))
        )
        return super().totals(rows) + [
            {"label": f"{code} {name}", "value": amount_text(actor, total or ZERO, own)}
            for code, name, total in by_account.order_by("gl_account__code")
        ]  # fmt: skip

    def notes(self) -> list[str]:
        return [_("Without filters on people and reasons it adds up to what these accounts moved by in the ledger.")]
