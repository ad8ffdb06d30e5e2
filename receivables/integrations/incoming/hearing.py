"""Where QuickBooks Online tells that something changed. It is answered at once; what changed is asked for later.

Whoever does not know a connection's verifier token learns nothing: every refusal is the same empty answer.
"""

import secrets

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.utils.crypto import constant_time_compare
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from receivables.integrations.incoming.tasks import ask_for_look
from receivables.integrations.models import Connection, System
from receivables.integrations.systems.qbo.notices import companies_of, signature_of
from receivables.integrations.vault import Unreadable, opened

LONGEST = 262_144  # bytes; a notice of a thousand changes is shorter
MOST = 100  # companies in one notice
SIGNATURE = "intuit-signature"
NOBODY = secrets.token_urlsafe(32)  # compared with where nobody's token is known, so that it takes as long


@login_not_required
@never_cache
@require_POST
def quickbooks_online(request: HttpRequest) -> HttpResponse:
    """Look sooner at what changed in the companies that a signed notice names. Told twice, it is looked once."""
    given, length = request.headers.get(SIGNATURE, ""), request.headers.get("Content-Length", "")
    if not given or not length.isdecimal() or len(length) > len(str(LONGEST)) or int(length) > LONGEST:
        return HttpResponse(status=404)
    body = request.body
    found = Connection.objects.filter(
        system=System.QUICKBOOKS_ONLINE, options__company__in=sorted(companies_of(body))[:MOST]
    )
    signed = [each.pk for each in found.order_by("pk") if _is_signed(each, body, given)]
    if not signed:
        constant_time_compare(signature_of(NOBODY, body), given)
        return HttpResponse(status=404)
    for pk in signed:
        ask_for_look(pk, soon=True)
    return HttpResponse()


def _is_signed(connection: Connection, body: bytes, given: str) -> bool:
    """Whether the company's own verifier token made this signature."""
    try:
        token = opened(connection.secrets).get("verifier_token", "")
    except Unreadable:
        token = ""
    return constant_time_compare(signature_of(token or NOBODY, body), given) and bool(token)
