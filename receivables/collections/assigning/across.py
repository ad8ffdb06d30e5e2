"""Invoices in other currencies than the money, in "Collections and assignments": paid through currency clearing.

What such an invoice takes of the money is worked out by the same conversion that posts; nothing here writes.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal, localcontext
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import Q
from django.utils.translation import gettext as _

from receivables.billing.models import Invoice
from receivables.billing.operations.locking import number_format
from receivables.billing.pages import amount_text
from receivables.collections.crossing import PRECISION, Crossing
from receivables.collections.operations import Assignment
from receivables.collections.rules import AssignmentFacts
from receivables.collections.search import invoices_of, open_invoices
from receivables.collections.unapplied.rules import TargetFacts, amount_field, target_blocker
from receivables.core.errors import Blocker, Refused, refuse
from receivables.core.forms import keys_typed
from receivables.core.money import format_number, parse_money, parse_number
from receivables.customers.models import Account
from receivables.ledger.rates.queries import rate_on

ZERO = Decimal(0)
SHOWN = 50
MOST = 200  # rows in which something is typed
RATE_DIGITS = 6
RATE_PLACES = 10


@dataclass(frozen=True)
class Row:
    """An invoice in another currency, what is typed beside it, and what that takes of the money."""

    invoice: Invoice
    typed: str
    crossing: Crossing
    rate: str
    applied: Decimal = ZERO
    message: str = ""
    refused: bool = False
    other: bool = False

    @property
    def name(self) -> str:
        return amount_field(self.invoice.pk)

    @property
    def seen(self) -> str:
        """What the balance was when it was shown, as the form sends it back."""
        return _plain(self.invoice.open_item.balance)

    @property
    def taken(self) -> Decimal:
        return self.crossing.taken_for(self.applied)

    @property
    def new_balance(self) -> Decimal:
        return Decimal(self.invoice.open_item.balance - self.applied)


@dataclass(frozen=True)
class Across:
    """The section of the page; `no_rate` are currencies that have no rate on that day, `unrated` why something that is
    typed can't be converted."""

    rows: Sequence[Row] = ()
    no_rate: Sequence[str] = ()
    seen: Mapping[str, str] = field(default_factory=dict)
    unrated: Blocker | None = None

    @property
    def total(self) -> Decimal:
        """What all of them take, in the currency of the money."""
        return sum((row.taken for row in self.rows), ZERO)

    @property
    def unread(self) -> bool:
        """Whether something that is typed is no amount."""
        return any(row.refused and not row.applied for row in self.rows)

    @property
    def short(self) -> str:
        """The number of an invoice that is paid and not paid off."""
        return next((row.invoice.number for row in self.rows if row.applied and row.new_balance > 0), "")

    def assignments(self) -> list[Assignment]:
        """What is to be saved, for the operation to judge under the locks."""
        return [
            Assignment(row.invoice, row.applied, seen=self.seen.get(row.name, "")) for row in self.rows if row.applied
        ]


def read_across(
    actor: Any, account: Account, currency: str, data: Mapping[str, str], *, day: date, own: Decimal | None = None,
    said: tuple[str, str] = ("", ""),
) -> Across:  # fmt: skip
    """The open invoices of the account's customer in other currencies: those with something typed, then as many as fit.
    `own` is the payment's own rate, if it has one; `said`: a field with its refusal."""
    if not actor.can("assign_payment"):
        return Across()
    wanted = open_invoices(actor, account, "").exclude(currency=currency)
    typed = typed_across(data)
    find = data.get("find", "").strip()
    if find:
        wanted = wanted.filter(Q(number__icontains=find) | Q(reference__icontains=find))
    named = list(invoices_of(actor, account, typed).exclude(currency=currency)[:MOST]) if typed else []
    room = max(SHOWN - len(named), 0)
    invoices = sorted([*named, *wanted.exclude(pk__in=typed)[:room]], key=lambda each: _order(account, each))
    known, missing = _crossings(actor, currency, {row.currency for row in invoices}, own, day)
    rows = [
        _row(actor, account, row, data.get(amount_field(row.pk), ""), known[row.currency], said)
        for row in invoices
        if row.currency in known
    ]
    seen = {row.name: data.get(f"was_{row.invoice.pk}", "") for row in rows}
    unrated = next((missing[row.currency] for row in named if row.currency in missing), None)
    return Across(rows, sorted(missing), seen, unrated)


def typed_across(data: Mapping[str, str]) -> list[int]:
    """The keys of the invoices in other currencies beside which something is typed."""
    return keys_typed(data, "amount")


