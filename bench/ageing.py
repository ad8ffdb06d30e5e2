"""The ageing: what every customer owed on a day, beside SQL by hand that adds up every line until that day."""

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.db import connection

from bench.world import World
from receivables.ledger.models import OpenItem
from receivables.reports.ageing.queries import Asked, by_customer

DAYS_BACK = {"today": 0, "a month ago": 30, "a year ago": 365}
BY_HAND = """
SELECT c.id, sum(s.own) FILTER (WHERE s.own < 0), sum(s.own) FILTER (WHERE s.own > 0 AND %(day)s <= i.due_date),
  sum(s.own) FILTER (WHERE s.own > 0 AND %(day)s - i.due_date BETWEEN 1 AND 30),
  sum(s.own) FILTER (WHERE s.own > 0 AND %(day)s - i.due_date BETWEEN 31 AND 60),
  sum(s.own) FILTER (WHERE s.own > 0 AND %(day)s - i.due_date BETWEEN 61 AND 90),
  sum(s.own) FILTER (WHERE s.own > 0 AND %(day)s - i.due_date > 90)
FROM (
  SELECT l.open_item_id, sum(l.organization_amount) AS own
  FROM ledger_journalline l JOIN ledger_journalentry e ON e.id = l.entry_id
  WHERE l.organization_id = %(organization)s AND l.open_item_id IS NOT NULL AND e.posting_date <= %(day)s
  GROUP BY 1 HAVING sum(l.amount) <> 0
) s
JOIN ledger_openitem i ON i.id = s.open_item_id
JOIN customers_account a ON a.id = i.account_id JOIN customers_customer c ON c.id = a.customer_id
GROUP BY c.id
"""


@dataclass(frozen=True)
class Aged:
    """Seconds (medians) of ours and of the SQL by hand on one day; how many items are open and customers found."""

    what: str
    items: int
    customers: int
    ours: float
    by_hand: float


def measure_ageing(world: World, rounds: int) -> list[Aged]:
    """Each day as often as there are rounds, in turns. Raises `LookupError` where the two do not agree."""
    items = OpenItem.objects.of(world.actor).exclude(balance=0).count()
    found = []
    for what, back in DAYS_BACK.items():
        asked = Asked(world.today - timedelta(days=back))
        ours, by_hand = by_customer(world.actor, asked), _by_hand(world, asked)
        if {each.pk: each.total + each.unapplied for each in ours} != by_hand:
            raise LookupError(f"the ageing of {asked.day} is not what its lines add up to")
        timed = [
            (_seconds(by_customer, world.actor, asked), _seconds(_by_hand, world, asked)) for _each in range(rounds)
        ]
        medians = [statistics.median(each) for each in zip(*timed, strict=True)]
        found.append(Aged(what, items, len(ours), *medians))
    return found


def _by_hand(world: World, asked: Asked) -> dict[int, Decimal]:
    values = {"organization": world.actor.organization_id, "day": asked.day}
    with connection.cursor() as cursor:
        cursor.execute(BY_HAND, values)
        return {pk: sum((each for each in levels if each), Decimal(0)) for pk, *levels in cursor.fetchall()}


def _seconds(work: Callable[..., Any], *arguments: Any) -> float:
    start = time.perf_counter()
    work(*arguments)
    return time.perf_counter() - start
