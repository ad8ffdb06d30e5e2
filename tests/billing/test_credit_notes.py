"""Issuing and reversing credit notes: what is refused, what waits for approval, what other rules say of them."""

from decimal import Decimal as D

import pytest

from accounts.roles import Role
from receivables.approvals.models import ApprovalRequest, AuthorityLimit
from receivables.approvals.operations import approve_request, reject_request
from receivables.billing.credit_notes.models import CreditNote, Reason
from receivables.billing.credit_notes.operations import issue_credit_note, reverse_credit_note
from receivables.billing.operations import add_accessorial, regenerate_invoice, void_invoice
from receivables.billing.pages import facts_of
from receivables.billing.rules import regenerate_invoice_blocker
from receivables.core.errors import NotPermitted, Refused
from receivables.core.models import Event
from receivables.ledger.models import Allocation
from receivables.ledger.queries import month_of
from tests.billing.credit_notes import credit, reason_of, tax_code
from tests.builders import balances, make_account, make_invoice, make_member, make_organization, make_type, pay
from tests.collections.support import close_month, fresh, refused
from tests.support.invariants import broken

pytestmark = pytest.mark.django_db


@pytest.fixture
def admin():
    return make_member(make_organization())


@pytest.fixture
def biller(admin):
    """May give 100.00 of bad debt alone."""
    AuthorityLimit.objects.create(
        organization=admin.organization, role=Role.BILLER, kind="bad_debt", currency="USD", maximum=D(100)
    )
    return make_member(admin.organization, Role.BILLER, "Bill Biller")


def words(refusal):
    """The sentence of a refusal, with plain blanks."""
    return str(refusal.blocker.message).replace("\xa0", " ")


# Issue


def test_issue_credit_note_takes_the_next_number_and_keeps_who_is_billed(admin):
    invoice = make_invoice(admin)
    first, second = credit(admin, invoice, "10"), credit(admin, invoice, "20", text=" Agreed by phone ")
    assert (first.number, second.number) == ("CN-000001", "CN-000002")
    assert (second.text, second.bill_to["name"], second.created_by) == ("Agreed by phone", "Acme Foods", admin.user)
    assert fresh(invoice).open_item.balance == 970
    assert broken() == {}


def test_issue_credit_note_never_takes_more_than_is_open(admin):
    invoice = make_invoice(admin)
    pay(admin, invoice, "900")
    with pytest.raises(Refused) as caught:
        credit(admin, invoice, "100.01")
    assert (caught.value.code, caught.value.field) == ("more_than_open", f"amount_{invoice.pk}")
    assert not CreditNote.objects.exists()
    assert credit(admin, invoice, "100").total == 100


@pytest.mark.parametrize(("kind", "settles"), [("bad_debt", "bad_debt"), ("discount", "credit_note")])
def test_issue_credit_note_settles_by_the_kind_of_its_reason(admin, kind, settles):
    credit(admin, make_invoice(admin), "10", kind=kind)
    assert Allocation.objects.get().kind == settles


def test_issue_credit_note_for_a_small_difference_reads_as_a_loss(admin):
    Reason.objects.filter(kind="small_difference").update(document="credit_note")
    credit(admin, make_invoice(admin), "0.10", kind="small_difference")
    assert Allocation.objects.get().kind == "difference"


def test_issue_credit_note_refuses_void_foreign_and_unknown_invoices(admin):
    account, invoice = make_account(admin), make_invoice(admin)
    void = make_invoice(admin, account)
    void_invoice(actor=admin, load=void.loads.get(), reason="Twice")
    assert refused(_issue, actor=admin, invoice=void).code == "void"
    with pytest.raises(Refused) as caught:
        issue_credit_note(actor=admin, account=account, reason=reason_of(admin, "bad_debt"), parts=[(invoice, D(1))])
    assert caught.value.code == "not_found"
    other = make_member(make_organization("Other"))
    with pytest.raises(Refused):
        credit(other, invoice, "1")


def _issue(actor, invoice, amount="1", **details):
    return credit(actor, invoice, amount, **details)