def _crossings(
    actor: Any, currency: str, others: set[str], own: Decimal | None, day: date
) -> tuple[dict[str, Crossing], dict[str, Blocker]]:
    """How the money pays debt in each currency, at the day of the payment: at the document's own rate, if one is typed,
    and the table's for the invoice's currency; and why it pays none in the others."""
    known: dict[str, Crossing] = {}
    missing: dict[str, Blocker] = {}
    for other in others:
        try:
            rate = own if own is not None else rate_on(actor, currency, day)
            known[other] = Crossing(other, currency, rate_on(actor, other, day), rate)
        except Refused as refused:
            missing[other] = refused.blocker
    return known, missing


def _order(account: Account, invoice: Invoice) -> tuple[bool, date, int]:
    return invoice.account_id != account.pk, invoice.due_date, invoice.pk


def own_rate(actor: Any, currency: str, data: Mapping[str, str]) -> Decimal | None:
    """The payment's own rate as it is typed; None where none is, or none may be or can be read."""
    text = data.get("own_rate", "").strip()
    if currency == actor.organization.currency or not actor.can("override_exchange_rate"):
        return None
    try:
        found = parse_number(text, number_format(actor), RATE_PLACES) if text else None
    except ValidationError:
        return None
    return found if found and found > 0 else None


def _row(
    actor: Any, account: Account, invoice: Invoice, text: str, crossing: Crossing, said: tuple[str, str]
) -> Row:  # fmt: skip
    row = Row(invoice, text, crossing, rate_text(actor, crossing), other=invoice.account_id != account.pk)
    try:
        applied = parse_money(text, invoice.currency, number_format(actor)) if text.strip() else ZERO
    except ValidationError as wrong:
        return replace(row, message=" ".join(wrong.messages), refused=True)
    row = replace(row, applied=applied)
    if said[0] == row.name:
        return replace(row, message=said[1], refused=True)
    blocker = target_blocker(_facts(actor, row)) if applied else None
    if blocker:
        return replace(row, message=str(blocker.message), refused=True)
    return replace(row, message=_taken_text(actor, row) if applied else "")


def _facts(actor: Any, row: Row) -> TargetFacts:
    invoice = row.invoice
    facts = AssignmentFacts(
        invoice.number, invoice.currency, invoice.open_item.balance, row.applied, invoice.voided_at is not None,
        number_format(actor), row.crossing.currency,
    )  # fmt: skip
    return TargetFacts(facts, True, row.name, row.taken)


def rate_text(actor: Any, crossing: Crossing) -> str:
    """What one unit of the invoice's currency takes of the money."""
    with localcontext(prec=PRECISION):
        rate = round(crossing.debt_rate / crossing.rate, RATE_DIGITS).normalize()
    words = {"other": crossing.debt_currency, "own": crossing.currency}
    return _("1 %(other)s = %(rate)s %(own)s") % {**words, "rate": format_number(rate, None, number_format(actor))}


def _taken_text(actor: Any, row: Row) -> str:
    words = {
        "taken": amount_text(actor, row.taken, row.crossing.currency),
        "amount": amount_text(actor, row.applied, row.invoice.currency),
        "rest": amount_text(actor, row.new_balance, row.invoice.currency),
    }
    if row.new_balance:
        return _("%(taken)s of the money pays %(amount)s; %(rest)s stays open on this invoice.") % words
    return _("%(taken)s of the money pays %(amount)s. Paid in full.") % words


def _plain(amount: Decimal) -> str:
    return f"{amount.normalize():f}"


def moved_blocker(number: str, *, seen: str, balance: Decimal, field: str) -> Blocker | None:
    """What was shown is what is saved."""
    if not seen or seen == _plain(balance):
        return None
    message = _(
        "Invoice %(number)s changed while you were working. We refreshed the amounts; check the marked rows and save"
        " again."
    )
    return Blocker("stale", message % {"number": number}, field=field)


def refuse_moved(actor: Any, across: Sequence[Assignment]) -> None:
    """Under the locks of the accounts: `Refused` for an invoice that is not any more as it was shown."""
    current = Invoice.objects.of(actor).select_related("open_item").in_bulk([each.invoice.pk for each in across])
    for each in across:
        item = current[each.invoice.pk].open_item
        refuse(
            moved_blocker(
                each.invoice.number, seen=each.seen, balance=item.balance, field=amount_field(each.invoice.pk)
            )
        )
