"""Rows compared with each other and with what is there: new, already there, out of scope, or wrong."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.db import connection
from django.utils.translation import gettext as _

from receivables.billing.importing.fields import Choices
from receivables.billing.importing.parsing import Problem, Row
from receivables.core.sequences import is_to_come, sequences_of
from receivables.ledger.models import ExchangeRate

# Upper case is worked out by the database, whose unique keys it has to agree with.
INVOICES = """
SELECT w.number, upper(c.number), r.total, i.currency
  FROM unnest(%s::text[]) AS w(number)
  JOIN billing_invoice i ON upper(i.number) = upper(w.number) AND i.organization_id = %s
  JOIN billing_revision r ON r.invoice_id = i.id AND r.number = 1
  JOIN customers_account a ON a.id = i.account_id
  JOIN customers_customer c ON c.id = a.customer_id
"""
CUSTOMERS = """
SELECT w.number, c.id, t.days
  FROM unnest(%s::text[]) AS w(number)
  JOIN customers_customer c ON upper(c.number) = upper(w.number) AND c.organization_id = %s
  JOIN customers_paymentterms t ON t.id = c.terms_id
"""


@dataclass
class Counts:
    """What became of a file's rows. `totals` are sums of what is new, by currency."""

    rows: int = 0
    new: int = 0
    new_customers: int = 0
    already_there: int = 0
    settled: int = 0
    later: int = 0
    wrong: int = 0
    totals: dict[str, Decimal] = field(default_factory=dict)

    def __add__(self, other: "Counts") -> "Counts":
        names = ("rows", "new", "new_customers", "already_there", "settled", "later", "wrong")
        totals = dict(self.totals)
        for currency, total in other.totals.items():
            totals[currency] = totals.get(currency, Decimal(0)) + total
        return Counts(**{name: getattr(self, name) + getattr(other, name) for name in names}, totals=totals)

    def plain(self) -> dict[str, Any]:
        return {**self.__dict__, "totals": {currency: str(total) for currency, total in self.totals.items()}}

    @classmethod
    def of(cls, kept: dict[str, Any]) -> "Counts":
        totals = {currency: Decimal(total) for currency, total in kept.get("totals", {}).items()}
        return cls(**{name: kept[name] for name in cls.__dataclass_fields__ if name in kept} | {"totals": totals})


class Checker:
    """Checks batches of one file, in their order: it remembers the invoice numbers and customers of earlier ones."""

    def __init__(self, actor: Any, choices: Choices, default_terms: int) -> None:
        self.organization = actor.organization
        self.choices, self.default_terms = choices, choices.terms if choices.terms is not None else default_terms
        self.as_of = date.fromisoformat(choices.as_of) if choices.as_of else None
        self.numbers: dict[str, int] = {}
        self.new_customers: set[str] = set()
        self.own = sequences_of(actor, "invoice", "customer")
        self.rates: dict[str, date | None] = {}

    def check(self, rows: Iterable[Row]) -> tuple[list[Row], list[Problem], Counts]:
        """The rows to be posted, with their due dates; what is wrong with others; and the counts."""
        counts, problems = Counts(), []  # type: tuple[Counts, list[Problem]]
        wanted = [row for row in rows if self._in_scope(row, counts)]
        there = self._ask(INVOICES, [row.number for row in wanted])
        customers = self._ask(CUSTOMERS, list({row.customer for row in wanted}))
        fresh = []
        for row in wanted:
            problem = self._repeated(row) or self._known(row, there, counts)
            if problem is not None:
                problems.append(problem)
                counts.wrong += 1
            elif row.number not in there:
                self._complete(row, customers, counts)
                fresh.append(row)
        return fresh, problems, counts

    def _ask(self, sql: str, numbers: list[str]) -> dict[str, tuple[Any, ...]]:
        with connection.cursor() as cursor:
            cursor.execute(sql, [numbers, self.organization.pk])
            return {number: tuple(rest) for number, *rest in cursor.fetchall()}

    def _in_scope(self, row: Row, counts: Counts) -> bool:
        """Everything is, unless a day was named: then what was open on that day."""
        counts.rows += 1
        if self.as_of is None:
            return True
        if row.settled is not None and row.settled <= self.as_of:
            counts.settled += 1
            return False
        if row.issued > self.as_of:
            counts.later += 1
            return False
        return True

    def _repeated(self, row: Row) -> Problem | None:
        first = self.numbers.setdefault(row.number.upper(), row.line)
        if first == row.line:
            return None
        return self._problem(row, "number", row.number, _("Row %(row)s has the same invoice number.") % {"row": first})

    def _known(self, row: Row, there: dict[str, tuple[Any, ...]], counts: Counts) -> Problem | None:
        if row.number in there:
            customer, amount, currency = there[row.number]
            if (customer, amount, currency) == row.facts:
                counts.already_there += 1
                return None
            sentence = _("This invoice is there already, with other facts: customer %(customer)s, %(cur)s %(amount)s.")
            values = {"customer": customer, "cur": currency, "amount": f"{amount:f}"}
            return self._problem(row, "number", row.number, sentence % values)
        for kind, name, number in (("invoice", "number", row.number), ("customer", "customer", row.customer)):
            if is_to_come(self.own.get(kind), number):
                sentence = _("“%(value)s” is a number that this organization will give out itself.")
                return self._problem(row, name, number, sentence % {"value": number})
        if not self._has_rate(row):
            sentence = _("There is no exchange rate for %(currency)s on or before the invoice date.")
            return self._problem(row, "currency", row.currency, sentence % {"currency": row.currency})
        return None

    def _has_rate(self, row: Row) -> bool:
        if row.currency == self.organization.currency:
            return True
        if row.currency not in self.rates:
            known = ExchangeRate.objects.filter(organization=self.organization, currency=row.currency)
            self.rates[row.currency] = known.order_by("date").values_list("date", flat=True).first()
        first = self.rates[row.currency]
        return first is not None and first <= row.issued

    def _complete(self, row: Row, customers: dict[str, tuple[Any, ...]], counts: Counts) -> None:
        known = customers.get(row.customer)
        if row.due is None:
            row.due = row.issued + timedelta(days=known[1] if known else self.default_terms)
        if known is None and row.customer.upper() not in self.new_customers:
            self.new_customers.add(row.customer.upper())
            counts.new_customers += 1
        counts.new += 1
        counts.totals[row.currency] = counts.totals.get(row.currency, Decimal(0)) + row.amount

    def _problem(self, row: Row, name: str, value: str, sentence: str) -> Problem:
        return Problem(row.line, self.choices.columns.get(name, ""), value, sentence)
