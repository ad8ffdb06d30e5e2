"""Writing a plan to the books, for any number of accounts at once: one INSERT per table.

A write-off posts one entry of pairs: on the source Dr transfer / Cr the account its balance stands on; on the write-off
agreement Dr expense, or the overridden liability / Cr transfer. The transfer account nets to zero.
"""

import datetime
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils import timezone

from receivables.core.bulk import insert_all, insert_rows
from receivables.core.dates import today
from receivables.core.sequences import take_numbers
from receivables.customers.models import Account, Agreement
from receivables.ledger.models import AgreementTransaction, Allocation, GLAccount, JournalEntry, OpenItem
from receivables.ledger.posting import Draft, Line, post
from receivables.ledger.queries import role_accounts
from receivables.writeoffs.models import Bankruptcy, WriteOff, WriteOffItem, WriteOffLine
from receivables.writeoffs.planning import Plan, Route, Share

ZERO = Decimal(0)
SYNC = "sync"
# An agreement in one of these states takes more written-off debt; one that closed (one-time charge) does not.
REUSABLE = (Agreement.State.ACTIVE, Agreement.State.REACTIVATED)
LINE = (
    "organization_id write_off_id line_no source_agreement_id source_item_id source_account_id booked_account_id"
    " item_id currency amount organization_amount"
)
SETTLEMENT = "organization_id kind debit_item_id entry_id currency amount date created_at"

AgreementKey = tuple[int, int, str]  # account, type, currency


@dataclass(frozen=True)
class Ready:
    """A write-off that may be posted: everything is locked, checked and worked out. `onto` is the account of the
    write-off agreements, by default that of the debt."""

    account: Account
    plan: Plan
    currency: str
    reason: str
    date: datetime.date
    posting_date: datetime.date
    method: str = WriteOff.Method.DISTRIBUTION
    onto: Account | None = None
    author: Any = None
    approved_by: Any = None
    bankruptcy: Bankruptcy | None = None

    @property
    def target(self) -> Account:
        return self.onto or self.account

    def agreement_key(self, route: Route) -> AgreementKey:
        return self.target.pk, route.type_id, self.currency


def sync_current(actor: Any, agreements: Sequence[Agreement], day: datetime.date) -> None:
    """What is asked for becomes what is truly owed. No journal line: nothing is owed more or less by it."""
    insert_all(
        AgreementTransaction(
            organization_id=actor.organization_id, agreement=agreement, kind=SYNC, date=day, payoff_effect=ZERO,
            current_effect=agreement.payoff_balance - agreement.current_balance,
        )
        for agreement in agreements
        if agreement.payoff_balance != agreement.current_balance
    )  # fmt: skip


def existing_agreements(actor: Any, readies: Sequence[Ready]) -> dict[AgreementKey, Agreement]:
    """The write-off agreements that are there already, the oldest of each account, type and currency."""
    types = {share.route.type_id for ready in readies for share in ready.plan.shares}
    rows = Agreement.objects.of(actor).filter(
        account__in={ready.target.pk for ready in readies}, type__in=types, state__in=REUSABLE
    )
    return {(row.account_id, row.type_id, row.currency): row for row in rows.order_by("-pk")}


def post_write_offs(actor: Any, readies: Sequence[Ready]) -> list[WriteOff]:
    """Post them all: numbers, missing write-off agreements, open items, entries, settlements and lines.

    Everything is locked by the caller. Raises `Refused` through the guards of the ledger.
    """
    if not readies:
        return []
    agreements = existing_agreements(actor, readies)
    missing = list(
        dict.fromkeys(
            key
            for ready in readies
            for share in ready.plan.shares
            if (key := ready.agreement_key(share.route)) not in agreements
        )
    )
    numbers = take_numbers(actor.organization_id, {"write_off": len(readies), "agreement": len(missing)})
    for made in _make_agreements(actor, missing, [number for _n, number in numbers.get("agreement", [])]):
        agreements[made.account_id, made.type_id, made.currency] = made
    write_offs = _documents(actor, readies, numbers["write_off"])
    items = _items(actor, readies, write_offs, agreements)
    transfer = role_accounts(actor.organization_id, GLAccount.Role.TRANSFER)[GLAccount.Role.TRANSFER]
    drafts = [
        _draft(write_off, ready, items[number], transfer)
        for number, (write_off, ready) in enumerate(zip(write_offs, readies, strict=True))
    ]
    entries = post(actor, *drafts)
    _settle(actor, readies, entries)
    _lines(actor, readies, write_offs, items)
    return write_offs


def _make_agreements(actor: Any, missing: Sequence[AgreementKey], numbers: Sequence[str]) -> list[Agreement]:
    """Write-off agreements are born Active, together with their first debt."""
    day = today(actor.organization)
    return insert_all(
        Agreement(
            organization_id=actor.organization_id, account_id=account, type_id=kind, currency=currency, number=number,
            state=Agreement.State.ACTIVE, start_date=day,
        )
        for (account, kind, currency), number in zip(missing, numbers, strict=True)
    )  # fmt: skip


