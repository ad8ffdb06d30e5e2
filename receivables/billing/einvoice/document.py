"""What an e-invoice says, before it is XML: pure figures and words, the same for invoice, credit note and debit note.

Amounts are positive here, whatever the document: a credit note credits what its lines say. A line that goes the other
way is a document-level allowance, since EN 16931 knows no negative unit price (BR-27).
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

ZERO = Decimal(0)
INVOICE, CREDIT_NOTE, DEBIT_NOTE = "380", "381", "383"


def words(text: str) -> str:
    """Text in one line: line feeds, tabs and the like become single blanks."""
    return " ".join(text.split())


@dataclass(frozen=True)
class Tax:
    """A tax as the tax office sees it; `rate` in percent, `reason` why there is none."""

    category: str
    rate: Decimal = ZERO
    reason: str = ""
    reason_code: str = ""


@dataclass(frozen=True)
class Item:
    """What was billed or taken off: `net` and `amount` (its tax) signed in the direction of the document."""

    description: str
    net: Decimal
    amount: Decimal
    tax: Tax
    note: str = ""
    quantity: Decimal = Decimal(1)
    price: Decimal | None = None
    unit: str = "C62"


@dataclass(frozen=True)
class Address:
    """Lines of an address; `country` in two letters."""

    lines: tuple[str, ...] = ()
    city: str = ""
    postal_code: str = ""
    region: str = ""
    country: str = ""


@dataclass(frozen=True)
class Party:
    """Seller or buyer. `vat_number` has the country in front, `tax_number` is any other number of a tax office."""

    name: str
    address: Address
    trading_name: str = ""
    identifier: str = ""
    vat_number: str = ""
    tax_number: str = ""
    registration: str = ""
    endpoint: str = ""
    endpoint_scheme: str = ""
    contact: str = ""
    phone: str = ""
    email: str = ""


@dataclass(frozen=True)
class Payee:
    """Where to pay: an IBAN or any account number."""

    account: str
    holder: str = ""
    bic: str = ""


@dataclass(frozen=True)
class Earlier:
    """The invoice that a correction refers to."""

    number: str
    issued: date


@dataclass(frozen=True)
class TaxGroup:
    """The tax of one category and rate over the whole document."""

    tax: Tax
    net: Decimal
    amount: Decimal


@dataclass(frozen=True)
class Document:
    """Everything that the XML says. `tax_in_books` is the tax in the seller's own currency, if that is another."""

    type: str
    number: str
    issued: date
    currency: str
    seller: Party
    buyer: Party
    items: Sequence[Item]
    due: date | None = None
    terms: str = ""
    note: str = ""
    order: str = ""
    earlier: tuple[Earlier, ...] = ()
    delivered: date | None = None
    deliver_to: str = ""
    payee: Payee | None = None
    books_currency: str = ""
    tax_in_books: Decimal | None = None
    lines: tuple[Item, ...] = field(init=False)
    allowances: tuple[Item, ...] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "lines", tuple(each for each in self.items if each.net >= 0))
        object.__setattr__(self, "allowances", tuple(each for each in self.items if each.net < 0))

    @property
    def is_credit(self) -> bool:
        return self.type == CREDIT_NOTE

    @property
    def lines_net(self) -> Decimal:
        """BT-106."""
        return sum((each.net for each in self.lines), ZERO)

    @property
    def allowances_net(self) -> Decimal:
        """BT-107, positive."""
        return -sum((each.net for each in self.allowances), ZERO)

    @property
    def net(self) -> Decimal:
        """BT-109."""
        return self.lines_net - self.allowances_net

    @property
    def tax(self) -> Decimal:
        """BT-110."""
        return sum((each.amount for each in self.items), ZERO)

    @property
    def total(self) -> Decimal:
        """BT-112, which is also what is to be paid (BT-115): payments are no part of what was billed."""
        return self.net + self.tax

    @property
    def groups(self) -> list[TaxGroup]:
        """The tax breakdown (BG-23): one group for each category and rate, in the order in which they appear."""
        sums: dict[tuple[str, Decimal], tuple[Tax, Decimal, Decimal]] = {}
        for each in self.items:
            key = (each.tax.category, each.tax.rate.normalize())
            tax, net, amount = sums.get(key, (each.tax, ZERO, ZERO))
            sums[key] = (tax, net + each.net, amount + each.amount)
        return [TaxGroup(tax, net, amount) for tax, net, amount in sums.values()]
