"""Intuit Interchange Format: general journal entries in the organization's currency.

QuickBooks reads it as Windows text, knows one currency, and wants the customer on a line of receivables, of which a
transaction has one: lines of one customer on one account are added up. It knows customers by their names alone, so of
two with one name the second is told apart by its number. A second import posts everything again.
"""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from receivables.ledger_exports.formats.base import Account, Entry, Facts, Line, Writer, figure, plain

TYPES = {"asset": "OCASSET", "liability": "OCLIAB", "equity": "EQUITY", "income": "INC", "expense": "EXP"}
LONGEST_NAME = 31  # of an account; of a customer 41
LONGEST_CUSTOMER = 41


def cell(text: str, most: int = 200) -> str:
    """Text of one cell: no tabs, lines or quotation marks, and no colon, which would make a sub-account."""
    return plain(text, lambda each: each not in '"\t:', most)


def row(*cells: str) -> str:
    return "\t".join(cells) + "\r\n"


class IIF(Writer):
    """Accounts and customers that were not named before come first, so that QuickBooks makes them."""

    encoding = "cp1252"
    extension = "iif"
    content_type = "text/plain; charset=windows-1252"

    def __init__(self, facts: Facts) -> None:
        super().__init__(facts)
        self.customers: dict[str, str] = dict(
            facts.opened.get("customers", {})
        )  # by number, what they are called there
        self.new_customers: dict[str, str] = {}
        self._taken = {name.casefold() for name in self.customers.values()}

    def account_name(self, account: Account) -> str:
        return cell(f"{account.code} {account.name}", LONGEST_NAME)

    def told_apart(self, name: str, account: Account) -> str:
        tail = f"-{account.pk}"
        return name[: LONGEST_NAME - len(tail)] + tail

    def customer_name(self, line: Line) -> str:
        """What a customer is called there, from the day it is first declared, whatever becomes of its name here."""
        key = line.customer_number or line.customer
        if key and key not in self.customers:
            name = self._plainly(line.customer)
            if name.casefold() in self._taken:
                tail = self._plainly(f" {key}")
                name = f"{name[: LONGEST_CUSTOMER - len(tail) - 1]} {tail}"
            self.customers[key] = self.new_customers[key] = name
            self._taken.add(name.casefold())
        return self.customers.get(key, "")

    def _plainly(self, text: str) -> str:
        """As QuickBooks reads it, which is not every letter."""
        return cell(text, LONGEST_CUSTOMER).encode(self.encoding, "replace").decode(self.encoding)

    @property
    def opened(self) -> dict[str, Any]:
        return {**super().opened, "customers": self.new_customers}

    def begin(self) -> Iterator[str]:
        if self.new_names:
            yield row("!ACCNT", "NAME", "ACCNTTYPE", "DESC")
        for pk, name in self.new_names.items():
            account = self.facts.accounts[pk]
            yield row("ACCNT", name, self._type(account), cell(account.name))
        if self.new_customers:
            yield row("!CUST", "NAME")
        for customer in self.new_customers.values():
            yield row("CUST", customer)
        yield row("!TRNS", "TRNSTYPE", "DATE", "ACCNT", "NAME", "AMOUNT", "DOCNUM", "MEMO")
        yield row("!SPL", "TRNSTYPE", "DATE", "ACCNT", "NAME", "AMOUNT", "DOCNUM", "MEMO")
        yield row("!ENDTRNS")

    def _type(self, account: Account) -> str:
        if account.role == "receivables":
            return "AR"
        return "BANK" if account.bank else TYPES[account.kind]

    def entry(self, entry: Entry) -> Iterator[str]:
        lines = [line for line in self._together(entry) if line.home]
        for index, line in enumerate(lines):
            yield row(
                "SPL" if index else "TRNS", "GENERAL JOURNAL", f"{entry.posting_date:%m/%d/%Y}",
                self.names[line.account], self.customer_name(line), figure(line.home, self.facts.home),
                cell(entry.document), cell(f"{entry.pk} {entry.words} {line.memo or entry.memo}"),
            )  # fmt: skip
        if lines:
            yield row("ENDTRNS")

    def _together(self, entry: Entry) -> list[Line]:
        added: dict[tuple[int, str], Line] = {}
        for line in entry.lines:
            receivable = self.facts.accounts[line.account].role == "receivables"
            whose = line.customer_number or line.customer
            key = (line.account, whose) if receivable else (-line.number, "")
            before = added.get(key)
            home = line.home + (before.home if before else Decimal(0))
            added[key] = Line(
                line.account, Decimal(0), home, line.number, line.customer, line.customer_number, line.memo
            )
        return list(added.values())
