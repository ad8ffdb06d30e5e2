"""What changed in the settings, read from the history that the database itself keeps: who, when, from what to what."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import models
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from receivables.core.money import NumberFormat, format_number

SHOWN = 100
NOTHING = "–"
WORDS = {
    "insert": gettext_lazy("Added"),
    "update": gettext_lazy("Changed"),
    "delete": gettext_lazy("Deleted"),
}
# Columns that say nothing to a person: keys, and what every row has.
SILENT = frozenset({"id", "organization", "created_at", "date_joined"})


@dataclass(frozen=True)
class Change:
    """One kept change. `values` are (label, before, after); for an addition `before` is empty."""

    at: datetime
    what: Any
    who: str
    kind: Any
    subject: str
    values: list[tuple[str, str, str]]


def events_of(model: type[models.Model]) -> type[models.Model] | None:
    """The model that keeps the history of a model, if it has one."""
    return getattr(model, "pgh_event_model", None)


def changes_of(obj: models.Model, fmt: NumberFormat) -> list[Change]:
    """The kept changes of one row, newest first."""
    events = events_of(type(obj))
    if events is None:
        return []
    return changes(events._default_manager.filter(pgh_obj_id=obj.pk), type(obj), fmt)


def changes(
    events: models.QuerySet, model: type[models.Model], fmt: NumberFormat, *, brief: bool = False
) -> list[Change]:
    """The newest changes among these events of `model`, each compared with the one before it.

    `brief` tells only what a row was called when it was added.
    """
    same_row = events.model._default_manager.filter(pgh_obj_id=models.OuterRef("pgh_obj_id"))
    before = same_row.filter(pgh_id__lt=models.OuterRef("pgh_id")).order_by("-pgh_id").values("pgh_id")[:1]
    found = list(
        events.annotate(previous_id=models.Subquery(before)).select_related("pgh_context").order_by("-pgh_id")[:SHOWN]
    )
    previous = events.model._default_manager.in_bulk({event.previous_id for event in found if event.previous_id})
    texts = Texts(model, [*found, *previous.values()], fmt)
    silent = {"delete", "insert"} if brief else {"delete"}
    return [_change(event, previous.get(event.previous_id), model, texts, silent) for event in found]


def _change(event: Any, previous: Any, model: type[models.Model], texts: "Texts", silent: set[str]) -> Change:
    facts = (event.pgh_context.metadata if event.pgh_context else None) or {}
    return Change(
        at=event.pgh_created_at,
        what=WORDS.get(event.pgh_label, event.pgh_label),
        who=facts.get("actor") or _("Set up"),
        kind=capfirst(model._meta.verbose_name),
        subject=texts.subject(event),
        values=[] if event.pgh_label in silent else texts.differences(previous, event),
    )


class Texts:
    """The words for the values of kept rows; the names behind foreign keys are read once for all of them."""

    def __init__(self, model: type[models.Model], rows: Iterable[Any], fmt: NumberFormat) -> None:
        self.fmt = fmt
        kept = {field.name for field in events_of(model)._meta.concrete_fields}  # type: ignore[union-attr]
        self.fields = [
            field for field in model._meta.concrete_fields if field.name in kept and field.name not in SILENT
        ]
        self.names = {
            field.name: field.related_model._base_manager.in_bulk(
                {value for row in rows if (value := getattr(row, field.attname))}
            )
            for field in self.fields
            if field.related_model
        }

    def subject(self, row: Any) -> str:
        """What the row was called then: its name, else its code, else what it is about."""
        names = [name for name in ("name", "full_name", "code", "prefix") if getattr(row, name, "")]
        if names:
            return str(getattr(row, names[0]))
        told = [self.text(field, row) for field in self.fields if field.name in ("user", "membership", "role", "kind")]
        return " · ".join(text for text in told if text != NOTHING)

    def differences(self, before: Any, after: Any) -> list[tuple[str, str, str]]:
        """Label, old and new value of each field that differs; for a new row each field that is filled."""
        found = []
        for field in self.fields:
            old = self.text(field, before) if before is not None else ""
            new = self.text(field, after)
            if old != new and (before is not None or new != NOTHING):
                found.append((str(capfirst(field.verbose_name)), old, new))
        return found

    def text(self, field: Any, row: Any) -> str:
        """One value as a person reads it."""
        value = getattr(row, field.attname)
        if field.related_model:
            return str(self.names[field.name].get(value, NOTHING))
        if isinstance(value, list):
            words = dict(getattr(field.base_field, "flatchoices", []))
            return ", ".join(str(words.get(item, item)) for item in value) or NOTHING
        if field.choices:
            return str(dict(field.flatchoices).get(value, value)) or NOTHING
        if isinstance(value, bool):
            return _("Yes") if value else _("No")
        if isinstance(value, Decimal):
            return format_number(value, None, self.fmt)
        return NOTHING if value in (None, "") else str(value)
