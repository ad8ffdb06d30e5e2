"""What every request goes through: an id for the logs, clean text, and one answer per kind of refusal."""

import logging
import re
from collections.abc import Callable
from typing import Any
from uuid import uuid4

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from receivables.core.errors import Blocker, NotPermitted, Refused
from receivables.core.events import record
from receivables.core.logs import request_id
from receivables.core.money import OutOfRange
from receivables.core.transactions import TOO_BIG, run_atomic

denied = logging.getLogger("receivables.denied")
GIVEN_ID = re.compile(r"\A[A-Za-z0-9._-]{8,64}\Z")


class RequestIdMiddleware:
    """Gives each request an id that logs, events and the answer carry."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        given = request.headers.get("X-Request-Id", "")
        # Never reset: Django logs a failed request after the last middleware, and the next one begins with its own.
        request_id.set(given if GIVEN_ID.match(given) else uuid4().hex)
        response = self.get_response(request)
        response["X-Request-Id"] = request_id.get()
        return response


class PrivatePagesMiddleware:
    """Nothing shown to somebody signed in is kept by a cache (ASVS 14.3.2), except a form with a key, by the browser.

    Fetched anew by Back, that form would come under a new key, and sending it again would be a second effect (X2).
    Signing out has the browser forget these too.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: Any) -> HttpResponse:
        response = self.get_response(request)
        if response.status_code >= 500:  # holds nothing private, and who asks may be what could not be found out
            return response
        if request.user.is_authenticated and not response.has_header("Cache-Control"):
            kept = getattr(request, "shows_form_key", False)
            response["Cache-Control"] = "private, no-cache" if kept else "private, no-store"
        return response


def has_nul(request: HttpRequest) -> bool:
    """PostgreSQL stores no NUL; a request that carries one is broken or hostile."""
    if "\x00" in request.path or "%00" in request.META.get("QUERY_STRING", ""):
        return True
    return any("\x00" in value for name in request.POST for value in [name, *request.POST.getlist(name)])


class RefusalMiddleware:
    """Turns what operations and views raise into pages: 403 not permitted (and logged), 422 refused, 400 broken."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if has_nul(request):
            return render(request, "400.html", status=400)
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if isinstance(exception, NotPermitted):
            log_denied(request, exception)
            return render(request, "403.html", {"verb": exception.verb}, status=403)
        if isinstance(exception, OutOfRange):
            exception = Refused(Blocker(*TOO_BIG))
        if isinstance(exception, Refused):
            return render(request, "422.html", {"blocker": exception.blocker}, status=422)
        if isinstance(exception, Http404) and getattr(request, "actor", None) is not None:
            denied.info("not found in organization %s: %s", request.actor.organization_id, request.path)
        return None


def log_denied(request: Any, exception: NotPermitted) -> None:
    """Keep the denied attempt, although the request itself was rolled back (P4)."""
    denied.warning("%s may not %s: %s %s", exception.actor, exception.verb, request.method, request.path)
    actor = request.actor
    if actor is not None and actor.user is not None:
        run_atomic(lambda: record(actor, "permission_denied", actor.user, verb=exception.verb, path=request.path[:200]))
