"""Pages of the auditor: the audits that were made, one with what it found, and beginning one."""

from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from receivables.audit.models import AuditRun
from receivables.audit.operations import audit_ledger, audit_under_way
from receivables.audit.queries import newest_seal, rows_of
from receivables.audit.rules import audit_ledger_blocker
from receivables.audit.tables import AuditTable, seconds
from receivables.core.access import fetch
from receivables.core.errors import Blocker
from receivables.core.history import timeline
from receivables.core.job_views import progress_context
from receivables.core.listing import ListPage
from receivables.core.views import FormView, member_view
from receivables.customers.forms import NothingForm


def _crumbs() -> list[dict[str, Any]]:
    return [{"label": _("Audit"), "url": reverse("audits")}]


class AuditsPage(ListPage):
    """The audits of the books, the newest first, and how far one is that is at work."""

    verb = "view_audit"
    template = "audit/audits.html"
    title = gettext_lazy("Audit")
    summary = gettext_lazy("Every promise of the books, added up again from the rows alone, each night and on request.")
    table_class = AuditTable
    sorts = {"as_of": "id"}
    default_sort = "-as_of"
    empty = {
        "title": gettext_lazy("No audit yet."),
        "text": gettext_lazy("The first one is made tonight; you can begin one now."),
        "icon": "shield-lock",
        "actions": [],
    }

    def queryset(self) -> QuerySet[AuditRun]:
        return AuditRun.objects.of(self.request.actor).select_related("created_by")

    def page_actions(self) -> list[dict[str, Any]]:
        if not self.request.actor.can("audit_ledger"):
            return []
        url = reverse("audit_ledger")
        return [{"label": _("Audit now"), "url": url, "style": "primary", "icon": "search"}]

    def extra_context(self) -> dict[str, Any]:
        job = audit_under_way(self.request.actor)
        return {
            "progress": progress_context(job) if job is not None else None,
            "seal": newest_seal(self.request.actor),
        }


@member_view("view_audit")
def audit_run(request: HttpRequest, pk: int) -> HttpResponse:
    """One audit: of which state of the data it speaks, and what each check found."""
    actor = request.actor  # type: ignore[attr-defined]
    run = fetch(actor, AuditRun.objects.select_related("created_by"), pk)
    context = {
        "title": str(run),
        "section": _("Audit"),
        "breadcrumb": _crumbs(),
        "object": run,
        "status_label": _("Findings") if run.failed else _("All promises hold"),
        "status_tone": "danger" if run.failed else "success",
        "duration": seconds(run),
        "checks": rows_of(run),
        "history": timeline(actor, run),
    }
    return render(request, "audit/audit_run.html", context)


class AuditNow(FormView):
    """Begin an audit now instead of waiting for the night."""

    verb = "audit_ledger"
    form_class = NothingForm

    def blocker(self) -> Blocker | None:
        return audit_ledger_blocker(running=audit_under_way(self.request.actor) is not None)

    def context(self) -> dict[str, Any]:
        return {
            "title": _("Audit now"),
            "section": _("Audit"),
            "breadcrumb": _crumbs(),
            "effects": [
                _("Every balance, number and document is added up again from the rows; nothing is changed."),
                _("Everybody can go on working: the audit sees the books as they are at this instant."),
            ],
            "submit_label": _("Begin the audit"),
            "cancel_url": reverse("audits"),
        }

    def run(self, data: dict[str, Any]) -> tuple[str, str]:
        audit_ledger(actor=self.request.actor)
        return reverse("audits"), _("The audit has begun.")
