"""Pages of collection: the worklist, one process, the runs of the debt monitor, and beginning one."""

from typing import Any

from django.db.models import Count, Max, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from receivables.billing.views.invoice import answer_pdf
from receivables.core.access import fetch
from receivables.core.dates import day_words
from receivables.core.errors import Blocker
from receivables.core.history import timeline
from receivables.core.job_views import progress_context
from receivables.core.jobs import LIVE
from receivables.core.listing import ListPage
from receivables.core.models import Job
from receivables.core.views import FormView, member_view
from receivables.credit_control.monitor.models import CollectionProcess, MonitorResult, MonitorRun
from receivables.credit_control.monitor.operations import KIND, run_debt_monitor
from receivables.credit_control.monitor.rules import run_debt_monitor_blocker
from receivables.credit_control.monitor.tables import (
    ResultFilter,
    ResultTable,
    RunTable,
    WorklistFilter,
    WorklistTable,
    step_status,
)
from receivables.credit_control.reminders.letters import demand_of, file_name, reminder_pdf
from receivables.credit_control.reminders.models import Reminder
from receivables.customers.forms import NothingForm

Outcome = MonitorResult.Outcome
COUNTS = {outcome.value: Count("results", filter=Q(results__outcome=outcome)) for outcome in Outcome}


def worklist_crumb() -> dict[str, Any]:
    return {"label": _("Worklist"), "url": reverse("worklist")}


class WorklistPage(ListPage):
    """Everything that is being chased, what is furthest first."""

    verb = "view_worklist"
    title = gettext_lazy("Worklist")
    summary = gettext_lazy("Overdue debt that is being chased. The debt monitor adds and ends entries every day.")
    table_class = WorklistTable
    filter_class = WorklistFilter
    sorts = {"step": "step", "oldest_due": "oldest_due", "started_on": "started_on"}
    default_sort = "-step"
    empty = {
        "title": gettext_lazy("Nobody is being chased."),
        "text": gettext_lazy("The debt monitor looks at every account once a day, by the collection criteria."),
        "icon": "check2-circle",
        "actions": [],
    }

    def queryset(self) -> QuerySet[CollectionProcess]:
        rows = CollectionProcess.objects.of(self.request.actor).filter(ended_on__isnull=True)
        sent = Max("reminders__day", filter=Q(reminders__state=Reminder.State.SENT))
        return rows.select_related("account__customer", "debt_class").annotate(reminded=sent)

    def page_actions(self) -> list[dict[str, Any]]:
        found = [{"label": _("Reviews"), "url": reverse("monitor_runs"), "style": "secondary", "icon": "clock-history"}]
        if self.request.actor.can("run_debt_monitor"):
            url = reverse("run_debt_monitor")
            found.append({"label": _("Review debt now"), "url": url, "style": "primary", "icon": "search"})
        return found


@member_view("view_worklist")
def collection_process(request: HttpRequest, pk: int) -> HttpResponse:
    """One process: what may be chased now, its reminders, what the reviews found."""
    actor: Any = request.actor  # type: ignore[attr-defined]
    found = fetch(actor, CollectionProcess.objects.select_related("account__customer", "debt_class"), pk)
    ended = found.ended_on is not None
    status = step_status(found.step)
    demand = demand_of(actor, found)
    context = {
        "title": _("Collection of account %(number)s") % {"number": found.account.number},
        "section": _("Worklist"),
        "breadcrumb": [worklist_crumb()],
        "crumb": found.account.number,
        "object": found,
        "process": found,
        "status_label": _("Ended") if ended else status.label,
        "status_tone": "neutral" if ended else status.tone,
        "ended": ended,
        "demand": demand,
        "reminders": found.reminders.select_related("created_by").order_by("-pk")[:50],
        "history": timeline(actor, found),
    }
    return render(request, "credit_control/process.html", context)


@member_view("view_worklist")
def reminder_file(request: HttpRequest, pk: int) -> HttpResponse:
    """The letter as it was written."""
    actor: Any = request.actor  # type: ignore[attr-defined]
    rows = Reminder.objects.select_related("organization", "process__account__customer")
    found = fetch(actor, rows, pk)
    return answer_pdf(request, lambda: reminder_pdf(found), file_name(found), found.get_absolute_url())


