"""Handing out what was exported: the kept bytes of a document, and many of them as a zip."""

from typing import Any

from django.http import HttpRequest, HttpResponse

from receivables.billing.einvoice.models import EInvoice
from receivables.core.access import fetch
from receivables.core.views import member_view


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
