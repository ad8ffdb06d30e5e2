"""The way to the other system's page and back.

`state` is made for one session, one connection and one organization, is good for ten minutes, and is used up by the
first answer that names it, right or wrong.
"""

import secrets
import time
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.crypto import constant_time_compare
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from receivables.core.access import fetch
from receivables.core.errors import Refused, refuse
from receivables.core.views import member_view
from receivables.integrations.granting.operations import connect_blocker, connect_system, grant_of
from receivables.integrations.models import Connection
from receivables.integrations.systems.base import Fault

KEPT = "granting"
SECONDS = 600


def _redirect(request: HttpRequest) -> str:
    """The address that the answer comes to; it is entered over there as well."""
    return request.build_absolute_uri(reverse("connect_answer"))


@require_POST
@member_view("connect_system")
def connect(request: HttpRequest, pk: int) -> HttpResponse:
    """Remember what is asked for, and show the way to the other system's page."""
    found = fetch(request.actor, Connection, pk, "connect_system")  # type: ignore[attr-defined]
    here = HttpResponseRedirect(found.get_absolute_url())
    blocker = connect_blocker(found)
    if blocker is not None:
        messages.error(request, str(blocker.message))
        return here
    grant = grant_of(found)
    assert grant is not None
    state = secrets.token_urlsafe(32)
    request.session[KEPT] = {
        "state": state, "connection": found.pk, "organization": found.organization_id, "until": time.time() + SECONDS
    }  # fmt: skip
    context = {
        "title": _("Connect %(system)s") % {"system": found.get_system_display()}, "section": found.name,
        "object": found, "breadcrumb": [{"label": found.name, "url": found.get_absolute_url()}],
        "address": grant.address(found, _redirect(request), state),
    }  # fmt: skip
    return render(request, "integrations/connect.html", context)


@member_view("connect_system")
def connect_answer(request: HttpRequest) -> HttpResponse:
    """The other system's answer: a code that is worth tokens, once. It comes as a GET, so what it may do hangs on the
    state alone, which no other page knows."""
    actor: Any = request.actor  # type: ignore[attr-defined]
    kept = request.session.pop(KEPT, None)
    found = None
    if _is_expected(kept, request.GET.get("state", ""), actor):
        found = Connection.objects.of(actor).filter(pk=kept["connection"]).first()
    if found is None:
        messages.error(
            request, _("This answer was not expected here, or came too late. Begin again on the connection.")
        )
        return HttpResponseRedirect(reverse("error_transactions"))
    if "error" in request.GET or not request.GET.get("code"):
        messages.error(request, _("No access was granted. Nothing was changed."))
        return HttpResponseRedirect(found.get_absolute_url())
    try:
        _take(request, actor, found)
    except Refused as refused:
        messages.error(request, str(refused.blocker.message))
    except Fault:
        messages.error(request, _("The code was not accepted over there. Begin again."))
    else:
        messages.success(request, _("%(name)s is connected.") % {"name": found.name})
    return HttpResponseRedirect(found.get_absolute_url())


def _is_expected(kept: Any, state: str, actor: Any) -> bool:
    if not isinstance(kept, dict) or kept["until"] < time.time() or kept["organization"] != actor.organization_id:
        return False
    return constant_time_compare(kept["state"], state)


def _take(request: HttpRequest, actor: Any, connection: Connection) -> None:
    """Exchange the code, outside of any transaction but the one that keeps the tokens. Raises `Refused`, `Fault`."""
    grant = grant_of(connection)
    assert grant is not None
    company = request.GET.get(grant.company[0], "")[:40]
    refuse(connect_blocker(connection, company))
    grant.exchange(connection, request.GET["code"], _redirect(request))
    connect_system(actor=actor, connection=connection, company=company)
