"""A write-off before it is posted: locked, read and checked, worked out to the last line."""

import datetime
import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.db.models import Max, QuerySet
from django.urls import reverse

from receivables.approvals.models import ApprovalRequest
from receivables.approvals.operations import waiting_request
from receivables.billing.operations.locking import number_format
from receivables.billing.operations.revisions import chosen_posting_date
from receivables.core.access import lock_rows
from receivables.core.dates import today
from receivables.core.errors import Blocker, Refused, refuse
from receivables.core.money import NumberFormat
from receivables.customers.models import Account, Agreement, AgreementType
from receivables.ledger.models import GLAccount, JournalLine, OpenItem
from receivables.writeoffs.models import WriteOff
from receivables.writeoffs.own_money import Money, money_of
from receivables.writeoffs.planning import Debt, Plan, Routes, after_money, chosen, oldest_first, plan
from receivables.writeoffs.reading import debts_of, gl_accounts, routes
from receivables.writeoffs.rules import (
    DebtFacts,
    WriteOffFacts,
    account_not_found_blocker,
    still_owed_blocker,
    write_off_debt_blocker,
)

ZERO = Decimal(0)
VERB = "write_off_debt"
DebtKey = tuple[int, int | None]


@dataclass(frozen=True)
class Wanted:
    """What somebody asks to write off.

    `picks` are amounts by (agreement, open item; None for debt on no item). Without picks it is everything on
    `agreements` (without those: on the account), or `amount` of it, the oldest due first. `to_type` sends all of it to
    one write-off type; `onto` is another account for the write-off agreements. `seen` is the digest of what the person
    was shown, empty if nothing was. `load` is the load of a summary invoice whose part alone this is about.
    """

    account: Account
    reason: str
    picks: Mapping[DebtKey, Decimal] = field(default_factory=dict)
    agreements: Sequence[int] = ()
    amount: Decimal | None = None
    to_type: AgreementType | None = None
    onto: Account | None = None
    posting_date: datetime.date | None = None
    seen: str = ""
    load: int | None = None

    @property
    def other(self) -> Account | None:
        """The account of the write-off agreements, where it is not that of the debt."""
        return self.onto if self.onto is not None and self.onto.pk != self.account.pk else None


@dataclass(frozen=True)
class Draft:
    """A write-off worked out. `picked` is what was asked for, `left` what of it remains after the customer's own money
    (`money`, of which `used` is applied first), `plan` where that goes."""

    wanted: Wanted
    account: Account
    onto: Account | None
    picked: tuple[tuple[Debt, Decimal], ...]
    left: tuple[tuple[Debt, Decimal], ...]
    money: Money
    used: Decimal
    plan: Plan
    date: datetime.date
    posting_date: datetime.date
    accounts: Mapping[int, GLAccount]
    routes: Routes
    facts: WriteOffFacts

    @property
    def currency(self) -> str:
        return self.picked[0][0].currency

    @property
    def amount(self) -> Decimal:
        return self.plan.amount

    @property
    def method(self) -> str:
        return WriteOff.Method.TYPE if self.wanted.to_type else WriteOff.Method.DISTRIBUTION

    @property
    def digest(self) -> str:
        """A fingerprint of what would go where."""
        facts = [
            (share.debt.key, share.booked_account_id, share.route, str(share.amount.normalize()))
            for share in self.plan.shares
        ]
        target = self.onto.pk if self.onto else 0
        return hashlib.sha256(repr((facts, str(self.used.normalize()), target)).encode()).hexdigest()


@dataclass(frozen=True)
class Reading:
    """What planning looks at, for any number of accounts, read in a fixed number of queries under their locks.

    `money` is only of accounts that have some; `posted` is the day on which each open item was last opened.
    """

    fmt: NumberFormat
    day: datetime.date
    accounts: Mapping[int, GLAccount]
    routes: Routes
    debts: Mapping[int, Sequence[Debt]]
    held: Mapping[int, Agreement]
    asked: frozenset[int]
    credited: frozenset[tuple[int, str]]
    posted: Mapping[int, datetime.date]
    open_days: dict[datetime.date, datetime.date] = field(default_factory=dict)


