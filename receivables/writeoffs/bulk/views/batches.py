"""Pages of batches: the list, and one batch with its progress, what it comes to and every account of it."""

from decimal import Decimal
from typing import Any

import django_tables2 as tables
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from receivables.billing.filters import TypedFilter, accounts_like
from receivables.billing.pages import amount_text
from receivables.billing.status import Status
from receivables.collections.batch_pages import BatchColumns, ItemColumns, ItemFilterSet, OneBatch, ReasonFilter
from receivables.collections.texts import day_text
from receivables.core.columns import MoneyColumn
from receivables.core.listing import ListPage
from receivables.customers.models import AgreementType
from receivables.ledger.models import GLAccount
from receivables.writeoffs.bulk.models import WriteOffBatch, WriteOffBatchItem
from receivables.writeoffs.bulk.operations import is_asked, is_running
from receivables.writeoffs.bulk.rules import reason_words
from receivables.writeoffs.bulk.views.choosing import WHOLE, crumbs

State, Undo = WriteOffBatchItem.State, WriteOffBatchItem.Undo
TONES = {State.WAITING: "neutral", State.DONE: "success", State.SKIPPED: "warning", State.FAILED: "danger"}


def with_people(batches: QuerySet[WriteOffBatch]) -> QuerySet[WriteOffBatch]:
    """Batches with everything that a page says of them; how many accounts are where is in their tally."""
    return batches.select_related("to_type", "created_by", "confirmed_by", "approved_by", "job", "request")


def batch_status(batch: Any) -> Status:
    """How a batch reads: worked out, to be confirmed, waiting for approval, at work, stopped, done, taken back."""
    if is_running(batch):
        return Status("running", _("Being worked out") if batch.planned_at is None else _("At work"), "info")
    if batch.planned_at is None:
        return Status("stopped", _("Not worked out"), "warning")
    if batch.confirmed_at is None:
        if is_asked(batch):
            return Status("asked", _("Waiting for approval"), "info")
        if batch.request is not None:
            return Status("refused", _("Not granted"), "warning")
        return Status("planned", _("To be confirmed"), "info")
    counts = batch.counts
    if counts.waiting.accounts:
        return Status("stopped", _("Stopped"), "warning")
    if counts.failed.accounts:
        return Status("failed", _("Some failed"), "danger")
    if counts.undone.accounts and not counts.done.accounts:
        return Status("undone", _("Taken back"), "neutral")
    return Status("done", _("Done"), "success")


class BatchTable(BatchColumns):
    reads = staticmethod(batch_status)
    reason = tables.Column(verbose_name=gettext_lazy("Reason"))
    currency = tables.Column(verbose_name=gettext_lazy("Currency"))
    taken = MoneyColumn(verbose_name=gettext_lazy("Written off"), accessor="counts__done__planned")
    done = tables.Column(verbose_name=gettext_lazy("Accounts"), accessor="counts__done__accounts")
    skipped = tables.Column(verbose_name=gettext_lazy("Skipped"), accessor="counts__skipped__accounts")
    failed = tables.Column(verbose_name=gettext_lazy("Failed"), accessor="counts__failed__accounts")
    undone = tables.Column(verbose_name=gettext_lazy("Taken back"), accessor="counts__undone__accounts")

    class Meta:
        model = WriteOffBatch
        fields = ()
        sequence = (
            "name", "created_at", "created_by", "reason", "currency", "taken", "done", "skipped", "failed", "undone",
            "state",
        )  # fmt: skip


class BatchList(ListPage):
    """Batches, the newest first."""

    title = gettext_lazy("Batches of write-offs")
    section = gettext_lazy("Write-offs")
    summary = gettext_lazy("Debts that were written off together, the newest first.")
    table_class = BatchTable
    sorts = {"created_at": "id"}
    default_sort = "-created_at"
    empty = {
        "title": gettext_lazy("No batches yet."),
        "text": gettext_lazy("Choose debts in the list of debts to write off, and write them off at once."),
        "icon": "list-check",
        "actions": [],
    }

    def queryset(self) -> QuerySet[WriteOffBatch]:
        return with_people(WriteOffBatch.objects.of(self.request.actor).defer("selection"))

    def extra_context(self) -> dict[str, Any]:
        return {"breadcrumb": crumbs(), "crumb": _("Batches"), "section": self.section}


