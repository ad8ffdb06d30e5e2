"""Exporting many invoices in the background, and handing their documents out as one zip."""

import io
import zipfile
from collections.abc import Iterable
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext as _

from receivables.billing.einvoice.billed import next_document
from receivables.billing.einvoice.models import EInvoice
from receivables.billing.einvoice.operations import export_einvoice
from receivables.billing.models import Invoice
from receivables.core.errors import Blocker, Refused
from receivables.core.jobs import Kind, Progress
from receivables.core.models import Job

KIND = "export_einvoices"
MOST = 500  # invoices in one go: some ten seconds of checking, and a zip of a few megabytes
SHOWN_REFUSALS = 100
LONG_AGO = (1980, 1, 1, 0, 0, 0)  # the same documents are the same zip


def too_many_blocker(count: int) -> Blocker | None:
    """One go is bounded, so that it ends soon and its zip can be handed out at once."""
    if count == 0:
        return Blocker("nothing", _("No invoice matches these filters."))
    if count > MOST:
        message = _("At most %(n)s invoices are exported in one go: narrow the list, for example by date.")
        return Blocker("too_many", message % {"n": MOST})
    return None


def run_job(actor: Any, job: Job, progress: Progress) -> dict[str, Any]:
    """Export each invoice in a transaction of its own; what was exported before is not exported again, so a job that is
    run anew goes on where it was."""
    wanted = job.parameters["invoices"]
    invoices = Invoice.objects.of(actor).in_bulk(wanted)
    exported, unchanged, refused = 0, 0, []
    for done, pk in enumerate(wanted, start=1):
        invoice = invoices[pk]
        coming = next_document(invoice)
        if coming.first is not None and not coming.lines:
            unchanged += 1
        else:
            try:
                export_einvoice(actor=actor, invoice=invoice)
                exported += 1
            except Refused as refusal:
                refused.append([invoice.number, invoice.get_absolute_url(), in_words(refusal.blocker)])
        progress(done, len(wanted))
    return {"exported": exported, "unchanged": unchanged, "refused": refused}


def in_words(blocker: Blocker) -> str:
    """A refusal in one paragraph: all that is missing, or the one reason."""
    return " ".join(str(check.text) for check in blocker.checks) or str(blocker.message)


def job_context(actor: Any, job: Job) -> dict[str, Any]:
    """What the page of the job shows."""
    refused = job.result["refused"]
    return {
        "figures": [
            {"label": _("Exported"), "value": job.result["exported"]},
            {"label": _("Exported before"), "value": job.result["unchanged"]},
            {"label": _("Not exported"), "value": len(refused)},
        ],
        "refused": refused[:SHOWN_REFUSALS],
        "more_refused": max(0, len(refused) - SHOWN_REFUSALS),
        "zip_url": f"{reverse('einvoices_zip')}?{urlencode(job.parameters['filters'])}",
        "may_download": actor.can("export_data"),
    }


def zipped(documents: Iterable[EInvoice]) -> bytes:
    """The kept bytes of documents under their numbers. Two numbers that are one file name get a running number."""
    buffer, names = io.BytesIO(), set[str]()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for document in documents:
            name, again = document.file_name, 1
            while name.lower() in names:
                again += 1
                name = f"{document.file_name.removesuffix('.xml')}-{again}.xml"
            names.add(name.lower())
            archive.writestr(zipfile.ZipInfo(name, LONG_AGO), bytes(document.content), zipfile.ZIP_DEFLATED)
    return buffer.getvalue()


JOB = Kind(KIND, "export_einvoice", run_job, "billing/einvoices_result.html", job_context)