@pytest.mark.parametrize("kind", ["bank_fee", "withholding_tax", "small_difference"])
def test_issue_credit_note_needs_a_reason_with_a_document(admin, kind):
    assert refused(_issue, actor=admin, invoice=make_invoice(admin), kind=kind).code == "journal_only"


def test_issue_credit_note_keeps_within_the_reasons_own_limit_in_slices_too(admin):
    Reason.objects.filter(kind="discount").update(maximum=D(50))
    invoice = make_invoice(admin)
    credit(admin, invoice, "30", kind="discount")
    assert refused(_issue, actor=admin, invoice=invoice, amount="20.01", kind="discount").code == "above_reason_limit"
    assert credit(admin, invoice, "20", kind="discount").total == 20


def test_issue_credit_note_has_two_dates(admin):
    """A document of a closed month is posted on the first open day; a day chosen in a closed month is refused."""
    invoice = make_invoice(admin)
    issued = invoice.issue_date
    close_month(admin, month_of(issued))
    note = credit(admin, invoice, "10", date=issued)
    assert note.date == issued
    assert note.posting_date.day == 1
    assert note.posting_date > issued
    code = refused(_issue, actor=admin, invoice=invoice, posting_date=issued).code
    assert code == "period_closed"


def test_issue_credit_note_takes_its_permission(admin):
    collector = make_member(admin.organization, Role.COLLECTOR, "Cole Lector")
    with pytest.raises(NotPermitted):
        credit(collector, make_invoice(admin), "10")


def test_issue_credit_note_is_told_on_invoice_load_and_account(admin):
    invoice = make_invoice(admin)
    note = credit(admin, invoice, "10", text="Damaged")
    event = Event.objects.get(name="issue_credit_note")
    told = {each.split(":")[0] for each in event.refs}
    assert told == {"billing.creditnote", "customers.account", "billing.invoice", "billing.load"}
    assert (event.reason, event.data["total"], event.subject_id) == ("Damaged", "10", note.pk)


# Approval


def test_issue_credit_note_beyond_ones_authority_waits(biller):
    invoice = make_invoice(biller)
    before = balances(biller)
    asked = credit(biller, invoice, "100.01", text="Customer has closed")
    assert isinstance(asked, ApprovalRequest)
    assert (asked.kind, asked.amount, asked.reason) == ("bad_debt", D("100.01"), "Customer has closed")
    assert (balances(biller), CreditNote.objects.count()) == (before, 0)
    assert refused(_issue, actor=biller, invoice=invoice).code == "already_asked"


def test_issue_credit_note_counts_what_was_given_on_the_invoice_before(biller, admin):
    invoice = make_invoice(biller)
    assert credit(biller, invoice, "60").total == 60
    assert isinstance(credit(biller, invoice, "40.01"), ApprovalRequest)


def test_an_accessorial_counts_what_credit_notes_gave_on_the_invoice(biller, admin):
    invoice = make_invoice(biller)
    credit(biller, invoice, "60")
    row = add_accessorial(
        actor=biller, load=invoice.loads.get(), type=make_type(admin), entity="customer", amount=D("-40.01")
    )
    assert row.state == "waiting"


def test_issue_credit_note_happens_when_it_is_approved(biller, admin):
    invoice = make_invoice(biller, line_haul="1000", tax_code=tax_code(admin, "8"))
    asked = credit(biller, invoice, "200", text="Customer has closed", date=invoice.issue_date)
    approve_request(actor=admin, request=asked)
    note = CreditNote.objects.get()
    assert (note.total, note.text, note.created_by) == (200, "Customer has closed", biller.user)
    assert fresh(invoice).open_item.balance == 880
    assert broken() == {}


def test_issue_credit_note_is_not_granted_when_the_balance_no_longer_covers_it(biller, admin):
    invoice = make_invoice(biller)
    asked = credit(biller, invoice, "200")
    pay(admin, invoice, "900")
    assert refused(approve_request, actor=admin, request=asked).code == "more_than_open"
    asked.refresh_from_db()
    assert asked.state == "waiting"


