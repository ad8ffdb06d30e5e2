"""Pages of the automated write-off: processes, one with its dated events, to-dos, runs and what they found."""

from typing import Any

from django import forms
from django.db.models import Count, Min, Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from receivables.billing.documents import plain_name
from receivables.billing.views.invoice import answer_pdf
from receivables.core.access import fetch
from receivables.core.dates import day_words, today
from receivables.core.errors import Blocker
from receivables.core.forms import FormWithFormat
from receivables.core.history import timeline
from receivables.core.job_views import progress_context
from receivables.core.jobs import LIVE
from receivables.core.listing import ListPage
from receivables.core.views import FormView, member_view
from receivables.writeoffs.automated import operations
from receivables.writeoffs.automated.kinds import EventKind
from receivables.writeoffs.automated.letters import letter_pdf
from receivables.writeoffs.automated.models import AutomatedRun, ProcessEvent, RunResult, WriteOffProcess
from receivables.writeoffs.automated.reading import linked, owed, rests
from receivables.writeoffs.automated.rules import (
    REASONS,
    run_write_off_activator_blocker,
    run_write_off_monitor_blocker,
)
from receivables.writeoffs.automated.tables import (
    AutomatedRunTable,
    ProcessFilter,
    ProcessTable,
    RunResultFilter,
    RunResultTable,
    ToDoFilter,
    ToDoTable,
    event_status,
    process_status,
)

SECTION = gettext_lazy("Write-off processes")
PENDING = ProcessEvent.State.PENDING


def crumb() -> dict[str, Any]:
    return {"label": SECTION, "url": reverse("write_off_processes")}


class ProcessesPage(ListPage):
    """The write-off processes, those under way first shown."""

    title = SECTION
    summary = gettext_lazy(
        "Debt of service that has ended, on its way to being written off. The monitor begins processes."
    )
    table_class = ProcessTable
    filter_class = ProcessFilter
    sorts = {"started_on": "id"}
    default_sort = "-started_on"
    empty = {
        "title": gettext_lazy("No process is under way."),
        "text": gettext_lazy("The monitor begins one when a stopped agreement is not paid after its days of grace."),
        "icon": "check-circle",
        "actions": [],
    }

    @property
    def tab(self) -> str:
        wanted = self.request.GET.get("view", "")
        return wanted if wanted == WriteOffProcess.State.INACTIVE else WriteOffProcess.State.ACTIVE

    def queryset(self) -> QuerySet[WriteOffProcess]:
        rows = WriteOffProcess.objects.of(self.request.actor).filter(state=self.tab)
        rows = rows.select_related("account__customer", "template")
        return rows.annotate(next_day=Min("events__due_on", filter=Q(events__state=PENDING)))

    def page_actions(self) -> list[dict[str, Any]]:
        found = [
            {"label": _("To-dos"), "url": reverse("write_off_to_dos"), "style": "secondary", "icon": "list-check"},
            {"label": _("Runs"), "url": reverse("automated_runs"), "style": "secondary", "icon": "clock-history"},
        ]
        for verb, label in (
            ("run_write_off_monitor", _("Review debt now")), ("run_write_off_activator", _("Do what is due now"))
        ):  # fmt: skip
            if self.request.actor.can(verb):
                found.append({"label": label, "url": reverse(verb), "style": "primary", "icon": "arrow-repeat"})
        return found

    def extra_context(self) -> dict[str, Any]:
        states = WriteOffProcess.State
        tabs = [
            {"label": state.label, "url": self._url(view=state.value), "active": state == self.tab} for state in states
        ]
        return {"section": SECTION, "views": tabs, "kept_parameters": [("view", self.tab)]}


class ToDosPage(ListPage):
    """What events of processes asked people to do, the oldest first."""

    title = gettext_lazy("To-dos of write-off processes")
    table_class = ToDoTable
    filter_class = ToDoFilter
    sorts = {"done_on": "done_on"}
    default_sort = "done_on"
    empty = {
        "title": gettext_lazy("Nothing is to be done."),
        "text": gettext_lazy("Templates may have events that put something here."),
        "icon": "check-circle",
        "actions": [],
    }

    def queryset(self) -> QuerySet[ProcessEvent]:
        rows = ProcessEvent.objects.of(self.request.actor).filter(
            kind=EventKind.TO_DO, state=ProcessEvent.State.DONE, handled_on__isnull=True
        )
        return rows.select_related("process__account__customer")

    def extra_context(self) -> dict[str, Any]:
        return {"section": SECTION, "breadcrumb": [crumb()], "crumb": _("To-dos")}


