"""What every format is given: entries, accounts and what earlier batches said. Nothing here reads a database."""

import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from receivables.core.money import decimals

ROOTS = {"asset": "Assets", "liability": "Liabilities", "equity": "Equity", "income": "Income", "expense": "Expenses"}
# Accounts and currencies are declared on a day that no entry lies before, so that late entries find them open.
BEGINNING = "1970-01-01"


@dataclass(frozen=True)
class Account:
    """A GL account as it is today; `bank`: money is received on it."""

    pk: int
    code: str
    name: str
    kind: str
    role: str = ""
    bank: bool = False


@dataclass(frozen=True)
class Line:
    """One side of an entry: `amount` in the entry's currency, `home` in the organization's; a debit is positive."""

    account: int
    amount: Decimal
    home: Decimal
    number: int = 1
    customer: str = ""
    customer_number: str = ""
    memo: str = ""


@dataclass(frozen=True)
class Entry:
    """A journal entry with its lines, in words: `words` says what it is, `document` the number it was posted for."""

    pk: int
    posting_date: date
    document_date: date
    kind: str
    words: str
    source: str
    document: str
    currency: str
    lines: Sequence[Line]
    memo: str = ""
    reverses: int | None = None

    @property
    def customer(self) -> str:
        return next((line.customer for line in self.lines if line.customer), "")


@dataclass(frozen=True)
class Balance:
    """What an account holds of one commodity after all that was exported up to a day."""

    account: int
    currency: str
    amount: Decimal


@dataclass
class Facts:
    """What a batch is written from, beside its entries.

    `opened` is what earlier live batches of the format declared: names of accounts by key, currencies, and where a
    format declares them, names of customers by number.
    `asserted` are the balances at the end of `closed_through`, the last day that nothing is posted on any more.
    """

    organization: str
    home: str
    number: str
    accounts: Mapping[int, Account]
    currencies: Sequence[str]
    opened: Mapping[str, Any] = field(default_factory=dict)
    closed_through: date | None = None
    asserted: Sequence[Balance] = ()


class Writer:
    """Writes one batch. `opened` is what it declares beyond the batches before it."""

    encoding = "utf-8"
    extension = "txt"
    content_type = "text/plain"

    def __init__(self, facts: Facts) -> None:
        self.facts = facts
        self.names: dict[int, str] = {int(pk): name for pk, name in facts.opened.get("accounts", {}).items()}
        self.new_names: dict[int, str] = {}
        known = facts.opened.get("currencies", [])
        self.new_currencies = [code for code in facts.currencies if code not in known]
        for account in sorted(facts.accounts.values(), key=lambda each: (each.code, each.pk)):
            if account.pk not in self.names:
                self.names[account.pk] = self.new_names[account.pk] = self._unused(account)

    def _unused(self, account: Account) -> str:
        name = self.account_name(account)
        taken = {known.casefold() for known in self.names.values()}
        return name if name.casefold() not in taken else self.told_apart(name, account)

    def account_name(self, account: Account) -> str:
        """What an account is called there, from the day it is first declared, whatever becomes of its name here."""
        return f"{account.code} {account.name}"

    def told_apart(self, name: str, account: Account) -> str:
        return f"{name}-{account.pk}"

    @property
    def opened(self) -> dict[str, Any]:
        return {"accounts": {str(pk): name for pk, name in self.new_names.items()}, "currencies": self.new_currencies}

    def begin(self) -> Iterator[str]:
        """What stands first; asked for last, when every entry was seen."""
        yield from ()

    def entry(self, entry: Entry) -> Iterator[str]:
        raise TypeError(f"{type(self).__name__} does not say how it writes an entry")

    def end(self) -> Iterator[str]:
        yield from ()


def plain(text: str, allowed: Callable[[str], bool] = lambda character: True, most: int = 200) -> str:
    """Text on one line: control characters and what is not allowed become spaces, runs of spaces one."""
    kept = "".join(
        each if unicodedata.category(each)[0] != "C" and each not in "\u2028\u2029" and allowed(each) else " "
        for each in str(text)
    )
    return " ".join(kept.split())[:most].strip()


def component(text: str) -> str:
    """A part of an account's name that beancount and hledger read: letters, digits and hyphens, beginning with a
    capital letter or a digit."""
    kept = "".join(each if unicodedata.category(each)[0] == "L" or each in "0123456789" else "-" for each in text)
    joined = "-".join(part for part in kept.split("-") if part) or "Account"
    first = joined[0].upper()
    if not (first in "0123456789" or (len(first) == 1 and unicodedata.category(first) == "Lu")):
        return f"A-{joined}"
    return first + joined[1:]


def rooted(account: Account) -> str:
    """An account below the root of its kind: "Assets:1200-Accounts-receivable"."""
    return f"{ROOTS[account.kind]}:{component(f'{account.code}-{account.name}')}"


def label(text: str) -> str:
    """A document's number as links and codes may have it; "" where nothing of it is left."""
    kept = "".join(each if (each.isascii() and each.isalnum()) or each in "-_/." else "-" for each in text)
    return kept.strip("-/.")


def figure(amount: Decimal, currency: str) -> str:
    """An amount with all the decimals of its currency."""
    return f"{amount:.{decimals(currency)}f}"


def written(amount: Decimal, currency: str) -> str:
    """An amount with the code of its currency behind it."""
    return f"{figure(amount, currency)} {currency}"


def postings(line: Line, currency: str, home: str) -> list[str]:
    """A line as amounts that balance in both currencies.

    A foreign amount carries its booked value as a total price, so that the program that reads it adds up the home
    currency; the foreign amounts of an entry add up by themselves. What has a value only at home (an exchange
    difference) is an amount at home, and what the two signs do not agree on is split into both.
    """
    if currency == home:
        return [written(line.amount, home)]
    if not line.amount:
        return [written(line.home, home)]
    if line.home and (line.amount > 0) != (line.home > 0):
        return [f"{written(line.amount, currency)} @@ {written(Decimal(0), home)}", written(line.home, home)]
    return [f"{written(line.amount, currency)} @@ {written(abs(line.home), home)}"]
