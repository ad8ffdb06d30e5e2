"""Pages of batches: the list, one batch with its progress and its invoices, and what can be done with it."""

from functools import cached_property
from typing import Any

import django_filters as filters
import django_tables2 as tables
from django.db.models import Count, Q, QuerySet, Sum
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from receivables.billing.filters import TypedFilter, accounts_like
from receivables.billing.pages import amount_text, number_format
from receivables.billing.status import Status
from receivables.billing.tables import MoneyColumn, badge
from receivables.collections.short_payments.models import BatchItem, BatchResolution
from receivables.collections.short_payments.operations import is_running
from receivables.collections.short_payments.texts import reason_words
from receivables.collections.short_payments.worklist import WHOLE
from receivables.collections.texts import day_text
from receivables.core.access import fetch
from receivables.core.history import timeline
from receivables.core.job_views import progress_context
from receivables.core.listing import ListPage
from receivables.core.money import format_number

State, Undo = BatchItem.State, BatchItem.Undo
TONES = {
    State.WAITING: "neutral", State.DONE: "success", State.ASKED: "info", State.SKIPPED: "warning",
    State.FAILED: "danger",
}  # fmt: skip
COUNTS = {
    "resolved": Count("items", filter=Q(items__state=State.DONE) & ~Q(items__undo_state=Undo.UNDONE)),
    "undone": Count("items", filter=Q(items__undo_state=Undo.UNDONE)),
    "asked": Count("items", filter=Q(items__state=State.ASKED)),
    "skipped": Count("items", filter=Q(items__state=State.SKIPPED)),
    "failed": Count("items", filter=Q(items__state=State.FAILED)),
    "waiting": Count("items", filter=Q(items__state=State.WAITING)),
    "taken": Sum("items__short", filter=Q(items__state=State.DONE) & ~Q(items__undo_state=Undo.UNDONE)),
}


def with_counts(batches: QuerySet[BatchResolution]) -> QuerySet[BatchResolution]:
    """Batches with what became of their invoices."""
    return batches.select_related("type", "created_by", "job").annotate(**COUNTS)


def batch_status(batch: Any) -> Status:
    """How a batch reads: at work, stopped with something left, undone, or done."""
    if is_running(batch):
        return Status("running", _("At work"), "info")
    if batch.waiting:
        return Status("stopped", _("Stopped"), "warning")
    if batch.failed:
        return Status("failed", _("Some failed"), "danger")
    if batch.undone and not batch.resolved:
        return Status("undone", _("Undone"), "neutral")
    return Status("done", _("Done"), "success")


class BatchTable(tables.Table):
    name = tables.Column(
        verbose_name=gettext_lazy("Batch"), accessor="pk", linkify=lambda record: record.get_absolute_url()
    )
    created_at = tables.DateTimeColumn(verbose_name=gettext_lazy("Asked for"), short=True)
    created_by = tables.Column(verbose_name=gettext_lazy("By"))
    type = tables.Column(verbose_name=gettext_lazy("Type"))
    currency = tables.Column(verbose_name=gettext_lazy("Currency"))
    taken = MoneyColumn(verbose_name=gettext_lazy("Taken off"))
    resolved = tables.Column(verbose_name=gettext_lazy("Resolved"))
    asked = tables.Column(verbose_name=gettext_lazy("For approval"))
    skipped = tables.Column(verbose_name=gettext_lazy("Skipped"))
    failed = tables.Column(verbose_name=gettext_lazy("Failed"))
    undone = tables.Column(verbose_name=gettext_lazy("Undone"))
    state = tables.Column(verbose_name=gettext_lazy("State"), empty_values=())

    class Meta:
        model = BatchResolution
        fields = ()
        sequence = (
            "name", "created_at", "created_by", "type", "currency", "taken", "resolved", "asked", "skipped", "failed",
            "undone", "state",
        )  # fmt: skip

    def render_name(self, record: BatchResolution) -> str:
        return str(record)

    def value_name(self, record: BatchResolution) -> int:
        return record.pk

    def render_state(self, record: Any) -> Any:
        return badge(batch_status(record))

    def value_state(self, record: Any) -> str:
        return str(batch_status(record).label)


