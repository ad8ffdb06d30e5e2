"""Events as a person reads them: what happened, who, when, why, from what to what."""

from decimal import Decimal
from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from receivables.core.events import history
from receivables.core.models import Event
from receivables.core.money import DEFAULT_FORMAT, NumberFormat, format_money

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


# Facts that are amounts, in the currency that the event names.
AMOUNTS = frozenset({"total", "amount", "line_haul"})


def _shown(key: str, value: Any, currency: str, fmt: NumberFormat) -> Any:
    if key not in AMOUNTS or value in (None, "") or not currency:
        return value
    return format_money(Decimal(str(value)), currency, fmt, with_code=True)


def _changes(data: dict[str, Any], fmt: NumberFormat) -> list[dict[str, Any]]:
    before, after, currency = data.get("before") or {}, data.get("after") or {}, data.get("currency") or ""
    changed = [
        {
            "label": _label(key),
            "before": _shown(key, before.get(key), currency, fmt),
            "after": _shown(key, after.get(key), currency, fmt),
        }
        for key in dict.fromkeys([*before, *after])
        if before.get(key) != after.get(key)
    ]
    plain = [
        {"label": _label(key), "before": None, "after": _shown(key, data[key], currency, fmt)}
        for key in LABELS
        if key in data and data[key] not in (None, "")
    ]
    return changed + plain


def entry(event: Event, fmt: NumberFormat = DEFAULT_FORMAT) -> dict[str, Any]:
    """One event for core/history.html, its amounts in the reader's format."""
    return {
        "what": words(event.name),
        "who": event.actor_name,
        "at": event.at,
        "reason": event.reason,
        "changes": _changes(event.data, fmt),
    }


def timeline(actor: Any, *objects: models.Model) -> list[dict[str, Any]]:
    """The newest events of these objects for a page's Activity."""
    fmt = NumberFormat.of(actor.organization, actor.user)
    return [entry(event, fmt) for event in history(actor, *objects)[:PAGE]]
