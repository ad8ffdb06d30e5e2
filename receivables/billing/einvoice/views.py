"""Handing out what was exported: the kept bytes of a document, many of them as a zip, and exporting a whole list."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from receivables.billing.einvoice.bulk import KIND, MOST, too_many_blocker, zipped
from receivables.billing.einvoice.models import EInvoice
from receivables.billing.filters import invoice_keys
from receivables.core.access import fetch
from receivables.core.errors import Blocker, refuse
from receivables.core.jobs import start_job
from receivables.core.views import FormView, member_view


def attachment(content: bytes, content_type: str, name: str) -> HttpResponse:
    response = HttpResponse(content, content_type=content_type)
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    response["Cache-Control"] = "private, no-cache"
    return response


@member_view("view_receivables")
def einvoice_file(request: HttpRequest, pk: int) -> HttpResponse:
    """A document as it was exported, byte for byte."""
    actor: Any = request.actor  # type: ignore[attr-defined]
    found = fetch(actor, EInvoice, pk)
    return attachment(bytes(found.content), "application/xml", found.file_name)


def listed(request: Any) -> list[int]:
    """The invoices of the list, one more than may be exported in one go."""
    return invoice_keys(request, MOST)


@member_view("export_data")
def einvoices_zip(request: HttpRequest) -> HttpResponse:
    """Every document that was exported of the invoices of a list."""
    wanted = listed(request)
    documents = EInvoice.objects.of(request.actor).filter(invoice_id__in=wanted).order_by("pk")  # type: ignore[attr-defined]
    blocker = too_many_blocker(len(wanted))
    if blocker is None and not documents.exists():
        blocker = Blocker("nothing", _("None of these invoices was exported as an e-invoice yet."))
    if blocker is not None:
        messages.error(request, str(blocker.message))
        return HttpResponseRedirect(f"{reverse('invoices')}?{request.GET.urlencode()}")
    return attachment(zipped(documents), "application/zip", "e-invoices.zip")


class NothingToType(forms.Form):
    """Only the wish itself."""

    def __init__(self, *args: Any, actor: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)


class ExportManyView(FormView):
    """Export the invoices of a list, as it is filtered, in the background."""

    verb = "export_einvoice"
    form_class = NothingToType

    def blocker(self) -> Blocker | None:
        return too_many_blocker(len(listed(self.request)))

    def context(self) -> dict[str, Any]:
        count = len(listed(self.request))
        shown = _("more than %(n)s") % {"n": MOST} if count > MOST else count
        back = f"{reverse('invoices')}?{self.request.GET.urlencode()}"
        return {
            "title": _("Export e-invoices"),
            "section": _("Invoices"),
            "breadcrumb": [{"label": _("Invoices"), "url": back}],
            "facts": [{"label": _("Invoices in the list"), "value": shown}],
            "effects": [
                _("What was never exported leaves as UBL; what changed since leaves as a correction."),
                _("Each is checked against UBL 2.1 and EN 16931; what fails is listed with the reason."),
                _("It runs in the background. Nothing is posted, and nothing is sent."),
            ],
            "submit_label": _("Export them"),
            "cancel_url": back,
        }

    def run(self, data: dict[str, Any]) -> tuple[str, str]:
        wanted = listed(self.request)
        refuse(too_many_blocker(len(wanted)))
        title = ngettext("E-invoice of %(n)s invoice", "E-invoices of %(n)s invoices", len(wanted)) % {"n": len(wanted)}
        filters = {name: value for name, value in self.request.GET.items() if value}
        job = start_job(self.request.actor, KIND, title, {"invoices": wanted, "filters": filters})
        return reverse("job", args=[job.pk]), ""
