"""Moving debt between two agreements of a customer, and taking that back.

Source: the published transfer adjustment, which moves any amount between two service agreements; that both agreements
are of one customer and of one kind is ours.
"""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from receivables.billing.models import Invoice
from receivables.billing.operations.revisions import chosen_posting_date
from receivables.core.access import lock_rows
from receivables.core.dates import today
from receivables.core.errors import refuse
from receivables.core.events import record
from receivables.core.operations import operation
from receivables.customers.models import Account
from receivables.ledger.moved import first_items
from receivables.writeoffs.posting import sync_current
from receivables.writeoffs.reading import out_of_step
from receivables.writeoffs.transfers.drafting import Draft, Move, drafted
from receivables.writeoffs.transfers.models import DebtTransfer, DebtTransferReversal
from receivables.writeoffs.transfers.posting import post_reversal, post_transfer
from receivables.writeoffs.transfers.rules import BackFacts, reverse_transfer_blocker


@operation
def transfer_debt(*, actor: Any, move: Move) -> DebtTransfer:
    """Move debt from one agreement to another of the same customer. What is owed in all stays as it is, each debt keeps
    its number and due date, and nothing is given up: so it needs the permission and no authority.

    Raises `Refused` between an ordinary and a write-off agreement, for more than is owed, disputed debt, an agreement
    with a budget or arrangement, a closed day.
    """
    return carry_out(actor, drafted(actor, move))


def carry_out(actor: Any, draft: Draft, about: Sequence[Any] = ()) -> DebtTransfer:
    """Do what was drafted, in its transaction and under its locks: the sync (documented to come first), the rest."""
    sync_current(actor, out_of_step(actor, [draft.source.pk]), draft.posting_date)
    made = post_transfer(actor, draft)
    record(
        actor, "transfer_debt", made, about=[*concerned(actor, made), *about], reason=made.reason, amount=made.amount,
        currency=made.currency, source=draft.source.number, target=draft.target.number,
        split={part.debt.number: part.amount for part in draft.parts},
    )  # fmt: skip
    return made


@operation
def reverse_transfer(
    *, actor: Any, transfer: DebtTransfer, reason: str, posting_date: date | None = None
) -> DebtTransferReversal:
    """Take a transfer back, whole: the debt stands on its source again, which is reactivated if it was closed.

    Raises `Refused` once something was paid, moved on or written off of what was moved.
    """
    rows = DebtTransfer.objects.of(actor).select_related("source__account__customer", "target__account")
    current = rows.get(pk=transfer.pk)
    lock_rows(Account.objects.of(actor), {current.source.account_id, current.target.account_id})
    refuse(reverse_transfer_blocker(back_facts(current, reason=reason, posting_date=posting_date)))
    posted = chosen_posting_date(actor, max(today(actor.organization), current.posting_date), posting_date)
    made = DebtTransferReversal.objects.create(
        organization=actor.organization, transfer=current, reason=reason.strip(), posting_date=posted,
        created_by=actor.user,
    )  # fmt: skip
    post_reversal(actor, made)
    record(
        actor, "reverse_transfer", current, about=concerned(actor, current), reason=made.reason, amount=current.amount,
        currency=current.currency,
    )  # fmt: skip
    return made


def back_facts(transfer: DebtTransfer, **asked: Any) -> BackFacts:
    """What the rule about taking it back looks at; `asked` are reason and posting date, where they are known."""
    touched = transfer.items.filter(open_item__live_settlements__gt=0).order_by("pk")
    return BackFacts(
        transfer.number, transfer.posting_date, DebtTransferReversal.objects.filter(transfer=transfer).exists(),
        touched.values_list("open_item__number", flat=True).first() or "", **asked,
    )  # fmt: skip


def concerned(actor: Any, transfer: DebtTransfer) -> list[Any]:
    """In whose history it shows: both agreements with their accounts, the customer, the invoices and their loads."""
    source, target = transfer.source, transfer.target
    items = transfer.items.values_list("source_item", flat=True)
    accounts = {each.account_id: each.account for each in (source, target)}
    return [*accounts.values(), source.account.customer, source, target, *invoices_about(actor, items)]


def invoices_about(actor: Any, items: Iterable[int | None]) -> list[Any]:
    """The invoices that these debts are about, with their loads, whatever agreement they stand on now."""
    rows = Invoice.objects.of(actor).filter(open_item__in=first_items(items)).prefetch_related("loads").order_by("pk")
    invoices = list(rows)
    return [*invoices, *(load for invoice in invoices for load in invoice.loads.all())]
