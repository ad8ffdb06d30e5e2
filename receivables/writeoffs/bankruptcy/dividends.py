"""A trustee's dividend: that much debt moves from the bankruptcy type back to the ordinary write-off types, where the
payment is applied. The bankruptcy type itself never receives one, which the database keeps."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any

from receivables.billing.operations.locking import number_format
from receivables.billing.operations.revisions import chosen_posting_date
from receivables.collections.distribution.operations import share_facts
from receivables.collections.distribution.paying import Source, pay_from
from receivables.collections.distribution.rules import distribute_payment_blocker
from receivables.collections.models import Payment
from receivables.collections.queries import unapplied, with_documents
from receivables.collections.unapplied.acting import read_payment
from receivables.collections.unapplied.queries import money_facts
from receivables.core.access import lock_rows
from receivables.core.dates import today
from receivables.core.errors import refuse
from receivables.core.events import record
from receivables.core.money import split
from receivables.core.operations import operation
from receivables.customers.models import Account, AgreementType
from receivables.ledger.models import GLAccount, OpenItem
from receivables.writeoffs.bankruptcy.rules import DividendFacts, record_dividend_blocker
from receivables.writeoffs.drafting import last_posted
from receivables.writeoffs.models import Bankruptcy, WriteOff, WriteOffItem
from receivables.writeoffs.planning import Debt, Plan, Route, Routes, plan
from receivables.writeoffs.posting import Ready, post_write_offs
from receivables.writeoffs.reading import debts_of, gl_accounts
from receivables.writeoffs.rules import account_not_found_blocker, still_owed_blocker

ZERO = Decimal(0)


@dataclass(frozen=True)
class Dividend:
    """What somebody enters: which payment of the trustee, and how much of it (None: all that is on account). `seen` is
    the digest of what the person was shown, empty if nothing was."""

    bankruptcy: Bankruptcy
    payment: Payment
    amount: Decimal | None = None
    posting_date: date | None = None
    seen: str = ""


def money_of(actor: Any, bankruptcy: Bankruptcy) -> Any:
    """The payments on the bankrupt account that have money on account, the newest first."""
    rows = with_documents(Payment.objects.of(actor)).filter(account_id=bankruptcy.account_id, open_item__balance__lt=0)
    return rows.order_by("-pk")


def bankrupt_debts(actor: Any, bankruptcy: Bankruptcy, accounts: Mapping[int, GLAccount]) -> list[Debt]:
    """What is owed of a bankruptcy, the oldest due first."""
    items = WriteOffItem.objects.of(actor).filter(
        write_off__bankruptcy=bankruptcy, write_off__method=WriteOff.Method.BANKRUPTCY
    )
    rows = items.select_related("agreement__type").order_by("pk")
    wanted = {row.open_item_id for row in rows}
    agreements = {row.agreement_id: row.agreement for row in rows}
    return [debt for debt in debts_of(actor, agreements.values(), accounts) if debt.item_id in wanted]


def ordinary_routes(actor: Any, accounts: Mapping[int, GLAccount]) -> Routes:
    """The ordinary write-off type of each account that bankrupt debt stands on: the one its account names, if that
    carries the account or the account overrides it; else the first that carries it."""
    kinds = AgreementType.objects.of(actor).filter(
        special_role=AgreementType.SpecialRole.WRITE_OFF, active=True
    ).exclude(payment_segment_type="")  # fmt: skip
    carrying: dict[int, int] = {}
    for kind in kinds.order_by("payment_priority", "pk"):
        carrying.setdefault(kind.gl_account_id, kind.pk)
    usable = set(kinds.values_list("pk", flat=True))
    found = {}
    for pk, account in accounts.items():
        named = account.write_off_type_id if account.write_off_override else None
        to = named if named in usable else carrying.get(pk)
        if to is not None:
            found[pk] = Route(to, pk)
    return Routes(found)


def shared(debts: Sequence[Debt], amount: Decimal, currency: str) -> list[tuple[Debt, Decimal]]:
    """A dividend pays a share of every debt: each in proportion of what is owed of it, cents by largest remainder."""
    parts = split(amount, [debt.balance for debt in debts], currency) if debts else []
    return [(debt, part) for debt, part in zip(debts, parts, strict=True) if part]


def digest_of(paid: Iterable[tuple[int | None, Decimal]]) -> str:
    """A fingerprint of what would be paid of which open item."""
    facts = [(item, str(amount.normalize())) for item, amount in paid]
    return hashlib.sha256(repr(facts).encode()).hexdigest()


@operation
def record_dividend(*, actor: Any, dividend: Dividend) -> WriteOff:
    """Move what a trustee paid from the bankruptcy type to the ordinary write-off types, and apply the payment there:
    the expense shrinks and taxes are owed again. Returns the transfer.

    Raises `Refused` for more than is on account or is owed, and for a payment of another account.
    """
    bankruptcy = dividend.bankruptcy
    found = lock_rows(Account.objects.of(actor), [bankruptcy.account_id])
    refuse(account_not_found_blocker(found=bool(found)))
    payment, accounts = read_payment(actor, dividend.payment.pk), gl_accounts(actor)
    debts = [debt for debt in bankrupt_debts(actor, bankruptcy, accounts) if debt.currency == payment.currency]
    there = unapplied(payment) if payment.account_id == bankruptcy.account_id else None
    amount = (there or ZERO) if dividend.amount is None else dividend.amount
    facts = DividendFacts(
        payment.currency, number_format(actor), amount, there, sum((debt.balance for debt in debts), ZERO),
        payment.number, posting_date=dividend.posting_date, posted=last_posted(actor, [(debt, ZERO) for debt in debts]),
    )  # fmt: skip
    refuse(record_dividend_blocker(facts))
    moved = shared(debts, amount, payment.currency)
    done = plan(moved, ordinary_routes(actor, accounts), actor.organization.currency)
    refuse(record_dividend_blocker(replace(facts, unrouted=[str(accounts[pk]) for pk in done.unrouted])))
    seen = digest_of((debt.item_id, part) for debt, part in moved)
    refuse(still_owed_blocker(gone=dividend.seen not in ("", seen)))
    made = _moved(actor, dividend, found[0], facts.posted, done)
    _applied(actor, dividend, payment, made)
    about = [made, bankruptcy.account, bankruptcy.account.customer, payment]
    record(
        actor, "record_dividend", bankruptcy, about=about, reason=made.reason, amount=made.amount,
        currency=made.currency, payment=payment.number,
    )  # fmt: skip
    return made


def _moved(
    actor: Any, dividend: Dividend, account: Account, posted: date | None, done: Plan
) -> WriteOff:  # fmt: skip
    """The transfer back to the ordinary write-off types, on a day not before the debt's and the payment's."""
    day, bankruptcy = today(actor.organization), dividend.bankruptcy
    earliest = max([day, dividend.payment.posting_date, *([posted] if posted else [])])
    ready = Ready(
        account, done, dividend.payment.currency, bankruptcy.reference, day,
        chosen_posting_date(actor, earliest, dividend.posting_date), WriteOff.Method.DIVIDEND, None, actor.user, None,
        bankruptcy,
    )  # fmt: skip
    return post_write_offs(actor, [ready])[0]


def _applied(actor: Any, dividend: Dividend, payment: Payment, made: WriteOff) -> None:
    """The payment settles just what was moved."""
    rows = OpenItem.objects.of(actor).filter(write_off__write_off=made)
    items = {item.pk: item for item in rows.select_related("agreement__type", "invoice").order_by("pk")}
    shares = {pk: item.balance for pk, item in items.items()}
    facts = [share_facts(pk, items[pk], amount) for pk, amount in shares.items()]
    refuse(distribute_payment_blocker(money_facts(actor, payment), facts))
    pay_from(actor, [Source(payment)], items, shares, reason=made.reason, chosen=dividend.posting_date)
