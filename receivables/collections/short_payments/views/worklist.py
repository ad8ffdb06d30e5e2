"""Pages of the worklist: what is short, and the way to resolve many at once: choose, try, confirm."""

from typing import Any

from django import forms
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from receivables.approvals.queries import names_of, possible_approvers
from receivables.billing.pages import amount_text, no_adjustment_type
from receivables.collections.batch_pages import selected
from receivables.collections.short_payments.forms import BatchForm
from receivables.collections.short_payments.operations import dry_run, resolve_short_payments
from receivables.collections.short_payments.planning import Plan, Selection
from receivables.collections.short_payments.rules import MOST, resolve_short_payments_blocker
from receivables.collections.short_payments.texts import reason_words
from receivables.collections.short_payments.worklist import (
    ShortPaymentFilter,
    ShortPaymentTable,
    listed,
    short_items,
    totals_by_currency,
)
from receivables.core.errors import Blocker
from receivables.core.events import ref
from receivables.core.listing import ListPage
from receivables.core.views import FormView
from receivables.ledger.models import OpenItem

LISTED = 200  # rows of a dry run that are shown; the batch keeps them all
LIST = "short_payments"


class ShortPayments(ListPage):
    """The worklist: invoices that were paid short, the largest difference first."""

    title = gettext_lazy("Short payments")
    summary = gettext_lazy("Invoices with a payment on them on which something is still open.")
    table_class = ShortPaymentTable
    filter_class = ShortPaymentFilter
    sorts = {"short": "balance", "issued": "document_date", "total": "amount"}
    default_sort = "-short"
    everything_up_to = MOST
    empty = {
        "title": gettext_lazy("Nothing is short."),
        "text": gettext_lazy("An invoice appears here when a payment leaves something open on it."),
        "icon": "check-circle",
        "actions": [],
    }

    def queryset(self) -> QuerySet[OpenItem]:
        return listed(short_items(self.request.actor))

    def totals(self, rows: QuerySet) -> list[dict[str, Any]]:
        actor = self.request.actor
        return [
            {"label": label, "value": amount_text(actor, sums[name], sums["currency"])}
            for sums in totals_by_currency(rows)
            for label, name in ((_("Short"), "short"), (_("Paid"), "paid"))
        ]

    def page_actions(self) -> list[dict[str, Any]]:
        return [{"label": _("Batches"), "url": reverse("short_payment_batches"), "icon": "list-check"}]

    def bulk_actions(self) -> list[dict[str, Any]]:
        if not self.request.actor.can("resolve_short_payments"):
            return []
        url = self.with_filters(reverse("resolve_short_payments"))
        return [{"label": _("Resolve selected"), "url": url, "style": "primary"}]


