"""Billing runs and their agreements as tables."""

from typing import Any

import django_filters as filters
import django_tables2 as tables
from django.db.models import Count, Q, QuerySet
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from receivables.billing.filters import TypedFilter, accounts_like
from receivables.billing.recurring.models import BillingRun, BillingRunItem
from receivables.billing.status import Status
from receivables.billing.tables import badge
from receivables.core.columns import AMOUNT, DayColumn, MoneyColumn

State = BillingRunItem.State
TONES = {
    State.WAITING: "neutral", State.BILLED: "success", State.CLOSED: "neutral", State.SKIPPED: "warning",
    State.FAILED: "danger",
}  # fmt: skip
COUNTS = {f"{state.value}_count": Count("items", filter=Q(items__state=state)) for state in State}
WHOLE = {"td": {"class": "text-nowrap"}}


class RunTable(tables.Table):
    cut_off = DayColumn(verbose_name=_("Due up to"))
    issue_date = DayColumn(verbose_name=_("Date of the invoices"))
    created_by = tables.Column(verbose_name=_("By"))
    billed = tables.Column(verbose_name=_("Billed"), accessor="billed_count", attrs=AMOUNT)
    skipped = tables.Column(verbose_name=_("Skipped"), accessor="skipped_count", attrs=AMOUNT)
    failed = tables.Column(verbose_name=_("Failed"), accessor="failed_count", attrs=AMOUNT)
    waiting = tables.Column(verbose_name=_("Waiting"), accessor="waiting_count", attrs=AMOUNT)
    state = tables.Column(verbose_name=_("Job"), accessor="job__state")

    class Meta:
        model = BillingRun
        fields = ()
        sequence = ("cut_off", "issue_date", "created_by", "billed", "skipped", "failed", "waiting", "state")

    def render_cut_off(self, record: BillingRun) -> Any:
        return format_html('<a class="text-nowrap" href="{}">{}</a>', record.get_absolute_url(), record)

    def render_state(self, record: BillingRun) -> Any:
        return record.job.get_state_display() if record.job else ""

    def value_state(self, record: BillingRun) -> str:
        return str(self.render_state(record))


class RunItemTable(tables.Table):
    agreement = tables.Column(
        verbose_name=_("Agreement"), accessor="agreement__number", attrs=WHOLE,
        linkify=lambda record: record.agreement.get_absolute_url(),
    )  # fmt: skip
    customer = tables.Column(verbose_name=_("Customer"), accessor="agreement__account__customer__name")
    type = tables.Column(verbose_name=_("Type"), accessor="agreement__type__name")
    currency = tables.Column(verbose_name=_("Currency"))
    amount = MoneyColumn(verbose_name=_("Before taxes"))
    state = tables.Column(verbose_name=_("State"))
    invoice = tables.Column(
        verbose_name=_("Invoice"), accessor="invoice__number", default="—", attrs=WHOLE,
        linkify=lambda record: record.invoice.get_absolute_url() if record.invoice else None,
    )  # fmt: skip
    why = tables.Column(verbose_name=_("Why"), accessor="message")

    class Meta:
        model = BillingRunItem
        fields = ()
        sequence = ("agreement", "customer", "type", "currency", "amount", "state", "invoice", "why")

    def render_state(self, record: BillingRunItem) -> Any:
        state = State(record.state)
        shown = badge(Status(state.value, state.label, TONES[state]))
        return format_html("{} {}", shown, _("Final bill")) if record.final else shown

    def value_state(self, record: BillingRunItem) -> str:
        return str(record.get_state_display())


class RunItemFilter(filters.FilterSet):
    """The agreements of a run by customer or account."""

    q = TypedFilter(method="search", label=_("Customer or account"))

    class Meta:
        model = BillingRunItem
        fields: list[str] = []

    def search(self, rows: QuerySet, name: str, value: str) -> QuerySet:
        return rows.filter(agreement__account__in=accounts_like(self.request.actor, value))
