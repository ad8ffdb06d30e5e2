"""The grid "Collections and assignments": the open invoices of a customer, what is typed beside them, what it comes to.

All arithmetic is the pay-off rule's, the same that posts; nothing here writes.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import Q
from django.utils.translation import gettext as _

from receivables.billing.models import Invoice, Load, Reason
from receivables.billing.operations.locking import number_format
from receivables.billing.pages import amount_text
from receivables.collections.assigning.across import Across
from receivables.collections.assigning.typed import MOST_PARTS, Typed
from receivables.collections.excess.queries import GridExcess, grid_excess
from receivables.collections.operations import Assignment
from receivables.collections.payoff import pay_off_all
from receivables.collections.payoff_facts import Outcome, PayOffFacts
from receivables.collections.payoff_limits import stale_row_blocker
from receivables.collections.payoff_queries import Wish, changed_by, part_reasons, pay_off_facts, policy_of
from receivables.collections.recoveries.forms import Section
from receivables.collections.search import invoices_of, open_invoices
from receivables.collections.short_on import shares_short_on
from receivables.core.errors import Blocker, Refused
from receivables.core.forms import key_of
from receivables.core.money import NumberFormat, decimals, format_number, parse_money
from receivables.customers.models import Account
from receivables.ledger.rates.queries import rate_on

ZERO = Decimal(0)
MOST_LOADS = 2000  # of all summary invoices that are shown
SHOWN = 200  # rows of the grid; its fields stay below what a form may send at once


@dataclass(frozen=True)
class Row:
    """An invoice of the grid, what is typed beside it, and what Save would do; `error`: it could not be read, `unsplit`
    why it can't be split by load.

    `other`: it is of another account of the same customer; `loads`: those of a summary invoice, of which one may be
    `chosen` as the one that the money is short on, and `shares` what then is for which load.
    """

    invoice: Invoice
    typed: Typed
    facts: PayOffFacts
    other: bool
    error: str = ""
    unsplit: str = ""
    outcome: Outcome | None = None
    stale: str = ""
    repair: str = ""
    loads: list[Load] = field(default_factory=list)
    shares: dict[int, Decimal] = field(default_factory=dict)

    def as_typed(self, amount: Decimal) -> str:
        """An amount as a person would type it."""
        return format_number(amount, decimals(self.invoice.currency), self.facts.assignment.fmt.ungrouped())

    @property
    def whole(self) -> str:
        """The balance as one would type it."""
        return self.as_typed(self.facts.assignment.balance)

    @property
    def chosen(self) -> Load | None:
        return next((load for load in self.loads if str(load.pk) == self.typed.short_on), None)

    @property
    def message(self) -> str:
        if wrong := self.error or self.stale or self.unsplit:
            return wrong
        if self.outcome is None:
            return self._waiting
        return str(self.outcome.blocker.message) if self.outcome.blocker else self.outcome.notice

    @property
    def _waiting(self) -> str:
        if not self.facts.waiting:
            return ""
        return _("%(amount)s of it waits for approval.") % {"amount": self.facts.text(self.facts.waiting)}

    @property
    def refused(self) -> bool:
        return bool(self.error or self.stale or self.unsplit or (self.outcome and self.outcome.blocker))

    @property
    def foreign(self) -> bool:
        """Whether it is in another currency than the money, which is chosen above and may have changed."""
        return self.facts.assignment.currency != self.facts.assignment.payment_currency

    @property
    def leave_open(self) -> bool:
        return bool(self.outcome and self.outcome.leave_open)

    @property
    def askable(self) -> bool:
        """Whether approval would help: what is over the limit then waits, and the money is posted."""
        return bool(self.outcome and self.outcome.askable)

    @property
    def asks(self) -> bool:
        return bool(self.outcome and self.outcome.asked)

    @property
    def splittable(self) -> bool:
        """Whether the money leaves something that could be split over reasons, and a line for another is free."""
        return bool(self.facts.assignment.applied and self.facts.left > 0 and len(self.typed.parts) < MOST_PARTS)

    @property
    def bad_debt(self) -> Decimal:
        return self.outcome.bad_debt if self.outcome else ZERO

    @property
    def others(self) -> Decimal:
        return self.outcome.others if self.outcome else ZERO

    @property
    def waits(self) -> Decimal:
        return self.outcome.waits if self.outcome else ZERO

    @property
    def new_balance(self) -> Decimal:
        return self.outcome.new_balance if self.outcome else self.facts.assignment.balance

    @property
    def negative(self) -> bool:
        return self.new_balance < 0


@dataclass(frozen=True)
class Totals:
    """The foot of the grid; `left` is None while the amount can't be read."""

    received: Decimal | None
    applied: Decimal
    bad_debt: Decimal
    others: Decimal = ZERO
    waits: Decimal = ZERO
    message: str = ""
    over: bool = False
    recovered: Decimal = ZERO
    crossed: Decimal = ZERO

    @property
    def left(self) -> Decimal | None:
        return None if self.received is None else self.received - self.applied - self.recovered - self.crossed


