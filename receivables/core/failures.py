"""Pages for what goes wrong outside of any view: a fault of ours, and a form that is too old or not from here."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string

from receivables.core.logs import request_id


def server_error(request: HttpRequest) -> HttpResponse:
    """The page of a fault, with the reference under which the logs know it. Asks neither database nor session."""
    return HttpResponse(render_to_string("500.html", {"request_id": request_id.get()}), status=500)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A form whose session is over, or that another site sent. Django has logged the reason."""
    return render(request, "403_csrf.html", status=403)