class BatchList(ListPage):
    """Batches, the newest first."""

    title = gettext_lazy("Batches of short payments")
    section = gettext_lazy("Short payments")
    summary = gettext_lazy("Short payments that were resolved together, the newest first.")
    table_class = BatchTable
    sorts = {"created_at": "id"}
    default_sort = "-created_at"
    empty = {
        "title": gettext_lazy("No batches yet."),
        "text": gettext_lazy("Select rows in the list of short payments and resolve them at once."),
        "icon": "list-check",
        "actions": [],
    }

    def queryset(self) -> QuerySet[BatchResolution]:
        return with_counts(BatchResolution.objects.of(self.request.actor))

    def extra_context(self) -> dict[str, Any]:
        crumbs = [{"label": _("Short payments"), "url": reverse("short_payments")}]
        return {"breadcrumb": crumbs, "crumb": _("Batches"), "section": self.section}


class BatchItemTable(tables.Table):
    number = tables.Column(
        verbose_name=gettext_lazy("Invoice"), accessor="invoice__number", attrs=WHOLE,
        linkify=lambda record: record.invoice.get_absolute_url(),
    )  # fmt: skip
    load = tables.Column(
        verbose_name=gettext_lazy("Load"), default="—", attrs=WHOLE,
        linkify=lambda record: record.load.get_absolute_url() if record.load else None,
    )  # fmt: skip
    customer = tables.Column(verbose_name=gettext_lazy("Customer"), accessor="invoice__account__customer__name")
    currency = tables.Column(verbose_name=gettext_lazy("Currency"))
    short = MoneyColumn(verbose_name=gettext_lazy("Short"))
    state = tables.Column(verbose_name=gettext_lazy("State"))
    why = tables.Column(verbose_name=gettext_lazy("Why"), empty_values=())
    reason = tables.Column(verbose_name=gettext_lazy("Reason"), accessor="code", visible=False)

    class Meta:
        model = BatchItem
        fields = ()
        sequence = ("number", "load", "customer", "currency", "short", "state", "why", "reason")

    def _status(self, record: BatchItem) -> Status:
        if record.undo_state == Undo.UNDONE:
            return Status("undone", Undo.UNDONE.label, "neutral")
        return Status(record.state, record.get_state_display(), TONES[State(record.state)])

    def render_state(self, record: BatchItem) -> Any:
        return badge(self._status(record))

    def value_state(self, record: BatchItem) -> str:
        return str(self._status(record).label)

    def value_why(self, record: BatchItem) -> str:
        return record.undo_message or record.message

    def render_why(self, record: BatchItem) -> Any:
        return format_html("{}", self.value_why(record))

    def value_reason(self, record: BatchItem) -> str:
        return str(reason_words(record.code)) if record.code else ""


class BatchItemFilter(filters.FilterSet):
    """The invoices of a batch by number or customer, and by the reason they were passed over for."""

    q = TypedFilter(method="search", label=gettext_lazy("Invoice or customer"))
    code = filters.ChoiceFilter(label=gettext_lazy("Reason"), choices=lambda: [])

    class Meta:
        model = BatchItem
        fields: list[str] = []

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        codes = self.queryset.exclude(code="").order_by("code").values_list("code", flat=True).distinct()
        self.filters["code"].extra["choices"] = [(code, reason_words(code)) for code in codes]

    def search(self, items: QuerySet, name: str, value: str) -> QuerySet:
        accounts = accounts_like(self.request.actor, value)
        return items.filter(Q(invoice__number__istartswith=value) | Q(invoice__account__in=accounts))


