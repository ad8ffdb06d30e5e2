"""Pages of billing runs: the list, beginning one with a preview, and one run with every agreement."""

from typing import Any

from django import forms
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from receivables.billing.pages import amount_text
from receivables.billing.recurring.forms import RunForm
from receivables.billing.recurring.models import BillingRun, BillingRunItem
from receivables.billing.recurring.operations import is_running, run_billing
from receivables.billing.recurring.planning import Plan, plan_run
from receivables.billing.recurring.rules import run_billing_blocker
from receivables.billing.recurring.tables import COUNTS, RunItemFilter, RunItemTable, RunTable
from receivables.core.access import fetch
from receivables.core.dates import day_words, today
from receivables.core.errors import refuse
from receivables.core.history import timeline
from receivables.core.job_views import progress_context
from receivables.core.jobs import LIVE
from receivables.core.listing import ListPage
from receivables.core.views import FormView

State = BillingRunItem.State
SHOWN = 200


def runs_crumb() -> dict[str, Any]:
    return {"label": _("Billing runs"), "url": reverse("billing_runs")}


class RunsPage(ListPage):
    """The billing runs, the newest first."""

    title = gettext_lazy("Billing runs")
    summary = gettext_lazy("Charges of agreements, billed together. Written-off debt is never billed.")
    table_class = RunTable
    sorts = {"cut_off": "id"}
    default_sort = "-cut_off"
    empty = {
        "title": gettext_lazy("No billing runs yet."),
        "text": gettext_lazy("Add charges to service agreements; a run bills what is due."),
        "icon": "arrow-repeat",
        "actions": [],
    }

    def queryset(self) -> QuerySet[BillingRun]:
        return BillingRun.objects.of(self.request.actor).select_related("created_by", "job").annotate(**COUNTS)

    def page_actions(self) -> list[dict[str, Any]]:
        if not self.request.actor.can("run_billing"):
            return []
        return [{"label": _("New billing run"), "url": reverse("run_billing"), "style": "primary", "icon": "plus-lg"}]


class RunBillingView(FormView):
    """Two steps: which days, then what it would come to; only sending that page begins the run."""

    verb = "run_billing"
    template = "billing/run_billing.html"
    form_class = RunForm
    CONFIRM, EDIT = "confirm", "edit"

    def context(self) -> dict[str, Any]:
        return {
            "title": _("New billing run"),
            "section": _("Billing runs"),
            "breadcrumb": [runs_crumb()],
            "crumb": _("New billing run"),
            "submit_label": _("Check"),
            "cancel_url": reverse("billing_runs"),
        }

    def act(self, form: forms.Form) -> HttpResponse:
        step = self.request.POST.get("step")
        if step == self.CONFIRM:
            return super().act(form)
        if step == self.EDIT:
            return self.show(form)
        actor = self.request.actor
        day = form.cleaned_data["cut_off"]
        refuse(run_billing_blocker(running=is_running(actor), cut_off=day, today=today(actor.organization)))
        return self.show(form, preview=preview_of(actor, plan_run(actor, day)))

    def run(self, data: dict[str, Any]) -> tuple[str, str]:
        begun = run_billing(actor=self.request.actor, **data, previewed=self.request.POST.get("previewed", ""))
        return begun.get_absolute_url(), _("The billing run has begun.")


def preview_of(actor: Any, plan: Plan) -> dict[str, Any]:
    """What a run would come to, as the page shows it."""
    count, skipped = len(plan.billed), len(plan.skipped)
    words = ngettext("%(n)s agreement will be billed.", "%(n)s agreements will be billed.", count) % {"n": f"{count:,}"}
    left = ngettext("%(n)s is skipped.", "%(n)s are skipped.", skipped) % {"n": f"{skipped:,}"}
    return {
        "digest": plan.digest(),
        "summary": words if not skipped else f"{words} {left}",
        "anything": bool(count),
        "totals": [
            {"label": _("Before taxes"), "value": amount_text(actor, amount, currency)}
            for currency, amount in plan.totals.items()
        ],
        "billed": plan.billed[:SHOWN],
        "more": max(0, count - SHOWN),
        "skipped": plan.skipped[:SHOWN],
        "submit_label": ngettext("Bill %(n)s agreement", "Bill %(n)s agreements", count) % {"n": f"{count:,}"},
    }


class RunPage(ListPage):
    """One run: how far it is, and every agreement with what became of it."""

    template = "billing/billing_run.html"
    table_class = RunItemTable
    filter_class = RunItemFilter
    sorts = {"agreement": "id"}
    default_sort = "agreement"

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        rows = BillingRun.objects.select_related("job", "created_by").annotate(**COUNTS)
        self.run = fetch(request.actor, rows, kwargs["pk"], self.verb)  # type: ignore[attr-defined]
        self.title = str(self.run)
        return super().dispatch(request, *args, **kwargs)

    @property
    def tab(self) -> str:
        wanted = self.request.GET.get("view", "")
        return wanted if wanted in State.values else ""

    def queryset(self) -> QuerySet[BillingRunItem]:
        rows = BillingRunItem.objects.of(self.request.actor).filter(run=self.run)
        rows = rows.select_related("agreement__account__customer", "agreement__type", "invoice")
        return rows.filter(state=self.tab) if self.tab else rows

    def extra_context(self) -> dict[str, Any]:
        counts = [(state, getattr(self.run, f"{state.value}_count")) for state in State]
        tabs = [{"label": _("All"), "url": self._url(view=""), "active": not self.tab}]
        tabs += [
            {"label": state.label, "url": self._url(view=state.value), "active": state == self.tab, "count": n}
            for state, n in counts
        ]
        job = self.run.job
        return {
            "breadcrumb": [runs_crumb()],
            "crumb": day_words(self.run.cut_off),
            "section": _("Billing runs"),
            "views": tabs,
            "kept_parameters": [("view", self.tab)] if self.tab else [],
            "figures": [{"label": state.label, "value": f"{n:,}"} for state, n in counts],
            "run": self.run,
            "job": job,
            "progress": progress_context(job) if job is not None and job.state in LIVE else None,
            "history": timeline(self.request.actor, self.run),
        }