def test_issue_credit_note_is_not_granted_when_the_invoice_has_changed(biller, admin):
    invoice = make_invoice(biller, line_haul="1000", tax_code=tax_code(admin, "8"))
    Reason.objects.filter(kind="bad_debt").update(tax_rule="at_once")
    asked = credit(biller, invoice, "200")
    Reason.objects.filter(kind="bad_debt").update(tax_rule="none")
    assert refused(approve_request, actor=admin, request=asked).code == "facts_moved"


def test_issue_credit_note_rejected_leaves_nothing(biller, admin):
    invoice = make_invoice(biller)
    asked = credit(biller, invoice, "200")
    reject_request(actor=admin, request=asked, reason="Ask them first")
    assert not CreditNote.objects.exists()
    assert credit(biller, invoice, "20").total == 20


# Reverse


def test_reverse_credit_note_restores_every_balance_and_only_once(admin):
    invoice = make_invoice(admin)
    before = balances(admin)
    note = credit(admin, invoice, "50", kind="price_concession")
    reverse_credit_note(actor=admin, credit_note=note, reason="Not agreed")
    assert (balances(admin), fresh(invoice).open_item.live_settlements) == (before, 0)
    again = refused(reverse_credit_note, actor=admin, credit_note=note, reason="Not agreed")
    assert again.code == "already_reversed"
    assert broken() == {}


def test_reverse_credit_note_needs_a_reason_and_the_permission(admin):
    note = credit(admin, make_invoice(admin), "50")
    assert refused(reverse_credit_note, actor=admin, credit_note=note, reason=" ").field == "reason"
    auditor = make_member(admin.organization, Role.AUDITOR, "Audrey")
    with pytest.raises(NotPermitted):
        reverse_credit_note(actor=auditor, credit_note=note, reason="Because")


def test_reverse_credit_note_after_a_new_revision(admin):
    """The invoice went down meanwhile; it owes the credited amount again, on what it says now."""
    invoice = make_invoice(admin)
    note = credit(admin, invoice, "50")
    add_accessorial(
        actor=admin, load=invoice.loads.get(), type=make_type(admin), entity="customer", amount=D(-100), note=""
    )
    regenerate_invoice(actor=admin, load=invoice.loads.get())
    assert fresh(invoice).open_item.balance == 850
    reverse_credit_note(actor=admin, credit_note=note, reason="Not agreed")
    assert fresh(invoice).open_item.balance == 900


# What other rules say


def test_regenerate_names_the_credit_note_that_binds_the_total(admin):
    invoice = make_invoice(admin)
    note = credit(admin, invoice, "200")
    with pytest.raises(Refused) as caught:
        add_accessorial(
            actor=admin, load=invoice.loads.get(), type=make_type(admin), entity="customer", amount=D("-800.01")
        )
    said = "200.00 USD is already credited by CN-000001: the most you can take off is 800.00 USD."
    assert words(caught.value) == said
    assert caught.value.blocker.link == note.get_absolute_url()
    assert regenerate_invoice_blocker(facts_of(invoice.loads.get(), admin)).code == "total_unchanged"


def test_void_names_the_credit_note_that_stands(admin):
    invoice = make_invoice(admin)
    note = credit(admin, invoice, "200")
    caught = refused(void_invoice, actor=admin, load=invoice.loads.get(), reason="Twice")
    assert words(caught) == "200.00 USD is settled by CN-000001: reverse that first."
    reverse_credit_note(actor=admin, credit_note=note, reason="Void instead", posting_date=None)
    assert void_invoice(actor=admin, load=invoice.loads.get(), reason="Twice").total == 0


def test_a_fresh_organization_has_its_reasons(admin):
    found = {each.kind: (each.gl_account.code, each.document) for each in Reason.objects.of(admin)}
    assert found == {
        "bad_debt": ("6100", "credit_note"), "price_concession": ("4900", "credit_note"),
        "discount": ("4950", "credit_note"), "small_difference": ("6300", "journal"), "bank_fee": ("6200", "journal"),
        "withholding_tax": ("1300", "journal"),
    }  # fmt: skip
    assert Reason.objects.of(admin).filter(currency="USD", active=True).count() == 6
