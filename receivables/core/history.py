"""Events as a person reads them: what happened, who, when, why, from what to what."""

from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from receivables.core.events import history
from receivables.core.models import Event

PAGE = 30

# What an event is called in a history. Each package adds its own words in `AppConfig.ready`.
WORDS: dict[str, Any] = {"permission_denied": _("Denied")}

# Facts that say more than their key, in the order in which they are shown.
LABELS: dict[str, Any] = {
    "total": _("Total"),
    "amount": _("Amount"),
    "revision": _("Revision"),
    "type": _("Type"),
    "entity": _("Entity"),
    "state": _("State"),
    "reference": _("Reference"),
    "line_haul": _("Line haul"),
}


def words(name: str) -> Any:
    """The words of an event's name."""
    return WORDS.get(name, name.replace("_", " ").capitalize())


def _label(key: str) -> Any:
    return LABELS.get(key, key.replace("_", " ").capitalize())


def _changes(data: dict[str, Any]) -> list[dict[str, Any]]:
    before, after = data.get("before") or {}, data.get("after") or {}
    changed = [
        {"label": _label(key), "before": before.get(key), "after": after.get(key)}
        for key in dict.fromkeys([*before, *after])
        if before.get(key) != after.get(key)
    ]
    plain = [
        {"label": _label(key), "before": None, "after": data[key]}
        for key in LABELS
        if key in data and data[key] not in (None, "")
    ]
    return changed + plain


def entry(event: Event) -> dict[str, Any]:
    """One event for core/history.html."""
    return {
        "what": words(event.name),
        "who": event.actor_name,
        "at": event.at,
        "reason": event.reason,
        "changes": _changes(event.data),
    }


def timeline(actor: Any, *objects: models.Model) -> list[dict[str, Any]]:
    """The newest events of these objects for a page's Activity."""
    return [entry(event) for event in history(actor, *objects)[:PAGE]]
