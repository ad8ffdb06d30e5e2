"""hledger's journal format, strict enough for `hledger check --strict`."""

from collections.abc import Iterator

from receivables.core.money import decimals
from receivables.ledger_exports.formats.base import (
    Account,
    Entry,
    Writer,
    label,
    plain,
    postings,
    rooted,
    written,
)

# Signs that mean something in a journal: comments, the bar between payee and note, and tags or dates in comments.
MEANING = set(';|:[]{}*!()=@"')
TYPES = {"asset": "A", "liability": "L", "equity": "E", "income": "R", "expense": "X"}


def told(text: str) -> str:
    """Free text without anything that the journal would take for its own."""
    return plain(text, lambda each: each not in MEANING)


class HLedger(Writer):
    """Each batch may be included after the ones before it."""

    extension = "journal"

    def account_name(self, account: Account) -> str:
        return rooted(account)

    def begin(self) -> Iterator[str]:
        yield f"; {told(self.facts.organization)} {label(self.facts.number)}\n"
        yield "decimal-mark .\n"
        for code in self.new_currencies:
            yield f"commodity 1.{'0' * decimals(code)} {code}\n"
        for pk, name in self.new_names.items():
            yield f"account {name}  ; type:{TYPES[self.facts.accounts[pk].kind]}\n"
        yield "\n"

    def entry(self, entry: Entry) -> Iterator[str]:
        words = " ".join(part for part in (told(entry.words), told(entry.document), told(entry.memo)) if part)
        payee = f"{told(entry.customer)} | " if told(entry.customer) else ""
        yield f"{entry.posting_date} * ({entry.pk}) {payee}{words}\n"
        tags = f"    ; kind:{label(entry.kind.partition(' ')[0])}, document-date:{entry.document_date}"
        yield f"{tags}, document:{label(entry.document)}\n" if label(entry.document) else f"{tags}\n"
        for line in entry.lines:
            for amount in postings(line, entry.currency, self.facts.home):
                yield f"    {self.names[line.account]}  {amount}\n"
        yield "\n"

    def end(self) -> Iterator[str]:
        if self.facts.closed_through is None or not self.facts.asserted:
            return
        yield f"{self.facts.closed_through} * balances {label(self.facts.number)}\n"
        for each in self.facts.asserted:
            nothing = written(abs(each.amount * 0), each.currency)
            yield f"    {self.names[each.account]}  {nothing} = {written(each.amount, each.currency)}\n"
        yield "\n"