class RunsPage(ListPage):
    """The runs of the debt monitor, the newest first."""

    verb = "view_worklist"
    title = gettext_lazy("Reviews of overdue debt")
    section = gettext_lazy("Worklist")
    table_class = RunTable
    sorts = {"day": "id"}
    default_sort = "-day"
    empty = {
        "title": gettext_lazy("No reviews yet."),
        "text": gettext_lazy("The debt monitor looks at every account once a day."),
        "icon": "clock-history",
        "actions": [],
    }

    def queryset(self) -> QuerySet[MonitorRun]:
        return MonitorRun.objects.of(self.request.actor).select_related("created_by", "job").annotate(**COUNTS)

    def extra_context(self) -> dict[str, Any]:
        return {"breadcrumb": [worklist_crumb()], "crumb": _("Reviews"), "section": self.section}


class RunPage(ListPage):
    """One run: how far it is, and what it found about each account."""

    verb = "view_worklist"
    template = "credit_control/monitor_run.html"
    table_class = ResultTable
    filter_class = ResultFilter
    sorts = {"account": "id"}
    default_sort = "account"
    empty = {
        "title": gettext_lazy("Nothing was found."),
        "text": gettext_lazy("No account has anything overdue."),
        "icon": "check2-circle",
        "actions": [],
    }

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        rows = MonitorRun.objects.select_related("job", "created_by").annotate(**COUNTS)
        self.run = fetch(request.actor, rows, kwargs["pk"], self.verb)  # type: ignore[attr-defined]
        self.title = str(self.run)
        return super().dispatch(request, *args, **kwargs)

    @property
    def tab(self) -> str:
        wanted = self.request.GET.get("view", "")
        return wanted if wanted in Outcome.values else ""

    def queryset(self) -> QuerySet[MonitorResult]:
        rows = MonitorResult.objects.of(self.request.actor).filter(run=self.run)
        rows = rows.select_related("account__customer", "debt_class", "process")
        return rows.filter(outcome=self.tab) if self.tab else rows

    def extra_context(self) -> dict[str, Any]:
        counts = [(outcome, getattr(self.run, outcome.value)) for outcome in Outcome]
        tabs = [{"label": _("All"), "url": self._url(view=""), "active": not self.tab}]
        tabs += [
            {"label": outcome.label, "url": self._url(view=outcome.value), "active": outcome == self.tab, "count": n}
            for outcome, n in counts
        ]
        job = self.run.job
        reviews = {"label": _("Reviews"), "url": reverse("monitor_runs")}
        return {
            "breadcrumb": [worklist_crumb(), reviews],
            "crumb": day_words(self.run.day),
            "section": _("Worklist"),
            "views": tabs,
            "kept_parameters": [("view", self.tab)] if self.tab else [],
            "figures": [{"label": _("Accounts looked at"), "value": f"{self.run.reviewed:,}"}]
            + [{"label": outcome.label, "value": f"{n:,}"} for outcome, n in counts],
            "job": job,
            "progress": progress_context(job) if job is not None and job.state in LIVE else None,
            "history": timeline(self.request.actor, self.run),
        }


class ReviewNowView(FormView):
    """Begin a review of all accounts now instead of waiting for the daily one."""

    verb = "run_debt_monitor"
    form_class = NothingForm

    def blocker(self) -> Blocker | None:
        running = Job.objects.of(self.request.actor).filter(kind=KIND, state__in=LIVE).exists()
        return run_debt_monitor_blocker(running=running)

    def context(self) -> dict[str, Any]:
        return {
            "title": _("Review debt now"),
            "section": _("Worklist"),
            "breadcrumb": [worklist_crumb()],
            "crumb": _("Review debt now"),
            "effects": [
                _("Every account with overdue debt is compared with the collection criteria."),
                _("Entries of the worklist are added, raised and ended; nobody is written to."),
                _("Written-off debt, disputed invoices and postponed accounts are left alone."),
            ],
            "cancel_url": reverse("worklist"),
        }

    def run(self, data: dict[str, Any]) -> tuple[str, str]:
        begun = run_debt_monitor(actor=self.request.actor)
        return begun.get_absolute_url(), _("The review has begun.")
