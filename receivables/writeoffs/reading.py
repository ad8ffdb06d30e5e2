"""The facts of a write-off, read for any number of agreements in a fixed number of queries; under the lock of their
accounts where something is written afterwards."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from django.db import connection
from django.db.models import F, Sum

from receivables.billing.credit_notes.models import CreditNoteLine
from receivables.customers.models import Agreement, AgreementType
from receivables.ledger.models import Allocation, GLAccount, JournalLine, OpenItem
from receivables.writeoffs.models import MovedOrigin, WriteOffSettings
from receivables.writeoffs.planning import Debt, Movement, Route, Routes, unpaid_parts

ZERO = Decimal(0)
WRITE_OFF = AgreementType.SpecialRole.WRITE_OFF
# Accounts that say nothing of where debt came from: what was moved, converted or taken over from another system.
SILENT = frozenset(
    {
        GLAccount.Role.RECEIVABLES, GLAccount.Role.UNAPPLIED, GLAccount.Role.TRANSFER,
        GLAccount.Role.CURRENCY_CLEARING, GLAccount.Role.EXCHANGE, GLAccount.Role.OPENING,
    }
)  # fmt: skip
OTHER_SETTLEMENTS = (Allocation.Kind.CREDIT_NOTE, Allocation.Kind.BAD_DEBT, Allocation.Kind.DIFFERENCE)

# What the entries that opened items were booked to: their other lines, shared over the items one entry opened.
OPENED = """
SELECT o.open_item_id, l.gl_account_id, -sum(l.amount * o.amount / o.whole)
  FROM (SELECT j.open_item_id, j.entry_id, sum(j.amount) AS amount,
               (SELECT sum(w.amount) FROM ledger_journalline w WHERE w.entry_id = j.entry_id AND w.opens) AS whole
          FROM ledger_journalline j WHERE j.open_item_id = ANY(%s) AND j.opens
         GROUP BY j.open_item_id, j.entry_id) o
  JOIN ledger_journalline l ON l.entry_id = o.entry_id AND NOT l.opens AND l.open_item_id IS NULL
 WHERE o.whole <> 0 GROUP BY 1, 2
"""

# What moved an agreement without an open item, and what those entries were booked to, newest first; reversed pairs not.
MOVED = """
SELECT m.agreement_id, m.gl_account_id, m.entry_id, m.amount, l.gl_account_id, -sum(l.amount)
  FROM (SELECT j.agreement_id, j.gl_account_id, j.entry_id, sum(j.amount) AS amount
          FROM ledger_journalline j JOIN ledger_journalentry e ON e.id = j.entry_id
         WHERE j.agreement_id = ANY(%s) AND j.open_item_id IS NULL AND e.reverses_id IS NULL
           AND NOT EXISTS (SELECT 1 FROM ledger_journalentry r WHERE r.reverses_id = e.id)
         GROUP BY 1, 2, 3 HAVING sum(j.amount) > 0) m
  LEFT JOIN ledger_journalline l ON l.entry_id = m.entry_id AND l.agreement_id IS NULL
 GROUP BY 1, 2, 3, 4, 5 ORDER BY m.entry_id DESC, 5
"""


def gl_accounts(actor: Any) -> dict[int, GLAccount]:
    """The organization's chart of accounts with its write-off targets, in one query."""
    return {row.pk: row for row in GLAccount.objects.of(actor).select_related("write_off_type")}


def routes(
    actor: Any, accounts: Mapping[int, GLAccount], *, to_type: AgreementType | None = None, keep_override: bool = False
) -> Routes:
    """Where debt goes by the account it was booked to; with `to_type` all of it to agreements of that type.

    `keep_override`: accounts that are to be debited themselves still are (bankruptcy).
    """
    if to_type is not None:
        whole = Route(to_type.pk, to_type.gl_account_id)
        kept = {
            pk: Route(to_type.pk, pk if keep_override and account.write_off_override else to_type.gl_account_id)
            for pk, account in accounts.items()
        }
        return Routes(kept, whole)
    found = {
        pk: Route(account.write_off_type_id, pk if account.write_off_override else account.write_off_type.gl_account_id)
        for pk, account in accounts.items()
        if account.write_off_type is not None and account.write_off_type_id is not None
    }
    settings = WriteOffSettings.objects.of(actor).select_related("default_type").first()
    fallback = settings.default_type if settings else None
    return Routes(found, Route(fallback.pk, fallback.gl_account_id) if fallback else None)


def debts_of(actor: Any, agreements: Iterable[Agreement], accounts: Mapping[int, GLAccount]) -> list[Debt]:
    """Everything that is owed on these agreements, the oldest due first; debt on no open item comes last.

    The agreements come with their types. Six queries, however many there are, and one where debt was moved.
    """
    held = {agreement.pk: agreement for agreement in agreements}
    items = list(
        OpenItem.objects.of(actor).filter(agreement_id__any=list(held), balance__gt=0).order_by("due_date", "pk")
    )
    fresh = [item for item in items if not _is_written_off(held, item)]
    unpaid = _booked(fresh, accounts, _moved_origins(fresh))
    debts = [
        Debt(
            item.account_id, item.agreement_id or 0, item.pk, item.number, item.due_date, item.gl_account_id,
            item.currency, item.balance, item.organization_balance, booked=unpaid.get(item.pk, {}),
            written_off=_is_written_off(held, item), payable=_is_payable(held, item),
        )
        for item in items
    ]  # fmt: skip
    return [*debts, *_beside_items(actor, held, debts, accounts)]


