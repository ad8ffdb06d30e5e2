"""A transfer of debt before it is posted: locked, read and checked, worked out to the last origin."""

import datetime
import hashlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.db.models import Q, QuerySet

from receivables.billing.filters import invoice_status
from receivables.billing.models import Invoice
from receivables.billing.operations.locking import number_format
from receivables.billing.operations.revisions import chosen_posting_date
from receivables.core.access import lock_rows
from receivables.core.dates import today
from receivables.core.errors import refuse
from receivables.customers.holds import on_plan
from receivables.customers.models import Account, Agreement, AgreementType
from receivables.ledger.models import OpenItem
from receivables.writeoffs.drafting import DebtKey, amount_field, last_posted
from receivables.writeoffs.planning import Debt, chosen, oldest_first, origins, own_value
from receivables.writeoffs.posting import REUSABLE
from receivables.writeoffs.reading import debts_of, gl_accounts
from receivables.writeoffs.rules import account_not_found_blocker, still_owed_blocker
from receivables.writeoffs.transfers.rules import MovedFacts, Side, TransferFacts, transfer_debt_blocker

ZERO = Decimal(0)
State, Role = Agreement.State, AgreementType.SpecialRole
HOLDS_MONEY = (Role.DEPOSIT, Role.OVERPAYMENT)


@dataclass(frozen=True)
class Move:
    """What somebody asks to move: `picks` are amounts by (agreement, open item); without picks it is everything on the
    source, or `amount` of it, the oldest due first. `seen` is the digest of what the person was shown."""

    source: Agreement
    target: Agreement
    reason: str
    picks: Mapping[DebtKey, Decimal] = field(default_factory=dict)
    amount: Decimal | None = None
    posting_date: datetime.date | None = None
    seen: str = ""


@dataclass(frozen=True)
class Part:
    """What is moved of one debt, in its currency and in the organization's, and what that was once booked to."""

    debt: Debt
    amount: Decimal
    own: Decimal
    origins: Mapping[int | None, Decimal]


@dataclass(frozen=True)
class Draft:
    """A transfer worked out. Both agreements were read anew, with their types and accounts."""

    move: Move
    source: Agreement
    target: Agreement
    parts: tuple[Part, ...]
    date: datetime.date
    posting_date: datetime.date

    @property
    def amount(self) -> Decimal:
        return sum((part.amount for part in self.parts), ZERO)

    @property
    def own_amount(self) -> Decimal:
        return sum((part.own for part in self.parts), ZERO)

    @property
    def digest(self) -> str:
        """A fingerprint of what would move where."""
        facts = [(part.debt.key, str(part.amount.normalize())) for part in self.parts]
        return hashlib.sha256(repr((facts, self.target.pk)).encode()).hexdigest()


def with_types(rows: QuerySet[Agreement]) -> QuerySet[Agreement]:
    return rows.select_related("type__debt_class", "type__write_off_debt_class", "account__customer")


def drafted(actor: Any, move: Move) -> Draft:
    """Lock both accounts, read everything anew, refuse what the rule forbids, and work it out. `Refused`."""
    keys = {move.source.account_id, move.target.account_id}
    found = lock_rows(Account.objects.of(actor), keys)
    refuse(account_not_found_blocker(found=len(found) == len(keys)))
    rows = with_types(Agreement.objects.of(actor)).in_bulk([move.source.pk, move.target.pk])
    return worked_out(actor, move, rows[move.source.pk], rows[move.target.pk])


def worked_out(actor: Any, move: Move, source: Agreement, target: Agreement) -> Draft:
    """The same where both accounts are locked already."""
    debts = debts_of(actor, [source], gl_accounts(actor)) if source.payoff_balance > 0 else []
    refuse(still_owed_blocker(gone=bool(set(move.picks) - {debt.key for debt in debts})))
    picked = chosen(debts, move.picks or oldest_first(debts, move.amount))
    posted = last_posted(actor, picked)
    facts = TransferFacts(
        number_format(actor), side_of(actor, source), side_of(actor, target, [debt.item_id for debt, _a in picked]),
        _facts_of(actor, picked), move.reason, move.posting_date, posted,
    )  # fmt: skip
    refuse(transfer_debt_blocker(facts))
    day, own = today(actor.organization), actor.organization.currency
    posting_date = chosen_posting_date(actor, max([day, *([posted] if posted else [])]), move.posting_date)
    parts = tuple(Part(debt, amount, own_value(debt, amount, own), origins(debt, amount)) for debt, amount in picked)
    draft = Draft(move, source, target, parts, day, posting_date)
    refuse(still_owed_blocker(gone=move.seen not in ("", draft.digest)))
    return draft


def side_of(actor: Any, agreement: Agreement, moved: Sequence[int | None] = ()) -> Side:
    """An agreement as the rule looks at it; it comes with its type and account. What is over takes debt only back:
    where everything of `moved` once stood on it."""
    kind = agreement.type
    written_off = kind.special_role == Role.WRITE_OFF
    over = agreement.state == State.CANCELLED or (written_off and agreement.state not in REUSABLE)
    if agreement.state == State.CLOSED and not written_off:
        came = OpenItem.objects.of(actor).filter(pk__in=[key for key in moved if key], origin__agreement=agreement)
        over = not moved or came.count() != len(moved)
    return Side(
        agreement.pk, agreement.number, agreement.currency, agreement.account.customer_id, written_off,
        bool(kind.payment_segment_type), kind.special_role in HOLDS_MONEY, over,
        bool(on_plan(actor, [agreement.pk])),
    )  # fmt: skip


def _facts_of(actor: Any, picked: Sequence[tuple[Debt, Decimal]]) -> list[MovedFacts]:
    held = disputed(actor, [debt.item_id for debt, _amount in picked if debt.item_id])
    return [
        MovedFacts(debt.number, amount, debt.balance, debt.item_id in held, amount_field(debt.key))
        for debt, amount in picked
    ]


def disputed(actor: Any, items: Collection[int]) -> set[int]:
    """Those of the items whose invoice is disputed, as far as a package above billing knows of disputes."""
    which = invoice_status("disputed")
    if which is None or not items:
        return set()
    return set(Invoice.objects.of(actor).filter(which, open_item__in=items).values_list("open_item_id", flat=True))


def targets_of(actor: Any, source: Agreement) -> QuerySet[Agreement]:
    """The agreements that may take debt of this one: of the same customer, currency and kind, in service; a closed one
    only if debt of the source once stood on it."""
    written_off = Q(type__special_role=Role.WRITE_OFF)
    rows = with_types(Agreement.objects.of(actor)).filter(
        account__customer=source.account.customer_id, currency=source.currency
    )
    rows = rows.exclude(pk=source.pk).exclude(type__special_role__in=HOLDS_MONEY).exclude(state=State.CANCELLED)
    if source.type.special_role == Role.WRITE_OFF:
        rows = rows.filter(written_off, state__in=REUSABLE).exclude(type__payment_segment_type="")
    else:
        came = OpenItem.objects.of(actor).filter(agreement=source, balance__gt=0, origin__isnull=False)
        rows = rows.exclude(written_off).filter(~Q(state=State.CLOSED) | Q(pk__in=came.values("origin__agreement")))
    return rows.order_by("account", "pk")
