"""What customers owed on any day, by how long it was past due, as it was known on any day.

What was last posted to before the day stands as it is; what was posted to before and after it is added up from its own
lines. So a day costs what was open on it, and not what the ledger has become since. Days are posting dates, by
which the trial balance goes too: the same day and the same moment of knowing give the same figures for ever, since
lines, due dates and document dates never change. An invoice to which more was applied by a day than it came to then
counts as money not applied.
"""

from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import connection, transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from receivables.ledger.models import GLAccount, OpenItem
from receivables.ledger.totals import moved

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
# Beside the accounts of what is open, those whose sums it should come to even where nothing is.
TIED = [GLAccount.Role.RECEIVABLES, GLAccount.Role.UNAPPLIED]


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


# What was last posted to before the day is as it was; what was moved since, or known later, by its own few lines.
STANDING = """
WITH standing AS NOT MATERIALIZED (
  SELECT i.id, i.number, i.kind, i.account_id, i.gl_account_id, i.document_date, i.due_date, i.currency,
    i.balance AS then_open, i.organization_balance AS own
  FROM ledger_openitem i
  WHERE NOT {touched} AND i.balance <> 0 AND i.organization_id = %(organization)s AND i.first_posted <= %(day)s
    AND i.kind <> ALL(%(left_out)s) {narrowed}
  UNION ALL
  SELECT i.id, i.number, i.kind, i.account_id, i.gl_account_id, i.document_date, i.due_date, i.currency,
    earlier.amount, earlier.own
  FROM ledger_openitem i CROSS JOIN LATERAL (
    SELECT sum(l.amount) AS amount, sum(l.organization_amount) AS own
    FROM ledger_journalline l JOIN ledger_journalentry e ON e.id = l.entry_id
    WHERE l.open_item_id = i.id AND e.posting_date <= %(day)s {until}
  ) earlier
  WHERE {touched} AND i.organization_id = %(organization)s AND i.first_posted <= %(day)s
    AND i.kind <> ALL(%(left_out)s) {narrowed}
)
"""
# What the sums of an ageing are made in, so that they need no file: some hundred bytes a customer and bucket.
MEMORY = "SET LOCAL work_mem = '64MB'"
LEVEL = "CASE WHEN then_open < 0 THEN 0 ELSE 1 + width_bucket(%(day)s - {date}, %(edges)s) END"
CUSTOMERS = """
SELECT c.id, c.number, c.name, {levels}
FROM (
  SELECT a.customer_id, {sums}
  FROM (
    SELECT account_id, {level} AS level, sum({amount}) AS amount FROM standing WHERE then_open <> 0 GROUP BY 1, 2
  ) aged JOIN customers_account a ON a.id = aged.account_id GROUP BY 1
) found JOIN customers_customer c ON c.id = found.customer_id
ORDER BY lower(c.name), c.id
"""
DOCUMENTS = """
SELECT s.id, s.number, s.kind, a.number, s.document_date, s.due_date, %(day)s - {date}, {level}, s.currency,
  then_open, own
FROM standing s JOIN customers_account a ON a.id = s.account_id WHERE then_open <> 0 ORDER BY {date}, s.id
"""
BY_ACCOUNT = "SELECT gl_account_id, sum(own) FROM standing WHERE then_open <> 0 GROUP BY 1"
SUMS = ", ".join(f"coalesce(sum(amount) FILTER (WHERE level = {level}), 0) AS level{level}" for level in range(6))
LEVELS = ", ".join(f"level{level}" for level in range(6))
OF_CUSTOMER = "AND i.account_id IN (SELECT id FROM customers_account WHERE customer_id = %(customer)s)"


def _rows(actor: Any, asked: Asked, select: str, narrowed: str = "", **more: Any) -> list[tuple[Any, ...]]:
    """What `select` finds in the standing of the actor's organization. Only words of this file are put into it."""
    date_column, later = DATES[asked.by], "i.last_posted > %(day)s"
    words = {
        "touched": f"({later} OR i.moved_at > %(known)s)" if asked.known else f"({later})",
        "until": "AND e.posted_at <= %(known)s" if asked.known else "",
        "narrowed": narrowed + (" AND i.currency = %(currency)s" if asked.currency else ""),
        "amount": "then_open" if asked.currency else "own",
        "level": LEVEL.format(date=date_column), "date": date_column, "sums": SUMS, "levels": LEVELS,
    }  # fmt: skip
    values = {
        "organization": actor.organization_id, "day": asked.day, "known": asked.known, "currency": asked.currency,
        "left_out": [str(kind) for kind in LEFT_OUT], "edges": [edge + 1 for edge in EDGES[asked.by]], **more,
    }  # fmt: skip
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(MEMORY)
        cursor.execute((STANDING + select).format(**words), values)
        return cursor.fetchall()


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
    items = dict(_rows(actor, replace(asked, currency=""), BY_ACCOUNT))
    booked = moved(actor, asked.day, asked.known)
    accounts = GLAccount.objects.of(actor).filter(Q(pk__in=items) | Q(role__in=TIED)).order_by("code")
    zero = Decimal(0)
    return [Tie(each.code, each.name, items.get(each.pk, zero), booked.get(each.pk, zero)) for each in accounts]
