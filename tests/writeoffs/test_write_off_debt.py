"""Writing off: who may, who must ask, what is refused, and what is asked stays what is granted."""

from decimal import Decimal as D

import pytest

from receivables.approvals.models import ApprovalRequest, AuthorityLimit
from receivables.approvals.operations import approve_request, reject_request
from receivables.core.errors import NotPermitted, Refused
from receivables.core.models import Event
from receivables.customers.models import Agreement, AgreementType
from receivables.ledger.models import AgreementTransaction
from receivables.writeoffs.drafting import Wanted
from receivables.writeoffs.models import WriteOff, WriteOffSettings
from receivables.writeoffs.operations import request_write_off, write_off_debt
from receivables.writeoffs.reversing import reverse_write_off
from tests.builders import balances, make_account, make_invoice, make_member, pay
from tests.writeoffs.cast import bill, bill_and_late_charge, one_time, owed, pick, write_off

pytestmark = pytest.mark.django_db


def test_write_off_debt_is_for_those_who_may(biller, stranger):
    invoice = make_invoice(biller)
    with pytest.raises(NotPermitted):
        write_off_debt(actor=biller, wanted=Wanted(invoice.account, "Gone"))
    with pytest.raises(Refused) as refused:
        write_off_debt(actor=stranger, wanted=Wanted(invoice.account, "Gone"))
    assert refused.value.code == "not_found"


def test_request_write_off_waits_and_is_granted_as_it_was_asked(admin, biller):
    account, invoice, _late = bill_and_late_charge(admin)
    request = request_write_off(actor=biller, wanted=Wanted(account, "Out of business"))
    assert (request.verb, request.kind, request.amount) == ("write_off_debt", "write_off", D(1050))
    assert owed(account) == {"FREIGHT": (1050, "active")}
    with pytest.raises(Refused) as refused:
        write_off(admin, account)
    assert refused.value.code == "already_asked"
    approve_request(actor=admin, request=request)
    done = WriteOff.objects.get(account=account)
    assert (done.created_by, done.approved_by, done.reason) == (biller.user, admin.user, "Out of business")
    assert owed(account)["WO-STD"] == (950, "active")
    assert Event.objects.filter(name="write_off_debt", refs__contains=[f"billing.invoice:{invoice.pk}"]).count() == 1


def test_request_write_off_is_not_granted_once_the_debt_has_changed(admin, biller):
    account, invoice, _late = bill_and_late_charge(admin)
    request = request_write_off(actor=biller, wanted=Wanted(account, "Out of business"))
    pay(admin, invoice, "10")
    with pytest.raises(Refused) as refused:
        approve_request(actor=admin, request=request)
    assert refused.value.code in {"facts_moved", "more_than_owed"}
    reject_request(actor=admin, request=ApprovalRequest.objects.get(pk=request.pk), reason="Paid something")
    assert write_off(admin, account).amount == 1040


def test_write_off_debt_beyond_ones_authority_waits(admin):
    account, _invoice, _late = bill_and_late_charge(admin)
    AuthorityLimit.objects.create(
        organization=admin.organization, role="admin", kind="write_off", currency="USD", maximum=D(1000)
    )
    found = write_off_debt(actor=admin, wanted=Wanted(account, "Gone"))
    assert isinstance(found, ApprovalRequest)
    assert write_off(admin, account=make_invoice(admin, line_haul="1000").account).amount == 1000
    with pytest.raises(Refused):
        approve_request(actor=make_member(admin.organization, "admin", "Ada Admin"), request=found)


def test_write_off_debt_syncs_current_to_payoff_first(admin):
    invoice = make_invoice(admin, line_haul="100")
    source = Agreement.objects.get(pk=invoice.agreement_id)
    AgreementTransaction.objects.create(
        organization=admin.organization, agreement=source, kind="budget", date=invoice.issue_date, payoff_effect=0,
        current_effect=-30,
    )  # fmt: skip
    write_off(admin, invoice.account)
    source.refresh_from_db()
    assert (source.payoff_balance, source.current_balance) == (0, 0)
    moved = AgreementTransaction.objects.filter(agreement=source).order_by("pk").values_list("kind", "current_effect")
    assert list(moved)[-2:] == [("sync", 30), ("write_off", -100)]
    new = Agreement.objects.get(account=invoice.account, type__code="WO-STD")
    assert (new.payoff_balance, new.current_balance, new.state) == (100, 100, "active")


def test_write_off_debt_to_one_type_makes_no_difference_between_accounts(admin):
    invoice = bill(admin)
    kind = AgreementType.objects.of(admin).get(code="WO-STD")
    done = write_off(admin, invoice.account, to_type=kind)
    assert (done.method, owed(invoice.account)["WO-STD"]) == ("type", (1000, "active"))
    assert balances(admin) == {"2210": -80, "2220": -20, "4000": -900, "6150": 1000}


def test_write_off_debt_refuses_a_type_that_is_none(admin):
    invoice = bill(admin)
    kind = AgreementType.objects.of(admin).get(code="FREIGHT")
    with pytest.raises(Refused) as refused:
        write_off(admin, invoice.account, to_type=kind)
    assert refused.value.code == "no_write_off_type"


def test_write_off_debt_refuses_what_is_written_off_already(admin):
    invoice = bill(admin)
    write_off(admin, invoice.account)
    new = Agreement.objects.get(account=invoice.account, type__code="WO-STD")
    for wanted, code in (({}, "nothing_picked"), ({"agreements": [new.pk]}, "written_off")):
        with pytest.raises(Refused) as refused:
            write_off(admin, invoice.account, **wanted)
        assert refused.value.code == code


def test_write_off_debt_refuses_debt_that_was_settled_meanwhile(admin):
    invoice = bill(admin)
    picks = pick(invoice, "1000")
    pay(admin, invoice, "1000")
    with pytest.raises(Refused) as refused:
        write_off(admin, invoice.account, picks=picks)
    assert refused.value.code == "stale"


def test_write_off_debt_on_a_one_time_type_takes_a_new_agreement_once_closed(admin):
    invoice = make_invoice(admin, line_haul="100")
    one_time(admin)
    done = write_off(admin, invoice.account, amount=D(60))
    first = Agreement.objects.get(account=invoice.account, type__code="WO-STD")
    write_off(admin, invoice.account)
    first.refresh_from_db()
    assert (first.payoff_balance, first.state) == (100, "active")
    for each in (done, WriteOff.objects.latest("pk")):
        reverse_write_off(actor=admin, write_off=each, reason="Paid after all")
    first.refresh_from_db()
    assert (first.payoff_balance, first.state) == (0, "closed")
    write_off(admin, invoice.account)
    states = Agreement.objects.filter(account=invoice.account, type__code="WO-STD").order_by("pk")
    assert [(each.payoff_balance, each.state) for each in states] == [(0, "closed"), (100, "active")]


def test_write_off_debt_in_two_currencies_is_two_write_offs(admin):
    invoice = make_invoice(admin, line_haul="100")
    with pytest.raises(Refused) as refused:
        write_off(admin, make_account(admin))
    assert refused.value.code == "nothing_picked"
    assert write_off(admin, invoice.account).currency == "USD"


def test_write_off_debt_without_a_default_type_refuses_what_nothing_explains(admin):
    invoice = make_invoice(admin, line_haul="100")
    AgreementType.objects.of(admin).get(code="WO-STD")
    WriteOffSettings.objects.of(admin).update(default_type=None)
    assert write_off(admin, invoice.account).amount == 100