def drafted(actor: Any, wanted: Wanted) -> Draft:
    """Lock the accounts, read everything anew, refuse what the rule forbids, and work it out. `Refused`."""
    waiting_request(wanted.account, VERB)
    keys = {wanted.account.pk, *([wanted.other.pk] if wanted.other else [])}
    locked = {row.pk: row for row in lock_rows(Account.objects.of(actor), keys)}
    refuse(account_not_found_blocker(found=len(locked) == len(keys)))
    return worked_out(actor, wanted, locked, read(actor, [wanted]))


def drafted_each(actor: Any, wanteds: Sequence[Wanted], locked: Mapping[int, Account]) -> list[Draft | Blocker]:
    """The same for many accounts that are locked already, each once: what each comes to, or why it is refused."""
    reading = read(actor, wanteds)

    def one(wanted: Wanted) -> Draft | Blocker:
        try:
            return worked_out(actor, wanted, locked, reading)
        except Refused as refused:
            return refused.blocker

    return [one(wanted) for wanted in wanteds]


def waiting_for(actor: Any, account: Account, verb: str = VERB) -> QuerySet[ApprovalRequest]:
    """The write-off (or bankruptcy) of an account that waits for approval."""
    return asked_for(actor, [account.pk], verb)


def asked_for(actor: Any, accounts: Iterable[int], verb: str = VERB) -> QuerySet[ApprovalRequest]:
    """The requests that wait with these accounts."""
    return ApprovalRequest.objects.of(actor).filter(
        subject_type__app_label="customers", subject_type__model="account", subject_id__any=list(accounts), verb=verb,
        state=ApprovalRequest.State.WAITING,
    )  # fmt: skip


def read_debts(
    actor: Any, account_id: int, accounts: Mapping[int, GLAccount]
) -> tuple[list[Debt], dict[int, Agreement]]:
    """Everything that is owed on an account, written-off debt included, with its agreements."""
    held = _owing(actor, [account_id])
    return debts_of(actor, held.values(), accounts), held


def _owing(actor: Any, accounts: Iterable[int]) -> dict[int, Agreement]:
    """Agreements on which something is owed, with their types: each type is read once, not with every agreement."""
    rows = Agreement.objects.of(actor).filter(account_id__any=list(accounts), payoff_balance__gt=0).order_by("pk")
    held = {row.pk: row for row in rows}
    kinds = AgreementType.objects.of(actor).select_related("write_off_debt_class", "debt_class")
    types = kinds.in_bulk({row.type_id for row in held.values()})
    for row in held.values():
        row.type = types[row.type_id]
    return held


def read(actor: Any, wanteds: Sequence[Wanted]) -> Reading:
    """Everything that planning these needs; they name the same write-off type, if any."""
    keys = [wanted.account.pk for wanted in wanteds]
    accounts = gl_accounts(actor)
    held = _owing(actor, keys)
    debts: dict[int, list[Debt]] = {key: [] for key in keys}
    for debt in debts_of(actor, held.values(), accounts):
        debts[debt.account_id].append(debt)
    credits = (
        OpenItem.objects.of(actor).filter(account_id__any=keys, balance__lt=0).values_list("account_id", "currency")
    )
    return Reading(
        number_format(actor), today(actor.organization), accounts,
        routes(actor, accounts, to_type=wanteds[0].to_type), debts, held,
        frozenset(asked_for(actor, keys).values_list("subject_id", flat=True)), frozenset(credits),
        _last_posted(actor, [debt.item_id for owed in debts.values() for debt in owed if debt.item_id]),
    )  # fmt: skip


