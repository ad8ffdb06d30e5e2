"""Pages for what goes wrong outside of any view: a fault of ours, no database, and a form that is too old or not from
here."""

import sys

from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string

from receivables.core.logs import request_id
from receivables.core.transactions import sqlstate

TRY_AGAIN = 10  # seconds: PostgreSQL is back sooner after most crashes


def server_error(request: HttpRequest) -> HttpResponse:
    """The page of a fault, with the reference under which the logs know it; 503 where the database is what is missing.
    Asks neither database nor session."""
    gone = is_gone(sys.exc_info()[1])
    page = render_to_string("503.html" if gone else "500.html", {"request_id": request_id.get()})
    return (
        HttpResponse(page, status=503, headers={"Retry-After": TRY_AGAIN}) if gone else HttpResponse(page, status=500)
    )


def is_gone(error: BaseException | None) -> bool:
    """Whether the connection to the database was lost, or there was none to be had. Whether a commit that was under way
    came through is then unknown; its form can be sent again."""
    if isinstance(error, InterfaceError):
        return True
    return isinstance(error, OperationalError) and (sqlstate(error)[:2] in ("", "08") or sqlstate(error)[:4] == "57P0")


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A form whose session is over, or that another site sent. Django has logged the reason."""
    return render(request, "403_csrf.html", status=403)