def _documents(actor: Any, readies: Sequence[Ready], numbers: Sequence[tuple[int, str]]) -> list[WriteOff]:
    return insert_all(
        WriteOff(
            organization_id=actor.organization_id, number=number, sequence_number=sequence_number,
            account=ready.account, method=ready.method, reason=ready.reason, currency=ready.currency,
            amount=ready.plan.amount, organization_amount=ready.plan.own_amount, line_count=len(ready.plan.shares),
            date=ready.date,
            posting_date=ready.posting_date, created_by=ready.author, approved_by=ready.approved_by,
            bankruptcy=ready.bankruptcy,
        )
        for ready, (sequence_number, number) in zip(readies, numbers, strict=True)
    )  # fmt: skip


Items = dict[Route, WriteOffItem]


def _items(
    actor: Any, readies: Sequence[Ready], write_offs: Sequence[WriteOff], agreements: Mapping[AgreementKey, Agreement]
) -> list[Items]:
    """One open item for each destination of a write-off, as old as the oldest debt that it takes over."""
    wanted = []
    for number, (ready, write_off) in enumerate(zip(readies, write_offs, strict=True)):
        for route in dict.fromkeys(share.route for share in ready.plan.shares):
            due = min(share.debt.due_date for share in ready.plan.shares if share.route == route)
            wanted.append((number, route, write_off, ready, due, agreements[ready.agreement_key(route)]))
    opened = insert_all(
        OpenItem(
            organization_id=actor.organization_id, account_id=ready.target.pk, agreement_id=agreement.pk,
            gl_account_id=route.debit_account_id, kind=OpenItem.Kind.WRITE_OFF, number=write_off.number,
            currency=ready.currency, document_date=ready.date, due_date=due,
        )
        for _n, route, write_off, ready, due, agreement in wanted
    )  # fmt: skip
    made = insert_all(
        WriteOffItem(
            organization_id=actor.organization_id, write_off_id=write_off.pk, agreement_id=agreement.pk,
            open_item_id=item.pk,
        )
        for (_n, _route, write_off, _ready, _due, agreement), item in zip(wanted, opened, strict=True)
    )  # fmt: skip
    found: list[Items] = [{} for _ready in readies]
    for (number, route, *_rest), item in zip(wanted, made, strict=True):
        found[number][route] = item
    return found


def _draft(write_off: WriteOff, ready: Ready, items: Items, transfer: int) -> Draft:
    return Draft(
        "write_off", write_off, ready.date, ready.posting_date, ready.currency,
        _pairs(ready.plan.shares, items, transfer), memo=write_off.number,
    )  # fmt: skip


def _pairs(shares: Sequence[Share], items: Items, transfer: int) -> list[Line]:
    """Each source's pair, then each destination's; amounts in the books at the value the source is booked at."""
    off: dict[tuple[int, int | None, int], list[Share]] = defaultdict(list)
    on: dict[Route, list[Share]] = defaultdict(list)
    for share in shares:
        off[share.debt.agreement_id, share.debt.item_id, share.debt.standing_on].append(share)
        on[share.route].append(share)
    lines = []
    for (agreement, item, account), part in off.items():
        amount, own = _sums(part)
        lines += [
            Line(transfer, amount, for_agreement_id=agreement, organization_amount=own),
            Line(account, -amount, open_item_id=item, agreement_id=agreement, organization_amount=-own),
        ]
    for route, part in on.items():
        amount, own = _sums(part)
        made = items[route]
        lines += [
            Line(
                route.debit_account_id, amount, open_item_id=made.open_item_id, opens=True,
                agreement_id=made.agreement_id, organization_amount=own,
            ),
            Line(transfer, -amount, for_agreement_id=made.agreement_id, organization_amount=-own),
        ]  # fmt: skip
    return lines


def _sums(shares: Sequence[Share]) -> tuple[Decimal, Decimal]:
    return sum((share.amount for share in shares), ZERO), sum((share.own_amount for share in shares), ZERO)


def _settle(actor: Any, readies: Sequence[Ready], entries: Sequence[JournalEntry]) -> None:
    """The sources' open items are settled by the transfer."""
    at = timezone.now()
    insert_rows(
        Allocation,
        SETTLEMENT,
        (
            (actor.organization_id, Allocation.Kind.TRANSFER.value, item, entry.pk, ready.currency, amount,
             ready.posting_date, at)
            for ready, entry in zip(readies, entries, strict=True)
            for (_agreement, item), amount in ready.plan.by_debt().items()
            if item is not None
        ),
    )  # fmt: skip


def _lines(actor: Any, readies: Sequence[Ready], write_offs: Sequence[WriteOff], items: Sequence[Items]) -> None:
    insert_rows(
        WriteOffLine,
        LINE,
        (
            (
                actor.organization_id, write_off.pk, line_no, share.debt.agreement_id, share.debt.item_id,
                share.debt.standing_on, share.booked_account_id, found[share.route].pk, ready.currency, share.amount,
                share.own_amount,
            )
            for ready, write_off, found in zip(readies, write_offs, items, strict=True)
            for line_no, share in enumerate(ready.plan.shares, start=1)
        ),
    )  # fmt: skip
