"""A connection with a mapping, a document that failed on it, the call that failed, and a visit."""

from datetime import date
from typing import Any
from uuid import uuid4

from django.utils import timezone

from receivables.integrations.incoming.models import IncomingChange, Watch
from receivables.integrations.linking.models import Counterpart, Directory
from receivables.integrations.models import Attempt, Connection, ConnectorSession, Delivery, Mapping
from receivables.integrations.systems.qbd.visits import digest
from receivables.integrations.vault import sealed
from receivables.integrations.webhooks.models import Call, Endpoint, Message
from receivables.integrations.webhooks.signing import new_secret


def connect_something(books: Any) -> Delivery:
    """For the organization of these books; nothing is sent anywhere."""
    own = {"organization": books.actor.organization}
    connection = Connection.objects.create(
        system="quickbooks_online", name="Books", start_date=date(2026, 1, 1), options={"company": "9130"}, **own
    )
    Mapping.objects.create(connection=connection, what="item", local_key="item:line_haul", remote_id="1", **own)
    delivery = Delivery.objects.create(
        connection=connection, kind="invoice", source="billing.invoice", source_id=books.unpaid.pk, state="error",
        customer=books.account.customer, reference=books.unpaid.number, currency="USD", message="It was refused.", **own
    )  # fmt: skip
    Attempt.objects.create(delivery=delivery, operation="create_invoice", outcome="refused", **own)
    ConnectorSession.objects.create(
        connection=connection, ticket=digest(str(uuid4())), ended_at=timezone.now(), delivery=delivery, **own
    )  # fmt: skip
    endpoint = Endpoint.objects.create(
        name="Shop", url="https://shop.example.com/hook", secrets=sealed({"current": new_secret()}), **own
    )  # fmt: skip
    message = Message.objects.create(
        endpoint=endpoint, webhook_id=f"msg_{delivery.pk}", type="ping", subject="ping", payload="{}", **own
    )  # fmt: skip
    Call.objects.create(message=message, request="POST", status="500", delivered=False, **own)
    Watch.objects.create(connection=connection, since=timezone.now(), **own)
    Directory.objects.create(connection=connection, asked_at=timezone.now(), **own)
    Counterpart.objects.create(
        connection=connection, what="customer", key="58", name="Acme Foods", seen_at=timezone.now(), **own
    )
    IncomingChange.objects.create(
        connection=connection, entity="payment", remote_id="9", what="payment", customer=books.account.customer,
        currency="USD", amount=10, date=date(2026, 11, 3), delivery=delivery, payment=books.payment, **own
    )  # fmt: skip
    return delivery
