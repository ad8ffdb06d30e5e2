"""What customers owed on any day, by how long it was past due, as it was known on any day.

An item's balance on a day is what it is now less what was posted to it later, so a recent day costs little, whatever
the ledger's size; on a day nearer to the first posting it is what was posted until then. Days are posting dates, by
which the trial balance goes too: the same day and the same moment of knowing give the same figures for ever, since
lines, due dates and document dates never change. An invoice to which more was applied by a day than it came to then
counts as money not applied.
"""

from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import connection
from django.db.models import Max, Min
from django.utils.translation import gettext_lazy as _

from receivables.ledger.models import JournalEntry, OpenItem

BY_DUE, BY_ISSUED = "due", "issued"
# The last day of age of each bucket but the open one at the end.
EDGES = {BY_DUE: (0, 30, 60, 90), BY_ISSUED: (30, 60, 90, 120)}
LABELS = {
    BY_DUE: (_("Not due"), _("1–30 days"), _("31–60 days"), _("61–90 days"), _("Over 90 days")),
    BY_ISSUED: (_("0–30 days"), _("31–60 days"), _("61–90 days"), _("91–120 days"), _("Over 120 days")),
}
DATES = {BY_DUE: "due_date", BY_ISSUED: "document_date"}
# What was written off is no asset any more, and a deposit is money held for later: neither is a receivable.
LEFT_OUT = [OpenItem.Kind.WRITE_OFF, OpenItem.Kind.DEPOSIT]


@dataclass(frozen=True)
class Asked:
    """Of which day, as known when (empty: now), by which date, in which currency (empty: the organization's)."""

    day: date
    known: datetime | None = None
    by: str = BY_DUE
    currency: str = ""

    def labels(self) -> tuple[Any, ...]:
        return LABELS[self.by]


@dataclass(frozen=True)
class Owed:
    """What one customer owed: the buckets from the youngest; beside it money not applied (negative)."""

    pk: int
    number: str
    name: str
    buckets: tuple[Decimal, ...]
    unapplied: Decimal

    @property
    def total(self) -> Decimal:
        return sum(self.buckets, Decimal(0))

    @property
    def old(self) -> Decimal:
        """What is in the last bucket."""
        return self.buckets[-1]


@dataclass(frozen=True)
class Aged:
    """One open document: its age in days by the date asked for, its bucket (0: money not applied)."""

    pk: int
    number: str
    kind: str
    account: str
    issued: date
    due: date
    age: int
    level: int
    currency: str
    balance: Decimal
    own: Decimal


# What was posted to an item after the day, or learned after the moment; and every item that was open then.
LATER = """
WITH later AS (
  SELECT l.open_item_id AS id, sum(l.amount) AS amount, sum(l.organization_amount) AS own
  FROM ledger_journalentry e JOIN ledger_journalline l ON l.entry_id = e.id
  WHERE e.organization_id = %(organization)s AND l.open_item_id IS NOT NULL AND {after}
  GROUP BY 1
), standing AS (
  SELECT i.*, i.balance - coalesce(later.amount, 0) AS then_open, i.organization_balance - coalesce(later.own, 0) AS own
  FROM ledger_openitem i LEFT JOIN later ON later.id = i.id
  WHERE i.organization_id = %(organization)s AND i.balance <> 0 AND i.kind <> ALL(%(left_out)s) {narrowed}
  UNION ALL
  SELECT i.*, i.balance - later.amount, i.organization_balance - later.own
  FROM later JOIN ledger_openitem i ON i.id = later.id
  WHERE i.organization_id = %(organization)s AND i.balance = 0 AND i.kind <> ALL(%(left_out)s) {narrowed}
)
"""
# What was posted until the day and known at the moment: the same standing, from the other end.
EARLIER = """
WITH earlier AS (
  SELECT l.open_item_id AS id, sum(l.amount) AS amount, sum(l.organization_amount) AS own
  FROM ledger_journalentry e JOIN ledger_journalline l ON l.entry_id = e.id
  WHERE e.organization_id = %(organization)s AND l.open_item_id IS NOT NULL AND e.posting_date <= %(day)s {until}
  GROUP BY 1
), standing AS (
  SELECT i.*, earlier.amount AS then_open, earlier.own FROM earlier JOIN ledger_openitem i ON i.id = earlier.id
  WHERE i.organization_id = %(organization)s AND i.kind <> ALL(%(left_out)s) {narrowed}
)
"""
LEVEL = "CASE WHEN then_open < 0 THEN 0 ELSE 1 + width_bucket(%(day)s - {date}, %(edges)s) END"
CUSTOMERS = """
SELECT c.id, c.number, c.name, {sums}
FROM (SELECT account_id, {level} AS level, {amount} AS amount FROM standing WHERE then_open <> 0) found
JOIN customers_account a ON a.id = found.account_id JOIN customers_customer c ON c.id = a.customer_id
GROUP BY c.id ORDER BY lower(c.name), c.id
"""
DOCUMENTS = """
SELECT s.id, s.number, s.kind, a.number, s.document_date, s.due_date, %(day)s - {date}, {level}, s.currency,
  then_open, own
FROM standing s JOIN customers_account a ON a.id = s.account_id WHERE then_open <> 0 ORDER BY {date}, s.id
"""
LEDGER = """
, items AS (SELECT gl_account_id, sum(own) AS own FROM standing GROUP BY 1)
SELECT g.code, g.name, coalesce(items.own, 0), coalesce(booked.own, 0)
FROM ledger_glaccount g LEFT JOIN items ON items.gl_account_id = g.id
LEFT JOIN LATERAL (
  SELECT sum(l.organization_amount) AS own FROM ledger_journalline l JOIN ledger_journalentry e ON e.id = l.entry_id
  WHERE l.gl_account_id = g.id AND e.posting_date <= %(day)s {until}
) booked ON true
WHERE g.organization_id = %(organization)s
  AND (items.gl_account_id IS NOT NULL OR g.role IN ('receivables', 'unapplied'))
ORDER BY g.code
"""
SUMS = ", ".join(f"coalesce(sum(amount) FILTER (WHERE level = {level}), 0)" for level in range(6))
OF_CUSTOMER = "AND i.account_id IN (SELECT id FROM customers_account WHERE customer_id = %(customer)s)"


