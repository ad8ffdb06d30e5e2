"""What a credit note takes off an invoice, split over its taxes: pure arithmetic, the same for preview and posting."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from receivables.billing.charges import Groups, Tax, take_off
from receivables.billing.credit_notes.models import Reason
from receivables.core.money import split

ZERO = Decimal(0)


@dataclass(frozen=True)
class CreditedLine:
    """What is taken off one invoice under one tax, positive: `net` + `tax_amount` = `total`.

    `own_net` and `own_tax` are the same in the organization's currency, at the rate the invoice is booked at.
    """

    tax: Tax | None
    net: Decimal
    tax_amount: Decimal
    own_net: Decimal = ZERO
    own_tax: Decimal = ZERO

    @property
    def total(self) -> Decimal:
        return self.net + self.tax_amount


@dataclass(frozen=True)
class Booked:
    """A line of an invoice, or of an earlier credit note on it, as far as taxes need it."""

    tax: Tax | None
    net: Decimal
    tax_amount: Decimal


def left_of(invoiced: Iterable[Booked], credited: Iterable[Sequence[Booked]], currency: str) -> Groups:
    """What an invoice says by tax group, less what earlier credit notes took off, each with its lines.

    A note that names no tax left the tax alone, so it says nothing of groups: it lowers all of them in proportion, as a
    payment does. Were it taken off the untaxed group, a later note would take back more tax than its share.
    """
    left: Groups = {}
    for line in invoiced:
        _move(left, line, 1)
    for lines in credited:
        if any(line.tax for line in lines):
            for line in lines:
                _move(left, line, -1)
        else:
            take_off(sum((line.net for line in lines), ZERO), left, currency)
    return left


def _move(left: Groups, line: Booked, sign: int) -> None:
    net, amount = left.get(line.tax, (ZERO, ZERO))
    left[line.tax] = (net + sign * line.net, amount + sign * line.tax_amount)


def credited_lines(tax_rule: str, amount: Decimal, left: Groups, currency: str) -> list[CreditedLine]:
    """Split `amount` by the tax rule of its reason.

    Only *at once* takes tax back: 80.00 with 15 % inside is 69.57 and 10.43. Otherwise the tax stays as it is, and the
    whole amount is net.
    """
    if tax_rule != Reason.TaxRule.AT_ONCE:
        return [CreditedLine(None, amount, ZERO)]
    return [CreditedLine(*part) for part in take_off(amount, dict(left), currency)]


def valued(lines: Sequence[CreditedLine], value: Decimal, own_currency: str) -> list[CreditedLine]:
    """The lines with what they are worth in the organization's currency, `value` in all."""
    weights = [amount for line in lines for amount in (line.net, line.tax_amount)]
    parts = split(value, weights, own_currency)
    return [
        CreditedLine(line.tax, line.net, line.tax_amount, parts[2 * index], parts[2 * index + 1])
        for index, line in enumerate(lines)
    ]