class ResolveShortPayments(FormView):
    """Resolve the selected short payments: what is wanted, the dry run of it, and its confirmation.

    It is sent three times: by the list with the selection, to be tried, and to be done. Only the last changes anything.
    """

    verb = "resolve_short_payments"
    template = "collections/resolve_many.html"
    form_class = BatchForm
    EDIT, CONFIRM = "edit", "confirm"

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        self.selection = _selection(request)
        return super().dispatch(request, *args, **kwargs)

    def form_kwargs(self) -> dict[str, Any]:
        chosen = self.selection
        keys = ",".join(map(str, chosen.keys))
        everything = "1" if chosen.everything else ""
        return {
            "actor": self.request.actor,
            "initial": {"keys": keys, "everything": everything, "query": chosen.query},
        }

    def count(self) -> int:
        return self.selection.items(self.request.actor).order_by()[: MOST + 1].count()

    def blocker(self) -> Blocker | None:
        return resolve_short_payments_blocker(chosen=self.count(), type_blocker=None, day_blocker=None)

    def context(self) -> dict[str, Any]:
        n = self.count()
        words = {"n": f"{n:,}"}
        return {
            "title": _("Resolve short payments"),
            "section": _("Short payments"),
            "breadcrumb": [{"label": _("Short payments"), "url": reverse(LIST)}],
            "facts": [{"label": _("Selected"), "value": ngettext("%(n)s invoice", "%(n)s invoices", n) % words}],
            "submit_label": _("Try it"),
            "cancel_url": reverse(LIST),
            "no_type": no_adjustment_type(self.request.actor),
        }

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if "step" not in request.POST:
            return self.get(request, *args, **kwargs)
        return super().post(request, *args, **kwargs)

    def _suggested(self) -> dict[str, str]:
        """A link to this page carries the list's filters, whose names must not be taken for what is wanted."""
        return {}

    def act(self, form: forms.Form) -> HttpResponse:
        step = self.request.POST["step"]
        if step == self.CONFIRM:
            return super().act(form)
        return self.show(form) if step == self.EDIT else self._tried(form)

    def _tried(self, form: Any) -> HttpResponse:
        plan = dry_run(self.request.actor, self.selection, form.choice())
        kept = [(name, form.data.get(name, "")) for name in form.fields if name != "previewed"]
        kept.append(("previewed", plan.digest()))
        return self.show(form, preview={"kept": kept, **_shown(self.request.actor, form, plan)})

    def run(self, data: dict[str, Any]) -> tuple[str, str]:
        form = BatchForm(self.request.POST, actor=self.request.actor)
        form.is_valid()
        batch = resolve_short_payments(
            actor=self.request.actor, selection=self.selection, choice=form.choice(), previewed=data["previewed"]
        )
        return batch.get_absolute_url(), _("Begun. You can leave this page; the batch goes on.")


def _selection(request: HttpRequest) -> Selection:
    """From the list's own form, or carried along by the dialog's hidden fields."""
    return Selection(*selected(request))


def _shown(actor: Any, form: Any, plan: Plan) -> dict[str, Any]:
    """A dry run as its page shows it."""
    currency, kind = form.cleaned_data["currency"], form.cleaned_data["type"].kind
    reason_key = ref(form.cleaned_data["type"])
    changed, skipped, asking = len(plan.changes), len(plan.skipped), len(plan.asking)
    most = max((line.short for line in plan.asking), default=None)
    able = [] if most is None else possible_approvers(actor, kind, currency, most, reason_key=reason_key)
    approvers = names_of(able)
    return {
        "blocker": resolve_short_payments_blocker(chosen=1, type_blocker=None, day_blocker=None, changes=changed),
        "changed": ngettext("Will change %(n)s.", "Will change %(n)s.", changed) % {"n": f"{changed:,}"},
        "skipped": ngettext("Skipped %(n)s.", "Skipped %(n)s.", skipped) % {"n": f"{skipped:,}"},
        "total": amount_text(actor, plan.total, currency),
        "asking": _asking_text(asking, approvers),
        "reasons": [{"label": reason_words(code), "n": f"{n:,}"} for code, n in plan.reasons()],
        "skipped_lines": plan.skipped[:LISTED],
        "more_skipped": max(0, skipped - LISTED),
        "changed_lines": plan.changes[:LISTED],
        "more_changed": max(0, changed - LISTED),
        "submit": ngettext("Resolve %(n)s invoice", "Resolve %(n)s invoices", changed) % {"n": f"{changed:,}"},
    }


def _asking_text(n: int, approvers: str) -> str:
    if not n:
        return ""
    words = {"n": f"{n:,}", "approver": approvers}
    if not approvers:
        said = ngettext(
            "%(n)s of them is more than you may give alone, and nobody may approve it yet; ask an administrator.",
            "%(n)s of them are more than you may give alone, and nobody may approve them yet; ask an administrator.",
            n,
        )
        return said % words
    said = ngettext(
        "%(n)s of them is more than you may give alone: it goes to %(approver)s for approval.",
        "%(n)s of them are more than you may give alone: they go to %(approver)s for approval.",
        n,
    )
    return said % words
