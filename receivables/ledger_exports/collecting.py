"""Reading what a batch consists of: the entries that are new to a format, as the formats want them."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from django.apps import apps
from django.db import connection
from django.db.models import Exists, OuterRef, QuerySet

from receivables.collections.models import BankAccount
from receivables.customers.models import Account as CustomerAccount
from receivables.ledger.models import GLAccount, JournalEntry, JournalLine, Period
from receivables.ledger.queries import next_month
from receivables.ledger.words import kind_words
from receivables.ledger_exports.formats.base import Account, Balance, Entry, Facts, Line
from receivables.ledger_exports.models import ExportedEntry, LedgerExport

CHUNK = 1000


def new_entries(actor: Any, format: str, through: date) -> QuerySet[JournalEntry]:
    """Entries posted up to a day that no live batch of a format has."""
    had = ExportedEntry.objects.filter(entry=OuterRef("pk"), format=format, live=True)
    return JournalEntry.objects.of(actor).filter(~Exists(had), posting_date__lte=through)


def opened_before(actor: Any, format: str) -> dict[str, Any]:
    """What the live batches of a format declared so far; empty before the first."""
    found: dict[str, Any] = {}
    rows = LedgerExport.objects.of(actor).filter(format=format, withdrawn_at=None).order_by("pk")
    for opened in rows.values_list("opened", flat=True):
        found.setdefault("accounts", {}).update(opened["accounts"])
        found.setdefault("customers", {}).update(opened.get("customers", {}))
        found["currencies"] = [*found.get("currencies", []), *opened["currencies"]]
    return found


def gather(actor: Any, format: str, number: str, keys: Sequence[int], through: date) -> Facts:
    """What a batch of these entries is written from, the entries themselves left out."""
    home = actor.organization.currency
    used = JournalEntry.objects.filter(pk__in=keys).values_list("currency", flat=True).distinct()
    banks = set(BankAccount.objects.of(actor).values_list("gl_account_id", flat=True))
    accounts = {
        row.pk: Account(row.pk, row.code, row.name, row.kind, row.role, row.pk in banks)
        for row in GLAccount.objects.of(actor)
    }
    closed = closed_through(actor, through)
    return Facts(
        organization=actor.organization.name, home=home, number=number, accounts=accounts,
        currencies=sorted({home, *used}), opened=opened_before(actor, format), closed_through=closed,
        asserted=balances(actor, format, keys, closed, accounts) if closed else (),
    )  # fmt: skip


def closed_through(actor: Any, through: date) -> date | None:
    """The last day of the last closed month with no open one before it, all of whose entries are in the batch."""
    last = None
    for month, closed in Period.objects.of(actor).order_by("month").values_list("month", "closed_at"):
        end = date.fromordinal(next_month(month).toordinal() - 1)
        if closed is None or end > through:
            break
        last = end
    return last


BALANCES = """
SELECT account, currency, sum(amount) FROM (
  SELECT l.gl_account_id AS account, l.currency,  l.amount
    FROM ledger_journalline l JOIN ledger_journalentry e ON e.id = l.entry_id
   WHERE e.organization_id = %(organization)s AND e.posting_date <= %(day)s AND l.amount <> 0
     AND (e.id = ANY(%(keys)s) OR EXISTS (SELECT 1 FROM ledger_exports_exportedentry x
           WHERE x.entry_id = e.id AND x.format = %(format)s AND x.live))
  UNION ALL
  SELECT l.gl_account_id, %(home)s, l.organization_amount
    FROM ledger_journalline l JOIN ledger_journalentry e ON e.id = l.entry_id
   WHERE e.organization_id = %(organization)s AND e.posting_date <= %(day)s AND l.currency <> %(home)s
     AND l.organization_amount <> 0 AND sign(l.amount) <> sign(l.organization_amount)
     AND (e.id = ANY(%(keys)s) OR EXISTS (SELECT 1 FROM ledger_exports_exportedentry x
           WHERE x.entry_id = e.id AND x.format = %(format)s AND x.live))
) parts GROUP BY account, currency ORDER BY account, currency
"""


def balances(
    actor: Any, format: str, keys: Sequence[int], day: date, accounts: Iterable[int]
) -> list[Balance]:  # fmt: skip
    """Every account's balance of each commodity at the end of a day, over all live batches and this one; of the home
    currency also where it is nothing.

    What the formats write as an amount at home (see `postings`) counts as the home currency.
    """
    home = actor.organization.currency
    found = {(account, home): Decimal(0) for account in accounts}
    values = {
        "organization": actor.organization_id, "day": day, "keys": list(keys), "format": format,
        "home": home,
    }  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(BALANCES, values)
        found |= {(account, currency): Decimal(amount) for account, currency, amount in cursor.fetchall()}
    return [Balance(account, currency, amount) for (account, currency), amount in sorted(found.items())]


class Reader:
    """Reads entries with their lines, a chunk at a time; customers are looked up once."""

    def __init__(self, actor: Any) -> None:
        self.actor = actor
        self._customers: dict[int, tuple[str, str]] = {}

    def entries(self, keys: Sequence[int]) -> Iterator[list[Entry]]:
        """The entries of these keys in their order, in lists of `CHUNK`."""
        for start in range(0, len(keys), CHUNK):
            chunk = keys[start : start + CHUNK]
            rows = JournalEntry.objects.of(self.actor).in_bulk(chunk)
            lines, documents = self._lines(chunk), self._numbers(rows.values())
            yield [self._entry(rows[key], lines[key], documents) for key in chunk]

    def _lines(self, chunk: Sequence[int]) -> dict[int, list[tuple[Any, ...]]]:
        rows = (
            JournalLine.objects.of(self.actor)
            .filter(entry__in=chunk)
            .order_by("entry_id", "line_no")
            .values_list(
                "entry_id", "gl_account_id", "amount", "organization_amount", "line_no", "memo",
                "open_item__account_id", "agreement__account_id", "for_agreement__account_id", "open_item__number",
            )
        )  # fmt: skip
        found: dict[int, list[tuple[Any, ...]]] = defaultdict(list)
        for row in rows:
            found[row[0]].append(row[1:])
        self._know({key for row in rows for key in row[6:9] if key} - self._customers.keys())
        return found

    def _know(self, accounts: set[int]) -> None:
        rows = CustomerAccount.objects.of(self.actor).filter(pk__in=accounts)
        for pk, name, number in rows.values_list("pk", "customer__name", "customer__number"):
            self._customers[pk] = (name, number)

    def _numbers(self, rows: Iterable[JournalEntry]) -> dict[tuple[str, int], str]:
        """The numbers of the documents that entries were posted for, where their kind has numbers."""
        wanted: dict[str, set[int]] = defaultdict(set)
        for row in rows:
            wanted[row.source_type].add(row.source_id)
        found: dict[tuple[str, int], str] = {}
        for source, keys in wanted.items():
            model = apps.get_model(source)
            if any(field.name == "number" for field in model._meta.fields):
                numbers = model._default_manager.filter(pk__in=keys).values_list("pk", "number")
                found.update({(source, pk): str(number) for pk, number in numbers})
        return found

    def _entry(
        self, row: JournalEntry, lines: list[tuple[Any, ...]], documents: dict[tuple[str, int], str]
    ) -> Entry:  # fmt: skip
        nobody = ("", "")
        built = []
        for account, amount, home, number, memo, *owners, _item in lines:
            name, customer = self._customers.get(next((each for each in owners if each), 0), nobody)
            built.append(Line(account, amount, home, number, name, customer, memo))
        item = next((line[-1] for line in lines if line[-1]), "")
        return Entry(
            pk=row.pk, posting_date=row.posting_date, document_date=row.document_date, kind=row.kind,
            words=str(kind_words(row.kind)), source=row.source_type.partition(".")[2],
            document=documents.get((row.source_type, row.source_id)) or item, currency=row.currency, lines=built,
            memo=row.memo, reverses=row.reverses_id,
        )  # fmt: skip
