"""beancount 3: directives that open accounts and currencies, transactions, and the balances of closed months."""

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal

from receivables.ledger_exports.formats.base import (
    BEGINNING,
    Account,
    Entry,
    Writer,
    figure,
    label,
    plain,
    postings,
    rooted,
)


def quoted(text: str) -> str:
    """A string that ends where we end it, whatever it says."""
    escaped = plain(text).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


class Beancount(Writer):
    """Each batch may be included after the ones before it: what they declared is not declared again."""

    extension = "beancount"

    def account_name(self, account: Account) -> str:
        return rooted(account)

    def begin(self) -> Iterator[str]:
        yield f"; {plain(self.facts.organization)}, {self.facts.number}\n"
        if not self.facts.opened:
            yield f'option "operating_currency" "{self.facts.home}"\n'
        for code in self.new_currencies:
            yield f"{BEGINNING} commodity {code}\n"
        for pk, name in self.new_names.items():
            account = self.facts.accounts[pk]
            yield f"{BEGINNING} open {name}\n  code: {quoted(account.code)}\n  name: {quoted(account.name)}\n"
        yield "\n"

    def entry(self, entry: Entry) -> Iterator[str]:
        narration = f"{entry.words} {entry.document}" if entry.document else entry.words
        link = f" ^{label(entry.document)}" if label(entry.document) else ""
        tag = label(entry.kind.partition(" ")[0])
        yield f"{entry.posting_date} * {quoted(entry.customer)} {quoted(narration)}{link} #{tag}\n"
        yield f"  entry: {entry.pk}\n  document-date: {entry.document_date}\n"
        if entry.reverses:
            yield f"  reverses: {entry.reverses}\n"
        if entry.memo:
            yield f"  memo: {quoted(entry.memo)}\n"
        for line in entry.lines:
            for amount in postings(line, entry.currency, self.facts.home):
                yield f"  {self.names[line.account]}  {amount}\n"
        yield "\n"

    def end(self) -> Iterator[str]:
        if self.facts.closed_through is None:
            return
        day = self.facts.closed_through + timedelta(days=1)  # a balance holds at the beginning of its day
        for each in self.facts.asserted:
            amount, exactly = figure(each.amount, each.currency), figure(Decimal(0), each.currency)
            yield f"{day} balance {self.names[each.account]}  {amount} ~ {exactly} {each.currency}\n"
