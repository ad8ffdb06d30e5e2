"""Pages of the ledger."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect

from receivables.core.access import fetch
from receivables.core.views import member_view
from receivables.ledger.models import OpenItem


@member_view("view_receivables")
def open_item(request: HttpRequest, pk: int) -> HttpResponse:
    """Lead to the document that an open item stands for, or to the agreement that it stands on."""
    item = fetch(request.actor, OpenItem.objects.select_related("agreement"), pk)
    document: Any = item.document or item.agreement
    if document is None:
        raise Http404
    return redirect(document)
