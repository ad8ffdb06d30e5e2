"""The worklist, the runs of the debt monitor and their results as tables."""

from collections.abc import Iterable
from typing import Any

import django_filters as filters
import django_tables2 as tables
from django.db.models import QuerySet
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from receivables.billing.filters import TypedFilter, accounts_like
from receivables.billing.status import Status
from receivables.billing.tables import badge
from receivables.core.columns import AMOUNT, DayColumn, MoneyColumn
from receivables.core.dates import today
from receivables.credit_control.monitor.models import CollectionProcess, MonitorResult, MonitorRun, Step
from receivables.credit_control.monitor.reading import debts_of
from receivables.credit_control.monitor.rules import SKIPS, ZERO, chased, total

Outcome = MonitorResult.Outcome
STEP_TONES = {Step.FIRST: "info", Step.SECOND: "warning", Step.FINAL: "danger"}
OUTCOME_TONES = {
    Outcome.STARTED: "warning", Outcome.RAISED: "danger", Outcome.GOING_ON: "info", Outcome.ENDED: "success",
    Outcome.SKIPPED: "neutral",
}  # fmt: skip
WHOLE = {"td": {"class": "text-nowrap"}}


def step_status(step: int) -> Status:
    """How far chasing has come."""
    return Status(f"step{step}", Step(step).label, STEP_TONES[Step(step)])


def why(result: MonitorResult) -> Any:
    """In words, why debt was left alone or a process ended."""
    if result.outcome == Outcome.ENDED and result.process is not None:
        return result.process.get_ended_because_display()
    return SKIPS.get(result.code, "")


class WorklistTable(tables.Table):
    """The worklist with the amounts of now, not of the last review; those of all rows are read at once."""

    account = tables.Column(
        verbose_name=_("Account"), accessor="account__number", attrs=WHOLE,
        linkify=lambda record: record.get_absolute_url(),
    )  # fmt: skip
    customer = tables.Column(verbose_name=_("Customer"), accessor="account__customer__name")
    debt_class = tables.Column(verbose_name=_("Debt class"), accessor="debt_class__name")
    step = tables.Column(verbose_name=_("Step"))
    currency = tables.Column(verbose_name=_("Currency"))
    amount = MoneyColumn(verbose_name=_("To be chased now"))
    oldest_due = DayColumn(verbose_name=_("Overdue since"))
    started_on = DayColumn(verbose_name=_("Chased since"))
    reminded = DayColumn(verbose_name=_("Last reminder"), accessor="reminded", default="—")

    class Meta:
        model = CollectionProcess
        fields = ()
        sequence = (
            "account", "customer", "debt_class", "step", "currency", "amount", "oldest_due", "started_on", "reminded",
        )  # fmt: skip

    def __init__(self, data: Iterable[Any], **kwargs: Any) -> None:
        rows, actor = list(data), kwargs["request"].actor
        debts = debts_of(actor, {row.account_id for row in rows}, today(actor.organization))
        for row in rows:
            debt = debts.get((row.account_id, row.debt_class_id, row.currency))
            row.amount = total(chased(debt)) if debt is not None else ZERO
        super().__init__(rows, **kwargs)

    def render_step(self, record: CollectionProcess) -> Any:
        return badge(step_status(record.step))

    def value_step(self, record: CollectionProcess) -> str:
        return str(record.get_step_display())


class WorklistFilter(filters.FilterSet):
    """The worklist by customer or account, and by step."""

    q = TypedFilter(method="search", label=_("Customer or account"))
    step = filters.ChoiceFilter(label=_("Step"), choices=Step.choices)

    class Meta:
        model = CollectionProcess
        fields: list[str] = []

    def search(self, rows: QuerySet, name: str, value: str) -> QuerySet:
        return rows.filter(account__in=accounts_like(self.request.actor, value))


class RunTable(tables.Table):
    day = DayColumn(verbose_name=_("Day"))
    by = tables.Column(verbose_name=_("By"), accessor="created_by", default=_("Daily"))
    reviewed = tables.Column(verbose_name=_("Accounts"), attrs=AMOUNT)
    started = tables.Column(verbose_name=_("Started"), attrs=AMOUNT)
    raised = tables.Column(verbose_name=_("Raised"), attrs=AMOUNT)
    going_on = tables.Column(verbose_name=_("Going on"), attrs=AMOUNT)
    ended = tables.Column(verbose_name=_("Ended"), attrs=AMOUNT)
    skipped = tables.Column(verbose_name=_("Left alone"), attrs=AMOUNT)
    state = tables.Column(verbose_name=_("State"), accessor="job__state")

    class Meta:
        model = MonitorRun
        fields = ()
        sequence = ("day", "by", "reviewed", "started", "raised", "going_on", "ended", "skipped", "state")

    def render_day(self, record: MonitorRun) -> Any:
        return format_html('<a class="text-nowrap" href="{}">{}</a>', record.get_absolute_url(), record)

    def render_state(self, record: MonitorRun) -> Any:
        return record.job.get_state_display() if record.job else ""

    def value_state(self, record: MonitorRun) -> str:
        return str(self.render_state(record))


class ResultTable(tables.Table):
    account = tables.Column(
        verbose_name=_("Account"), accessor="account__number", attrs=WHOLE,
        linkify=lambda record: record.account.get_absolute_url(),
    )  # fmt: skip
    customer = tables.Column(verbose_name=_("Customer"), accessor="account__customer__name")
    debt_class = tables.Column(verbose_name=_("Debt class"), accessor="debt_class__name")
    currency = tables.Column(verbose_name=_("Currency"))
    amount = MoneyColumn(verbose_name=_("Overdue"))
    days = tables.Column(verbose_name=_("Days"), attrs=AMOUNT)
    outcome = tables.Column(verbose_name=_("Outcome"))
    step = tables.Column(verbose_name=_("Step"), default="—")
    why = tables.Column(verbose_name=_("Why"), empty_values=())

    class Meta:
        model = MonitorResult
        fields = ()
        sequence = ("account", "customer", "debt_class", "currency", "amount", "days", "outcome", "step", "why")

    def render_outcome(self, record: MonitorResult) -> Any:
        outcome = Outcome(record.outcome)
        return badge(Status(outcome.value, outcome.label, OUTCOME_TONES[outcome]))

    def value_outcome(self, record: MonitorResult) -> str:
        return str(record.get_outcome_display())

    def render_step(self, record: MonitorResult) -> Any:
        return record.get_step_display()

    def render_why(self, record: MonitorResult) -> Any:
        return why(record)

    def value_why(self, record: MonitorResult) -> str:
        return str(why(record))


class ResultFilter(filters.FilterSet):
    """The results of a run by customer or account, and by the reason why debt was left alone."""

    q = TypedFilter(method="search", label=_("Customer or account"))
    code = filters.ChoiceFilter(label=_("Why"), choices=list(SKIPS.items()))

    class Meta:
        model = MonitorResult
        fields: list[str] = []

    def search(self, rows: QuerySet, name: str, value: str) -> QuerySet:
        return rows.filter(account__in=accounts_like(self.request.actor, value))
