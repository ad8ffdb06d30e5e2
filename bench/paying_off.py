"""A payment that leaves a little open, which is given up within the limit: beside its hand-written rows."""

from typing import Any

from django.utils import timezone

from bench.ceiling import BILL_TO, OFF, TOTAL, payment_event, receive
from bench.hand import ALLOCATION, LOCK, TAKE, Hand, Subject, insert
from bench.world import World
from receivables.billing.models import Invoice
from receivables.collections.operations import Assignment, record_payment
from receivables.customers.models import Account

CREDIT_NOTE = insert(
    "billing_creditnote",
    "organization_id number sequence_number account_id reason_id reason_name text currency rate date posting_date net"
    " tax total line_count bill_to created_by_id created_at",
    returning=True,
)
CREDIT_NOTE_LINE = (
    "organization_id credit_note_id line_no invoice_id allocation_id gl_account_id currency net tax_rate tax total"
)
PAY_OFF = (
    "organization_id payment_id invoice_id allocation_id credit_note_id reason_id currency amount whole created_at"
)


def call_pay_off(world: World, s: Subject) -> Any:
    account, invoice = Account.objects.get(pk=s["account"]), Invoice.objects.get(pk=s["invoice"])
    assignment = Assignment(invoice, TOTAL - OFF, pay_bill=True)
    return lambda: record_payment(
        actor=world.actor, account=account, amount=TOTAL - OFF, date=world.today, method="check",
        bank_account=world.bank, assignments=[assignment],
    )  # fmt: skip


def pay_off_by_hand(hand: Hand, s: Subject) -> None:
    """The payment, and a credit note over the rest with its entry and settlement."""
    w, account = hand.world, s["account"]
    hand.cursor.execute(LOCK.replace("customers_account", "customers_customer"), [[s["customer"]]]).fetchall()
    hand.lock(account)
    kinds = ["credit_note", "payment"]
    taken = hand.cursor.execute(TAKE, [w.organization, kinds, [1, 1]]).fetchall()
    numbers = {kind: (first, f"{prefix}{first:0{width}d}") for kind, first, prefix, width in taken}
    payment = receive(hand, s, TOTAL - OFF, *numbers["payment"])
    note, allocation = _credit(hand, s, *numbers["credit_note"], f"Rest after payment {numbers['payment'][1]}")
    row = (w.organization, payment, s["invoice"], allocation, note, w.bad_debt.pk, "USD", OFF, True, timezone.now())
    hand.many("collections_payoff", PAY_OFF, [row])
    payment_event(hand, s, payment, TOTAL - OFF)


def _credit(hand: Hand, s: Subject, sequence: int, number: str, text: str) -> tuple[int, int]:
    """The credit note and its settlement."""
    w, account, agreement, reason = hand.world, s["account"], s["agreement"], hand.world.bad_debt
    note = hand.one(
        CREDIT_NOTE, number, sequence, account, reason.pk, reason.name, text, "USD", 1, w.today, w.today, OFF, 0, OFF,
        1, BILL_TO, w.user, timezone.now(),
    )  # fmt: skip
    (entry,) = hand.entries(("credit_note", "billing.creditnote", note, OFF, 2, number, None))
    hand.lines(
        (entry, 1, reason.gl_account_id, OFF, None, False, None, agreement),
        (entry, 2, w.gl["1200"], -OFF, s["item"], False, agreement, None),
    )
    settled = (w.organization, "bad_debt", s["item"], None, entry, "USD", OFF, None, w.today, timezone.now())
    (allocation,) = hand.many("ledger_allocation", ALLOCATION, [settled], returning=True)
    line = (w.organization, note, 1, s["invoice"], allocation, reason.gl_account_id, "USD", OFF, 0, 0, OFF)
    hand.many("billing_creditnoteline", CREDIT_NOTE_LINE, [line])
    refs = [f"billing.creditnote:{note}", f"customers.account:{account}", f"billing.invoice:{s['invoice']}",
            f"billing.load:{s['load']}"]  # fmt: skip
    data = {"total": str(OFF), "currency": "USD", "type": reason.name, "split": {f"INV-{s['invoice']:06d}": str(OFF)}}
    hand.event("issue_credit_note", "billing.creditnote", note, refs, data, reason=text)
    return note, allocation
