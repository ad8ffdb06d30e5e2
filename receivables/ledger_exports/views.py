"""Batches of the ledger: the list, a new one, one with its facts, and its file."""

from collections.abc import Iterator
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from receivables.core.access import fetch
from receivables.core.errors import Refused
from receivables.core.history import timeline
from receivables.core.jobs import start_job
from receivables.core.listing import ListPage
from receivables.core.views import FormView, MemberView, member_view
from receivables.ledger_exports.background import KIND, LARGE
from receivables.ledger_exports.collecting import new_entries
from receivables.ledger_exports.formats import FORMATS
from receivables.ledger_exports.forms import AgainForm, ExportForm
from receivables.ledger_exports.models import ExportPart, Format, LedgerExport
from receivables.ledger_exports.operations import download_export, export_ledger, last_download
from receivables.ledger_exports.tables import LedgerExportFilter, LedgerExportTable, size_text


def _crumbs() -> list[dict[str, Any]]:
    return [{"label": _("Ledger exports"), "url": reverse("ledger_exports")}]


class LedgerExports(ListPage):
    """All batches, newest first."""

    verb = "export_ledger"
    title = gettext_lazy("Ledger exports")
    section = gettext_lazy("Ledger")
    summary = gettext_lazy("The ledger for other programs, in numbered batches: each entry leaves once per format.")
    table_class = LedgerExportTable
    filter_class = LedgerExportFilter
    sorts = {"number": "sequence_number", "created_at": "created_at"}
    default_sort = "-number"
    empty = {
        "title": gettext_lazy("Nothing was exported yet."),
        "text": gettext_lazy("The first batch of a format takes the whole ledger, each later one what is new."),
        "icon": "download",
        "actions": [],
    }

    def queryset(self) -> QuerySet[LedgerExport]:
        return LedgerExport.objects.of(self.request.actor).select_related("created_by")

    def page_actions(self) -> list[dict[str, Any]]:
        return [{"label": _("New batch"), "url": reverse("export_ledger"), "style": "primary", "icon": "plus-lg"}]


class NewExport(FormView):
    """Make the next batch; a large one in the background."""

    verb = "export_ledger"
    form_class = ExportForm

    def context(self) -> dict[str, Any]:
        return {
            "title": _("New batch"),
            "section": _("Ledger exports"),
            "breadcrumb": _crumbs(),
            "effects": [
                _("The batch takes every entry that no live batch of this format has."),
                _("Its content stays as it is: what is downloaded later is the same, byte for byte."),
            ],
            "submit_label": _("Make the batch"),
            "cancel_url": reverse("ledger_exports"),
        }

    def run(self, data: dict[str, Any]) -> tuple[str, str]:
        actor = self.request.actor
        wanted = {"format": data["format"], "through": data["through"]}
        if len(new_entries(actor, **wanted).values("pk")[: LARGE + 1]) > LARGE:
            title = _("Ledger export: %(format)s") % {"format": Format(data["format"]).label}
            parameters = {"format": data["format"], "through": data["through"].isoformat()}
            return start_job(actor, KIND, title, parameters).get_absolute_url(), ""
        made = export_ledger(actor=actor, **wanted)
        return made.get_absolute_url(), _("%(number)s was made.") % {"number": made.number}


@member_view("export_ledger")
def ledger_export(request: HttpRequest, pk: int) -> HttpResponse:
    """One batch: what is in it, who made it, whether it was downloaded."""
    actor = request.actor  # type: ignore[attr-defined]
    found = fetch(actor, LedgerExport.objects.select_related("created_by", "withdrawn_by"), pk)
    context = {
        "title": found.number,
        "object": found,
        "section": _("Ledger exports"),
        "status_label": _("Live") if found.live else _("Withdrawn"),
        "status_tone": "success" if found.live else "neutral",
        "breadcrumb": _crumbs(),
        "size": size_text(found.size),
        "file_name": file_name(found),
        "downloaded": last_download(actor, found),
        "may_download": actor.can("download_export") and found.live,
        "history": timeline(actor, found),
    }
    return render(request, "ledger_exports/ledger_export.html", context)


def file_name(export: LedgerExport) -> str:
    return f"{export.number}.{FORMATS[export.format].extension}".replace("/", "-")


def _pieces(export: LedgerExport) -> Iterator[bytes]:
    """The file of a batch, a piece at a time."""
    parts = ExportPart.objects.filter(export=export).order_by("number")
    for number in parts.values_list("number", flat=True):
        yield bytes(parts.get(number=number).content)


class Download(MemberView):
    """The file of a batch. Taking it is noted; the second time is asked about."""

    verb = "download_export"

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        return self._ask(fetch(request.actor, LedgerExport, pk), AgainForm(), 200)

    def post(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        found = fetch(request.actor, LedgerExport, pk)
        form = AgainForm(request.POST)
        try:
            again = form.is_valid() and form.cleaned_data["again"]
            taken = download_export(actor=request.actor, export=found, again=again)
        except Refused as refused:
            form = AgainForm()
            return self._ask(found, form, 409, refused)
        response = StreamingHttpResponse(_pieces(taken), content_type=FORMATS[taken.format].content_type)
        response["Content-Disposition"] = f'attachment; filename="{file_name(taken)}"'
        response["Content-Length"] = str(taken.size)
        response["Cache-Control"] = "private, no-store"
        return response

    def _ask(
        self, export: LedgerExport, form: forms.Form, status: int, refused: Refused | None = None
    ) -> HttpResponse:  # fmt: skip
        before = last_download(self.request.actor, export)
        context = {
            "title": _("Download again"),
            "section": export.number,
            "breadcrumb": [*_crumbs(), {"label": export.number, "url": export.get_absolute_url()}],
            "form": form,
            "facts": [
                {"label": _("Batch"), "value": export.number},
                {"label": _("Downloaded last"), "value": before or _("Never")},
            ],
            "effects": [_("The file is the same as before, byte for byte.")],
            "blocker": refused.blocker if refused and not export.live else None,
            "submit_label": _("Download"),
            "cancel_url": export.get_absolute_url(),
        }
        return render(self.request, "core/action.html", context, status=status)
