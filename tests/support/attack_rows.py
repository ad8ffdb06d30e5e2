"""A row of each table that the plain books have none of, so that every reference of a table can be attacked."""

from decimal import Decimal

from django.utils import timezone

from receivables.billing.credit_notes.operations import reverse_credit_note
from receivables.billing.delivery.models import CustomerDelivery, Dispatch
from receivables.billing.models import Reason
from receivables.billing.summary.models import SummarySchedule
from receivables.billing.summary.operations import generate_summary_invoice
from receivables.collections.attachments.operations import attach_file, withdraw_attachment
from receivables.collections.bounce_fees.operations import reverse_bounce_fee
from receivables.collections.excess.acting import put_into_income, take_out_of_income
from receivables.collections.held.operations import hold_overpayment, release_held_money
from receivables.collections.models import (
    BankAccount,
    Payment,
    PaymentDraft,
    PayOffExclusion,
    PayOffRequest,
    ShortPaymentDraft,
    ShortPaymentNote,
)
from receivables.collections.operations import Assignment, bounce_payment, delete_payment, record_payment
from receivables.collections.recoveries.operations import reverse_recovery
from receivables.collections.short_payments.models import BatchItem, BatchResolution
from receivables.collections.tax_relief.operations import claim_tax_relief, reverse_tax_relief
from receivables.collections.tax_relief.queries import worksheet
from receivables.collections.unapplied.acting import read_payment
from receivables.collections.unapplied.operations import assign_payment, unassign_payment
from receivables.collections.unapplied.refunds import refund_unapplied, reverse_refund
from receivables.collections.wizard.files import Evidence
from receivables.core.models import Job
from receivables.credit_control.operations import open_dispute
from receivables.customers.models import Account
from receivables.ledger.models import GLAccount
from receivables.writeoffs.reversing import reverse_write_off
from tests.audit.rows import audit_something
from tests.billing.credit_notes import credit, tax_code
from tests.billing.recurring import bill_something
from tests.builders import make_account, make_invoice, make_load, make_type, pay
from tests.collections.pay_offs import paid_off
from tests.collections.recoveries import recover
from tests.credit_control.support import remind_of_something
from tests.integrations.rows import connect_something
from tests.ledger_exports.checking import export_something
from tests.support.attack import DAY, Books, settle
from tests.support.einvoices import keep_einvoice_of
from tests.writeoffs.automation import automate_something
from tests.writeoffs.batches import written_off_at_once
from tests.writeoffs.cast import file_something, move_something, write_off


def add_one_of_everything(books: Books) -> None:
    """Credit notes, sendings, shares of loads, schedules, notes, batches and disputes."""
    reversed_note = credit(books.actor, books.unpaid, "2", "price_concession")
    reverse_credit_note(actor=books.actor, credit_note=reversed_note, reason="Wrong invoice")
    credit(books.actor, books.unpaid, "3", "price_concession")
    keep_einvoice_of(credit(books.actor, books.part_paid, "3", "price_concession"), b"<CreditNote/>")
    open_dispute(actor=books.actor, invoice=books.unpaid, amount=Decimal(5), why="damage")
    _sent(books)
    _summed(books)
    _short(books)
    _used_later(books)
    _paid_off(books)
    bill_something(books)
    remind_of_something(books)
    export_something(books.actor)
    audit_something(books.actor)
    written = write_off(books.actor, make_invoice(books.actor, line_haul="20").account)
    reverse_write_off(actor=books.actor, write_off=written, reason="A mistake", amount=Decimal(5))
    written_off_at_once(books.actor, make_invoice(books.actor, line_haul="25"))
    connect_something(books)
    automate_something(books.actor)
    file_something(books.actor)
    move_something(books.actor)
    make_account(books.actor, "Newest Customer")  # of which no other row is about
    settle()


def _used_later(books: Books) -> None:
    """Money on account that was applied, taken off again, and given back; one refund was reversed."""
    details = {"bank_account": BankAccount.objects.of(books.actor).get(), "date": DAY, "method": "check"}
    payment = record_payment(actor=books.actor, account=books.account, amount=Decimal(30), **details)
    assign_payment(actor=books.actor, payment=payment, assignments=[Assignment(books.unpaid, Decimal(1))])
    unassign_payment(actor=books.actor, allocation=payment.open_item.uses.get(), reason="Wrong invoice")
    given = {"actor": books.actor, "payment": payment, "amount": Decimal(2), "reason": "Paid twice", **details}
    reverse_refund(actor=books.actor, refund=refund_unapplied(**given), reason="Came back")
    refund_unapplied(**given)
    held = hold_overpayment(actor=books.actor, payment=payment, amount=Decimal(3))
    release_held_money(actor=books.actor, agreement=held.agreement, amount=Decimal(1), reason="Used")
    _paid_too_much(books, payment)
    first, _second = [
        attach_file(actor=books.actor, payment=payment, file=Evidence(name, name.encode()))
        for name in ("cheque.png", "advice.pdf")
    ]
    withdraw_attachment(actor=books.actor, attachment=first, reason="Wrong file")