@member_view("view_receivables")
def write_off_process(request: HttpRequest, pk: int) -> HttpResponse:
    """One process: its agreements, its events in their order, its referrals."""
    actor: Any = request.actor  # type: ignore[attr-defined]
    rows = WriteOffProcess.objects.select_related("account__customer", "template", "control")
    found = fetch(actor, rows, pk)
    status = process_status(found)
    events = found.events.select_related("agency", "to_type", "handled_by", "request", "process__account", "mail")
    failures = {
        row.event_id: row.message
        for row in RunResult.objects.of(actor).filter(process=found, outcome=RunResult.Outcome.ERROR).order_by("pk")
    }
    rest = rests(actor, found, today(actor.organization)) if found.state == WriteOffProcess.State.ACTIVE else ""
    context = {
        "title": _("Write-off process of %(account)s") % {"account": found.account.number},
        "section": SECTION,
        "breadcrumb": [crumb()],
        "crumb": found.account.number,
        "object": found,
        "process": found,
        "status_label": status.label,
        "status_tone": status.tone,
        "agreements": found.agreements.select_related("agreement__type").order_by("pk"),
        "owed": owed(linked(found)),
        "rests": REASONS[rest] if rest else "",
        "events": [shown(each, failures) for each in events.order_by("due_on", "sequence", "pk")],
        "referrals": found.referrals.select_related("agency").order_by("pk"),
        "history": timeline(actor, found),
    }
    return render(request, "automated/process.html", context)


def shown(event: ProcessEvent, failures: dict[int | None, str]) -> dict[str, Any]:
    """An event as its process's page shows it: the failure only while it is still to come."""
    to_come = event.state == PENDING
    return {
        "row": event,
        "status": event_status(event),
        "failure": failures.get(event.pk, "") if to_come else "",
        "letter": event.kind == EventKind.LETTER and event.state == ProcessEvent.State.DONE,
        "mail": getattr(event, "mail", None),
        "request": event.request if event.state == ProcessEvent.State.WAITING else None,
    }


@member_view("view_receivables")
def write_off_letter(request: HttpRequest, pk: int) -> HttpResponse:
    """The letter of an event as it was written."""
    actor: Any = request.actor  # type: ignore[attr-defined]
    rows = ProcessEvent.objects.select_related("organization", "process__account__customer")
    found = fetch(actor, rows, pk)
    if found.kind != EventKind.LETTER or found.done_on is None:
        raise Http404
    name = f"{plain_name(found.process.account.number)}-{found.done_on.isoformat()}.pdf"
    return answer_pdf(request, lambda: letter_pdf(found), name, found.get_absolute_url())


class AutomatedRunsPage(ListPage):
    """The runs of the monitor and the activator, the newest first."""

    title = gettext_lazy("Runs of the automated write-off")
    table_class = AutomatedRunTable
    sorts = {"day": "id"}
    default_sort = "-day"
    empty = {
        "title": gettext_lazy("No runs yet."),
        "text": gettext_lazy("The monitor and the activator run once a day."),
        "icon": "clock-history",
        "actions": [],
    }

    def queryset(self) -> QuerySet[AutomatedRun]:
        errors = Count("results", filter=Q(results__outcome=RunResult.Outcome.ERROR))
        rows = AutomatedRun.objects.of(self.request.actor).select_related("created_by", "job")
        return rows.annotate(errors=errors)

    def extra_context(self) -> dict[str, Any]:
        return {"section": SECTION, "breadcrumb": [crumb()], "crumb": _("Runs")}


