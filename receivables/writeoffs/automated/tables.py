"""Processes, to-dos, runs and their results as tables."""

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
from receivables.writeoffs.automated.models import AutomatedRun, ProcessEvent, RunResult, WriteOffProcess

Outcome, State = RunResult.Outcome, ProcessEvent.State
TONES = {
    Outcome.CLOSED: "success", Outcome.STARTED: "warning", Outcome.REFUND: "info", Outcome.DONE: "success",
    Outcome.WAITING: "warning", Outcome.SKIPPED: "neutral", Outcome.ERROR: "danger",
}  # fmt: skip
EVENT_TONES = {
    State.PENDING: "info", State.RUNNING: "info", State.WAITING: "warning", State.DONE: "success",
    State.REFUSED: "danger", State.CANCELLED: "neutral",
}  # fmt: skip
WHOLE = {"td": {"class": "text-nowrap"}}


def process_status(process: WriteOffProcess) -> Status:
    tone = "warning" if process.state == WriteOffProcess.State.ACTIVE else "neutral"
    return Status(process.state, process.get_state_display(), tone)


def event_status(event: ProcessEvent) -> Status:
    return Status(event.state, event.get_state_display(), EVENT_TONES[State(event.state)])


class ProcessTable(tables.Table):
    account = tables.Column(
        verbose_name=_("Account"), accessor="account__number", attrs=WHOLE,
        linkify=lambda record: record.get_absolute_url(),
    )  # fmt: skip
    customer = tables.Column(verbose_name=_("Customer"), accessor="account__customer__name")
    template = tables.Column(verbose_name=_("Template"), accessor="template__name")
    currency = tables.Column(verbose_name=_("Currency"))
    amount = MoneyColumn(verbose_name=_("Owed at the beginning"))
    started_on = DayColumn(verbose_name=_("Begun"))
    next_day = DayColumn(verbose_name=_("Next event"), default="—")
    state = tables.Column(verbose_name=_("State"))

    class Meta:
        model = WriteOffProcess
        fields = ()
        sequence = ("account", "customer", "template", "currency", "amount", "started_on", "next_day", "state")

    def render_state(self, record: WriteOffProcess) -> Any:
        return badge(process_status(record))

    def value_state(self, record: WriteOffProcess) -> str:
        return str(record.get_state_display())


class ByAccount(filters.FilterSet):
    """Rows of customers and accounts that are like what was typed."""

    q = TypedFilter(method="search", label=_("Customer or account"))
    account_path = "account"

    def search(self, rows: QuerySet, name: str, value: str) -> QuerySet:
        return rows.filter(**{f"{self.account_path}__in": accounts_like(self.request.actor, value)})


class ProcessFilter(ByAccount):
    class Meta:
        model = WriteOffProcess
        fields: list[str] = []


class ToDoTable(tables.Table):
    done_on = DayColumn(verbose_name=_("Since"))
    text = tables.Column(verbose_name=_("To do"), linkify=lambda record: record.get_absolute_url())
    account = tables.Column(
        verbose_name=_("Account"), accessor="process__account__number", attrs=WHOLE,
        linkify=lambda record: record.process.account.get_absolute_url(),
    )  # fmt: skip
    customer = tables.Column(verbose_name=_("Customer"), accessor="process__account__customer__name")
    currency = tables.Column(verbose_name=_("Currency"))
    amount = MoneyColumn(verbose_name=_("Owed then"))
    done = tables.TemplateColumn(
        '{% load ui %}{% action_button record "complete_to_do" size="sm" %}', verbose_name=_("Tick off"),
        orderable=False, exclude_from_export=True, attrs={"td": {"class": "cell-actions"}},
    )  # fmt: skip

    class Meta:
        model = ProcessEvent
        fields = ()
        sequence = ("done_on", "text", "account", "customer", "currency", "amount", "done")


class ToDoFilter(ByAccount):
    account_path = "process__account"

    class Meta:
        model = ProcessEvent
        fields: list[str] = []


class AutomatedRunTable(tables.Table):
    day = DayColumn(verbose_name=_("Day"))
    work = tables.Column(verbose_name=_("Run"))
    by = tables.Column(verbose_name=_("By"), accessor="created_by", default=_("Daily"))
    reviewed = tables.Column(verbose_name=_("Looked at"), attrs=AMOUNT)
    errors = tables.Column(verbose_name=_("Errors"), attrs=AMOUNT)
    state = tables.Column(verbose_name=_("State"), accessor="job__state")

    class Meta:
        model = AutomatedRun
        fields = ()
        sequence = ("day", "work", "by", "reviewed", "errors", "state")

    def render_work(self, record: AutomatedRun) -> Any:
        return format_html('<a class="text-nowrap" href="{}">{}</a>', record.get_absolute_url(), record)

    def render_state(self, record: AutomatedRun) -> Any:
        return record.job.get_state_display() if record.job else ""

    def value_state(self, record: AutomatedRun) -> str:
        return str(self.render_state(record))


class RunResultTable(tables.Table):
    account = tables.Column(
        verbose_name=_("Account"), accessor="account__number", attrs=WHOLE,
        linkify=lambda record: (record.process or record.account).get_absolute_url(),
    )  # fmt: skip
    customer = tables.Column(verbose_name=_("Customer"), accessor="account__customer__name")
    agreement = tables.Column(verbose_name=_("Agreement"), accessor="agreement__number", default="—")
    currency = tables.Column(verbose_name=_("Currency"))
    amount = MoneyColumn(verbose_name=_("Owed"))
    outcome = tables.Column(verbose_name=_("Outcome"))
    message = tables.Column(verbose_name=_("What happened"), default="")

    class Meta:
        model = RunResult
        fields = ()
        sequence = ("account", "customer", "agreement", "currency", "amount", "outcome", "message")

    def render_outcome(self, record: RunResult) -> Any:
        outcome = Outcome(record.outcome)
        return badge(Status(outcome.value, outcome.label, TONES[outcome]))

    def value_outcome(self, record: RunResult) -> str:
        return str(record.get_outcome_display())


class RunResultFilter(ByAccount):
    class Meta:
        model = RunResult
        fields: list[str] = []