def _paid_too_much(books: Books, payment: Payment) -> None:
    """A little that was booked as income, and a little that was taken out again."""
    income = GLAccount.objects.of(books.actor).get(code="4100")
    for reason in ("Owed after all", ""):
        current = read_payment(books.actor, payment.pk)
        excess = put_into_income(books.actor, current, Decimal(1), income.pk, current.posting_date)
        if reason:
            take_out_of_income(books.actor, excess, reason=reason, posting_date=current.posting_date)


def _sent(books: Books) -> None:
    own, customer = {"organization": books.actor.organization}, books.account.customer
    CustomerDelivery.objects.create(customer=customer, method="post", **own)
    Dispatch.objects.create(
        invoice=books.part_paid, revision=books.part_paid.revisions.order_by("-number").first(), method="post",
        message_id=f"<{books.org}@post>", state="sent", sent_at=timezone.now(), **own,
    )  # fmt: skip


def _summed(books: Books) -> None:
    SummarySchedule.objects.create(
        organization=books.actor.organization, customer=books.account.customer, frequency="weekly", next_date=DAY
    )
    loads = [make_load(books.actor, books.account, "10") for _ in range(2)]
    invoice = generate_summary_invoice(actor=books.actor, loads=loads)
    record_payment(
        actor=books.actor, account=books.account, amount=Decimal(4), date=DAY, method="check",
        bank_account=BankAccount.objects.of(books.actor).get(),
        assignments=[Assignment(invoice, Decimal(4), {loads[0].pk: Decimal(4)})],
    )  # fmt: skip


def _short(books: Books) -> None:
    own, user, load = {"organization": books.actor.organization}, books.actor.user, books.unpaid.loads.get()
    about = {"load": load, "invoice": books.unpaid, "currency": "USD", "short": Decimal(5), **own}
    ShortPaymentNote.objects.create(why="damage", outcome="resolve_short_payment", **about)
    PaymentDraft.objects.create(user=user, account=books.account, **own)
    ShortPaymentDraft.objects.create(user=user, load=load, kept_until=timezone.now(), **own)
    batch = BatchResolution.objects.create(
        currency="USD", type=make_type(books.actor), job=Job.objects.create(kind="test", title="Counting", **own), **own
    )
    BatchItem.objects.create(batch=batch, **about)


def _relieved(books: Books, account: Account) -> None:
    """Tax relief that was claimed, taken back, and claimed anew."""
    reasons, today = Reason.objects.of(books.actor).filter(kind="bad_debt"), timezone.localdate()
    reasons.update(tax_rule="relief_later", relief_days=0)
    paid_off(books.actor, make_invoice(books.actor, account, "100", tax_code=tax_code(books.actor, "15")), "92")
    for reason in ("Too early", ""):
        keys = [each.key for each in worksheet(books.actor, today)]
        claim = claim_tax_relief(actor=books.actor, settlements=keys, as_of=today)
        if reason:
            reverse_tax_relief(actor=books.actor, relief=claim.items.get(), reason=reason)
    reasons.update(tax_rule="none", relief_days=None)


def _bounced(books: Books, account: Account) -> None:
    """Two fees, of which one was reversed; the newest payment that was taken back has none."""
    BankAccount.objects.of(books.actor).update(fee_account=GLAccount.objects.of(books.actor).get(code="4100"))
    for reason in ("Waived", ""):
        payment = pay(books.actor, make_invoice(books.actor, account, "100"), "100")
        fee = bounce_payment(actor=books.actor, payment=payment, reason="No funds", fee=Decimal(5)).fee
        if reason:
            reverse_bounce_fee(actor=books.actor, fee=fee, reason=reason)
    delete_payment(actor=books.actor, payment=pay(books.actor, make_invoice(books.actor, account, "10"), "10"))


def _paid_off(books: Books) -> None:
    """A customer's rest given up with a payment; the newest reason is one that pay-offs may have."""
    own = {"organization": books.actor.organization}
    PayOffExclusion.objects.create(customer=books.account.customer, **own)
    account = make_account(books.actor, "Short Payer")
    given_up = make_invoice(books.actor, account, "100")
    payment = paid_off(books.actor, given_up, "95", bad_debt="5")
    reason = payment.pay_offs.get().reason
    PayOffRequest.objects.create(
        payment=payment, invoice=given_up, reason=reason, currency="USD", amount=Decimal(1), **own
    )
    reverse_recovery(actor=books.actor, recovery=recover(books.actor, given_up, "3"), reason="Wrong customer")
    recover(books.actor, given_up, "2")
    _relieved(books, account)
    _bounced(books, account)
    credit(books.actor, make_invoice(books.actor, account, "100"), "5")  # which no payment has to do with
    shipped = Reason.objects.of(books.actor).get(kind="bad_debt")
    Reason.objects.create(
        code="NEWEST", name="Newest", kind="bad_debt", gl_account=shipped.gl_account, currency="USD", **own
    )
    settle()
    pay(books.actor, books.unpaid, "1")  # the newest payment, which stands and pays nothing off