class ItemTable(ItemColumns):
    tones, undone, words = TONES, Undo.UNDONE, staticmethod(reason_words)
    account = tables.Column(
        verbose_name=gettext_lazy("Account"), accessor="account__number", attrs=WHOLE,
        linkify=lambda record: record.account.get_absolute_url(),
    )  # fmt: skip
    customer = tables.Column(verbose_name=gettext_lazy("Customer"), accessor="account__customer__name")
    debts = tables.Column(verbose_name=gettext_lazy("Debts"), attrs={"td": {"class": "num"}})
    owed = MoneyColumn(verbose_name=gettext_lazy("Owed"), accessor="amount")
    money = MoneyColumn(verbose_name=gettext_lazy("Paid by own money"))
    planned = MoneyColumn(verbose_name=gettext_lazy("Amount of the write-off"))
    write_off = tables.Column(
        verbose_name=gettext_lazy("Write-off"), accessor="write_off__number", default="–", attrs=WHOLE,
        linkify=lambda record: record.write_off.get_absolute_url() if record.write_off else None,
    )  # fmt: skip

    class Meta:
        model = WriteOffBatchItem
        fields = ()
        sequence = ("account", "customer", "debts", "owed", "money", "planned", "write_off", "state", "why", "code")


class ItemFilter(ItemFilterSet):
    """The accounts of a batch by number or customer, and by the reason they were passed over for."""

    q = TypedFilter(method="search", label=gettext_lazy("Account or customer"))
    code = ReasonFilter(reason_words)

    class Meta:
        model = WriteOffBatchItem
        fields: list[str] = []

    def codes(self) -> list[str]:
        batch = WriteOffBatch.objects.of(self.request.actor).get(pk=self.request.resolver_match.kwargs["pk"])
        return sorted(batch.counts.reasons)

    def search(self, items: QuerySet, name: str, value: str) -> QuerySet:
        return items.filter(account__in=accounts_like(self.request.actor, value))


class BatchPage(OneBatch):
    """One batch: how far it is, what it comes to by account of the ledger, and every account with what became of it."""

    template = "writeoffs/bulk/batch.html"
    table_class = ItemTable
    filter_class = ItemFilter
    sorts = {"account": "account_id"}  # the order in which they were worked out, and an index begins with the batch
    default_sort = "account"
    TABS = {
        "": (gettext_lazy("All"), Q()),
        "waiting": (gettext_lazy("To be written off"), Q(state=State.WAITING)),
        "done": (gettext_lazy("Written off"), Q(state=State.DONE) & ~Q(undo_state=Undo.UNDONE)),
        "skipped": (gettext_lazy("Skipped"), Q(state=State.SKIPPED)),
        "failed": (gettext_lazy("Failed"), Q(state=State.FAILED)),
        "undone": (gettext_lazy("Taken back"), Q(undo_state=Undo.UNDONE)),
        "kept": (gettext_lazy("Could not be taken back"), Q(undo_state=Undo.KEPT)),
    }

    def batches(self) -> QuerySet[WriteOffBatch]:
        return with_people(WriteOffBatch.objects.all())

    def items(self) -> QuerySet[WriteOffBatchItem]:
        return WriteOffBatchItem.objects.of(self.request.actor).select_related("account__customer", "write_off")

    def counts(self) -> dict[str, int]:
        counts = self.batch.counts
        found = {name: counts.of(name).accounts for name in self.TABS}
        return {**found, "": counts.all.accounts, "kept": counts.kept.accounts}

    def extra_context(self) -> dict[str, Any]:
        batch, actor = self.batch, self.request.actor
        running = is_running(batch)
        return {
            **super().extra_context(),
            "status": batch_status(batch),
            "section": _("Write-offs"),
            "breadcrumb": crumbs(to_batches=True),
            "figures": figures(actor, batch),
            "batch_facts": asked_for(actor, batch),
            "sums": sums_of(actor, batch),
            "planned": sum(map(Decimal, batch.plan.get("sums", {}).values()), Decimal(0)),
            "outcomes": outcomes(batch),
            "chosen": {"sums": batch.counts.all, "accounts": f"{batch.counts.all.accounts:,}"},
            "reasons": reasons_of(batch),
            "to_confirm": batch.planned_at is not None and batch.confirmed_at is None,
            "job": batch.job if running else None,
            "empty": {"title": _("No account of this batch is in this state."), "icon": "inbox", "actions": []},
        }


