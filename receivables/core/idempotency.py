"""One effect per form: a hidden key, made when the form is shown, claimed in the transaction of its work (X1, X2)."""

import hashlib
from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db import connection
from django.http import HttpRequest, HttpResponseRedirect
from django.utils.translation import gettext as _

from receivables.core import events
from receivables.core.errors import Blocker, Refused
from receivables.core.models import IdempotencyKey
from receivables.core.transactions import run_atomic

# What a browser may send differently for the same intent.
NOT_HASHED = {"csrfmiddlewaretoken", "_key"}


def _key(request: HttpRequest) -> UUID:
    try:
        return UUID(request.POST.get("_key", ""))
    except ValueError:
        raise Refused(
            Blocker("no_key", _("This form is incomplete. Open the page again and send it once more."))
        ) from None


def _fingerprint(request: HttpRequest) -> bytes:
    fields = sorted(
        (name, value) for name in request.POST if name not in NOT_HASHED for value in request.POST.getlist(name)
    )
    files = [(name, file.name, _digest(file)) for name in sorted(request.FILES) for file in request.FILES.getlist(name)]
    return hashlib.sha256(repr((request.path, fields, files)).encode()).digest()


def _digest(file: Any) -> str:
    """Of what an uploaded file holds; it is read from its beginning, and left there."""
    found = hashlib.sha256()
    for piece in file.chunks():
        found.update(piece)
    file.seek(0)
    return found.hexdigest()


def _claim(request: HttpRequest, key: UUID, fingerprint: bytes) -> bool:
    """Insert the key; False if a twin has it. Waits for a twin that is still at work."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO core_idempotencykey"
            " (organization_id, user_id, key, request_hash, location, message, created_at)"
            " VALUES (%s, %s, %s, %s, '', '', now()) ON CONFLICT DO NOTHING",
            [request.actor.organization_id, request.user.pk, key, fingerprint],
        )
        return cursor.rowcount == 1


def post_once(request: HttpRequest, work: Callable[[], tuple[str, str]]) -> HttpResponseRedirect:
    """Do a form's work once and go where it says; the same form again goes to the same place and does nothing.

    `work` runs operations and returns the path to go to and the sentence that says what happened.
    Raises `Refused` if the work is refused (nothing is kept, the key stays free) or the key came with another body.
    """
    key, fingerprint = _key(request), _fingerprint(request)
    own = IdempotencyKey.objects.filter(organization_id=request.actor.organization_id, user=request.user, key=key)

    def once() -> tuple[str, str]:
        if not _claim(request, key, fingerprint):
            twin = own.get()
            if bytes(twin.request_hash) != fingerprint:
                raise Refused(
                    Blocker("key_reused", _("This form was already sent with other values. Open the page again."))
                )
            return twin.location, twin.message
        location, message = work()
        own.update(location=location, message=message)
        return location, message

    token = events.idempotency_key.set(key)
    try:
        location, message = run_atomic(once)
    finally:
        events.idempotency_key.reset(token)
    if message:
        messages.success(request, message)
    return HttpResponseRedirect(location)
