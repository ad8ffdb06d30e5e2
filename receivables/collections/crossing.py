"""Money in another currency than the debt it pays: how much of the one is how much of the other.

Both are converted at the day on which the money came: the payment at the rate it is booked at, the debt's currency by
the table. So the difference that remains is between the debt's own rate and that day's, as for any other payment.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from decimal import Decimal, localcontext
from typing import Any

from django.utils.translation import gettext as _

from receivables.collections.models import Payment
from receivables.core.errors import Blocker, Refused
from receivables.core.money import decimals, round_money
from receivables.ledger.rates.queries import rate_on

PRECISION = 60


@dataclass(frozen=True)
class Crossing:
    """From a debt's currency to that of the money. Rates: what one unit of each is worth in the organization's."""

    debt_currency: str
    currency: str
    debt_rate: Decimal
    rate: Decimal

    def taken_for(self, amount: Decimal) -> Decimal:
        """What `amount` of the debt takes of the money, rounded half-up once."""
        with localcontext(prec=PRECISION):
            return round_money(amount * self.debt_rate / self.rate, self.currency)

    def most_for(self, money: Decimal) -> Decimal:
        """The most of the debt that takes no more than `money`."""
        with localcontext(prec=PRECISION):
            amount = round_money(money * self.rate / self.debt_rate, self.debt_currency)
        unit = Decimal(1).scaleb(-decimals(self.debt_currency))
        # At most one step: an amount is rounded by half a unit, and so is what it takes.
        while amount > 0 and self.taken_for(amount) > money:
            amount -= unit
        return amount


def crossings(actor: Any, payment: Payment, currencies: Iterable[str]) -> dict[str, Crossing]:
    """How a payment's money pays debt in each of these currencies. `Refused` where no rate is known."""
    return {
        currency: Crossing(currency, payment.currency, rate_on(actor, currency, payment.date), payment.rate)
        for currency in set(currencies)
        if currency != payment.currency
    }


def known_crossings(actor: Any, payment: Payment, currencies: Iterable[str]) -> dict[str, Crossing]:
    """The same without those currencies that have no usable rate."""
    found: dict[str, Crossing] = {}
    for currency in set(currencies):
        try:
            found |= crossings(actor, payment, [currency])
        except Refused:
            continue
    return found


def crossing_blocker(*, number: str, amount: Decimal, taken: Decimal, currency: str, field: str) -> Blocker | None:
    """An amount that is worth nothing in the payment's currency is paid by nothing."""
    if not amount or taken > 0:
        return None
    message = _("What you apply to %(number)s is less than the smallest amount in %(currency)s.")
    return Blocker("worth_nothing", message % {"number": number, "currency": currency}, field=field)


def beside(refused: Refused, field: str) -> Refused:
    """The same refusal, about a field of the form."""
    return Refused(replace(refused.blocker, field=field))