def _rows(actor: Any, asked: Asked, select: str, narrowed: str = "", **more: Any) -> list[tuple[Any, ...]]:
    """What `select` finds in the standing of the actor's organization. Only words of this file are put into it."""
    date_column = DATES[asked.by]
    words = {
        "after": "(e.posting_date > %(day)s OR e.posted_at > %(known)s)" if asked.known else "e.posting_date > %(day)s",
        "until": "AND e.posted_at <= %(known)s" if asked.known else "",
        "narrowed": narrowed + (" AND i.currency = %(currency)s" if asked.currency else ""),
        "amount": "then_open" if asked.currency else "own",
        "level": LEVEL.format(date=date_column), "date": date_column, "sums": SUMS,
    }  # fmt: skip
    values = {
        "organization": actor.organization_id, "day": asked.day, "known": asked.known, "currency": asked.currency,
        "left_out": [str(kind) for kind in LEFT_OUT], "edges": [edge + 1 for edge in EDGES[asked.by]], **more,
    }  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(((EARLIER if _near_the_beginning(actor, asked.day) else LATER) + select).format(**words), values)
        return cursor.fetchall()


def _near_the_beginning(actor: Any, day: date) -> bool:
    """Whether fewer days of posting lie before a day than after it."""
    posted = JournalEntry.objects.of(actor).aggregate(first=Min("posting_date"), last=Max("posting_date"))
    return posted["first"] is not None and day - posted["first"] < posted["last"] - day


def by_customer(actor: Any, asked: Asked) -> list[Owed]:
    """Every customer with something open then, in the currency that was asked for, by name."""
    found = _rows(actor, asked, CUSTOMERS)
    return [Owed(pk, number, name, tuple(buckets), left) for pk, number, name, left, *buckets in found]


def of_customer(actor: Any, customer_id: int, asked: Asked) -> list[Aged]:
    """Every document of a customer that was open then, the oldest first."""
    return [Aged(*row) for row in _rows(actor, asked, DOCUMENTS, OF_CUSTOMER, customer=customer_id)]


@dataclass(frozen=True)
class Tie:
    """A GL account: what its open items add up to in this report, and what the ledger says, in own currency."""

    code: str
    name: str
    items: Decimal
    ledger: Decimal

    @property
    def ties(self) -> bool:
        return self.items == self.ledger


def ties(actor: Any, asked: Asked) -> list[Tie]:
    """The report beside the ledger, by GL account; in the organization's currency, whatever was asked for."""
    return [Tie(*row) for row in _rows(actor, replace(asked, currency=""), LEDGER)]