class BatchPage(ListPage):
    """One batch: how far it is, what was asked for, and every invoice with what became of it."""

    template = "collections/batch.html"
    table_class = BatchItemTable
    filter_class = BatchItemFilter
    sorts = {"number": "id"}
    default_sort = "number"
    TABS = {
        "": (gettext_lazy("All"), Q()),
        "resolved": (gettext_lazy("Resolved"), Q(state=State.DONE) & ~Q(undo_state=Undo.UNDONE)),
        "asked": (gettext_lazy("For approval"), Q(state=State.ASKED)),
        "skipped": (gettext_lazy("Skipped"), Q(state=State.SKIPPED)),
        "failed": (gettext_lazy("Failed"), Q(state=State.FAILED)),
        "waiting": (gettext_lazy("Waiting"), Q(state=State.WAITING)),
        "undone": (gettext_lazy("Undone"), Q(undo_state=Undo.UNDONE)),
        "kept": (gettext_lazy("Could not be undone"), Q(undo_state=Undo.KEPT)),
    }

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        self.pk = kwargs["pk"]
        return super().dispatch(request, *args, **kwargs)

    @cached_property
    def batch(self) -> Any:
        return fetch(self.request.actor, with_counts(BatchResolution.objects.all()), self.pk)

    @property
    def title(self) -> Any:  # type: ignore[override]
        return str(self.batch)

    @property
    def tab(self) -> str:
        wanted = self.request.GET.get("view", "")
        return wanted if wanted in self.TABS else ""

    def queryset(self) -> QuerySet[BatchItem]:
        items = BatchItem.objects.of(self.request.actor).filter(self.TABS[self.tab][1], batch=self.batch)
        return items.select_related("invoice__account__customer", "load")

    def extra_context(self) -> dict[str, Any]:
        batch, actor = self.batch, self.request.actor
        status = batch_status(batch)
        running = is_running(batch)
        return {
            "batch": batch,
            "status": status,
            "section": _("Short payments"),
            "breadcrumb": [
                {"label": _("Short payments"), "url": reverse("short_payments")},
                {"label": _("Batches"), "url": reverse("short_payment_batches")},
            ],
            "views": self._tabs(),
            "kept_parameters": [(key, self.request.GET[key]) for key in ("sort", "view") if self.request.GET.get(key)],
            "figures": figures(actor, batch),
            "batch_facts": asked_for(actor, batch),
            "progress": progress_context(batch.job) if batch.job is not None else None,
            "job": batch.job if running else None,
            "history": timeline(actor, batch),
            "empty": {"title": _("No invoice of this batch is in this state."), "icon": "inbox", "actions": []},
        }

    def _tabs(self) -> list[dict[str, Any]]:
        items = BatchItem.objects.of(self.request.actor).filter(batch=self.batch)
        counts = items.aggregate(**{name or "all": Count("pk", filter=rows) for name, (_l, rows) in self.TABS.items()})
        return [
            {"label": label, "url": self._url(view=name), "active": name == self.tab, "count": counts[name or "all"]}
            for name, (label, _rows) in self.TABS.items()
            if counts[name or "all"] or name in ("", self.tab)
        ]


def figures(actor: Any, batch: Any) -> list[dict[str, Any]]:
    """The counts of a batch as boxes."""
    boxes = [
        {"label": _("Resolved"), "value": f"{batch.resolved:,}", "tone": ""},
        {"label": _("Taken off"), "value": amount_text(actor, batch.taken or 0, batch.currency), "tone": ""},
        {"label": _("Skipped"), "value": f"{batch.skipped:,}", "tone": ""},
    ]
    rest = (
        (_("For approval"), batch.asked, ""),
        (_("Failed"), batch.failed, "danger"),
        (_("Undone"), batch.undone, ""),
    )
    return boxes + [{"label": label, "value": f"{n:,}", "tone": tone} for label, n, tone in rest if n]


def asked_for(actor: Any, batch: BatchResolution) -> list[dict[str, Any]]:
    """What was asked for, in the reader's formats."""
    chosen = batch.selection
    ticked = ngettext("%(n)s ticked row", "%(n)s ticked rows", chosen.get("ticked", 0))
    selection = (
        _("Everything that the list showed") if chosen.get("everything") else ticked % {"n": chosen.get("ticked", 0)}
    )
    facts = [(_("Type"), batch.type.name), (_("Selection"), selection)]
    if batch.most_amount is not None:
        facts.append((_("Only if short by at most"), amount_text(actor, batch.most_amount, batch.currency)))
    if batch.most_percent is not None:
        percent = format_number(batch.most_percent, None, number_format(actor))
        facts.append((_("Only if short by at most, in % of the invoice"), percent))
    if batch.posting_date is not None:
        facts.append((_("Posting date"), day_text(actor, batch.posting_date)))
    facts += [(_("Note"), batch.note or "–"), (_("Reason"), batch.reason or "–")]
    return [{"label": label, "value": value} for label, value in facts]
