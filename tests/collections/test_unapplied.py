"""Money on account applied later, taken off, moved and given back: operations, and what they refuse."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from accounts.roles import Role
from receivables.approvals.models import ApprovalRequest, AuthorityLimit
from receivables.approvals.operations import approve_request, reject_request
from receivables.billing.operations import generate_invoice, regenerate_invoice, void_invoice
from receivables.collections.models import BankAccount, Payment, PaymentAssignment, Refund
from receivables.collections.operations import Assignment, bounce_payment, delete_payment, record_payment
from receivables.collections.unapplied.operations import assign_payment, move_payment_assignment, unassign_payment
from receivables.collections.unapplied.refunds import refund_unapplied, reverse_refund
from receivables.core.dates import today
from receivables.core.errors import NotPermitted, Refused
from receivables.core.events import history
from receivables.customers.models import Account, Agreement
from receivables.ledger.models import Allocation, JournalEntry
from tests.builders import balances, make_account, make_invoice, make_load, make_member, make_organization, pay
from tests.collections.pay_offs import by_journal, paid_off
from tests.collections.support import bank_in, close_month, fresh, item_of, refused
from tests.support.invariants import broken

pytestmark = pytest.mark.django_db


def on_account(actor, amount="300", account=None, **details):
    """A payment that is not applied to anything."""
    account = account or make_account(actor)
    details = {"bank_account": BankAccount.objects.of(actor).first(), "date": date(2026, 11, 3), **details}
    return record_payment(actor=actor, account=account, amount=Decimal(amount), method="ach", **details)


def branch_of(account):
    """Another account of the same customer, with an agreement."""
    freight = account.agreements.get()
    branch = Account.objects.create(
        organization_id=account.organization_id, customer=account.customer, number=f"{account.number}-B",
        name="Branch", collection_class=account.collection_class,
    )  # fmt: skip
    Agreement.objects.create(
        organization_id=account.organization_id, account=branch, type=freight.type, number=f"{freight.number}-B",
        currency=freight.currency, start_date=freight.start_date,
    )  # fmt: skip
    return branch


def of(payment, invoice, live=True):
    return Allocation.objects.get(
        credit_item=payment.open_item, debit_item=invoice.open_item, reverses__isnull=True, reversed_by__isnull=live
    )


def apply(actor, payment, *parts, **details):
    wanted = [Assignment(invoice, Decimal(amount)) for invoice, amount in parts]
    return assign_payment(actor=actor, payment=payment, assignments=wanted, **details)


def give_back(actor, payment, amount, **details):
    details = {
        "bank_account": payment.bank_account, "date": date(2026, 11, 10), "method": "ach", "reason": "Paid twice",
        **details,
    }  # fmt: skip
    return refund_unapplied(actor=actor, payment=payment, amount=Decimal(amount), **details)


class TestAssign:
    def test_assign_payment_to_several_invoices_of_the_payer(self, biller):
        payment = on_account(biller)
        branch = branch_of(payment.account)
        first, second = make_invoice(biller, payment.account, "100"), make_invoice(biller, branch, "500")
        act = apply(biller, payment, (first, "100"), (second, "150"))
        assert [item_of(each).balance for each in (first, second, payment)] == [0, 350, -50]
        assert sum(balances(biller).values()) == 0
        assert (act.kind, act.amount) == (PaymentAssignment.Kind.ASSIGNED, 250)
        assert JournalEntry.objects.filter(source_type="collections.paymentassignment").count() == 2
        names = {event.name for event in history(biller, payment.account)}
        assert "assign_payment" in names
        for each in (payment, first, second, first.loads.get()):
            assert history(biller, each)[0].name == "assign_payment"
        assert broken() == {}

    @pytest.mark.parametrize(("amount", "code"), [("300.01", "more_than_unapplied"), ("0", "zero"), ("-1", "negative")])
    def test_amounts(self, biller, amount, code):
        payment = on_account(biller)
        invoice = make_invoice(biller, payment.account)
        refusal = refused(apply_to, biller=biller, payment=payment, invoice=invoice, amount=amount)
        assert (refusal.code, refusal.field) == (code, f"amount_{invoice.pk}")
        assert item_of(payment).balance == -300

    def test_more_than_is_owed_is_refused_beside_its_field(self, biller):
        payment = on_account(biller)
        invoice = make_invoice(biller, payment.account, "100")
        refusal = refused(apply_to, biller=biller, payment=payment, invoice=invoice, amount="100.01")
        assert (refusal.code, refusal.field) == ("more_than_owed", f"amount_{invoice.pk}")

    def test_a_void_invoice_and_one_of_another_customer(self, biller):
        payment = on_account(biller)
        void, other = make_invoice(biller, payment.account), make_invoice(biller)
        void_invoice(actor=biller, load=void.loads.get(), reason="Wrong")
        assert refused(apply_to, biller=biller, payment=payment, invoice=void, amount="1").code == "void"
        assert refused(apply_to, biller=biller, payment=payment, invoice=other, amount="1").code == "other_payer"

    def test_a_payment_taken_back_has_no_money(self, biller):
        payment = on_account(biller)
        invoice = make_invoice(biller, payment.account)
        delete_payment(actor=biller, payment=payment)
        assert refused(apply_to, biller=biller, payment=payment, invoice=invoice, amount="1").code == "payment_undone"

    def test_days(self, biller):
        payment = on_account(biller)
        invoice = make_invoice(biller, payment.account)
        wanted = {"actor": biller, "payment": payment, "assignments": [Assignment(invoice, Decimal(5))]}
        assert refused(assign_payment, **wanted, posting_date=date(2026, 11, 2)).field == "posting_date"
        act = assign_payment(**wanted)
        assert act.posting_date == max(today(biller.organization), payment.posting_date)
        close_month(biller, date(2026, 11, 1))
        assert refused(assign_payment, **wanted, posting_date=date(2026, 11, 30)).code == "period_closed"

    def test_another_organization(self, biller, stranger):
        payment = on_account(biller)
        theirs = make_invoice(stranger)
        with pytest.raises(Refused):
            apply(biller, payment, (theirs, "1"))
        with pytest.raises(Refused):
            apply(stranger, payment, (theirs, "1"))


def apply_to(*, biller, payment, invoice, amount):
    return apply(biller, payment, (invoice, amount))


class TestUnassign:
    def test_unassign_payment_reverses_that_one_alone(self, biller):
        payment = on_account(biller)
        first, second = make_invoice(biller, payment.account, "100"), make_invoice(biller, payment.account, "500")
        apply(biller, payment, (first, "100"), (second, "150"))
        kept = of(payment, second)
        act = unassign_payment(actor=biller, allocation=of(payment, first), reason="Meant for another")
        assert [item_of(each).balance for each in (first, second, payment)] == [100, 350, -150]
        assert of(payment, second) == kept, "applied by an entry of its own, so it keeps its id"
        assert (act.kind, act.amount, act.reason) == ("removed", 100, "Meant for another")
        assert history(biller, first.loads.get())[0].name == "unassign_payment"
        refusal = refused(unassign_payment, actor=biller, allocation=of(payment, first, live=False), reason="x")
        assert refusal.code == "already_taken_off"
        assert broken() == {}

    def test_one_of_a_payment_over_several_invoices(self, biller):
        """The others keep what they got, and their ids: each was applied by an entry of its own."""
        account = make_account(biller)
        invoices = [make_invoice(biller, account, amount) for amount in ("100", "200", "300")]
        payment = record_payment(
            actor=biller, account=account, amount=Decimal(600), date=date(2026, 11, 3), method="ach",
            bank_account=BankAccount.objects.of(biller).get(),
            assignments=[Assignment(each, each.open_item.balance) for each in map(fresh, invoices)],
        )  # fmt: skip
        kept = [of(payment, invoices[0]), of(payment, invoices[2])]
        unassign_payment(actor=biller, allocation=of(payment, invoices[1]), reason="Wrong invoice")
        assert [of(payment, invoices[0]), of(payment, invoices[2])] == kept
        assert [item_of(each).balance for each in (*invoices, payment)] == [0, 200, 0, -200]
        assert [item_of(each).live_payments for each in invoices] == [1, 0, 1]
        unassign_payment(actor=biller, allocation=of(payment, invoices[0]), reason="Wrong invoice")
        delete_payment(actor=biller, payment=payment)
        assert [item_of(each).balance for each in invoices] == [100, 200, 300]
        assert broken() == {}

    def test_a_payment_of_zero(self, biller):
        invoice = make_invoice(biller)
        payment = pay(biller, invoice, "0")
        unassign_payment(actor=biller, allocation=of(payment, invoice), reason="Regenerate")
        assert item_of(invoice).live_payments == 0

    def test_never_before_what_was_given_up_with_it(self, biller):
        """The money came on the 3rd for an invoice of the 10th: what is given up of it is posted on that day."""
        by_journal(biller)
        invoice = generate_invoice(actor=biller, load=make_load(biller), issue_date=date(2026, 11, 10))
        payment = paid_off(biller, invoice, "950")
        wanted = {"allocation": of(payment, invoice), "reason": "Wrong invoice", "posting_date": date(2026, 11, 9)}
        refusal = refused(unassign_payment, actor=biller, **wanted)
        assert (refusal.code, refusal.field) == ("before_payment", "posting_date")

    def test_it_needs_a_reason(self, biller):
        invoice = make_invoice(biller)
        payment = pay(biller, invoice, "10")
        assert refused(unassign_payment, actor=biller, allocation=of(payment, invoice), reason=" ").field == "reason"


class TestBadDebtThatHangsOnIt:
    """What was given up with a payment on the invoice falls with the assignment."""

    @pytest.mark.parametrize("journal_only", [False, True])
    def test_it_is_taken_back_with_it(self, biller, journal_only):
        if journal_only:
            by_journal(biller)
        invoice = make_invoice(biller, line_haul="130")
        payment = paid_off(biller, invoice, "50")
        assert item_of(invoice).balance == 0
        unassign_payment(actor=biller, allocation=of(payment, invoice), reason="Wrong invoice")
        assert [item_of(each).balance for each in (invoice, payment)] == [130, -50]
        assert broken() == {}
        apply(biller, payment, (invoice, "50"))
        delete_payment(actor=biller, payment=payment)
        assert item_of(invoice).balance == 130
        assert broken() == {}


class TestMove:
    def test_move_payment_assignment_in_one_act(self, biller):
        account = make_account(biller)
        wrong, right = make_invoice(biller, account, "500"), make_invoice(biller, account, "400")
        payment = pay(biller, wrong, "300")
        act = move_payment_assignment(actor=biller, allocation=of(payment, wrong), invoice=right, reason="Remittance")
        assert [item_of(each).balance for each in (wrong, right, payment)] == [500, 100, 0]
        assert act.kind == "moved"
        assert PaymentAssignment.objects.count() == 1
        assert history(biller, right)[0].name == "move_payment_assignment"
        assert broken() == {}

    def test_a_part_stays_on_account(self, biller):
        account = make_account(biller)
        wrong, right = make_invoice(biller, account, "500"), make_invoice(biller, account, "100")
        payment = pay(biller, wrong, "300")
        asked = {"actor": biller, "allocation": of(payment, wrong), "invoice": right, "reason": "Remittance"}
        assert refused(move_payment_assignment, **asked).code == "more_than_owed"
        assert refused(move_payment_assignment, **{**asked, "invoice": wrong}).code == "same_invoice"
        assert refused(move_payment_assignment, **asked, amount=Decimal(0)).code == "zero"
        move_payment_assignment(**asked, amount=Decimal(100))
        assert [item_of(each).balance for each in (wrong, right, payment)] == [500, 0, -200]
        assert broken() == {}


class TestRefund:
    def test_refund_unapplied_by_an_admin(self):
        admin = make_member(make_organization())
        payment = on_account(admin)
        refund = give_back(admin, payment, "120")
        assert (refund.number, item_of(payment).balance) == ("RF-000001", -180)
        assert {code: amount for code, amount in balances(admin).items() if code == "1000"} == {"1000": 180}
        assert history(admin, payment)[0].name == "refund_unapplied"
        assert refused(delete_payment, actor=admin, payment=payment).code == "refund_stands"
        assert refused(bounce_payment, actor=admin, payment=payment, reason="NSF").code == "refund_stands"
        reverse_refund(actor=admin, refund=refund, reason="Came back")
        assert refused(reverse_refund, actor=admin, refund=refund, reason="Again").code == "already_reversed"
        assert item_of(payment).balance == -300
        delete_payment(actor=admin, payment=payment)
        assert balances(admin) == {}
        assert broken() == {}

    def test_a_biller_asks(self, biller):
        admin = make_member(biller.organization)
        payment = on_account(biller)
        request = give_back(biller, payment, "120")
        assert isinstance(request, ApprovalRequest)
        assert item_of(payment).balance == -300
        assert refused(give_back_of, actor=biller, payment=payment).code == "already_asked"
        approve_request(actor=admin, request=request)
        refund = Refund.objects.get()
        assert (refund.amount, refund.created_by) == (120, biller.user)
        assert item_of(payment).balance == -180
        assert broken() == {}

    def test_granted_only_if_the_money_is_still_there(self, biller):
        admin = make_member(biller.organization)
        payment = on_account(biller)
        request = give_back(biller, payment, "120")
        apply(biller, payment, (make_invoice(biller, payment.account), "200"))
        assert refused(approve_request, actor=admin, request=request).code == "more_than_unapplied"
        reject_request(actor=admin, request=request, reason="Applied meanwhile")
        assert not Refund.objects.exists()

    @pytest.mark.parametrize("undo", [delete_payment, bounce_payment])
    def test_a_payment_that_is_taken_back_leaves_no_request_waiting(self, biller, undo):
        admin = make_member(biller.organization)
        payment = on_account(biller)
        request = give_back(biller, payment, "120")
        undo(actor=biller, payment=payment, reason="NSF")
        request.refresh_from_db()
        assert request.state == ApprovalRequest.State.WITHDRAWN
        assert [event.name for event in history(biller, payment)][:2] == ["supersede_request", undo.__name__]
        assert refused(approve_request, actor=admin, request=request).code == "decided"
        assert broken() == {}

    def test_slices_count_together(self, biller):
        AuthorityLimit.objects.create(
            organization=biller.organization, role=Role.BILLER, kind="refund", currency="USD", maximum=Decimal(100)
        )
        payment = on_account(biller)
        assert isinstance(give_back(biller, payment, "60"), Refund)
        assert isinstance(give_back(biller, payment, "60"), ApprovalRequest)

    def test_what_is_refused(self):
        admin = make_member(make_organization())
        payment = on_account(admin)
        for details, code in [
            ({"amount": "300.01"}, "more_than_unapplied"),
            ({"amount": "0"}, "zero"),
            ({"reason": ""}, "no_reason"),
            ({"date": payment.date - timedelta(days=1)}, "before_payment"),
            ({"bank_account": bank_in(admin, "EUR")}, "currency"),
        ]:
            assert refused(give_back_of, actor=admin, payment=payment, **details).code == code


def give_back_of(*, actor, payment, amount="1", **details):
    return give_back(actor, payment, amount, **details)


@pytest.mark.parametrize("again", [False, True])
def test_delete_payment_takes_later_assignments_back(biller, again):
    payment = on_account(biller)
    first, second = make_invoice(biller, payment.account, "100"), make_invoice(biller, payment.account, "500")
    apply(biller, payment, (first, "100"))
    apply(biller, payment, (second, "150"))
    if again:
        unassign_payment(actor=biller, allocation=of(payment, first), reason="Wrong")
        apply(biller, payment, (first, "60"))
    delete_payment(actor=biller, payment=payment)
    assert [item_of(each).balance for each in (first, second)] == [100, 500]
    assert broken() == {}


def test_an_invoice_can_be_regenerated_once_the_payment_is_off(biller):
    load = make_load(biller)
    from_ = make_invoice(biller, load.account)
    payment = pay(biller, from_, "10")
    assert refused(regenerate_invoice, actor=biller, load=from_.loads.get()).code == "payment_exists"
    unassign_payment(actor=biller, allocation=of(payment, from_), reason="Regenerate")
    assert refused(regenerate_invoice, actor=biller, load=from_.loads.get()).code == "total_unchanged"


WHO = {
    Role.ADMIN: (True, True, True), Role.PARTNER_ADMIN: (True, True, True), Role.OPERATIONS_MANAGER: (True, True, True),
    Role.BILLER: (True, True, True), Role.COLLECTOR: (True, False, False), Role.AUDITOR: (False, False, False),
}  # fmt: skip


@pytest.mark.parametrize("role", WHO)
def test_by_role(role):
    admin = make_member(make_organization())
    payment = on_account(admin)
    invoice = make_invoice(admin, payment.account)
    applied = make_invoice(admin, payment.account)
    apply(admin, payment, (applied, "10"))
    member = make_member(admin.organization, role, "Somebody")
    acts = [
        lambda: apply(member, payment, (invoice, "10")),
        lambda: unassign_payment(actor=member, allocation=of(payment, applied), reason="Wrong"),
        lambda: give_back(member, payment, "10"),
    ]
    for act, may in zip(acts, WHO[role], strict=True):
        if may:
            act()
        else:
            with pytest.raises(NotPermitted):
                act()
    assert Payment.objects.count() == 1
