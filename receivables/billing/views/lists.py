"""Lists of loads and invoices."""

from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from django.db.models import QuerySet, Sum
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from receivables.billing.delivery.bulk import MOST
from receivables.billing.filters import InvoiceFilter, LoadFilter, listed_invoices, listed_loads
from receivables.billing.pages import amount_text
from receivables.billing.tables import InvoiceTable, LoadTable
from receivables.core.listing import ListPage


class Views:
    """Saved views: tabs that are nothing but filters kept in the URL."""

    tabs: list[tuple[Any, dict[str, str]]] = []
    filter_names: tuple[str, ...] = ()
    request: Any

    def view_tabs(self) -> list[dict[str, Any]]:
        now = {name: self.request.GET[name] for name in self.filter_names if self.request.GET.get(name)}
        return [
            {
                "label": label,
                "url": "?" + urlencode(wanted),
                "active": now == wanted,
            }
            for label, wanted in self.tabs
        ]


class LoadsView(Views, ListPage):
    """All loads of the organization, newest first."""

    title = gettext_lazy("Loads")
    table_class = LoadTable
    filter_class = LoadFilter
    sorts = {"number": "number", "newest": "pk"}
    default_sort = "-newest"
    filter_names = ("q", "status", "out_of_date", "customer", "sending")
    tabs = [
        (gettext_lazy("All"), {}),
        (gettext_lazy("Draft"), {"status": "draft"}),
        (gettext_lazy("To send"), {"status": "to_send"}),
        (gettext_lazy("Out of date"), {"out_of_date": "yes"}),
        (gettext_lazy("Short paid"), {"status": "short_paid"}),
    ]

    def queryset(self) -> QuerySet:
        return listed_loads(self.request.actor)

    def page_actions(self) -> list[dict[str, Any]]:
        if not self.request.actor.can("create_load"):
            return []
        return [{"label": _("New load"), "url": reverse("create_load"), "style": "primary", "icon": "plus-lg"}]

    def bulk_actions(self) -> list[dict[str, Any]]:
        if self.request.GET.get("status") != "draft" or not self.request.actor.can("generate_summary_invoice"):
            return []
        return [{"label": _("Summary invoice"), "url": reverse("generate_summary_invoice"), "style": "primary"}]

    def extra_context(self) -> dict[str, Any]:
        empty = {
            "title": _("No loads yet."),
            "text": _("A load holds what is charged for a shipment; its invoice is generated from it."),
            "icon": "truck",
            "actions": [{**action, "style": "primary"} for action in self.page_actions()],
        }
        return {"views": self.view_tabs(), "empty": empty}


class InvoicesView(Views, ListPage):
    """All invoices of the organization, newest issue date first."""

    title = gettext_lazy("Invoices")
    table_class = InvoiceTable
    filter_class = InvoiceFilter
    sorts = {"number": "number", "issued": "issue_date", "due": "due_date"}
    default_sort = "-issued"
    everything_up_to = MOST
    filter_names = ("q", "status", "customer", "sending", "issued_from", "issued_to", "due_from", "due_to")
    tabs = [
        (gettext_lazy("All"), {}),
        (gettext_lazy("Open"), {"status": "open"}),
        (gettext_lazy("Part paid"), {"status": "part_paid"}),
        (gettext_lazy("Overdue"), {"status": "overdue"}),
        (gettext_lazy("Paid"), {"status": "paid"}),
        (gettext_lazy("Written off"), {"status": "settled_written_off"}),
        (gettext_lazy("To send"), {"sending": "not_sent"}),
        (gettext_lazy("Not delivered"), {"sending": "trouble"}),
    ]
    empty = {
        "title": gettext_lazy("No receivables yet."),
        "text": gettext_lazy("An invoice is generated from a load, or imported."),
        "icon": "receipt",
        "actions": [],
    }

    def queryset(self) -> QuerySet:
        return listed_invoices(self.request.actor)

    def bulk_actions(self) -> list[dict[str, Any]]:
        if not self.request.actor.can("send_invoice"):
            return []
        return [{"label": _("Send …"), "url": f"{reverse('send_invoices')}?{self._kept()}", "style": "primary"}]

    def _kept(self) -> str:
        """The filters of the list, for what is done with all that it shows."""
        return urlencode({name: self.request.GET[name] for name in self.filter_names if self.request.GET.get(name)})

    def page_actions(self) -> list[dict[str, Any]]:
        """What is done with the whole list as it is filtered."""
        if not self.request.actor.can("export_einvoice"):
            return []
        url = f"{reverse('export_einvoices')}?{self._kept()}"
        return [{"label": _("Export e-invoices"), "url": url, "icon": "file-earmark-text"}]

    def totals(self, rows: QuerySet) -> list[dict[str, Any]]:
        """Per currency, over all filtered rows; void invoices hold zero."""
        sums = (
            rows.order_by()
            .values("currency")
            .annotate(total=Sum("open_item__amount"), paid_sum=Sum("open_item__paid"), open=Sum("open_item__balance"))
            .order_by("currency")
        )
        actor = self.request.actor
        shown = []
        for row in sums[:5]:
            for label, amount in (
                (_("Total"), row["total"]),
                (_("Paid"), row["paid_sum"]),
                (_("Balance"), row["open"]),
            ):
                shown.append({"label": label, "value": amount_text(actor, amount or Decimal(0), row["currency"])})
        return shown

    def extra_context(self) -> dict[str, Any]:
        actions = []
        if self.request.actor.can("create_load"):
            actions.append({"label": _("New load"), "url": reverse("create_load"), "style": "primary"})
        return {"views": self.view_tabs(), "empty": {**self.empty, "actions": actions}}