def _is_written_off(held: Mapping[int, Agreement], item: OpenItem) -> bool:
    return held[item.agreement_id or 0].type.special_role == WRITE_OFF


def _is_payable(held: Mapping[int, Agreement], item: OpenItem) -> bool:
    return bool(held[item.agreement_id or 0].type.payment_segment_type)


def _moved_origins(items: Iterable[OpenItem]) -> dict[int, dict[int | None, Decimal]]:
    """What debt that was moved from another agreement was booked to before that."""
    moved = [item.pk for item in items if item.kind == OpenItem.Kind.TRANSFER]
    found: dict[int, dict[int | None, Decimal]] = defaultdict(dict)
    if moved:
        rows = MovedOrigin.objects.filter(moved__open_item__in=moved).values_list("moved__open_item", "booked_account")
        for item, account, amount in rows.annotate(sum=Sum("amount")).order_by():
            found[item][account] = amount
    return found


def _booked(
    items: Sequence[OpenItem], accounts: Mapping[int, GLAccount], moved: Mapping[int, dict[int | None, Decimal]]
) -> dict[int, dict[int | None, Decimal]]:
    """What each item still stands for by account; nothing for an item that no account explains."""
    if not items:
        return {}
    opened: dict[int, dict[int | None, Decimal]] = defaultdict(dict, moved)
    currencies = {item.pk: item.currency for item in items}
    with connection.cursor() as cursor:
        cursor.execute(OPENED, [list(currencies)])
        for item, account, amount in cursor.fetchall():
            if accounts[account].role not in SILENT:
                opened[item][account] = amount
    taken, reduced = _taken_back(list(currencies))

    def in_order(account: int | None) -> tuple[bool, str]:
        """Liabilities last, else by number: a journal reads the same whoever writes off."""
        return account in liabilities, "" if account is None else accounts[account].code

    liabilities = {pk for pk, account in accounts.items() if account.kind == GLAccount.Kind.LIABILITY}
    return {
        item: unpaid_parts(
            {account: booked[account] for account in sorted(booked, key=in_order)}, taken[item], reduced[item],
            liabilities, currencies[item],
        )
        for item, booked in opened.items()
    }  # fmt: skip


def _taken_back(items: Sequence[int]) -> tuple[dict[int, dict[int, Decimal]], dict[int, Decimal]]:
    """What credit notes and the like took off items: by tax account where they name one, and the rest."""
    taken: dict[int, dict[int, Decimal]] = defaultdict(dict)
    reduced: dict[int, Decimal] = defaultdict(Decimal)
    live = Allocation.objects.filter(
        debit_item_id__any=list(items), kind__in=OTHER_SETTLEMENTS, reverses__isnull=True, reversed_by__isnull=True
    )
    for item, amount in live.values_list("debit_item").annotate(sum=Sum("amount")).order_by():
        reduced[item] = amount
    taxes = (
        CreditNoteLine.objects.filter(allocation__in=live, tax__gt=0)
        .values_list("allocation__debit_item", "tax_code__gl_account")
        .annotate(sum=Sum("tax"))
        .order_by()
    )
    for item, account, tax in taxes:
        taken[item][account] = tax
        reduced[item] -= tax
    return taken, reduced


def _beside_items(
    actor: Any, held: Mapping[int, Agreement], debts: Sequence[Debt], accounts: Mapping[int, GLAccount]
) -> list[Debt]:
    """Debt of agreements that stands on no open item."""
    on_items: dict[int, Decimal] = defaultdict(Decimal)
    for row in (
        OpenItem.objects.of(actor)
        .filter(agreement_id__any=list(held))
        .values_list("agreement")
        .annotate(sum=Sum("balance"))
    ):
        on_items[row[0]] = row[1]
    rest = {pk: agreement.payoff_balance - on_items[pk] for pk, agreement in held.items()}
    wanted = [pk for pk, amount in rest.items() if amount > 0]
    if not wanted:
        return []
    movements = _movements(wanted, accounts)
    booked_at = dict(
        JournalLine.objects.of(actor).filter(agreement__in=wanted, open_item__isnull=True)
        .values_list("agreement").annotate(own=Sum("organization_amount")).order_by()
    )  # fmt: skip
    return [
        Debt(
            held[pk].account_id, pk, None, held[pk].number, held[pk].start_date, held[pk].type.gl_account_id,
            held[pk].currency, rest[pk], booked_at.get(pk, ZERO), movements=movements.get(pk, ()), payable=False,
        )
        for pk in wanted
    ]  # fmt: skip


def _movements(agreements: list[int], accounts: Mapping[int, GLAccount]) -> dict[int, list[Movement]]:
    rows: dict[tuple[int, int], tuple[Decimal, dict[int | None, Decimal]]] = {}
    with connection.cursor() as cursor:
        cursor.execute(MOVED, [agreements])
        for agreement, _standing, entry, amount, account, booked in cursor.fetchall():
            known = rows.setdefault((agreement, entry), (amount, {}))
            if account is not None and booked > 0 and accounts[account].role not in SILENT:
                known[1][account] = booked
    found: dict[int, list[Movement]] = defaultdict(list)
    for (agreement, _entry), (amount, booked_to) in rows.items():
        found[agreement].append(Movement(amount, booked_to))
    return found


def out_of_step(actor: Any, agreements: Iterable[int]) -> list[Agreement]:
    """Those agreements that are asked for something else than is truly owed."""
    rows = Agreement.objects.of(actor).filter(pk__any=list(agreements))
    return list(rows.exclude(current_balance=F("payoff_balance")).order_by("pk"))