@dataclass(frozen=True)
class Grid:
    """The rows and their sum; `more` invoices are open that are not shown; `recoverable`: what was given up before."""

    rows: list[Row]
    totals: Totals
    currency: str
    more: int = 0
    no_rate: str = ""
    recoverable: Section = field(default_factory=Section)
    reasons: Mapping[int, Reason] = field(default_factory=dict)
    excess: GridExcess = field(default_factory=GridExcess)
    across: Across = field(default_factory=Across)

    @property
    def choices(self) -> list[Reason]:
        """The reasons that a part of a difference may have."""
        return list(self.reasons.values())

    @property
    def asks(self) -> bool:
        return any(row.typed.ask for row in self.rows)

    def changed_by(self, touched: int) -> list[Row]:
        """The rows whose cells may read otherwise since something was typed in one row, or in the header (0): only a
        cap, which a customer's invoices share, makes one row speak of another."""
        return changed_by_typing(self.rows, touched)

    @property
    def refused(self) -> list[Row]:
        return [row for row in self.rows if row.refused]

    @property
    def own(self) -> list[Row]:
        """The rows that the money may pay as it is."""
        return [row for row in self.rows if not row.foreign]

    @property
    def blocker(self) -> Blocker | None:
        """What no operation would see of what is typed: it stands in the way of saving."""
        unsplit = next((row.unsplit for row in self.rows if row.unsplit), "")
        own = Blocker("short_on_more", unsplit) if unsplit else None
        return own or self.recoverable.blocker or self.across.unrated

    def assignments(self) -> list[Assignment]:
        """What is to be saved."""
        return [
            Assignment(
                row.invoice, row.facts.assignment.applied, row.shares, pay_bill=row.typed.pay_bill,
                bad_debt=row.facts.bad_debt, seen=row.typed.seen, ask=row.typed.ask,
                parts=[(self.reasons[part.reason.pk], part.amount) for part in row.facts.parts],
            )
            for row in self.rows
            if not row.typed.blank
        ]  # fmt: skip


def changed_by_typing(rows: list[Row], touched: int | None) -> list[Row]:
    """The rows that may read otherwise, as `Grid.changed_by`; None: all."""
    shared = any(row.facts.limits.cap is not None for row in rows)
    return rows if shared or not touched else [row for row in rows if row.invoice.pk == touched]


def _shown(
    actor: Any, account: Account, currency: str, typed: Mapping[int, Typed], find: str, touched: int | None
) -> tuple[list[Invoice], int]:
    """What something is typed beside, whatever became of it, then what is open and fits the filter.

    With `touched`, which may have been left blank just now, nothing else: the other cells stay as they are.
    """
    named = [pk for pk, row in typed.items() if not row.blank or pk == touched]
    chosen = list(invoices_of(actor, account, named)[:SHOWN])
    if touched is not None:
        return chosen, 0
    fitting = open_invoices(actor, account, currency).exclude(pk__in=named)
    if find.strip():
        fitting = fitting.filter(Q(number__icontains=find.strip()) | Q(reference__icontains=find.strip()))
    room = SHOWN - len(chosen)
    more = max(fitting.count() - room, 0)
    both = [*chosen, *fitting[:room]]
    return sorted(both, key=lambda each: (each.account_id != account.pk, each.due_date, each.pk)), more


def read_grid(
    actor: Any, account: Account, typed: Mapping[int, Typed], *, currency: str, received: Decimal | None, day: date,
    find: str = "", anew: bool = False, touched: int | None = None, recoverable: Section | None = None,
    across: Across | None = None, excess: bool = False, own: Decimal | None = None,
) -> Grid:  # fmt: skip
    """Read everything as it is now and judge it, at the payment's `own` rate if it has one. `anew`: what moved since it
    was shown is taken as seen.

    `touched`: only what is typed and this row are wanted, while a person types.
    """
    invoices, more = _shown(actor, account, currency, typed, find, touched)
    try:
        rate, no_rate = own or rate_on(actor, currency, day), ""
    except Refused as refused:
        rate, no_rate = Decimal(1), str(refused.blocker.message)
    named = actor.can("pay_bill") and (touched is None or any(row.parts for row in typed.values()))
    reasons = {reason.pk: reason for reason in part_reasons(actor)} if named else {}
    fmt = number_format(actor)
    read = [_read(fmt, invoice, typed.get(invoice.pk, Typed()), reasons) for invoice in invoices]
    policy = policy_of(actor)
    facts = pay_off_facts(actor, policy, [wish for wish, _error in read], currency=currency, rate=rate, day=day)
    rows = [
        Row(wish.invoice, typed.get(wish.invoice.pk, Typed()), each, wish.invoice.account_id != account.pk, error)
        for (wish, error), each in zip(read, facts, strict=True)
    ]
    rows = _by_load(actor, rows)
    rows = _judged(rows) if not no_rate else rows
    section = recoverable or Section()
    others = across or Across()
    totals = _totals(actor, currency, received, rows, no_rate, section.total, others.total)
    rows = rows if anew else _marked(actor, rows, touched)
    finished = [_finished(actor, row, totals, anew) for row in rows]
    choice = grid_excess(actor, policy, totals, finished, others.short, currency=currency, rate=rate, ticked=excess)
    return Grid(finished, totals, currency, more, no_rate, section, reasons, choice, others)


