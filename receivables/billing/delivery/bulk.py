"""Sending many invoices: what would go and what would not is shown first, then a job sends and keeps a log."""

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from receivables.billing.delivery.models import CustomerDelivery, Method
from receivables.billing.delivery.operations import send_invoice, suggested_letter
from receivables.billing.delivery.queries import WITH_CUSTOMER, Sending, delivery_of_all, sending_of, sendings_of
from receivables.billing.delivery.rules import internal_blocker, send_invoice_blocker
from receivables.billing.filters import invoice_keys
from receivables.billing.models import Invoice
from receivables.core.errors import Blocker, Refused
from receivables.core.forms import key_of
from receivables.core.idempotency import post_once
from receivables.core.jobs import Progress, start_job
from receivables.core.models import Job
from receivables.core.views import MemberView

KIND = "send_invoices"
MOST = 1_000
SHOWN = 200


def send_in_bulk_blocker(sending: Sending, delivery: CustomerDelivery) -> Blocker | None:
    """In bulk only what goes by e-mail is sent, to the addresses that are kept; the rest is named with its reason."""
    first = send_invoice_blocker(sending.facts) or internal_blocker(
        internal=sending.revision.internal, internal_too=False
    )
    if first is not None and first.code == "internal":
        return Blocker("internal", gettext_lazy("This revision differs by bad debt only and stays in the house."))
    if first is not None:
        return first
    if delivery.method != Method.EMAIL:
        message = _("The customer gets invoices another way: %(way)s.")
        return Blocker("other_way", message % {"way": delivery.get_method_display()})
    if not delivery.to:
        return Blocker("no_recipient", gettext_lazy("The customer has no e-mail address for invoices."))
    return None


@dataclass(frozen=True)
class Row:
    """A chosen invoice: to whom it would go, or why not."""

    invoice: Invoice
    recipients: str
    reason: Any = ""


def plan(actor: Any, keys: list[int]) -> list[Row]:
    """What sending these invoices would come to; rows of other organizations are not there."""
    found = Invoice.objects.of(actor).filter(pk__in=keys).select_related(*WITH_CUSTOMER).order_by("pk")
    sendings = sendings_of(actor, found)
    deliveries = delivery_of_all({each.invoice.account.customer for each in sendings})
    rows = []
    for sending in sendings:
        delivery = deliveries[sending.invoice.account.customer_id]
        blocker = send_in_bulk_blocker(sending, delivery)
        reason = str(blocker.message) if blocker else ""
        rows.append(Row(sending.invoice, ", ".join([*delivery.to, *delivery.cc]), reason))
    return rows


class SendInvoicesView(MemberView):
    """The selected invoices of the list: a preview first, then a job. Nothing is selected by looking at the address."""

    verb = "send_invoice"

    def get(self, request: HttpRequest) -> HttpResponse:
        return HttpResponseRedirect(reverse("invoices"))

    def post(self, request: HttpRequest) -> HttpResponse:
        actor: Any = request.actor  # type: ignore[attr-defined]
        keys = chosen(request)
        if len(keys) > MOST:
            message = _("At most %(n)s invoices are sent in one go: narrow the list, for example by date.")
            messages.error(request, message % {"n": f"{MOST:,}"})
            return HttpResponseRedirect(f"{reverse('invoices')}?{request.GET.urlencode()}")
        rows = plan(actor, keys)
        going = [row.invoice.pk for row in rows if not row.reason]
        if request.POST.get("step") != "confirm" or not going:
            return self._preview(request, rows)
        return post_once(request, lambda: self._start(actor, going))

    def _preview(self, request: HttpRequest, rows: list[Row]) -> HttpResponse:
        going, skipped = [row for row in rows if not row.reason], [row for row in rows if row.reason]
        context = {
            "title": _("Send invoices"),
            "section": _("Invoices"),
            "breadcrumb": [{"label": _("Invoices"), "url": reverse("invoices")}],
            "summary": _summary(len(going), len(skipped)),
            "going": going[:SHOWN],
            "more": max(0, len(going) - SHOWN),
            "skipped": skipped,
            "keys": [row.invoice.pk for row in going],
            "submit_label": ngettext("Send %(n)s invoice", "Send %(n)s invoices", len(going)) % {"n": len(going)},
        }
        return render(request, "billing/send_invoices.html", context, status=200 if rows else 422)

    def _start(self, actor: Any, keys: list[int]) -> tuple[str, str]:
        title = ngettext("Sending of %(n)s invoice", "Sending of %(n)s invoices", len(keys)) % {"n": len(keys)}
        return start_job(actor, KIND, title, {"invoices": keys}).get_absolute_url(), ""


def chosen(request: HttpRequest) -> list[int]:
    """The keys that were selected, or all that the filters of the address show: then one more than `MOST` if there are
    more. Raises `BadRequest` for anything else than numbers, or too many of them."""
    if request.POST.get("everything"):
        return invoice_keys(request, MOST)
    sent = request.POST.getlist("selected")
    keys = [key for text in sent if (key := key_of(text)) is not None]
    if len(keys) > MOST or len(keys) < len(sent):
        raise BadRequest("selected")
    return keys


def _summary(going: int, skipped: int) -> str:
    will = ngettext("%(n)s invoice will be e-mailed.", "%(n)s invoices will be e-mailed.", going) % {"n": going}
    if not skipped:
        return will
    rest = ngettext("%(n)s is skipped.", "%(n)s are skipped.", skipped) % {"n": skipped}
    return f"{will} {rest}"


def run_job(actor: Any, job: Job, progress: Progress) -> dict[str, Any]:
    """Queue the e-mail of each invoice in a transaction of its own. Run again after a crash, it goes on: what is on
    its way already is skipped by the rule."""
    keys = list(job.parameters["invoices"])
    log = list(job.result.get("log", []))
    for done, key in enumerate(keys[len(log) :], start=len(log)):
        progress(done, len(keys))
        log.append(_one(actor, key))
        if len(log) % 20 == 0:
            progress.keep({"log": log})
    progress(len(keys), len(keys))
    return {"log": log}


def _one(actor: Any, key: int) -> list[Any]:
    """Send one invoice of a job: its key, number, and recipients or the reason why not."""
    sending = sending_of(actor, key)
    number = sending.invoice.number
    delivery = delivery_of_all([sending.invoice.account.customer])[sending.invoice.account.customer_id]
    blocker = send_in_bulk_blocker(sending, delivery)
    if blocker is not None:
        return [key, number, "", str(blocker.message)]
    letter = suggested_letter(actor, sending)
    try:
        send_invoice(actor=actor, invoice=sending.invoice, letter=letter, seen=sending.revision.number)
    except Refused as refused:
        return [key, number, "", str(refused.blocker.message)]
    return [key, number, ", ".join(letter.to), ""]


def job_context(actor: Any, job: Job) -> dict[str, Any]:
    """The log of a job for its page: what was queued, what was refused and why."""
    rows = [dict(zip(("key", "number", "to", "reason"), each, strict=True)) for each in job.result.get("log", [])]
    return {
        "queued": [row for row in rows if not row["reason"]],
        "refused": [row for row in rows if row["reason"]],
        "failed_url": reverse("invoices") + "?sending=trouble",
    }
