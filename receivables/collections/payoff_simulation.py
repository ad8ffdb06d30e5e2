"""What a limit would have given up, or taken as income: the shortfalls and over-payments of the last year, judged by
the rules that post."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Exists, OuterRef, Q, Sum
from django.db.models.functions import Coalesce

from receivables.billing.models import Invoice
from receivables.billing.operations.locking import number_format
from receivables.collections.excess.rules import ExcessFacts, book_small_excess_blocker
from receivables.collections.models import Payment, PayOffExclusion
from receivables.collections.payoff import pay_off_all
from receivables.collections.payoff_facts import Limits, PayOffFacts
from receivables.collections.recoveries.losses import live_recoveries
from receivables.collections.rules import AssignmentFacts
from receivables.core.dates import today
from receivables.core.errors import Refused
from receivables.core.money import round_money
from receivables.ledger.models import Allocation
from receivables.ledger.rates.queries import rate_on

MOST = 5000


@dataclass(frozen=True)
class Simulation:
    """How many of how many shortfalls, and their sum in the organization's currency."""

    count: int
    of: int
    total: Decimal


def _short(actor: Any, since: date) -> list[Any]:
    """Invoices on which a payment stands that came since a day and left something, open still or given up with it: the
    newest few thousand, the oldest of them first."""
    paid = Allocation.objects.of(actor).filter(
        kind=Allocation.Kind.PAYMENT, reverses__isnull=True, reversed_by__isnull=True, amount__gt=0, date__gte=since
    )
    standing = Q(pay_offs__allocation__reversed_by__isnull=True)
    found = Invoice.objects.of(actor).filter(voided_at__isnull=True, open_item__in=paid.values("debit_item"))
    short: Any = found.annotate(given=Coalesce(Sum("pay_offs__amount", filter=standing), Decimal(0)))
    short = short.filter(Q(open_item__balance__gt=0) | Q(given__gt=0))
    newest = list(short.select_related("open_item", "account__customer").order_by("-pk")[:MOST])
    return newest[::-1]


def would_have_been(actor: Any, limits: Limits, since: date) -> Simulation:
    """Judge every shortfall since a day as if its payment were saved with Pay bill?, at today's rates."""
    rates: dict[str, Decimal | None] = {}
    barred = set(PayOffExclusion.objects.of(actor).values_list("customer", flat=True))
    rows = []
    for invoice in _short(actor, since):
        if invoice.currency not in rates:
            rates[invoice.currency] = _rate(actor, invoice.currency, today(actor.organization))
        rate = rates[invoice.currency]
        if rate is not None:
            rows.append(_facts(actor, invoice, limits, rate, excluded=invoice.account.customer_id in barred))
    outcomes = pay_off_all(rows)
    given = [(each.bad_debt, facts.rate) for each, facts in zip(outcomes, rows, strict=True) if each.bad_debt]
    total = sum((amount * rate for amount, rate in given), Decimal(0))
    return Simulation(len(given), len(rows), round_money(total, limits.currency))


def would_be_income(actor: Any, limit: Decimal | None, currency: str, since: date) -> Simulation:
    """Judge every payment since a day that brought more than it pays as if it were to be booked as income now."""
    rows = [_excess(actor, payment, limit, currency) for payment in _brought_too_much(actor, since)]
    given = [facts for facts in rows if book_small_excess_blocker(facts) is None]
    total = sum((facts.excess * facts.rate for facts in given), Decimal(0))
    return Simulation(len(given), len(rows), round_money(total, currency))


def _brought_too_much(actor: Any, since: date) -> list[Any]:
    """Payments since a day with money on account, or that had some which is income by now; the newest few thousand."""
    live = Q(small_excesses__reversal__isnull=True)
    paid = Allocation.objects.filter(
        credit_item=OuterRef("open_item"), kind=Allocation.Kind.PAYMENT, reverses__isnull=True, reversed_by__isnull=True
    )
    found: Any = Payment.objects.of(actor).filter(reversal__isnull=True, date__gte=since)
    found = found.annotate(
        booked=Coalesce(Sum("small_excesses__amount", filter=live), Decimal(0)),
        pays=Exists(paid) | Exists(live_recoveries().filter(payment=OuterRef("pk"))),
        short=Exists(paid.filter(debit_item__balance__gt=0)),
    )
    found = found.filter(Q(open_item__balance__lt=0) | Q(booked__gt=0), pays=True)
    return list(found.select_related("open_item").order_by("-pk")[:MOST])


def _excess(actor: Any, payment: Any, limit: Decimal | None, own: str) -> ExcessFacts:
    return ExcessFacts(
        payment.number, payment.currency, payment.booked - payment.open_item.balance, payment.rate, own, limit,
        number_format(actor), still_open=payment.number if payment.short else "",
    )  # fmt: skip


def _rate(actor: Any, currency: str, day: date) -> Decimal | None:
    try:
        return rate_on(actor, currency, day)
    except Refused:
        return None


def _facts(actor: Any, invoice: Any, limits: Limits, rate: Decimal, *, excluded: bool) -> PayOffFacts:
    """As it was when the money came: the balance with what is paid and what was given up, and the money applied."""
    item = invoice.open_item
    assignment = AssignmentFacts(
        invoice.number, invoice.currency, item.balance + item.paid + invoice.given, item.paid, False,
        number_format(actor), invoice.currency,
    )  # fmt: skip
    return PayOffFacts(
        assignment, limits, pay_bill=True, total=item.amount, rate=rate, customer=invoice.account.customer.name,
        customer_id=invoice.account.customer_id, excluded=excluded,
    )  # fmt: skip
