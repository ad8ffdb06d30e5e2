"""What a load's charges add up to: pure arithmetic, the same for preview, page and posting.

Tax is computed and rounded once per invoice and tax group, then shared to its lines by largest remainder. An included
amount is the whole of it: split over the tax groups by gross, the tax taking the remainder. On a document over several
loads a reduction stays within its load: the others' lines are not touched.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from receivables.billing.models import TaxTreatment
from receivables.core.money import round_money, split

ZERO = Decimal(0)
HUNDRED = Decimal(100)


@dataclass(frozen=True)
class Tax:
    """A tax code as far as arithmetic needs it; `rate` in percent."""

    code_id: int
    name: str
    rate: Decimal
    gl_account_id: int


# Net and tax of a document, or of what is left of it, by tax.
Groups = dict[Tax | None, tuple[Decimal, Decimal]]


@dataclass(frozen=True)
class Charge:
    """One charge before tax is worked out; `amount` as typed, negative for a reduction."""

    kind: str
    description: str
    amount: Decimal
    gl_account_id: int
    treatment: str = TaxTreatment.NONE
    tax: Tax | None = None
    quantity: Decimal | None = None
    rate: Decimal | None = None
    load_id: int | None = None
    accessorial_id: int | None = None


@dataclass(frozen=True)
class PricedLine:
    """A line as it will stand on the document: `net` + `tax_amount` = `total`."""

    charge: Charge
    net: Decimal
    tax: Tax | None
    tax_amount: Decimal

    @property
    def total(self) -> Decimal:
        return self.net + self.tax_amount


@dataclass(frozen=True)
class Priced:
    """Charges priced: lines, and what they add up to."""

    lines: tuple[PricedLine, ...]
    currency: str

    @property
    def net(self) -> Decimal:
        return sum((line.net for line in self.lines), ZERO)

    @property
    def tax(self) -> Decimal:
        return sum((line.tax_amount for line in self.lines), ZERO)

    @property
    def total(self) -> Decimal:
        return self.net + self.tax

    def given(self, kind: str) -> Decimal:
        """How much was taken off by charges of a kind, positive."""
        return -sum((line.total for line in self.lines if line.charge.kind == kind), ZERO)

    def of_load(self, load_id: int | None) -> "Priced":
        """The lines that belong to one load of the document."""
        return Priced(tuple(line for line in self.lines if line.charge.load_id == load_id), self.currency)

    @property
    def taxes(self) -> list[tuple[Tax, Decimal, Decimal]]:
        """Per tax code: the tax, its net and its amount."""
        groups: dict[Tax, tuple[Decimal, Decimal]] = {}
        for line in self.lines:
            if line.tax is not None:
                net, amount = groups.get(line.tax, (ZERO, ZERO))
                groups[line.tax] = (net + line.net, amount + line.tax_amount)
        return [(tax, net, amount) for tax, (net, amount) in groups.items()]

    def by_account(self) -> dict[int, Decimal]:
        """What each GL account is credited with: revenue and reductions net, taxes on their own accounts."""
        accounts: dict[int, Decimal] = {}
        for line in self.lines:
            accounts[line.charge.gl_account_id] = accounts.get(line.charge.gl_account_id, ZERO) + line.net
            if line.tax is not None:
                accounts[line.tax.gl_account_id] = accounts.get(line.tax.gl_account_id, ZERO) + line.tax_amount
        return accounts

    @property
    def digest(self) -> str:
        """A fingerprint of everything the customer or the ledger would see: also how an amount came about."""
        facts = [
            (
                line.charge.kind, line.charge.description, str(line.net.normalize()), str(line.tax_amount.normalize()),
                line.tax.code_id if line.tax else None, line.charge.gl_account_id, line.charge.load_id,
                *(str(number.normalize()) for number in (line.charge.quantity, line.charge.rate) if number is not None),
            )
            for line in self.lines
        ]  # fmt: skip
        return hashlib.sha256(repr(facts).encode()).hexdigest()


def amount_of(quantity: Decimal, rate: Decimal, currency: str) -> Decimal:
    """Quantity times rate, rounded half-up once, per line."""
    return round_money(quantity * rate, currency)


def included_net(gross: Decimal, rate: Decimal, currency: str) -> Decimal:
    """The net inside a gross amount; the tax takes the remainder."""
    return round_money(gross * HUNDRED / (HUNDRED + rate), currency)


def price(charges: Sequence[Charge], currency: str) -> Priced:
    """Work out tax and totals. Reductions with tax included are worked out last, on what the others add up to."""

    def is_shared(charge: Charge) -> bool:
        return charge.treatment == TaxTreatment.INCLUDED and charge.amount < 0

    shared = [charge for charge in charges if is_shared(charge)]
    base = _base_lines([charge for charge in charges if not is_shared(charge)], currency)
    return Priced((*base, *_reductions(shared, base, currency)), currency)


def _base_lines(charges: Sequence[Charge], currency: str) -> list[PricedLine]:
    lines = [_untaxed_or_included(charge, currency) for charge in charges]
    groups: dict[Tax, list[int]] = {}
    for index, charge in enumerate(charges):
        if charge.treatment == TaxTreatment.ADDED and charge.tax is not None:
            groups.setdefault(charge.tax, []).append(index)
    for tax, indexes in groups.items():
        nets = [charges[index].amount for index in indexes]
        total = round_money(sum(nets, ZERO) * tax.rate / HUNDRED, currency)
        for index, part in zip(indexes, split(total, nets, currency), strict=True):
            lines[index] = replace(lines[index], tax=tax, tax_amount=part)
    return lines


def _untaxed_or_included(charge: Charge, currency: str) -> PricedLine:
    if charge.treatment == TaxTreatment.INCLUDED and charge.tax is not None:
        net = included_net(charge.amount, charge.tax.rate, currency)
        return PricedLine(charge, net, charge.tax, charge.amount - net)
    return PricedLine(charge, charge.amount, None, ZERO)


def _reductions(charges: Sequence[Charge], base: Sequence[PricedLine], currency: str) -> list[PricedLine]:
    """Each reduction in turn, split over what is left of the tax groups of its load."""
    of_load: dict[int | None, Groups] = {}
    for line in base:
        left = of_load.setdefault(line.charge.load_id, {})
        net, amount = left.get(line.tax, (ZERO, ZERO))
        left[line.tax] = (net + line.net, amount + line.tax_amount)
    lines = []
    for charge in charges:
        for tax, net, amount in take_off(-charge.amount, of_load.setdefault(charge.load_id, {}), currency):
            lines.append(PricedLine(charge, -net, tax, -amount))
    return lines


def take_off(gross: Decimal, left: Groups, currency: str) -> list[tuple[Tax | None, Decimal, Decimal]]:
    """Split a reduction over the tax groups by their gross, the tax taking the remainder: (tax, net, amount of tax).

    `left` is lowered by it. Never more of net or tax than is left of a group, so what empties one takes exactly that.
    """
    groups = [tax for tax, (net, amount) in left.items() if net + amount > 0] or [None]
    weights = [max(sum(left.get(tax, (ZERO, ZERO)), ZERO), ZERO) for tax in groups]
    parts = []
    for tax, part in zip(groups, split(gross, weights if any(weights) else [Decimal(1)], currency), strict=True):
        if part == 0:
            continue
        net_left, tax_left = left.get(tax, (ZERO, ZERO))
        net = _net_off(part, tax, net_left, tax_left, currency)
        left[tax] = (net_left - net, tax_left - part + net)
        parts.append((tax, net, part - net))
    return parts


def _net_off(part: Decimal, tax: Tax | None, net_left: Decimal, tax_left: Decimal, currency: str) -> Decimal:
    if tax is None:
        return part
    inside = included_net(part, tax.rate, currency)
    return max(min(max(inside, part - tax_left), net_left, part), ZERO)
