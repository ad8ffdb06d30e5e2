"""Recording what happened, and reading it back as a history."""

from collections.abc import Iterable
from contextvars import ContextVar
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import models
from django.db.models import F

from receivables.core.bulk import insert_all
from receivables.core.logs import request_id
from receivables.core.models import Event
from receivables.core.registry import reactions

idempotency_key: ContextVar[UUID | None] = ContextVar("idempotency_key", default=None)


def ref(obj: models.Model) -> str:
    """The name under which an object's history is found: "app.model:id"."""
    return f"{obj._meta.label_lower}:{obj.pk}"


def named(model: type[models.Model], pk: Any) -> str:
    """The same of an object that is known by its key."""
    return f"{model._meta.label_lower}:{pk}"


def _ref(other: Any) -> str:
    return other if isinstance(other, str) else ref(other)


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal | UUID):
        return str(value)
    if isinstance(value, date | datetime):
        return value.isoformat()
    if isinstance(value, dict):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, str | int | bool) or value is None:
        return value
    return str(value)


def build(
    actor: Any, name: str, subject: models.Model, /, *, reason: str = "", about: Iterable[Any] = (), **data: Any
) -> Event:
    """An event not yet saved; bulk operations collect these and insert them at once. `about` may be objects or the
    names of some."""
    return Event(
        organization_id=actor.organization_id,
        name=name,
        subject_type=subject._meta.label_lower,
        subject_id=subject.pk,
        refs=list(dict.fromkeys([ref(subject), *(_ref(other) for other in about if other is not None)])),
        actor_user=actor.user,
        actor_name=actor.name,
        reason=reason,
        data=_plain(data),
        request_id=request_id.get(),
        idempotency_key=idempotency_key.get(),
    )


def record(
    actor: Any, name: str, subject: models.Model, /, *, reason: str = "", about: Iterable[Any] = (), **data: Any
) -> Event:
    """Record an event in the running transaction and run the reactions of upper packages to it.

    `about` are the other objects in whose history it belongs; `data` holds the facts before and after.
    """
    event = build(actor, name, subject, reason=reason, about=about, **data)
    record_all(actor, [(event, subject)])
    return event


def record_all(actor: Any, built: Iterable[tuple[Event, models.Model]]) -> None:
    """Record events that were built together with their subjects, in one statement, and run the reactions to each."""
    pairs = list(built)
    insert_all(event for event, _subject in pairs)
    reactions.run(actor, pairs)


def history(actor: Any, *objects: models.Model) -> models.QuerySet[Event]:
    """The events of these objects, newest first, within the actor's organization.

    Of several objects they are put in order after they were found by name: the planner takes the events of many objects
    for many events, and would read the whole history backwards until it has seen enough of them.
    """
    found = Event.objects.of(actor).filter(refs__overlap=[ref(obj) for obj in objects])
    return found.order_by("-id" if len(objects) == 1 else (F("id") + 0).desc())
