"""Every verb that may wait: granted it is done under the facts of now, and refused, with what moved, if those are not
the ones that were shown; in the name of who asked only while they may still do it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.utils import translation

from accounts.models import Membership
from accounts.roles import Role
from receivables.approvals.models import ApprovalRequest, ApprovalStep, AuthorityLimit
from receivables.approvals.operations import approve_request, reject_request
from receivables.billing.credit_notes.models import CreditNote, Reason
from receivables.billing.credit_notes.operations import issue_credit_note
from receivables.billing.models import Accessorial, Invoice
from receivables.billing.operations import add_accessorial
from receivables.collections.models import BankAccount, Refund
from receivables.collections.operations import Assignment, record_payment
from receivables.collections.unapplied.operations import assign_payment
from receivables.collections.unapplied.refunds import refund_unapplied
from tests.approvals.support import refused
from tests.builders import make_invoice, make_type, pay

pytestmark = pytest.mark.django_db
DAY = date(2026, 11, 3)


@dataclass(frozen=True)
class Held:
    """A verb that waits: how Bob asks for it, how its facts move, how often it was done, and what is said then."""

    ask: Callable[[Any], Any]
    move: Callable[[Any, Any], Any]
    done: Callable[[], int]
    said: str


def ask_accessorial(cast):
    load = make_invoice(cast.alice).loads.get()
    cast.load = load
    return add_accessorial(
        actor=cast.bob, load=load, type=cast.write_off, entity="customer", amount=Decimal(-300), note="Damaged"
    )


def add_detention(cast, _row):
    detention = make_type(cast.alice, "Detention", "charge")
    add_accessorial(actor=cast.alice, load=cast.load, type=detention, entity="customer", amount=Decimal(50))


def ask_credit_note(cast):
    invoice = make_invoice(cast.alice)
    reason = Reason.objects.of(cast.alice).get(kind="bad_debt")
    return issue_credit_note(
        actor=cast.bob, account=invoice.account, reason=reason, parts=[(invoice, Decimal(300))], text="Damaged"
    )


def pay_a_part(cast, request):
    invoice = Invoice.objects.get(pk=request.facts["parts"][0][0])
    pay(cast.alice, invoice, "50")


def ask_refund(cast):
    invoice = make_invoice(cast.alice)
    cast.invoice, bank = invoice, BankAccount.objects.of(cast.alice).get()
    details = {"bank_account": bank, "date": DAY, "method": "ach"}
    kept = record_payment(actor=cast.alice, account=invoice.account, amount=Decimal(500), **details)
    cast.payment = kept
    return refund_unapplied(actor=cast.bob, payment=kept, amount=Decimal(300), reason="Paid twice", **details)


def apply_a_part(cast, _request):
    assign_payment(actor=cast.alice, payment=cast.payment, assignments=[Assignment(cast.invoice, Decimal(50))])


VERBS = {
    "add_accessorial": Held(
        ask_accessorial, add_detention, lambda: Accessorial.objects.filter(state="active", amount=-300).count(),
        "1,000.00 USD when this was asked, 1,050.00 USD now.",
    ),
    "issue_credit_note": Held(
        ask_credit_note, pay_a_part, CreditNote.objects.count, "1,000.00 USD when this was asked, 950.00 USD now.",
    ),
    "refund_unapplied": Held(
        ask_refund, apply_a_part, Refund.objects.count, "500.00 USD when this was asked, 450.00 USD now.",
    ),
}  # fmt: skip


@pytest.fixture(params=sorted(VERBS))
def held(request, cast):
    """One of the verbs, asked for by Bob; Alice and Olivia may decide."""
    AuthorityLimit.objects.create(
        organization=cast.organization, role=Role.OPERATIONS_MANAGER, kind="refund", currency="USD", maximum=400
    )
    verb = VERBS[request.param]
    made = verb.ask(cast)
    waits = ApprovalRequest.objects.get(verb=request.param, state="waiting")
    return verb, made, waits


def test_it_is_done_when_it_is_granted_whatever_the_language_and_format_of_who_decides(cast, held):
    verb, _made, request = held
    assert verb.done() == 0
    cast.olivia.user.number_style = "comma"
    with translation.override("ar"):
        assert approve_request(actor=cast.olivia, request=request).state == "approved"
    assert verb.done() == 1


def test_facts_that_moved_refuse_it_and_are_named(cast, held, browser_of):
    verb, made, request = held
    verb.move(cast, made)
    refusal = refused(approve_request, actor=cast.olivia, request=request)
    said = str(refusal).replace("\u00a0", " ")
    assert (refusal.code, verb.said in said, said.endswith("Reject it, so that it can be asked anew.")) == (
        "facts_moved", True, True,
    )  # fmt: skip
    request.refresh_from_db()
    assert (request.state, verb.done()) == ("waiting", 0)
    shown = browser_of(cast.olivia).get(request.get_absolute_url()).content.decode().replace("\u00a0", " ")
    assert "This has changed since it was asked" in shown
    assert verb.said in shown
    assert reject_request(actor=cast.olivia, request=request, reason="Ask anew").state == "rejected"


def test_not_in_the_name_of_who_may_not_do_it_any_more(cast, held):
    verb, _made, request = held
    Membership.objects.filter(pk=cast.bob.pk).update(denied=[request.verb])
    assert refused(approve_request, actor=cast.olivia, request=request).code == "requester_lost_permission"
    Membership.objects.filter(pk=cast.bob.pk).update(denied=[], active=False)
    assert refused(approve_request, actor=cast.olivia, request=request).code == "requester_left"
    assert verb.done() == 0


def test_nothing_happens_before_the_last_of_several_decisions(cast, held):
    verb, _made, request = held
    reject_request(actor=cast.olivia, request=request, reason="Again, with two")
    for kind in ("bad_debt", "refund"):
        ApprovalStep.objects.create(
            organization=cast.organization, kind=kind, currency="USD", amount_from=0, decisions=2
        )
    verb.ask(cast)
    again = ApprovalRequest.objects.get(state="waiting")
    approve_request(actor=cast.olivia, request=again)
    assert verb.done() == 0
    approve_request(actor=cast.alice, request=again)
    assert verb.done() == 1
