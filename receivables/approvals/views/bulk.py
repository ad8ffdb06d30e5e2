"""Approving several requests at once: what they come to, then all or none."""

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from receivables.approvals.bulk import (
    MOST,
    approve_requests,
    approve_requests_blocker,
    bulk_facts,
    single_blocker,
    waiting_among,
)
from receivables.approvals.models import ApprovalRequest
from receivables.approvals.queries import amount_text
from receivables.core.errors import Blocker
from receivables.core.forms import FormWithFormat, keys_of
from receivables.core.views import FormView


class BulkForm(FormWithFormat, forms.Form):
    """A note for all of them; the keys and the sum that were shown go along."""

    note = forms.CharField(
        label=gettext_lazy("Note"), required=False, max_length=500, help_text=gettext_lazy("Kept in the history."),
        widget=forms.Textarea(attrs={"rows": 2}),
    )  # fmt: skip
    keys = forms.CharField(required=False, widget=forms.HiddenInput)
    total = forms.DecimalField(required=False, widget=forms.HiddenInput)


class ApproveRequests(FormView):
    """Sent twice: by the list with the selection, to be shown, and to be done."""

    verb = "approve_requests"
    template = "approvals/approve_many.html"
    form_class = BulkForm

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        sent = request.POST
        ticked = [*sent.getlist("selected"), *sent.get("keys", "").split(",")]
        self.keys = keys_of(ticked)
        return super().dispatch(request, *args, **kwargs)

    def chosen(self) -> list[ApprovalRequest]:
        return waiting_among(self.request.actor, self.keys[: MOST + 1])

    def form_kwargs(self) -> dict[str, Any]:
        total = bulk_facts(self.chosen()).total
        return {
            "actor": self.request.actor,
            "initial": {"keys": ",".join(map(str, self.keys[: MOST + 1])), "total": total},
        }

    def blocker(self) -> Blocker | None:
        found = self.chosen()
        first = approve_requests_blocker(bulk_facts(found))
        if first is not None:
            return first
        return next((each for each in (single_blocker(self.request.actor, one) for one in found) if each), None)

    def context(self) -> dict[str, Any]:
        actor, found = self.request.actor, self.chosen()
        sums: dict[str, Any] = {}
        for each in found:
            sums[each.currency] = sums.get(each.currency, 0) + each.amount
        words = {"n": len(found)}
        return {
            "title": _("Approve several requests"), "section": _("Approvals"),
            "breadcrumb": [{"label": _("Approvals"), "url": reverse("approvals")}],
            "facts": [
                {"label": _("Requests"), "value": ngettext("%(n)s request", "%(n)s requests", len(found)) % words},
                {"label": _("Together"), "value": ", ".join(amount_text(actor, s, c) for c, s in sums.items()) or "–"},
            ],
            "requests": found, "submit_label": _("Approve all"), "cancel_url": reverse("approvals"),
        }  # fmt: skip

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if "keys" not in request.POST:
            return self.get(request, *args, **kwargs)
        return super().post(request, *args, **kwargs)

    def _suggested(self) -> dict[str, str]:
        """The list's filters in the address are no suggestions for this form."""
        return {}

    def run(self, data: dict[str, Any]) -> tuple[str, str]:
        found = list(ApprovalRequest.objects.of(self.request.actor).filter(pk__in=self.keys[: MOST + 1]))
        done = approve_requests(actor=self.request.actor, requests=found, note=data["note"], total=data["total"])
        words = {"n": len(done)}
        said = ngettext("%(n)s request was approved.", "%(n)s requests were approved.", len(done)) % words
        return reverse("approvals"), said