def worked_out(actor: Any, wanted: Wanted, locked: Mapping[int, Account], reading: Reading) -> Draft:
    """A write-off of an account that is locked, out of what was read under the lock. `Refused`."""
    debts, held = reading.debts[wanted.account.pk], reading.held
    refuse(still_owed_blocker(gone=bool(set(wanted.picks) - {debt.key for debt in debts})))
    picked = pick(wanted, debts, held)
    currency = picked[0][0].currency if picked else actor.organization.currency
    credited = (wanted.account.pk, currency) in reading.credited
    money = money_of(actor, wanted.account.pk, currency) if credited else Money()
    left, used = after_money(picked, money.total)
    done = plan(left, reading.routes, actor.organization.currency)
    opened = [
        reading.posted[debt.item_id] for debt, _amount in picked if debt.item_id and debt.item_id in reading.posted
    ]
    posted = max(opened, default=None)
    facts = WriteOffFacts(
        fmt=reading.fmt, debts=_debt_facts(picked, held), reason=wanted.reason.strip(), money=money.total,
        left=sum((amount for _debt, amount in left), ZERO), asked=wanted.account.pk in reading.asked,
        unrouted=[str(reading.accounts[pk]) for pk in done.unrouted], unrouted_link=_settings_link(done),
        unexplained=done.unexplained, type_usable=_usable(wanted.to_type), posting_date=wanted.posting_date,
        posted=posted,
    )  # fmt: skip
    refuse(write_off_debt_blocker(facts))
    draft = Draft(
        wanted, locked[wanted.account.pk], locked[wanted.other.pk] if wanted.other else None, tuple(picked),
        tuple(left), money, used, done, reading.day, _posting_date(actor, wanted, reading, posted), reading.accounts,
        reading.routes, facts,
    )  # fmt: skip
    refuse(still_owed_blocker(gone=wanted.seen not in ("", draft.digest)))
    return draft


def _posting_date(
    actor: Any, wanted: Wanted, reading: Reading, posted: datetime.date | None
) -> datetime.date:  # fmt: skip
    """The chosen day, or the first open one not before the debt; each day is looked up once."""
    latest = max(reading.day, posted or reading.day)
    if latest not in reading.open_days:
        reading.open_days[latest] = chosen_posting_date(actor, latest, wanted.posting_date)
    return reading.open_days[latest]


def pick(wanted: Wanted, debts: Sequence[Debt], held: Mapping[int, Agreement]) -> list[tuple[Debt, Decimal]]:
    """The debts that are asked for with their amounts: those named, else the oldest due of what may be written off."""
    if wanted.picks:
        return chosen(debts, wanted.picks)
    of = set(wanted.agreements)
    candidates = [
        debt
        for debt in debts
        if (debt.agreement_id in of if of else not debt.written_off and _eligible(held[debt.agreement_id]))
    ]
    return chosen(debts, oldest_first(candidates, wanted.amount))


def _eligible(agreement: Agreement) -> bool:
    return bool(agreement.type.write_off_debt_class.eligible_for_write_off)


def _debt_facts(picked: Sequence[tuple[Debt, Decimal]], held: Mapping[int, Agreement]) -> list[DebtFacts]:
    return [
        DebtFacts(
            debt.number, debt.currency, amount, debt.balance, debt.written_off, _eligible(held[debt.agreement_id]),
            amount_field(debt.key),
        )
        for debt, amount in picked
    ]  # fmt: skip


def amount_field(key: DebtKey) -> str:
    """The name of the form field for what is written off of a debt."""
    agreement, item = key
    return f"amount_{agreement}_{item or 0}"


def _usable(kind: AgreementType | None) -> bool:
    return kind is None or (kind.active and kind.special_role == AgreementType.SpecialRole.WRITE_OFF)


def _settings_link(done: Plan) -> str:
    return reverse("admin:ledger_glaccount_change", args=[done.unrouted[0]]) if done.unrouted else ""


def last_posted(actor: Any, picked: Sequence[tuple[Debt, Decimal]]) -> datetime.date | None:
    """The last day on which one of these debts was opened."""
    days = _last_posted(actor, [debt.item_id for debt, _amount in picked if debt.item_id])
    return max(days.values(), default=None)


def _last_posted(actor: Any, items: Sequence[int]) -> dict[int, datetime.date]:
    """The last day on which each item was opened."""
    lines = JournalLine.objects.of(actor).filter(open_item_id__any=list(items), opens=True).order_by()
    return dict(lines.values_list("open_item_id").annotate(last=Max("entry__posting_date")))
