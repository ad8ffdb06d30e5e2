"""What a limit would have given up: the shortfalls of the last year, judged by the rule that posts."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from receivables.billing.models import Invoice
from receivables.billing.operations.locking import number_format
from receivables.billing.operations.revisions import rate_on
from receivables.collections.payoff import Limits, PayOffFacts, pay_off_all
from receivables.collections.rules import AssignmentFacts
from receivables.core.errors import Refused
from receivables.core.money import round_money
from receivables.ledger.models import Allocation

MOST = 5000


@dataclass(frozen=True)
class Simulation:
    """How many of how many shortfalls, and their sum in the organization's currency."""

    count: int
    of: int
    total: Decimal


def shortfalls(actor: Any, since: date) -> list[Invoice]:
    """Invoices on which a payment stands and something is open still, paid since a day; the newest few thousand."""
    paid = Allocation.objects.of(actor).filter(
        kind=Allocation.Kind.PAYMENT, reverses__isnull=True, reversed_by__isnull=True, amount__gt=0, date__gte=since
    )
    short = Invoice.objects.of(actor).filter(
        voided_at__isnull=True, open_item__balance__gt=0, open_item__in=paid.values("debit_item")
    )
    return list(short.select_related("open_item", "account__customer").order_by("-pk")[:MOST])


def would_have_been(actor: Any, limits: Limits, since: date) -> Simulation:
    """Judge every shortfall as if its payment had been saved with Pay bill?, at today's rates."""
    rates: dict[str, Decimal | None] = {}
    rows = []
    for invoice in shortfalls(actor, since):
        if invoice.currency not in rates:
            rates[invoice.currency] = _rate(actor, invoice.currency, invoice.issue_date)
        rate = rates[invoice.currency]
        if rate is not None:
            rows.append(_facts(actor, invoice, limits, rate))
    outcomes = pay_off_all(rows)
    given = [(each.bad_debt, facts.rate) for each, facts in zip(outcomes, rows, strict=True) if each.bad_debt]
    total = sum((amount * rate for amount, rate in given), Decimal(0))
    return Simulation(len(given), len(rows), round_money(total, limits.currency))


def _rate(actor: Any, currency: str, day: date) -> Decimal | None:
    try:
        return rate_on(actor, currency, day)
    except Refused:
        return None


def _facts(actor: Any, invoice: Invoice, limits: Limits, rate: Decimal) -> PayOffFacts:
    """As it was when the money came: the balance with what is paid, and that applied."""
    item = invoice.open_item
    assignment = AssignmentFacts(
        invoice.number, invoice.currency, item.balance + item.paid, item.paid, False, number_format(actor),
        invoice.currency,
    )  # fmt: skip
    return PayOffFacts(
        assignment, limits, pay_bill=True, total=item.amount, rate=rate, customer=invoice.account.customer.name,
        customer_id=invoice.account.customer_id,
    )  # fmt: skip
