"""What adapters report of changes over there, the same for every system."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any


@dataclass(frozen=True)
class Seen:
    """A document over there as it is now. `entity` is "payment", "invoice", or "settled" for an invoice of which only
    what is still open (`amount`) is known; `customer` and `applied` are their keys of the customer and of invoices with
    amounts; `note` is what we wrote on it, if it is ours."""

    entity: str
    key: str
    version: str = ""
    deleted: bool = False
    amount: Decimal = Decimal(0)
    currency: str = ""
    day: date | None = None
    reference: str = ""
    note: str = ""
    customer: str = ""
    applied: list[tuple[str, Decimal]] = field(default_factory=list)


@dataclass(frozen=True)
class Changes:
    """Everything that changed since a moment, up to `until`. `more`: there was more than they tell at once."""

    seen: list[Seen]
    until: datetime
    more: bool = False


@dataclass(frozen=True)
class Watching:
    """How a system is asked what changed.

    `read(link, since)` gives the changes and raises `Fault` or `Silence`; None where a program over there brings them.
    `adopted(change, wanted)` is what a delivery
    remembers of a payment of theirs that was recorded here as `wanted` says, so that it is never sent.
    """

    read: Callable[[Any, datetime], Changes] | None
    adopted: Callable[[Any, dict[str, Any]], dict[str, Any]]
