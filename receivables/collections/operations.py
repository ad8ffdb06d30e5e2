"""Recording money and taking it back.

A payment posts Dr bank / Cr unapplied money, and each act of assigning Dr unapplied money / Cr receivables, so that
together they read Dr bank / Cr receivables for what is applied, Cr unapplied money for the rest, and each can be
reversed alone.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from typing import Any

from receivables.approvals.rules import no_reason_blocker
from receivables.billing.credit_notes.each import notes_needed
from receivables.billing.models import Invoice, Load, Reason
from receivables.billing.summary.operations import split_blocker
from receivables.collections.applying import ROLES, Act, Target, apply, take_off
from receivables.collections.asking import ask_each
from receivables.collections.assigning.judging import (
    judged,
    lock_customers,
    read_reasons,
    refuse_beyond_owed,
    refuse_others,
    wishes_of,
)
from receivables.collections.bounce_fees.charging import charge_bounce_fee
from receivables.collections.excess.acting import standing_excesses, take_all_out_of_income
from receivables.collections.giving_up import by_number, give_up, standing, take_back_pay_offs
from receivables.collections.held.acting import take_all
from receivables.collections.held.queries import holdings
from receivables.collections.models import BankAccount, Payment, PaymentReversal
from receivables.collections.payable import TAKES_PAYMENTS, unpayable_blocker
from receivables.collections.recoveries.falling import fall_with_payment, falling_with
from receivables.collections.rules import (
    PaymentFacts,
    acted_later_blocker,
    bounce_payment_blocker,
    delete_payment_blocker,
    not_found_blocker,
    record_payment_blocker,
)
from receivables.collections.standing import standing_blocker
from receivables.collections.taking_back import lock_with_invoices, take_back
from receivables.collections.unapplied.acting import lock_all_accounts
from receivables.core.compiled import Arg, Compiled, remember
from receivables.core.dates import today
from receivables.core.errors import Refused, refuse
from receivables.core.events import build, record, record_all
from receivables.core.money import NumberFormat, round_money
from receivables.core.operations import authorize, operation
from receivables.core.rows import insert
from receivables.core.sequences import take_numbers
from receivables.customers.models import Account
from receivables.ledger.models import Allocation, GLAccount, JournalEntry, OpenItem
from receivables.ledger.moved import first_items
from receivables.ledger.posting import Draft, Line
from receivables.ledger.queries import PostingDays, role_accounts
from receivables.ledger.rates.overriding import Override, document_rate, said_of


@dataclass(frozen=True)
class Assignment:
    """What of a payment goes to an invoice; of a summary invoice also how much of that to which load (by key).

    `pay_bill` gives up what then is left, `bad_debt` an amount that was typed, `parts` amounts for reasons that were
    named; `ask`: what of that exceeds a limit waits for approval instead of being refused. `seen` is the digest of the
    facts that the person saw, empty if none were shown.
    """

    invoice: Invoice
    applied: Decimal
    shares: Mapping[int, Decimal] = field(default_factory=dict)
    pay_bill: bool = False
    bad_debt: Decimal = Decimal(0)
    seen: str = ""
    parts: Sequence[tuple[Reason, Decimal]] = ()
    ask: bool = False

    @property
    def gives_up(self) -> bool:
        return self.pay_bill or bool(self.bad_debt) or bool(self.parts)


@operation
def record_payment(
    *, actor: Any, account: Account, amount: Decimal, date: date, method: str, bank_account: BankAccount,
    assignments: Sequence[Assignment] = (), reference: str = "", note: str = "", posting_date: date | None = None,
    why: str = "", override: Override | None = None,
) -> Payment:  # fmt: skip
    """Record money received from an account and apply it to invoices; what is not applied stays on account.

    Amounts are in the bank account's currency; 0 is a payment too. What an assignment gives up is posted with it, by
    the pay-off rule, tested here under the lock; what exceeds a limit and is asked for waits, and nothing else does
    (`why` is for who decides). Raises `Refused` for more than is owed, more than was received, a void invoice, another
    customer's or currency's, a closed posting date, a pay-off beyond a limit.
    """
    payers = {account.pk, *(each.invoice.account_id for each in assignments)}
    if any(each.gives_up for each in assignments):
        authorize(actor, "pay_bill")
        lock_customers(actor, payers)
    lock_all_accounts(actor, payers)
    invoices = _read(actor, assignments)
    bank = _current_bank_account(actor, bank_account)
    currency, fmt = bank.currency, NumberFormat.of(actor.organization, actor.user)
    total = sum((each.applied for each in assignments), Decimal(0))
    refuse(record_payment_blocker(PaymentFacts(amount, total, currency, bank.active, fmt, _named_twice(assignments))))
    wishes = wishes_of(assignments, invoices, read_reasons(actor, assignments))
    refuse_others(wishes, account)
    if not any(each.seen for each in assignments):
        refuse_beyond_owed(wishes, currency, fmt)
    rate = _rate(actor, currency, date, override)
    found = judged(actor, wishes, [each.seen for each in assignments], currency=currency, rate=rate, day=date)
    for each in assignments:
        refuse(split_blocker(actor, invoices[each.invoice.pk], each.applied, each.shares, {}))
    days = PostingDays(actor.organization_id)
    posted_on = days.chosen(date, posting_date)
    accounts = role_accounts(actor.organization_id, *ROLES)
    notes = notes_needed([each.wanted for each in found.posted])
    numbers = take_numbers(actor.organization_id, {"payment": 1, "credit_note": notes})
    sequence_number, number = numbers["payment"][0]
    (item,) = insert([OpenItem(
        organization=actor.organization, account=account, gl_account_id=accounts[GLAccount.Role.UNAPPLIED],
        kind=OpenItem.Kind.PAYMENT, number=number, currency=currency, document_date=date, due_date=date,
    )])  # fmt: skip
    (payment,) = insert([Payment(
        organization=actor.organization, number=number, sequence_number=sequence_number, account=account,
        open_item=item, bank_account=bank, date=date, posting_date=posted_on, currency=currency, rate=rate,
        amount=amount, method=method, reference=reference, note=note, created_by=actor.user,
    )])  # fmt: skip
    lines = [
        Line(bank.gl_account_id, amount),
        Line(item.gl_account_id, -amount, open_item_id=item.pk, opens=True),
    ]
    receipt = Draft("payment", payment, date, posted_on, currency, lines, rate, memo=number)
    item.balance = -amount
    item.organization_balance = -round_money(amount * rate, actor.organization.currency)
    apply(
        actor, Act(payment, "application", date, posted_on, rate), item,
        [Target(invoices[each.invoice.pk].open_item, each.applied, each.shares) for each in assignments],
        accounts=accounts, first=[receipt],
    )  # fmt: skip
    given = give_up(
        actor, payment, found.posted, day=date, chosen=posting_date, author=actor.user,
        numbers=numbers.get("credit_note", []), days=days,
    )  # fmt: skip
    ask_each(actor, payment, found.asked, why=why.strip() or note)
    recorded = build(
        actor, "record_payment", payment, about=[account, *_documents(invoices.values())], amount=amount,
        currency=currency, reference=reference, applied={each.invoice.number: each.applied for each in assignments},
        bad_debt=by_number(found.posted, losses=True), differences=by_number(found.posted, losses=False),
        asked=by_number(found.asked), **said_of(override),
    )  # fmt: skip
    record_all(actor, [*given.events, (recorded, payment)])
    return payment


def _read(actor: Any, assignments: Sequence[Assignment]) -> dict[int, Invoice]:
    """The invoices as they are under the lock. `Refused` for one that is not there or takes no payments."""
    wanted = {each.invoice.pk for each in assignments}
    if not wanted:
        return {}
    rows: list[Any] = INVOICES.fetch(organization=actor.organization_id, keys=list(wanted))
    found: dict[int, Invoice] = {invoice.pk: invoice for invoice in rows}
    refuse(not_found_blocker("invoice", found=len(found) == len(wanted)))
    refuse(unpayable_blocker(actor, [each for each in rows if not each.takes_payments]))
    loads: dict[int, list[Load]] = {pk: [] for pk in found}
    for load in LOADS.fetch(organization=actor.organization_id, invoices=list(wanted)):
        loads[load.invoice_id].append(load)
    for pk, invoice in found.items():
        remember(invoice, "loads", loads[pk])
    return found


INVOICES = Compiled(
    lambda: (
        Invoice.objects.filter(organization_id=Arg("organization"), pk__any=Arg("keys"))
        .annotate(takes_payments=TAKES_PAYMENTS)
        .select_related("open_item", "account__customer")
    )
)
LOADS = Compiled(
    lambda: Load.objects.filter(organization_id=Arg("organization"), invoice_id__any=Arg("invoices")).order_by("pk")
)
BANK = Compiled(lambda: BankAccount.objects.filter(organization_id=Arg("organization"), pk=Arg("key")))


def _current_bank_account(actor: Any, bank_account: BankAccount) -> BankAccount:
    found: list[BankAccount] = BANK.fetch(organization=actor.organization_id, key=bank_account.pk)
    refuse(not_found_blocker("bank_account", found=bool(found)))
    return found[0]


def _named_twice(assignments: Sequence[Assignment]) -> str:
    """The number of an invoice that stands in two assignments: each would be checked against the whole balance."""
    seen: set[int] = set()
    for each in assignments:
        if each.invoice.pk in seen:
            return str(each.invoice.number)
        seen.add(each.invoice.pk)
    return ""


def _rate(actor: Any, currency: str, day: date, override: Override | None) -> Decimal:
    try:
        return document_rate(actor, currency, day, override)
    except Refused as refused:
        raise Refused(replace(refused.blocker, field=refused.field or "date")) from None


def _documents(invoices: Iterable[Invoice]) -> list[Any]:
    """In whose history a payment shows: its invoices and their loads."""
    return [document for invoice in invoices for document in (invoice, *invoice.loads.all())]


@operation
def delete_payment(
    *, actor: Any, payment: Payment, reason: str = "", posting_date: date | None = None, with_reductions: bool = False
) -> PaymentReversal:
    """Take a payment back: its assignments and its entry are reversed, every balance is what it was before.

    The payment stays in ledger and history. It is taken back today, but never before the day it was posted.
    `with_reductions` also takes back what was given with it in one step, which needs the permission to undo that.
    Raises `Refused` if it was undone before.
    """
    refuse(not_found_blocker("payment", found=payment.organization_id == actor.organization_id))
    if with_reductions:
        authorize(actor, "undo_resolution")
    live, given = lock_with_invoices(actor, payment, with_reductions=with_reductions)
    undone, posted = PaymentReversal.objects.filter(payment_id=payment.pk).exists(), payment.posting_date
    refuse(delete_payment_blocker(number=payment.number, undone=undone, posted=posted, posting_date=posting_date))
    refuse(standing_blocker(payment))
    reversal = _reverse(actor, payment, live, PaymentReversal.Kind.DELETED, reason, posting_date)
    taken_back = take_back(actor, payment, given, reason=reason, chosen=posting_date)
    record(
        actor, "delete_payment", payment, about=[payment.account, *_paid_by(actor, live)],
        reason=reason, amount=payment.amount, currency=payment.currency, taken_back=[each.pk for each in taken_back],
    )  # fmt: skip
    return reversal


@operation
def bounce_payment(
    *, actor: Any, payment: Payment, reason: str, posting_date: date | None = None, fee: Decimal | None = None
) -> PaymentReversal:
    """The bank took the money back: the payment is reversed as if deleted, and with it whatever was given with it in
    one step or granted for it, since the customer owes the whole again (source: the decisions on bounces).

    A `fee`, in the payment's currency, is charged to the payer in the same act. Raises `Refused` where it can't be.
    """
    refuse(not_found_blocker("payment", found=payment.organization_id == actor.organization_id))
    live, given = lock_with_invoices(actor, payment, with_reductions=True)
    undone, posted = PaymentReversal.objects.filter(payment_id=payment.pk).exists(), payment.posting_date
    refuse(
        bounce_payment_blocker(number=payment.number, undone=undone, posted=posted, posting_date=posting_date)
        or standing_blocker(payment)
        or no_reason_blocker(reason)
    )
    reversal = _reverse(actor, payment, live, PaymentReversal.Kind.BOUNCED, reason, posting_date)
    taken_back = take_back(actor, payment, given, reason=reason, chosen=posting_date)
    if fee is not None:
        charge_bounce_fee(actor, payment, reversal, fee)
    record(
        actor, "bounce_payment", payment, about=[payment.account, *_paid_by(actor, live)],
        reason=reason, amount=payment.amount, currency=payment.currency, taken_back=[each.pk for each in taken_back],
    )  # fmt: skip
    return reversal


def _reverse(
    actor: Any, payment: Payment, live: list[Allocation], kind: str, reason: str, posting_date: date | None
) -> PaymentReversal:
    """Take off what is applied and what is held of it, and reverse the receipt, today or on the day that was chosen."""
    granted = kind == PaymentReversal.Kind.BOUNCED
    given = standing(payment, granted=granted)
    acted = _last_act(actor, payment, [*live, *(each.allocation for each in given)], granted=granted)
    refuse(acted_later_blocker(number=payment.number, acted=acted, posting_date=posting_date))
    posted_on = PostingDays(actor.organization_id).chosen(max(today(actor.organization), acted), posting_date)
    reversal = PaymentReversal.objects.create(
        organization=actor.organization, payment=payment, kind=kind, reason=reason, posting_date=posted_on,
        created_by=actor.user,
    )  # fmt: skip
    fall_with_payment(actor, payment, granted=granted, reason=reason, chosen=posting_date)
    take_all(actor, payment, reason=reason, posting_date=posted_on)
    take_all_out_of_income(actor, payment, reason=reason, posting_date=posted_on)
    by_journal = take_back_pay_offs(actor, payment, given, reason=reason, chosen=posting_date)
    receipts = JournalEntry.objects.of(actor).filter(
        source_type=payment._meta.label_lower, source_id=payment.pk, kind="payment"
    )
    take_off(
        actor, [*live, *by_journal], source=payment, kind=lambda entry: _reversal_kind(entry, payment, kind),
        posting_date=posted_on, also=list(receipts),
    )  # fmt: skip
    return reversal


def _last_act(actor: Any, payment: Payment, settled: Sequence[Allocation], *, granted: bool) -> date:
    """The last day on which something was posted that falls with a payment."""
    entries = JournalEntry.objects.of(actor).filter(pk__in=[each.entry_id for each in settled if each.entry_id])
    held, booked = holdings(actor, payment=payment), standing_excesses(payment)
    documents: list[Any] = [payment, *held, *booked, *falling_with(payment, granted=granted)]
    days = [*entries.values_list("posting_date", flat=True), *(each.posting_date for each in documents)]
    return max(days)


def _reversal_kind(entry: JournalEntry, payment: Payment, kind: str) -> str:
    """What undoing a payment calls the reversal of an entry: by the entry's own kind, with a key that tells it from
    its like. Those of later acts have other documents behind them, so theirs is the entry's."""
    word, _space, key = entry.kind.partition(" ")
    own = (entry.source_type, entry.source_id) == (payment._meta.label_lower, payment.pk)
    return f"{word}_{kind!s} {key if own else entry.pk}".rstrip()


def _paid_by(actor: Any, live: Sequence[Allocation]) -> list[Any]:
    """What these settlements were on: invoices with their loads, and the agreements of other debt."""
    found = Invoice.objects.of(actor).filter(open_item__in=first_items(each.debit_item_id for each in live))
    others = [each.debit_item.agreement for each in live if each.debit_item.kind != OpenItem.Kind.INVOICE]
    return [*_documents(found.prefetch_related("loads")), *others]
