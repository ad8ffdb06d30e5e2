"""The parts that the acts on a payment's money are made of; everything is locked by the caller."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from receivables.approvals.models import ApprovalRequest
from receivables.billing.models import Invoice
from receivables.billing.operations.locking import lock_accounts, number_format
from receivables.collections.applying import ROLES, Act, Target, apply, take_off
from receivables.collections.asking import drop_waiting, lock_waiting
from receivables.collections.giving_up import standing, take_back_pay_offs
from receivables.collections.models import Payment, PayOff
from receivables.collections.queries import with_documents
from receivables.collections.rules import AssignmentFacts, not_found_blocker
from receivables.collections.unapplied.models import PaymentAssignment
from receivables.collections.unapplied.rules import TargetFacts, act_day_blocker, amount_field
from receivables.core.dates import today
from receivables.core.errors import Refused, refuse
from receivables.ledger.models import Allocation, OpenItem
from receivables.ledger.queries import posting_date_blocker, posting_date_for, role_accounts

Shares = Mapping[int, Decimal]


@dataclass(frozen=True)
class Applied:
    """One settlement by a payment, under the lock. `invoice` is None where the debt stands on no invoice any more;
    `given_up`: what was given with the payment on this invoice, falls with it and stands; `waiting`: what of it still
    waits for approval."""

    allocation: Allocation
    payment: Payment
    invoice: Invoice | None
    live: bool
    given_up: list[PayOff]
    waiting: list[ApprovalRequest]

    @property
    def debt(self) -> OpenItem:
        return self.allocation.debit_item

    @property
    def documents(self) -> list[Any]:
        """In whose history the act shows."""
        return documents([self.invoice]) if self.invoice else [self.debt.agreement, self.debt.account]


def lock_all_accounts(actor: Any, wanted: Iterable[int]) -> None:
    """Lock these accounts of the organization; `Refused` if one is not there."""
    keys = set(wanted)
    refuse(not_found_blocker("account", found=len(lock_accounts(actor, keys)) == len(keys)))


def read_payment(actor: Any, pk: int) -> Payment:
    """A payment with its money, as it is now."""
    found = with_documents(Payment.objects.of(actor)).filter(pk=pk).first()
    if found is None:
        blocker = not_found_blocker("payment", found=False)
        raise Refused(blocker) if blocker else LookupError(pk)
    return found


def read_invoices(actor: Any, wanted: Iterable[int]) -> dict[int, Invoice]:
    """Invoices with what is open on them, as they are now."""
    keys = set(wanted)
    rows = Invoice.objects.of(actor).select_related("open_item", "account").prefetch_related("loads")
    found = rows.in_bulk(keys) if keys else {}
    refuse(not_found_blocker("invoice", found=len(found) == len(keys)))
    return found


def lock_applied(actor: Any, allocation: Allocation, also: Iterable[int] = ()) -> Applied:
    """Lock the payer's account, that of the invoice and `also`, and read the settlement anew."""
    one = Allocation.objects.of(actor).filter(pk=allocation.pk, kind=Allocation.Kind.PAYMENT, reverses__isnull=True)
    keys = one.values_list("credit_item__account_id", "debit_item__account_id").first()
    refuse(not_found_blocker("payment", found=keys is not None))
    waiting = lock_waiting(
        actor,
        Payment.objects.of(actor).get(open_item__uses=allocation.pk),
        invoice__open_item__settlements=allocation.pk,
    )
    lock_all_accounts(actor, {*(keys or ()), *also})
    current = one.select_related("credit_item__payment", "debit_item__invoice", "reversed_by").get()
    payment = read_payment(actor, current.credit_item.payment.pk)  # type: ignore[union-attr]
    billed = invoice_of(current.debit_item)
    invoice = read_invoices(actor, [billed.pk])[billed.pk] if billed else None
    live = getattr(current, "reversed_by", None) is None
    return Applied(current, payment, invoice, live, given_up_with(payment, invoice), waiting)


def invoice_of(item: OpenItem) -> Invoice | None:
    """The invoice that an open item stands for, if it is one."""
    return getattr(item, "invoice", None)


def given_up_with(payment: Payment, invoice: Invoice | None) -> list[PayOff]:
    """What was given with a payment on an invoice, falls with it and stands."""
    return [each for each in standing(payment) if invoice is not None and each.invoice_id == invoice.pk]


def target_facts(
    actor: Any, payment: Payment, invoice: Invoice, amount: Decimal, field: str = "", taken: Decimal | None = None
) -> TargetFacts:
    """An invoice and what it is to get, as the rules look at it; `taken`: of money in another currency."""
    facts = AssignmentFacts(
        invoice.number, invoice.currency, invoice.open_item.balance, amount, invoice.voided_at is not None,
        number_format(actor), payment.currency,
    )  # fmt: skip
    same_payer = invoice.account.customer_id == payment.account.customer_id
    return TargetFacts(facts, same_payer, field or amount_field(invoice.pk), taken)


def act_day(actor: Any, payment: Payment, posted: date, chosen: date | None, *, document: date | None = None) -> date:
    """The day on which an act is posted: the day that was chosen, else that of its document or today, never before the
    money was posted (`posted`)."""
    if chosen is None:
        return posting_date_for(actor.organization_id, max(document or today(actor.organization), posted))
    refuse(
        act_day_blocker(number=payment.number, posted=posted, chosen=chosen)
        or posting_date_blocker(actor.organization_id, chosen)
    )
    return chosen


def apply_money(actor: Any, act: PaymentAssignment, payment: Payment, targets: Sequence[Target]) -> list[Allocation]:
    """Apply a payment's money to these debts."""
    kind, day = "application", act.posting_date
    accounts = role_accounts(actor.organization_id, *ROLES)
    return apply(actor, Act(act, kind, day, day), payment.open_item, targets, accounts=accounts)


def take_off_alone(actor: Any, found: Applied, act: PaymentAssignment, chosen: date | None) -> None:
    """Take one settlement off, and what was given with the payment on the same invoice; what waits goes, too."""
    drop_waiting(actor, found.waiting)
    by_journal = take_back_pay_offs(actor, found.payment, found.given_up, reason=act.reason, chosen=chosen)
    take_off(
        actor, [found.allocation, *by_journal], source=act, kind=lambda entry: f"off {entry.pk}",
        posting_date=act.posting_date,
    )  # fmt: skip


def applied_on(found: Applied) -> date:
    """The day on which a settlement was posted, or its own if it posted nothing; and what was given up with it."""
    rows = [found.allocation, *(each.allocation for each in found.given_up)]
    return max(found.payment.posting_date, *(row.entry.posting_date if row.entry else row.date for row in rows))


def documents(invoices: Iterable[Invoice]) -> list[Any]:
    """In whose history an act shows: its invoices, their loads and accounts."""
    return [each for invoice in invoices for each in (invoice, *invoice.loads.all(), invoice.account)]
