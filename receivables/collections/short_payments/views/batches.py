"""Pages of batches: the list, one batch with its progress and its invoices, and what can be done with it."""

from typing import Any

import django_tables2 as tables
from django.db.models import Count, Q, QuerySet, Sum
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from receivables.billing.filters import TypedFilter, accounts_like
from receivables.billing.pages import amount_text, number_format
from receivables.billing.status import Status
from receivables.collections.batch_pages import BatchColumns, ItemColumns, ItemFilterSet, OneBatch, ReasonFilter
from receivables.collections.short_payments.models import BatchItem, BatchResolution
from receivables.collections.short_payments.operations import is_running
from receivables.collections.short_payments.texts import reason_words
from receivables.collections.short_payments.worklist import WHOLE
from receivables.collections.texts import day_text
from receivables.core.columns import MoneyColumn
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


class BatchTable(BatchColumns):
    reads = staticmethod(batch_status)
    type = tables.Column(verbose_name=gettext_lazy("Type"))
    currency = tables.Column(verbose_name=gettext_lazy("Currency"))
    taken = MoneyColumn(verbose_name=gettext_lazy("Taken off"))
    resolved = tables.Column(verbose_name=gettext_lazy("Resolved"))
    asked = tables.Column(verbose_name=gettext_lazy("For approval"))
    skipped = tables.Column(verbose_name=gettext_lazy("Skipped"))
    failed = tables.Column(verbose_name=gettext_lazy("Failed"))
    undone = tables.Column(verbose_name=gettext_lazy("Undone"))

    class Meta:
        model = BatchResolution
        fields = ()
        sequence = (
            "name", "created_at", "created_by", "type", "currency", "taken", "resolved", "asked", "skipped", "failed",
            "undone", "state",
        )  # fmt: skip


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


class BatchItemTable(ItemColumns):
    tones, undone, words = TONES, Undo.UNDONE, staticmethod(reason_words)
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

    class Meta:
        model = BatchItem
        fields = ()
        sequence = ("number", "load", "customer", "currency", "short", "state", "why", "code")


class BatchItemFilter(ItemFilterSet):
    """The invoices of a batch by number or customer, and by the reason they were passed over for."""

    q = TypedFilter(method="search", label=gettext_lazy("Invoice or customer"))
    code = ReasonFilter(reason_words)

    class Meta:
        model = BatchItem
        fields: list[str] = []

    def search(self, items: QuerySet, name: str, value: str) -> QuerySet:
        accounts = accounts_like(self.request.actor, value)
        return items.filter(Q(invoice__number__istartswith=value) | Q(invoice__account__in=accounts))


class BatchPage(OneBatch):
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

    def batches(self) -> QuerySet[BatchResolution]:
        return with_counts(BatchResolution.objects.all())

    def items(self) -> QuerySet[BatchItem]:
        return BatchItem.objects.of(self.request.actor).select_related("invoice__account__customer", "load")

    def extra_context(self) -> dict[str, Any]:
        batch, actor = self.batch, self.request.actor
        status = batch_status(batch)
        running = is_running(batch)
        return {
            **super().extra_context(),
            "status": status,
            "section": _("Short payments"),
            "breadcrumb": [
                {"label": _("Short payments"), "url": reverse("short_payments")},
                {"label": _("Batches"), "url": reverse("short_payment_batches")},
            ],
            "figures": figures(actor, batch),
            "batch_facts": asked_for(actor, batch),
            "job": batch.job if running else None,
            "empty": {"title": _("No invoice of this batch is in this state."), "icon": "inbox", "actions": []},
        }


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
