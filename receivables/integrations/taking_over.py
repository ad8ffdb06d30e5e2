"""A document undone here and recorded again, where the other system cannot undo: what it has stands for the new one."""

from typing import Any

from django.utils.translation import gettext as _

from receivables.integrations.models import NOTHING, Attempt, Connection, Delivery
from receivables.integrations.sources import SOURCES
from receivables.integrations.systems.base import Adapter

RESTING = [Delivery.State.HELD, Delivery.State.QUEUED]


def to_be_taken_over(connection: Connection, customers: set[int]) -> set[tuple[int, str]]:
    """Of these customers, with a kind each, those of whom the system has something that may be undone here."""
    rows = Delivery.objects.filter(connection=connection, customer__in=customers, state__in=RESTING)
    return set(rows.exclude(remote={}).order_by().values_list("customer", "kind").distinct())


def take_over(adapter: Adapter, delivery: Delivery, wanted: dict[str, Any]) -> list[int]:
    """Hand what the system has of a held, undone document on to this one, if it stands for it as it is; the delivery
    whose place it took, if any.

    Call within a transaction that has locked the delivery; nothing is sent.
    """
    resting = Delivery.objects.select_for_update(no_key=True).filter(
        connection=delivery.connection_id, customer=delivery.customer_id, kind=delivery.kind, source=delivery.source,
        currency=delivery.currency, state__in=RESTING,
    )  # fmt: skip
    for other in resting.exclude(remote={}).order_by("pk"):
        if adapter.takes_over(delivery.kind, wanted, other.remote) and _undone(other):
            delivery.remote, delivery.synced = other.remote, other.synced
            Attempt.objects.create(
                organization_id=delivery.organization_id, delivery=delivery, operation="take_over",
                response=other.reference, outcome=Attempt.Outcome.FOUND,
            )  # fmt: skip
            _leave(other, delivery)
            return [other.pk]
    return []


def _undone(delivery: Delivery) -> bool:
    """Whether it was taken back as a mistake; what bounced was real money that came and went."""
    wanted = SOURCES[delivery.source].wanted([delivery.source_id])[delivery.source_id]
    return wanted is not None and wanted.body.get("void") is True and not wanted.body.get("bounced")


def _leave(delivery: Delivery, successor: Delivery) -> None:
    """It has nothing over there any more: the other document has it."""
    words = {"reference": successor.reference}
    delivery.message = _("%(reference)s was recorded in its place and stands for it there.") % words
    delivery.state, delivery.remote, delivery.synced = Delivery.State.SYNCED, {}, None
    delivery.payload_hash, delivery.synced_at = NOTHING, successor.changed_at
    delivery.keep()
