"""Events as a person reads them: what happened, who, when, why, from what to what."""

from decimal import Decimal
from typing import Any

from django.db import models
from django.utils.text import capfirst
from django.utils.translation import gettext
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
    """The words of a fact; a field of a row is called as its model calls it."""
    return LABELS.get(key) or capfirst(gettext(key.replace("_", " ")))


# Facts that are amounts, in the currency that the event names.
AMOUNTS = frozenset({"total", "amount", "line_haul"})
# Facts that are words of the program, such as a state, and none that people typed.
PROGRAM = frozenset({"state", "entity", "method", "step"})


def _shown(key: str, value: Any, currency: str, fmt: NumberFormat) -> Any:
    if value in (None, ""):
        return value
    if key in PROGRAM:
        return _word(str(value))
    if key not in AMOUNTS or not currency:
        return value
    return format_money(Decimal(str(value)), currency, fmt, with_code=True)


def _word(kept: str) -> str:
    """A word of the program in the reader's language; an event keeps a code, or the word as it was shown then."""
    return gettext(kept.replace("_", " ").capitalize() if kept.islower() else kept)


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
        # What no person did was done by the program, which has its name in every language.
        "who": event.actor_name if event.actor_user_id or not event.actor_name else gettext(event.actor_name),
        "at": event.at,
        "reason": event.reason,
        "changes": _changes(event.data, fmt),
    }


class Timeline(list[dict[str, Any]]):
    """Events for a page's Activity; `more`: there are older ones."""

    more = False


def timeline(actor: Any, *objects: models.Model) -> Timeline:
    """The newest events of these objects."""
    fmt = NumberFormat.of(actor.organization, actor.user)
    found = list(history(actor, *objects)[: PAGE + 1])
    shown = Timeline(entry(event, fmt) for event in found[:PAGE])
    shown.more = len(found) > PAGE
    return shown