class AutomatedRunPage(ListPage):
    """One run: how far it is, and what it found or did."""

    template = "automated/run.html"
    table_class = RunResultTable
    filter_class = RunResultFilter
    sorts = {"account": "id"}
    default_sort = "account"
    empty = {
        "title": gettext_lazy("Nothing was to be done."),
        "text": gettext_lazy("No agreement and no event was due."),
        "icon": "check-circle",
        "actions": [],
    }

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        rows = AutomatedRun.objects.select_related("job", "created_by")
        self.run = fetch(request.actor, rows, kwargs["pk"], self.verb)  # type: ignore[attr-defined]
        self.title = str(self.run)
        return super().dispatch(request, *args, **kwargs)

    @property
    def tab(self) -> str:
        wanted = self.request.GET.get("view", "")
        return wanted if wanted in RunResult.Outcome.values else ""

    def queryset(self) -> QuerySet[RunResult]:
        rows = RunResult.objects.of(self.request.actor).filter(run=self.run)
        rows = rows.select_related("account__customer", "agreement", "process")
        return rows.filter(outcome=self.tab) if self.tab else rows

    def extra_context(self) -> dict[str, Any]:
        rows = RunResult.objects.of(self.request.actor).filter(run=self.run)
        counted = dict(rows.order_by().values_list("outcome").annotate(n=Count("pk")))
        counts = [(outcome, counted[outcome]) for outcome in RunResult.Outcome if outcome in counted]
        tabs = [{"label": _("All"), "url": self._url(view=""), "active": not self.tab}]
        tabs += [
            {"label": outcome.label, "url": self._url(view=outcome.value), "active": outcome == self.tab, "count": n}
            for outcome, n in counts
        ]
        job = self.run.job
        return {
            "breadcrumb": [crumb(), {"label": _("Runs"), "url": reverse("automated_runs")}],
            "crumb": day_words(self.run.day),
            "section": SECTION,
            "views": tabs,
            "kept_parameters": [("view", self.tab)] if self.tab else [],
            "figures": [{"label": _("Looked at"), "value": f"{self.run.reviewed:,}"}]
            + [{"label": outcome.label, "value": f"{n:,}"} for outcome, n in counts],
            "job": job,
            "progress": progress_context(job) if job is not None and job.state in LIVE else None,
            "history": timeline(self.request.actor, self.run),
        }


class NothingForm(FormWithFormat, forms.Form):
    """There is nothing to choose."""


class RunNowView(FormView):
    """Begin a run now instead of waiting for the daily one."""

    form_class = NothingForm
    words: Any = ""
    effects: tuple[Any, ...] = ()

    def context(self) -> dict[str, Any]:
        return {
            "title": self.words, "section": SECTION, "breadcrumb": [crumb()], "crumb": self.words,
            "effects": self.effects, "cancel_url": reverse("write_off_processes"),
        }  # fmt: skip


class MonitorNowView(RunNowView):
    verb = "run_write_off_monitor"
    words = gettext_lazy("Review debt to be written off")
    effects = (
        gettext_lazy("Agreements that are stopped and not paid after their days of grace are looked at."),
        gettext_lazy("What can be closed is closed: by money on account, or as a small difference."),
        gettext_lazy("For the rest a process begins. Nothing is written off now."),
    )

    def blocker(self) -> Blocker | None:
        return run_write_off_monitor_blocker(running=operations.is_running(self.request.actor, operations.MONITOR))

    def run(self, data: dict[str, Any]) -> tuple[str, str]:
        begun = operations.run_write_off_monitor(actor=self.request.actor)
        return begun.get_absolute_url(), _("The review has begun.")


class ActivatorNowView(RunNowView):
    verb = "run_write_off_activator"
    words = gettext_lazy("Do what is due in write-off processes")
    effects = (
        gettext_lazy("Events whose day has come happen: referrals, letters, to-dos, write-offs."),
        gettext_lazy("A write-off above the control's maximum waits for approval."),
    )

    def blocker(self) -> Blocker | None:
        running = operations.is_running(self.request.actor, operations.ACTIVATOR)
        return run_write_off_activator_blocker(running=running)

    def run(self, data: dict[str, Any]) -> tuple[str, str]:
        begun = operations.run_write_off_activator(actor=self.request.actor)
        return begun.get_absolute_url(), _("The run has begun.")
