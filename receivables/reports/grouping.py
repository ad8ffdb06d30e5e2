"""Adding a report up by one of its columns: a few lines, each a way down to its rows."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import Count, QuerySet, Sum

SHOWN = 30


@dataclass(frozen=True)
class Group:
    """One line of a sum: `share` is its part of the largest, in percent, for the bar beside it."""

    label: str
    count: int
    total: Decimal
    share: int
    url: str


@dataclass(frozen=True)
class By:
    """What a report may be added up by: the field, what it is called, and how its values are written and looked for.

    `words(values)` gives each value its words, `narrowed(value)` the filters of the address that leave its rows.
    """

    label: Any
    field: str
    words: Callable[[Sequence[Any]], Mapping[Any, str]]
    narrowed: Callable[[Any], dict[str, str]]


def grouped(rows: QuerySet, by: By, amount: str, url: Callable[[dict[str, str]], str]) -> list[Group]:
    """The largest groups first, by what they add up to."""
    found = list(
        rows.order_by().values_list(by.field).annotate(n=Count("pk"), sum=Sum(amount)).order_by("-sum")[:SHOWN]
    )
    words = by.words([value for value, _n, _sum in found])
    most = max((abs(total or Decimal(0)) for _value, _n, total in found), default=Decimal(0)) or Decimal(1)
    return [
        Group(
            words.get(value) or "–", n, total or Decimal(0), int(max(total or 0, 0) * 100 / most),
            url(by.narrowed(value)),
        )
        for value, n, total in found
    ]  # fmt: skip