def _read(fmt: NumberFormat, invoice: Invoice, typed: Typed, reasons: Mapping[int, Reason]) -> tuple[Wish, str]:
    """The wish of a row, and what could not be read of it."""
    error = ""

    def amount(text: str) -> Decimal:
        nonlocal error
        try:
            return parse_money(text, invoice.currency, fmt) if text.strip() else ZERO
        except ValidationError as wrong:
            error = error or " ".join(wrong.messages)
            return ZERO

    applied, bad_debt = amount(typed.applied), amount(typed.bad_debt)
    lines = [line for line in typed.parts if not line.blank]
    amounts = [amount(line.amount) for line in lines]
    rest = invoice.open_item.balance - applied - bad_debt - sum(amounts, ZERO)
    parts = []
    for line, part in zip(lines, amounts, strict=True):
        reason = reasons.get(key_of(line.reason) or 0)
        if reason is None:
            error = error or _("Choose the reason of each part.")
        else:
            parts.append((reason, part if line.amount.strip() else max(rest, ZERO)))
            rest = rest if line.amount.strip() else ZERO
    return Wish(invoice, applied, typed.pay_bill, bad_debt, parts, typed.ask), error


def _by_load(actor: Any, rows: list[Row]) -> list[Row]:
    """The rows of summary invoices with their loads, and with the split where one of them was chosen."""
    loads: dict[int, list[Load]] = {row.invoice.pk: [] for row in rows if row.invoice.summary}
    if not loads:
        return rows
    for load in Load.objects.of(actor).filter(invoice__in=loads).order_by("pk")[:MOST_LOADS]:
        loads[load.invoice_id].append(load)  # type: ignore[index]
    return [_split(replace(row, loads=loads.get(row.invoice.pk, []))) for row in rows]


def _split(row: Row) -> Row:
    if row.chosen is None or row.error:
        return row
    try:
        return replace(row, shares=shares_short_on(row.invoice, row.chosen, row.facts.assignment.applied))
    except Refused as refused:
        return replace(row, unsplit=str(refused.blocker.message))


def _judged(rows: list[Row]) -> list[Row]:
    """The rows with what the rule says of those where something is typed and readable."""
    asked = [row for row in rows if not row.typed.blank and not row.error]
    outcomes = dict(zip((row.invoice.pk for row in asked), pay_off_all([row.facts for row in asked]), strict=True))
    return [replace(row, outcome=outcomes.get(row.invoice.pk)) for row in rows]


def _marked(actor: Any, rows: list[Row], touched: int | None) -> list[Row]:
    """The rows with what moved since they were shown, and who did that; with `touched` only those that are answered."""
    looked_at = changed_by_typing(rows, touched)
    moved = {row.invoice.pk: row for row in looked_at if not row.typed.blank and row.facts.moved(row.typed.seen)}
    by = changed_by(actor, [row.invoice for row in moved.values()])
    said = {pk: stale_row_blocker(row.facts, row.typed.seen, by.get(pk, "")) for pk, row in moved.items()}
    return [
        replace(row, stale=str(blocker.message)) if (blocker := said.get(row.invoice.pk)) else row for row in rows
    ]  # fmt: skip


def _finished(actor: Any, row: Row, totals: Totals, anew: bool) -> Row:
    """The row with the amount that one click would apply instead."""
    seen = row.facts.digest if anew or not row.typed.seen else row.typed.seen
    repair = row.outcome.repair if row.outcome else None
    if row.outcome and row.outcome.blocker and row.outcome.blocker.code == "nothing_applied" and totals.left:
        repair = min(row.facts.assignment.balance, totals.left) if totals.left > 0 else None
    if seen != row.typed.seen:
        row = replace(row, typed=replace(row.typed, seen=seen))
    return replace(row, repair=amount_text(actor, repair, row.invoice.currency)) if repair else row


def _totals(
    actor: Any, currency: str, received: Decimal | None, rows: Sequence[Row], no_rate: str, recovered: Decimal,
    crossed: Decimal,
) -> Totals:  # fmt: skip
    applied = sum((row.facts.assignment.applied for row in rows if not row.foreign), ZERO)
    totals = Totals(
        received, applied, sum((row.bad_debt for row in rows), ZERO), sum((row.others for row in rows), ZERO),
        sum((row.waits for row in rows), ZERO), no_rate, recovered=recovered, crossed=crossed,
    )  # fmt: skip
    used = applied + recovered + crossed
    if received is None or used <= received:
        return totals
    message = _("You applied %(applied)s, but received %(received)s. Take %(over)s off.")
    words = {
        "applied": amount_text(actor, used, currency),
        "received": amount_text(actor, received, currency),
        "over": amount_text(actor, used - received, currency),
    }
    return replace(totals, message=message % words, over=True)