def figures(actor: Any, batch: Any) -> list[dict[str, Any]]:
    """The counts of a batch as boxes."""
    counts = batch.counts
    boxes = [
        (_("Accounts"), f"{counts.done.accounts:,}", ""),
        (_("Written off"), amount_text(actor, counts.done.planned, batch.currency), ""),
    ]
    if batch.confirmed_at is None:
        boxes = [
            (_("Accounts to be written off"), f"{counts.waiting.accounts:,}", ""),
            (_("To be written off"), amount_text(actor, counts.waiting.planned, batch.currency), ""),
        ]
    elif counts.waiting.accounts:
        boxes.append((_("Waiting"), f"{counts.waiting.accounts:,}", ""))
    boxes.append((_("Skipped"), f"{counts.skipped.accounts:,}", ""))
    rest = ((_("Failed"), counts.failed.accounts, "danger"), (_("Taken back"), counts.undone.accounts, ""))
    boxes += [(label, f"{n:,}", tone) for label, n, tone in rest if n]
    return [{"label": label, "value": value, "tone": tone} for label, value, tone in boxes]


def outcomes(batch: WriteOffBatch) -> list[dict[str, Any]]:
    """What became of all of its accounts, state by state; a total of these is what was chosen."""
    words = {**dict(State.choices), Undo.UNDONE.value: Undo.UNDONE.label}
    rows = [(label, batch.counts.of(state)) for state, label in words.items()]
    return [{"label": label, "sums": sums, "accounts": f"{sums.accounts:,}"} for label, sums in rows if sums.accounts]


def asked_for(actor: Any, batch: WriteOffBatch) -> list[dict[str, Any]]:
    """What was asked for, in the reader's formats."""
    chosen = batch.selection
    n = len(chosen["keys"])
    selection = _("Everything that the list showed")
    if not chosen["everything"]:
        selection = ngettext("%(n)s ticked debt", "%(n)s ticked debts", n) % {"n": f"{n:,}"}
    kind = batch.to_type.name if batch.to_type else _("By the accounts the debt was booked to")
    facts = [(_("Reason"), batch.reason), (_("Selection"), selection), (_("Write-off type"), kind)]
    facts.append((_("Asked for by"), str(batch.created_by or "–")))
    if batch.confirmed_by is not None:
        facts.append((_("Confirmed by"), str(batch.confirmed_by)))
    if batch.approved_by is not None:
        facts.append((_("Approved by"), str(batch.approved_by)))
    if batch.posting_date is not None:
        facts.append((_("Posting date"), day_text(actor, batch.posting_date)))
    return [{"label": label, "value": value} for label, value in facts]


def sums_of(actor: Any, batch: WriteOffBatch) -> list[dict[str, str]]:
    """What it was worked out to, by the account that debt was booked to, where it goes and what is debited."""
    kept = [(*map(int, key.split(":")), amount) for key, amount in batch.plan.get("sums", {}).items()]
    accounts = GLAccount.objects.of(actor).in_bulk([pk for row in kept for pk in (row[0], row[2])])
    kinds = AgreementType.objects.of(actor).in_bulk([row[1] for row in kept])
    rows = [
        {
            "booked": str(accounts[booked]) if booked else str(_("Not explained by a transaction")),
            "type": kinds[kind].name, "debited": str(accounts[debited]), "amount": amount,
        }
        for booked, kind, debited, amount in kept
    ]  # fmt: skip
    return sorted(rows, key=lambda row: (row["type"], row["booked"]))


def reasons_of(batch: WriteOffBatch) -> list[dict[str, str]]:
    """How many accounts are passed over or failed for each reason, the commonest first."""
    return [{"label": reason_words(code), "n": f"{n:,}"} for code, n in batch.counts.reasons.items()]
