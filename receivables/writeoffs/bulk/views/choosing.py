"""Choosing debts to write off: what may be written off, by filters, and asking for a batch of what was chosen."""

from typing import Any

import django_tables2 as tables
from django.db.models import Count, QuerySet, Sum
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from receivables.billing.pages import amount_text
from receivables.collections.batch_pages import selected
from receivables.core.columns import DayColumn, MoneyColumn, SelectColumn
from receivables.core.dates import today
from receivables.core.errors import Blocker
from receivables.core.listing import COUNT_LIMIT, ListPage
from receivables.core.views import FormView
from receivables.ledger.models import OpenItem
from receivables.writeoffs.bulk.choosing import DebtFilter, Selection, debts
from receivables.writeoffs.bulk.forms import PlanForm
from receivables.writeoffs.bulk.operations import plan_write_offs
from receivables.writeoffs.bulk.rules import plan_write_offs_blocker

WHOLE = {"td": {"class": "text-nowrap"}}
LIST = "debts_to_write_off"


def crumbs(*, to_batches: bool = False) -> list[dict[str, str]]:
    """From the register to here."""
    found = [{"label": _("Write-offs"), "url": reverse("write_offs")}]
    return [*found, {"label": _("Batches"), "url": reverse("write_off_batches")}] if to_batches else found


class DebtTable(tables.Table):
    """Debts with whose they are, how old and how big."""

    select = SelectColumn(lambda record: _("Select %(number)s") % {"number": record.number})
    number = tables.Column(
        verbose_name=gettext_lazy("Document"), attrs=WHOLE, linkify=lambda record: record.get_absolute_url()
    )
    customer = tables.Column(verbose_name=gettext_lazy("Customer"), accessor="account__customer__name")
    account = tables.Column(
        verbose_name=gettext_lazy("Account"), accessor="account__number", attrs=WHOLE,
        linkify=lambda record: record.account.get_absolute_url(),
    )  # fmt: skip
    agreement = tables.Column(verbose_name=gettext_lazy("Agreement"), accessor="agreement__number", attrs=WHOLE)
    service = tables.Column(verbose_name=gettext_lazy("State"), accessor="agreement__get_state_display")
    due = DayColumn(verbose_name=gettext_lazy("Due"), accessor="due_date", attrs=WHOLE)
    overdue = tables.Column(verbose_name=gettext_lazy("Days overdue"), empty_values=(), attrs={"td": {"class": "num"}})
    currency = tables.Column(verbose_name=gettext_lazy("Currency"))
    owed = MoneyColumn(verbose_name=gettext_lazy("Owed"), accessor="balance")

    class Meta:
        model = OpenItem
        fields = ()
        sequence = (
            "select", "number", "customer", "account", "agreement", "service", "due", "overdue", "currency", "owed",
        )  # fmt: skip

    def before_render(self, request: Any) -> None:
        if not request.actor.can("plan_write_offs"):
            self.columns.hide("select")

    def value_overdue(self, record: OpenItem) -> int:
        return max((today(self.request.actor.organization) - record.due_date).days, 0)

    def render_overdue(self, record: OpenItem) -> str:
        return f"{self.value_overdue(record):,}"


class DebtList(ListPage):
    """Debts that may be written off, the oldest due first."""

    title = gettext_lazy("Debts to write off")
    section = gettext_lazy("Write-offs")
    summary = gettext_lazy("Choose debts by filters or by ticking them; nothing is written off before you confirm it.")
    table_class = DebtTable
    filter_class = DebtFilter
    sorts = {"due": "due_date", "owed": "balance"}
    default_sort = "due"
    everything_up_to = COUNT_LIMIT + 1
    empty = {
        "title": gettext_lazy("Nothing is owed that may be written off."),
        "text": gettext_lazy("An invoice appears here while something is open on it."),
        "icon": "check-circle",
        "actions": [],
    }

    def queryset(self) -> QuerySet[OpenItem]:
        return debts(self.request.actor).select_related("account__customer", "agreement")

    def totals(self, rows: QuerySet) -> list[dict[str, Any]]:
        actor = self.request.actor
        sums: Any = rows.order_by().values("currency").annotate(owed=Sum("balance"), n=Count("pk"))
        return [
            {"label": _("Owed"), "value": amount_text(actor, each["owed"], each["currency"])}
            for each in sums.order_by("currency")
        ]

    def page_actions(self) -> list[dict[str, Any]]:
        return [{"label": _("Batches"), "url": reverse("write_off_batches"), "icon": "list-check"}]

    def bulk_actions(self) -> list[dict[str, Any]]:
        if not self.request.actor.can("plan_write_offs"):
            return []
        url = self.with_filters(reverse("plan_write_offs"))
        return [{"label": _("Write off selected"), "url": url, "style": "primary"}]

    def extra_context(self) -> dict[str, Any]:
        return {"breadcrumb": crumbs(), "crumb": self.title, "section": self.section}

    def _everything(self, count: int) -> str:
        """All that the filters show may be chosen, however many; beyond the bounded count without a number."""
        return super()._everything(count) if count <= COUNT_LIMIT else _("All rows that the filters show")


