"""The list of the register, the newest first, with its totals whatever its length."""

from decimal import Decimal
from typing import Any

import django_tables2 as tables
from django.db.models import Q, QuerySet, Sum, Value
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from receivables.billing.pages import amount_text
from receivables.core.columns import DayColumn, MoneyColumn
from receivables.core.listing import ListPage, Summed
from receivables.ledger.words import kind_words
from receivables.writeoffs.register.filters import RegisterFilter
from receivables.writeoffs.register.models import RegisterLine, RegisterTotal

What = RegisterTotal.What
# Shown where there is none of it, too.
ALWAYS = (What.WRITTEN_OFF, What.TAKEN_BACK, What.RECOVERED)
CURRENCIES = 3  # whose totals are shown
WHOLE = {"td": {"class": "text-nowrap"}}


class RegisterTable(tables.Table):
    """Each movement with its document, who did it and why; a debit is what is owed more."""

    date = DayColumn(verbose_name=gettext_lazy("Posted on"))
    document = tables.Column(verbose_name=gettext_lazy("Document"), attrs=WHOLE)
    what = tables.Column(verbose_name=gettext_lazy("What"), accessor="total__what")
    customer = tables.Column(verbose_name=gettext_lazy("Customer"), accessor="agreement__account__customer__name")
    account = tables.Column(verbose_name=gettext_lazy("Account"), accessor="agreement__account__number", attrs=WHOLE)
    type = tables.Column(verbose_name=gettext_lazy("Write-off type"), accessor="total__type__name")
    person = tables.Column(verbose_name=gettext_lazy("Person"), accessor="total__person__full_name", default="–")
    reason = tables.Column(verbose_name=gettext_lazy("Reason"), accessor="total__reason")
    currency = tables.Column(verbose_name=gettext_lazy("Currency"))
    amount = MoneyColumn(verbose_name=gettext_lazy("Amount"))

    class Meta:
        model = RegisterLine
        fields = ()
        sequence = (
            "date", "document", "what", "customer", "account", "type", "person", "reason", "currency", "amount",
        )  # fmt: skip

    def render_document(self, record: RegisterLine) -> Any:
        address = reverse("journal_entry", args=[record.entry_id])
        return format_html('<a href="{}">{}</a>', address, record.document or record.entry_id)

    def value_document(self, record: RegisterLine) -> str:
        return record.document

    def render_what(self, record: RegisterLine) -> str:
        """The words of its entry, which say more; but an entry that writes debt off may move older debt with it."""
        moved = record.total.what == What.MOVED
        return str(What.MOVED.label if moved else kind_words(record.entry.kind))


class RegisterView(ListPage):
    """Write-offs, what was taken back of them and what was recovered, the newest first."""

    title = gettext_lazy("Write-offs")
    summary = gettext_lazy(
        "What was written off and is still owed, what was taken back, and what was paid or closed since."
    )
    table_class = RegisterTable
    filter_class = RegisterFilter
    sorts = {"date": "date", "amount": "amount"}
    default_sort = "-date"
    empty = {
        "title": gettext_lazy("Nothing was written off."),
        "text": gettext_lazy("Debt is written off from an account's page."),
        "icon": "archive",
        "actions": [],
    }

    def page_actions(self) -> list[dict[str, Any]]:
        batches = {"label": _("Batches"), "url": reverse("write_off_batches"), "icon": "list-check"}
        if not self.request.actor.can("plan_write_offs"):  # type: ignore[attr-defined]
            return [batches]
        many = {"label": _("Write off many"), "url": reverse("debts_to_write_off"), "style": "primary"}
        return [batches, {**many, "icon": "archive"}]

    def queryset(self) -> Any:
        lines = RegisterLine.objects.of(self.request.actor)  # type: ignore[attr-defined]
        return lines.select_related("total__type", "total__person", "entry", "agreement__account__customer")

    def sum_up(self, filters: Any, rows: QuerySet) -> Summed:
        """As the totals say, however many lines they count; lines that were found by typed text are counted."""
        if filters.totals is None:
            return super().sum_up(filters, rows)
        count = filters.totals.aggregate(n=Sum("line_count"))["n"] or 0
        text = ngettext("%(n)s row", "%(n)s rows", count) % {"n": f"{count:,}"}
        return Summed(count, text, self._figures(totals_of(filters.totals)))

    def totals(self, rows: QuerySet) -> list[dict[str, Any]]:
        return self._figures(totals_of(rows, "total__what"))

    def _figures(self, sums: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """Per currency: written off, less taken back, less recovered, less what was closed as a small difference, and
        what was moved to or from the agreements in view; the difference is what is owed more since."""
        actor: Any = self.request.actor  # type: ignore[attr-defined]
        found: list[dict[str, Any]] = []
        for row in sums:
            labels = [
                *((str(what.label), row[what]) for what in What if row[what] or what in ALWAYS),
                (_("Change of what is owed"), row["net"]),
            ]
            found += [
                {"label": label, "value": amount_text(actor, amount, row["currency"])} for label, amount in labels
            ]
        return found


def totals_of(rows: QuerySet, what: str = "what") -> list[dict[str, Any]]:
    """What was written off, taken back, recovered, closed and moved, in at most three currencies; what came back is
    negative. `net` is the ledger's. `rows` are totals of the register, or lines, whose `what` is their total's."""
    parts = {each: Coalesce(Sum("amount", filter=Q(**{what: each})), Value(Decimal(0))) for each in What}
    sums = rows.order_by().values("currency").annotate(net=Sum("amount"), **parts)
    return list(sums.order_by("currency")[:CURRENCIES])
