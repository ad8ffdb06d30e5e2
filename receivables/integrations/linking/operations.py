"""Asking for a look through a system, and saying who is who. Nothing here talks to another system."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils import timezone

from receivables.core.access import lock_rows
from receivables.core.errors import refuse
from receivables.core.events import build, record, record_all
from receivables.core.jobs import defer_task
from receivables.core.operations import operation
from receivables.customers.models import Customer
from receivables.integrations import gathering
from receivables.integrations.linking.models import Counterpart, Directory
from receivables.integrations.linking.queries import CUSTOMERS, directory_of, linked, under_way
from receivables.integrations.linking.reading import CUSTOMER
from receivables.integrations.linking.rules import link_customers_blocker, look_through_system_blocker
from receivables.integrations.models import Connection, Delivery
from receivables.integrations.registry import ADAPTERS, missing_settings
from receivables.integrations.snapshots import digest
from receivables.integrations.sources import SOURCES

LOOK = "linking.look_through"
NEW = "new"  # in place of a key: it is nobody who is there, so it is made
APART = {"Apart": True}  # what a delivery remembers of that


def look_blocker(connection: Connection) -> Any:
    """The rule of `look_through_system` with this connection's facts."""
    known = directory_of(connection)
    under_way = known is not None and known.state == Directory.State.ASKED
    return look_through_system_blocker(signed_in=not missing_settings(connection), under_way=under_way)


@operation
def look_through_system(*, actor: Any, connection: Connection) -> Directory:
    """Ask for a look through the customers, products and accounts over there: a worker makes it, or the next visit of
    the program over there."""
    current = lock_rows(Connection.objects.of(actor), [connection.pk])[0]
    refuse(look_blocker(current))
    values = {"state": Directory.State.ASKED, "asked_at": timezone.now(), "problem": "", "position": {}}
    directory, _made = Directory.objects.update_or_create(
        connection=current, organization_id=current.organization_id, defaults=values
    )
    if ADAPTERS[current.system].listing.read is not None:
        defer_task(LOOK, queue="jobs", lock=f"look:{current.pk}", connection_id=current.pk)
    record(actor, "look_through_system", current)
    return directory


@dataclass(frozen=True)
class Choice:
    """One of our customers and who it is over there; None: nobody yet, it is made there."""

    customer: Customer
    theirs: Counterpart | None


@operation
def link_customers(*, actor: Any, connection: Connection, choices: Mapping[int, str]) -> int:
    """Say which of our customers (by key) is whom over there: a key of theirs, or `NEW` for one that is made there.

    A linked one stays there as it is until it changes here; what waited for it is sent. How many were decided.
    Raises `Refused` for a choice that would mix up two customers.
    """
    current = lock_rows(Connection.objects.of(actor), [connection.pk])[0]
    customers = SOURCES[CUSTOMERS].rows.filter(organization_id=actor.organization_id).in_bulk(list(choices))
    keys = [key for key in choices.values() if key != NEW]
    rows = Counterpart.objects.filter(connection=current, what=CUSTOMER, key__in=keys)
    found = {each.key: each for each in rows}
    refuse(_blocker(current, customers, choices, found))
    decided = [Choice(customers[pk], found.get(key)) for pk, key in sorted(choices.items())]
    for choice in decided:
        _link(current, choice)
    record_all(actor, [(_event(actor, current, each), current) for each in decided])
    _wake(current, [each.customer.pk for each in decided])
    return len(decided)


def _blocker(
    connection: Connection, customers: dict[int, Customer], choices: Mapping[int, str], found: dict[str, Counterpart]
) -> Any:
    there, busy = linked(connection), under_way(connection)
    taken = {key for pk, key in there.items() if key and pk not in choices}
    given = {pk: key for pk, key in choices.items() if key != NEW}
    often = Counter(given.values())
    pairs = [(customers[pk], found[key]) for pk, key in given.items() if pk in customers and key in found]
    return link_customers_blocker(
        unknown=[
            *(key for key in given.values() if key not in found), *(str(pk) for pk in choices if pk not in customers)
        ],
        twice=[str(found[key]) for key, count in often.items() if count > 1 and key in found],
        taken=[str(theirs) for _customer, theirs in pairs if theirs.key in taken],
        delivered=[str(customers[pk]) for pk in choices if pk in customers and (there.get(pk) or pk in busy)],
        currency=[str(theirs) for customer, theirs in pairs if theirs.currency not in ("", customer.currency)],
    )  # fmt: skip


def _link(connection: Connection, choice: Choice) -> None:
    """Its delivery remembers whom it is; linked, it counts as delivered as it is now."""
    source = SOURCES[CUSTOMERS]
    rows = Delivery.objects.select_for_update(no_key=True).filter(connection=connection, source=CUSTOMERS)
    delivery = rows.filter(source_id=choice.customer.pk).first()
    if delivery is None:
        delivery = gathering.fresh(connection, source, choice.customer)
        delivery.save(force_insert=True)
    wanted = source.wanted([choice.customer.pk])[choice.customer.pk]
    assert wanted is not None
    delivery.reference, delivery.changed_at, delivery.pending = wanted.reference, timezone.now(), None
    delivery.message, delivery.system_text, delivery.fix, delivery.trouble, delivery.tries = "", "", "", "", 0
    if choice.theirs is None:
        delivery.remote, delivery.state = APART, Delivery.State.QUEUED
    else:
        delivery.remote = ADAPTERS[connection.system].listing.remote(choice.theirs.key)
        delivery.state, delivery.synced_at = Delivery.State.SYNCED, timezone.now()
        delivery.synced, delivery.payload_hash = wanted.body, digest(wanted.body)
    delivery.keep()


def _event(actor: Any, connection: Connection, choice: Choice) -> Any:
    theirs = str(choice.theirs) if choice.theirs else NEW
    key = choice.theirs.key if choice.theirs else ""
    return build(actor, "link_customers", connection, about=[choice.customer], theirs=theirs, key=key)


def _wake(connection: Connection, customers: list[int]) -> None:
    """What was held for want of these customers is looked at again."""
    held = Delivery.objects.filter(connection=connection, customer__in=customers, state=Delivery.State.HELD)
    held.update(state=Delivery.State.QUEUED, changed_at=timezone.now())