class PlanWriteOffs(FormView):
    """Ask for a batch of the chosen debts: it is worked out in the background, and confirmed on its own page."""

    verb = "plan_write_offs"
    form_class = PlanForm

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        self.selection = _selection(request)
        return super().dispatch(request, *args, **kwargs)

    def form_kwargs(self) -> dict[str, Any]:
        chosen = self.selection
        initial = {
            "keys": ",".join(map(str, chosen.keys)), "everything": "1" if chosen.everything else "",
            "query": chosen.query, "currency": self._currency(),
        }  # fmt: skip
        return {"actor": self.request.actor, "initial": initial}

    def _currency(self) -> str:
        """The currency of the first chosen debt, which is the usual one of them."""
        rows = self.selection.items(self.request.actor).order_by().values_list("currency", flat=True)
        return rows.first() or self.request.actor.organization.currency

    def blocker(self) -> Blocker | None:
        chosen = self.selection.items(self.request.actor).order_by()[:1].count()
        return plan_write_offs_blocker(chosen=chosen, reason="-")

    def context(self) -> dict[str, Any]:
        return {
            "title": _("Write off debts"),
            "section": _("Write-offs"),
            "breadcrumb": [*crumbs(), {"label": _("Debts to write off"), "url": reverse(LIST)}],
            "facts": self._facts(),
            "effects": [
                _("First it is worked out what this comes to, and which accounts are passed over and why."),
                _("Nothing is written off before you confirm that."),
            ],
            "tone": "info",
            "submit_label": _("Work it out"),
            "cancel_url": reverse(LIST),
        }

    def _facts(self) -> list[dict[str, Any]]:
        """How many were chosen and what they come to by currency; of very many only that they are many."""
        items, actor = self.selection.items(self.request.actor), self.request.actor
        if items.order_by()[: COUNT_LIMIT + 1].count() > COUNT_LIMIT:
            return [{"label": _("Chosen"), "value": _("More than %(n)s debts") % {"n": f"{COUNT_LIMIT:,}"}}]
        sums: Any = items.order_by().values("currency").annotate(owed=Sum("balance"), n=Count("pk"))
        return [
            {
                "label": _("Chosen"),
                "value": ngettext("%(n)s debt, %(amount)s", "%(n)s debts, %(amount)s", each["n"])
                % {"n": f"{each['n']:,}", "amount": amount_text(actor, each["owed"], each["currency"])},
            }
            for each in sums.order_by("currency")
        ]

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if "reason" not in request.POST:
            return self.get(request, *args, **kwargs)
        return super().post(request, *args, **kwargs)

    def _suggested(self) -> dict[str, str]:
        """A link to this page carries the list's filters, whose names must not be taken for what is wanted."""
        return {}

    def run(self, data: dict[str, Any]) -> tuple[str, str]:
        batch = plan_write_offs(
            actor=self.request.actor, selection=self.selection, currency=data["currency"], reason=data["reason"],
            to_type=data["to_type"], posting_date=data["posting_date"],
        )  # fmt: skip
        return batch.get_absolute_url(), ""


def _selection(request: HttpRequest) -> Selection:
    """What the list sent, or what the form carries on."""
    return Selection(*selected(request))
