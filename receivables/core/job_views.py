"""Pages of background jobs: the member's own list, one job with its progress, and stopping it."""

from typing import Any

import django_tables2 as tables
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from receivables.core.access import fetch
from receivables.core.columns import MomentColumn
from receivables.core.history import timeline
from receivables.core.jobs import KINDS, LIVE, Kind, sentence, visible
from receivables.core.listing import ListPage
from receivables.core.models import Job
from receivables.core.views import MemberView, member_view


class JobTable(tables.Table):
    title = tables.Column(verbose_name=gettext_lazy("Job"), linkify=lambda record: reverse("job", args=[record.pk]))
    state = tables.TemplateColumn(
        "{% load ui %}{% status_badge record.state label=record.get_state_display %}",
        verbose_name=gettext_lazy("State"),
    )
    created_at = MomentColumn(verbose_name=gettext_lazy("Started"))
    finished_at = MomentColumn(verbose_name=gettext_lazy("Ended"), default="")

    class Meta:
        model = Job
        fields = ("title", "state", "created_at", "finished_at")


class JobList(ListPage):
    """The jobs that the member started, newest first."""

    title = gettext_lazy("Jobs")
    summary = gettext_lazy("Long work of yours in the background, newest first.")
    table_class = JobTable
    sorts = {"created_at": "id"}
    default_sort = "-created_at"
    empty = {
        "title": gettext_lazy("No jobs yet."),
        "text": gettext_lazy("Imports and other long work that you start is listed here."),
        "icon": "list-check",
        "actions": [],
    }

    def queryset(self) -> QuerySet[Job]:
        return Job.objects.of(self.request.actor).filter(created_by=self.request.actor.user)


def progress_context(job: Job) -> dict[str, Any]:
    """What core/job_progress.html shows of a job, on its own page or on that of the work it does."""
    return {
        "job": job,
        "sentence": sentence(job),
        "running": job.state in LIVE,
        "progress_url": reverse("job_progress", args=[job.pk]),
    }


class JobPage(MemberView):
    """One job: how far it is, and in the end what came of it."""

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        job = fetch(request.actor, visible(request.actor), pk)
        kind = KINDS.get(job.kind)
        context = {
            **progress_context(job),
            "title": job.title,
            "section": _("Jobs"),
            "breadcrumb": [{"label": _("Jobs"), "url": reverse("jobs")}],
            "history": timeline(request.actor, job),
        }
        if kind is not None and job.result:
            context |= {"result_template": kind.template, **_result(request, kind, job)}
        return render(request, "core/job.html", context)


def _result(request: HttpRequest, kind: Kind, job: Job) -> dict[str, Any]:
    return {"result": job.result, **kind.context(request.actor, job)}


@member_view("view_receivables")
def job_progress(request: HttpRequest, pk: int) -> HttpResponse:
    """The part of the page that is asked for again and again; when the job has ended, the page is loaded anew."""
    job = visible(request.actor).filter(pk=pk).first()
    if job is None:
        raise Http404
    response = render(request, "core/job_progress.html", progress_context(job))
    if job.state not in LIVE:
        response["HX-Refresh"] = "true"
    return response
