"""Where QuickBooks' Web Connector calls, and the file that introduces us to it."""

from collections.abc import Callable
from typing import Any

from axes.handlers.proxy import AxesProxyHandler
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.signals import user_login_failed
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from receivables.core.access import fetch
from receivables.core.views import member_view
from receivables.integrations.models import Connection, System
from receivables.integrations.systems.qbd import soap, visits
from receivables.integrations.systems.qbd.client import Unreadable
from receivables.integrations.systems.qbd.connection import introduction, signed_in

REFUSED, NOTHING = "nvu", "none"  # what signing in answers instead of a company file
XML = "text/xml; charset=utf-8"


@login_not_required
@never_cache
@require_http_methods(["GET", "POST"])
def web_connector(request: HttpRequest) -> HttpResponse:
    """The calls of the Web Connector; a GET shows the contract, which it reads first."""
    if request.method == "GET":
        context = {"address": request.build_absolute_uri(reverse("web_connector"))}
        return render(request, "integrations/web_connector.wsdl", context, content_type=XML)
    try:
        name, given = soap.read(request.body)
    except Unreadable:
        return HttpResponse(soap.fault("Not a call of the Web Connector."), content_type=XML, status=400)
    return HttpResponse(soap.written(name, ANSWERS[name](request, given)), content_type=XML)


def _authenticate(request: HttpRequest, given: dict[str, str]) -> list[str]:
    """A ticket and the company file ("": the one that is open), or why there is no work."""
    credentials = {"username": given["strUserName"][:150]}
    if not AxesProxyHandler.is_allowed(request, credentials):
        return ["", REFUSED]
    connection = signed_in(given["strUserName"], given["strPassword"])
    if connection is None:
        user_login_failed.send(sender=__name__, credentials=credentials, request=request)
        return ["", REFUSED]
    ticket = visits.begin(connection)
    return [ticket, ""] if ticket else ["", NOTHING]


def _close(request: HttpRequest, given: dict[str, str]) -> str:
    visits.end(given["ticket"])
    return "OK"


def _connection_error(request: HttpRequest, given: dict[str, str]) -> str:
    visits.note_error(given["ticket"], f"{given['hresult']} {given['message']}".strip())
    return "done"


ANSWERS: dict[str, Callable[[HttpRequest, dict[str, str]], Any]] = {
    "serverVersion": lambda request, given: "1",
    "clientVersion": lambda request, given: "",
    "authenticate": _authenticate,
    "sendRequestXML": lambda request, given: visits.send_request(
        given["ticket"], given["qbXMLMajorVers"], given["qbXMLMinorVers"]
    ),
    "receiveResponseXML": lambda request, given: visits.receive_response(
        given["ticket"], given["response"], given["hresult"]
    ),
    "connectionError": _connection_error,
    "getLastError": lambda request, given: visits.last_error(given["ticket"]),
    "closeConnection": _close,
}


@member_view("manage_connections")
def introduce(request: HttpRequest, pk: int) -> HttpResponse:
    """The .qwc file, which an administrator opens with the Web Connector once. It has no secret."""
    connection = fetch(request.actor, Connection.objects.select_related("organization"), pk)
    if connection.system != System.QUICKBOOKS_DESKTOP:
        raise Http404
    address, support = (request.build_absolute_uri(path) for path in (reverse("web_connector"), "/"))
    answer = render(
        request, "integrations/web_connector.qwc", introduction(connection, address, support),
        content_type="application/xml",
    )  # fmt: skip
    answer["Content-Disposition"] = 'attachment; filename="receivables.qwc"'
    return answer
