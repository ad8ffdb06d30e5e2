"""May a payment be distributed like this? Pure functions over facts."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from django.utils.translation import gettext as _

from receivables.collections.rules import no_payments_blocker, precision_blocker
from receivables.collections.unapplied.rules import MoneyFacts, no_money_blocker
from receivables.core.errors import Blocker


def share_field(item_id: int) -> str:
    """The form's field of the amount on a debt; refusals about the debt name it."""
    return f"debt_{item_id}"


@dataclass(frozen=True)
class ShareFacts:
    """A debt and what it is to get, in the payment's currency. `owed` None: it is not open on the account any more."""

    number: str
    agreement: str
    type: str
    owed: Decimal | None
    amount: Decimal
    takes_payments: bool
    field: str


def share_blocker(money: MoneyFacts, share: ShareFacts) -> Blocker | None:
    """Never more than is owed, and never to an agreement that takes no payments."""
    if share.owed is None:
        return Blocker("not_open", _("This debt is not open on the account any more."), field=share.field)
    if first := precision_blocker(share.amount, money.currency):
        return replace(first, field=share.field)
    barred = no_payments_blocker(
        agreement=share.agreement, type=share.type, takes_payments=share.takes_payments, field=share.field
    )
    if barred is not None:
        return barred
    if share.amount <= 0:
        return Blocker("zero", _("Enter an amount above zero."), field=share.field)
    if share.amount > share.owed:
        message = _("Only %(owed)s is owed on %(number)s: take %(over)s off.")
        words = {
            "owed": money.text(share.owed),
            "number": share.number,
            "over": money.text(share.amount - share.owed),
        }
        return Blocker("more_than_owed", message % words, field=share.field)
    return None


def distribute_payment_blocker(
    money: MoneyFacts, shares: Sequence[ShareFacts], *, overpaid: Decimal = Decimal(0)
) -> Blocker | None:
    """Money on account goes to open debt of its own account, as far as it goes; somebody gets something. `overpaid` is
    what the account paid too much before, which is used first."""
    if first := no_money_blocker(money):
        return first
    for share in shares:
        if first := share_blocker(money, share):
            return first
    if not shares:
        return Blocker("nothing_chosen", _("No open debt of this account takes a payment in this currency."))
    total = sum((share.amount for share in shares), Decimal(0))
    there = money.unapplied + overpaid
    if total > there:
        message = _("You distribute %(total)s, but there is only %(left)s. Take %(over)s off.")
        words = {"total": money.text(total), "left": money.text(there), "over": money.text(total - there)}
        field = shares[0].field if len(shares) == 1 else ""
        return Blocker("more_than_unapplied", message % words, field=field)
    return None
