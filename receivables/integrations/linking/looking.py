"""Looking through what a system has: all customers, products and accounts, kept here until the next look."""

import logging
from collections.abc import Callable, Iterable
from typing import Any

from django.db import transaction
from django.utils import timezone

from receivables.integrations.linking.models import Counterpart, Directory
from receivables.integrations.linking.reading import KINDS, Theirs
from receivables.integrations.models import Connection
from receivables.integrations.systems.base import GARBLED, Fault, Silence, garbled

logger = logging.getLogger(__name__)
State = Directory.State
BATCH = 1000


def look(connection: Connection, read: Any, opened: Callable[[], Any]) -> int:
    """Look through a system once over the link that is `opened`; how many were seen. No transaction is open during a
    call."""
    directory = Directory.objects.get(connection=connection)
    count = 0
    try:
        link = opened()
        for kind in KINDS:
            rows: list[Theirs] = []
            for each in read(link, kind):
                rows.append(each)
                if len(rows) >= BATCH:
                    count += keep(directory, rows)
                    rows = []
            count += keep(directory, rows)
    except (Fault, Silence) as problem:
        end(directory, problem=problem.message)
        return count
    except GARBLED:
        logger.exception("connection %s: what is there cannot be read", connection.pk)
        end(directory, problem=garbled(connection.get_system_display()))
        return count
    end(directory)
    return count


@transaction.atomic
def keep(directory: Directory, rows: Iterable[Theirs]) -> int:
    """Note what was seen; one that is seen twice is one."""
    made = {
        (each.what, each.key): Counterpart(
            organization_id=directory.organization_id, connection_id=directory.connection_id, what=each.what,
            key=each.key[:100], number=each.number[:100], name=each.name[:200], email=each.email[:254],
            tax_id=each.tax_id[:60], currency=each.currency[:3], seen_at=directory.asked_at,
        )
        for each in rows if each.key and each.name
    }  # fmt: skip
    Counterpart.objects.bulk_create(
        made.values(), update_conflicts=True, unique_fields=["connection", "what", "key"],
        update_fields=["number", "name", "email", "tax_id", "currency", "seen_at"],
    )  # fmt: skip
    return len(made)


@transaction.atomic
def end(directory: Directory, *, problem: str = "") -> None:
    """A look is over; what it did not see is there no more. One that failed forgets nothing."""
    if not problem:
        rows = Counterpart.objects.filter(connection=directory.connection_id, seen_at__lt=directory.asked_at)
        rows.delete()
    state = State.FAILED if problem else State.DONE
    Directory.objects.filter(pk=directory.pk).update(
        state=state, problem=problem, position={}, looked_at=timezone.now()
    )
