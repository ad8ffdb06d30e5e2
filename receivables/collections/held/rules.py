"""May money be held, used from there, or put back? Pure functions over facts."""

from dataclasses import dataclass
from decimal import Decimal

from django.utils.translation import gettext as _

from receivables.collections.rules import precision_blocker
from receivables.collections.unapplied.rules import MoneyFacts, no_money_blocker
from receivables.core.errors import Blocker
from receivables.core.money import NumberFormat, format_money


@dataclass(frozen=True)
class HeldFacts:
    """An agreement that may hold money, and how much is held on it (positive)."""

    number: str
    currency: str
    holds_money: bool
    held: Decimal
    fmt: NumberFormat

    def text(self, amount: Decimal) -> str:
        return format_money(amount, self.currency, self.fmt, with_code=True)


def _amount_blocker(amount: Decimal, currency: str) -> Blocker | None:
    if first := precision_blocker(amount, currency):
        return first
    if amount <= 0:
        return Blocker("zero", _("Enter an amount above zero."), field="amount")
    return None


def hold_overpayment_blocker(money: MoneyFacts, amount: Decimal) -> Blocker | None:
    """Money on account is kept as an overpayment, never more than there is."""
    if first := no_money_blocker(money) or _amount_blocker(amount, money.currency):
        return first
    if amount > money.unapplied:
        message = _("Only %(left)s is on account.") % {"left": money.text(money.unapplied)}
        return Blocker("more_than_unapplied", message, field="amount")
    return None


def record_deposit_blocker(
    *, amount: Decimal, currency: str, held: Decimal, required: Decimal | None, fmt: NumberFormat
) -> Blocker | None:
    """A deposit is an amount above zero; with what is held already never more than the deposit that is required."""
    if first := _amount_blocker(amount, currency):
        return first
    if required is None:
        return None
    if first := precision_blocker(required, currency):
        return Blocker(first.code, first.message, field="required")
    if held + amount > required:
        message = _("With this, %(total)s would be held, but only %(required)s is required.")
        words = {
            "total": format_money(held + amount, currency, fmt, with_code=True),
            "required": format_money(required, currency, fmt, with_code=True),
        }
        return Blocker("more_than_required", message % words, field="required")
    return None


def nothing_held_blocker(held: HeldFacts) -> Blocker | None:
    """What stands in the way of using money held, before an amount is typed."""
    if not held.holds_money:
        return Blocker("holds_no_money", _("This agreement holds no money of the customer."))
    if held.held <= 0:
        return Blocker("nothing_held", _("Nothing is held on agreement %(number)s.") % {"number": held.number})
    return None


def release_held_money_blocker(held: HeldFacts, amount: Decimal) -> Blocker | None:
    """Money held goes back on account, never more than there is; from there it is applied or given back."""
    if first := nothing_held_blocker(held) or _amount_blocker(amount, held.currency):
        return first
    if amount > held.held:
        message = _("Only %(held)s is held on agreement %(number)s.")
        words = {"held": held.text(held.held), "number": held.number}
        return Blocker("more_than_held", message % words, field="amount")
    return None


def apply_deposit_blocker(held: HeldFacts, *, is_deposit: bool, owed: Decimal, runs: bool) -> Blocker | None:
    """A deposit pays the final debt of stopped service (`owed`); while service runs its debt is paid by payments, and
    the deposit is kept."""
    if not is_deposit:
        return Blocker("no_deposit", _("This agreement holds no deposit."))
    if first := nothing_held_blocker(held):
        return first
    if owed > 0:
        return None
    if runs:
        message = _("Service still runs. A deposit pays what is owed once it is stopped: stop the agreement first.")
        return Blocker("service_runs", message)
    message = _("Nothing is owed for stopped service. Put the deposit back on account to give it back.")
    return Blocker("nothing_owed", message)
