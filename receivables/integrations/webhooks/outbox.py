"""From events to messages: what happened is written down for every endpoint that wants to hear of it.

The database puts every event of an organization with webhooks on a list, in the event's own transaction; here the list
is worked off. A document is told as it is now, and the event's number says in which order things happened.
"""

from collections import defaultdict
from typing import Any
from uuid import uuid4

from django.db import transaction

from receivables.core.models import Event
from receivables.integrations.webhooks.models import Endpoint, Message, Pending
from receivables.integrations.webhooks.payloads import DOCUMENTS, about, body

BATCH = 200


def new_id() -> str:
    return f"msg_{uuid4().hex}"


def gather() -> int:
    """Work off one batch of events; how many there were."""
    with transaction.atomic():
        taken = list(Pending.objects.select_for_update(skip_locked=True).order_by("event_id")[:BATCH])
        keys = [each.event_id for each in taken]
        if not keys:
            return 0
        wanted = defaultdict(list)
        for endpoint in Endpoint.objects.filter(organization__in={each.organization_id for each in taken}):
            wanted[endpoint.organization_id].append(endpoint)
        made = []
        for event in Event.objects.filter(pk__in=keys).select_related("organization").order_by("pk"):
            made += messages(event, wanted[event.organization_id])
        Message.objects.bulk_create(made, ignore_conflicts=True)
        Pending.objects.filter(pk__in=keys).delete()
    return len(taken)


def messages(event: Event, endpoints: list[Endpoint]) -> list[Message]:
    """What an event means for each endpoint; nothing where none of them wants it."""
    found = about(event)
    if found is None:
        return []
    type, label, pk = found
    wanting = [each for each in endpoints if not each.types or type in each.types]
    told = DOCUMENTS[label]
    row = told.rows.filter(organization_id=event.organization_id, pk=pk).first() if wanting else None
    if row is None:
        return []
    text = payload(event, type, {"object": told.name, "id": str(pk), **told.build(row)})
    return [
        Message(
            organization_id=event.organization_id, endpoint=endpoint, webhook_id=new_id(), event_id=event.pk, type=type,
            subject=f"{label}:{pk}", reference=row.number, payload=text,
        )
        for endpoint in wanting
    ]  # fmt: skip


def payload(event: Event, type: str, document: dict[str, Any]) -> str:
    data = {"organization": event.organization.slug, "event": str(event.pk), "document": document}
    return body(type, event.at, data)
