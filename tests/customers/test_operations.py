"""Making, changing and stopping: customers, accounts, agreements."""

from datetime import date, timedelta
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse

from accounts.roles import Role
from receivables.core.dates import today
from receivables.core.errors import NotPermitted, Refused
from receivables.core.events import history
from receivables.customers.behaviour import behaviour
from receivables.customers.forms import CreateAgreementForm, StopAgreementForm
from receivables.customers.models import Account, Agreement, AgreementType, Customer, PaymentTerms
from receivables.customers.operations import (
    cancel_agreement,
    create_account,
    create_agreement,
    create_customer,
    edit_account,
    edit_customer,
    stop_agreement,
)
from tests.builders import make_account, make_invoice, make_member, make_organization, pay


def refused(verb, **arguments):
    with pytest.raises(Refused) as caught:
        verb(**arguments)
    return caught.value


def freight(alice):
    return AgreementType.objects.of(alice).get(code="FREIGHT")


def test_create_customer_says_what_is_switched_off(alice):
    AgreementType.objects.of(alice).update(active=False)
    assert refused(create_customer, actor=alice, name="Acme").code == "no_type"
    PaymentTerms.objects.of(alice).update(active=False)
    assert refused(create_customer, actor=alice, name="Acme").code == "no_terms"
    client = Client()
    client.force_login(alice.user)
    page = client.get(reverse("create_customer"))
    assert page.status_code == 422
    assert b"All payment terms are switched off." in page.content


def test_create_customer_makes_everything_that_billing_needs(alice):
    made = create_customer(actor=alice, name="  Acme Foods ", city="Austin", country="US")
    assert (made.customer.number, made.account.number, made.agreement.number) == ("CUS-00001", "ACC-00001", "SA-000001")
    assert (made.customer.name, made.agreement.currency, made.agreement.state) == ("Acme Foods", "USD", "active")
    assert make_invoice(alice, made.account).number == "INV-000001"
    assert history(alice, made.customer).get(name="create_customer").data["currency"] == "USD"


def test_create_customer_in_another_currency_with_numbers_of_its_own(alice):
    made = create_customer(actor=alice, name="Kuwait Line", currency="kwd", number="K-1", account_number="KA-1")
    assert (made.agreement.currency, made.customer.number, made.account.number) == ("KWD", "K-1", "KA-1")


@pytest.mark.parametrize(
    ("change", "code", "field"),
    [
        ({"name": " "}, "no_name", "name"),
        ({"currency": "XXZ"}, "currency", "currency"),
        ({"number": "cus-00001"}, "number_taken", "number"),
        ({"account_number": "acc-00001"}, "number_taken", "account_number"),
    ],
)
def test_create_customer_refuses_and_keeps_nothing(alice, change, code, field):
    create_customer(actor=alice, name="First")
    blocker = refused(create_customer, actor=alice, **{"name": "Second", **change})
    assert (blocker.code, blocker.field) == (code, field)
    assert Customer.objects.of(alice).count() == 1


def test_edit_customer_keeps_both_states_in_the_event(alice):
    customer = create_customer(actor=alice, name="Acme", city="Austin").customer
    edit_customer(actor=alice, customer=customer, seen=1, city="Dallas", name="Acme Foods")
    event = history(alice, customer).get(name="edit_customer")
    assert event.data["before"] == {"city": "Austin", "name": "Acme"}
    assert event.data["after"] == {"city": "Dallas", "name": "Acme Foods"}
    assert refused(edit_customer, actor=alice, customer=customer, seen=1, city="Houston").code == "stale"
    edit_customer(actor=alice, customer=customer, city="Dallas")
    assert history(alice, customer).filter(name="edit_customer").count() == 1, "nothing changed, nothing to say"


def test_edit_customer_sets_the_language_that_its_documents_are_in(alice):
    customer = create_customer(actor=alice, name="Nakhla Trading").customer
    browser = Client()
    browser.force_login(alice.user)
    page = reverse("edit_customer", args=[customer.pk])
    sent = {"name": customer.name, "number": customer.number, "terms": customer.terms_id, "active": "on", "seen": 1}
    browser.post(page, {**sent, "language": "ar", "_key": str(uuid4())})
    customer.refresh_from_db()
    assert (customer.language, customer.name, customer.version) == ("ar", "Nakhla Trading", 2)
    browser.post(page, {**sent, "seen": 2, "language": "tlh", "_key": str(uuid4())})
    customer.refresh_from_db()
    assert (customer.language, customer.version) == ("ar", 2), "a language without a catalogue is refused"


def test_edit_customer_refuses_a_number_in_use(alice):
    create_customer(actor=alice, name="First", number="A-1")
    other = create_customer(actor=alice, name="Second").customer
    assert refused(edit_customer, actor=alice, customer=other, number="a-1").field == "number"


def test_create_account_with_an_agreement(alice):
    customer = create_customer(actor=alice, name="Acme", currency="EUR").customer
    account = create_account(actor=alice, customer=customer, name="Warehouse")
    assert (account.name, account.agreements.get().currency) == ("Warehouse", "EUR")
    edit_customer(actor=alice, customer=customer, active=False)
    assert refused(create_account, actor=alice, customer=customer).code == "customer_inactive"


def test_edit_account_says_what_changed(alice):
    made = create_customer(actor=alice, name="Acme")
    edit_account(actor=alice, account=made.account, seen=1, alert="Bankruptcy filed", postpone_until=date(2026, 12, 1))
    event = history(alice, made.customer).get(name="edit_account")
    assert event.data["after"] == {"alert": "Bankruptcy filed", "postpone_until": "2026-12-01"}
    assert refused(edit_account, actor=alice, account=made.account, seen=1, alert="").code == "stale"


def test_create_agreement_of_normal_types_only(alice):
    account = create_customer(actor=alice, name="Acme").account
    agreement = create_agreement(actor=alice, account=account, type=freight(alice), currency="EUR")
    assert (agreement.currency, agreement.state) == ("EUR", "active")
    later = create_agreement(actor=alice, account=account, type=freight(alice), start_date=date(2099, 1, 1))
    assert later.state == "pending_start"
    for code in ("WO-STD", "WO-BKR", "DEPOSIT"):
        special = AgreementType.objects.of(alice).get(code=code)
        assert refused(create_agreement, actor=alice, account=account, type=special).code == "special_type"


def test_stop_agreement_without_debt_closes_it(alice):
    agreement = create_customer(actor=alice, name="Acme").agreement
    stopped = stop_agreement(actor=alice, agreement=agreement, reason="Moved away")
    assert (stopped.state, stopped.stop_date) == ("closed", today(alice.organization))
    assert refused(stop_agreement, actor=alice, agreement=agreement).code == "not_active"


def test_stop_agreement_with_debt_closes_when_it_is_paid(alice):
    made = create_customer(actor=alice, name="Acme")
    invoice = make_invoice(alice, made.account)
    assert stop_agreement(actor=alice, agreement=made.agreement).state == "stopped"
    pay(alice, invoice, "1000")
    assert Agreement.objects.get(pk=made.agreement.pk).state == "closed"


def test_stop_agreement_on_a_day_to_come_is_pending(alice):
    agreement = create_customer(actor=alice, name="Acme").agreement
    day = today(alice.organization) + timedelta(days=9)
    assert stop_agreement(actor=alice, agreement=agreement, stop_date=day).state == "pending_stop"
    assert stop_agreement(actor=alice, agreement=agreement).state == "closed", "sooner, after all"


def test_stop_agreement_never_on_a_write_off_agreement(alice):
    account = create_customer(actor=alice, name="Acme").account
    special = AgreementType.objects.of(alice).get(code="WO-STD")
    agreement = Agreement.objects.create(
        organization=alice.organization, account=account, type=special, number="W-1", currency="USD",
        start_date=date(2026, 1, 1),
    )  # fmt: skip
    assert refused(stop_agreement, actor=alice, agreement=agreement).code == "write_off"


def test_cancel_agreement_where_nothing_was_posted(alice):
    made = create_customer(actor=alice, name="Acme")
    spare = create_agreement(actor=alice, account=made.account, type=freight(alice))
    assert cancel_agreement(actor=alice, agreement=spare, reason="Entered twice").state == "cancelled"
    assert refused(cancel_agreement, actor=alice, agreement=spare).code == "cancelled"
    account = create_account(actor=alice, customer=made.customer)
    make_invoice(alice, account)
    assert refused(cancel_agreement, actor=alice, agreement=account.agreements.get()).code == "posted"


@pytest.mark.parametrize("role", [Role.COLLECTOR, Role.AUDITOR])
def test_create_customer_and_its_like_need_permission(alice, role):
    bob = make_member(alice.organization, role, "Bob")
    made = create_customer(actor=alice, name="Acme")
    for verb, arguments in [
        (create_customer, {"name": "X"}),
        (edit_customer, {"customer": made.customer}),
        (create_account, {"customer": made.customer}),
        (edit_account, {"account": made.account}),
        (create_agreement, {"account": made.account, "type": freight(alice)}),
        (stop_agreement, {"agreement": made.agreement}),
        (cancel_agreement, {"agreement": made.agreement}),
    ]:
        with pytest.raises(NotPermitted):
            verb(actor=bob, **arguments)


def test_the_words_of_an_agreement_follow_its_type_and_state(alice):
    def words(code, state="active"):
        return " ".join(behaviour(AgreementType.objects.of(alice).get(code=code), state))

    assert "New invoices may be billed" in words("FREIGHT")
    assert "only the final bill" in words("FREIGHT", "stopped")
    assert "nothing new is billed on it" in words("FREIGHT", "reactivated")
    assert "takes no payments" in words("WO-BKR")
    assert "not subject to collection" in words("WO-STD")
    assert "stays active at zero" in words("WO-STD")
    assert "closes by itself when it is paid off" in words("OVERPAY")


# Pages


def client_of(member):
    client = Client()
    client.force_login(member.user, backend="accounts.backends.MembershipBackend")
    return client


def posted(client, address, **data):
    """Fill in a dialog as it is shown, and send it."""
    shown = client.get(address)
    initial = {name: field.initial for name, field in shown.context["form"].fields.items()}
    values = {name: getattr(value, "pk", value) for name, value in initial.items() if value not in (None, False)}
    key = shown.content.decode().split('name="_key" value="')[1][:36]
    return client.post(address, {**values, **data, "_key": key})


def test_create_customer_and_edit_customer_by_their_pages(alice):
    client = client_of(alice)
    answer = posted(client, reverse("create_customer"), name="Acme Foods", country="us")
    customer = Customer.objects.of(alice).get()
    assert answer.url == customer.get_absolute_url()
    assert customer.country == "US"
    assert posted(client, reverse("create_customer"), name="Other", number="CUS-00001").status_code == 422
    answer = posted(client, reverse("edit_customer", args=[customer.pk]), name="Acme Foods Inc", active="on")
    assert answer.status_code == 302
    customer.refresh_from_db()
    assert (customer.name, customer.version, customer.active) == ("Acme Foods Inc", 2, True)


def test_every_dialog_works_from_its_page(alice):
    client = client_of(alice)
    made = create_customer(actor=alice, name="Acme")
    for verb, obj, data in [
        ("create_account", made.customer, {"name": "Warehouse"}),
        ("edit_account", made.account, {"alert": "Ask for a purchase order"}),
        ("create_agreement", made.account, {"currency": "EUR", "type": freight(alice).pk}),
        ("stop_agreement", made.agreement, {}),
    ]:
        answer = posted(client, reverse(verb, args=[obj.pk]), **data)
        assert answer.status_code == 302, (verb, answer.content.decode()[-3000:])
    assert Account.objects.of(alice).count() == 2
    spare = Agreement.objects.of(alice).get(currency="EUR")
    answer = posted(client, reverse("cancel_agreement", args=[spare.pk]), reason="Not needed")
    assert answer.status_code == 302
    page = client.get(made.account.get_absolute_url()).content.decode()
    assert "Ask for a purchase order" in page


def test_dialogs_are_not_there_for_strangers(alice):
    made = create_customer(actor=alice, name="Acme")
    charlie = client_of(make_member(make_organization("Rival"), name="Charlie"))
    for verb, obj in [
        ("edit_customer", made.customer),
        ("edit_account", made.account),
        ("stop_agreement", made.agreement),
    ]:
        assert charlie.get(reverse(verb, args=[obj.pk])).status_code == 404
    cora = client_of(make_member(alice.organization, Role.COLLECTOR, "Cora"))
    assert cora.get(reverse("create_customer")).status_code == 403
    assert "create-account" not in cora.get(made.customer.get_absolute_url()).content.decode()


def test_create_customer_and_edit_customer_leave_numbers_to_come_to_our_own_numbering(alice):
    """One that was typed ahead would be found taken when its turn comes, and no customer could be made any more."""
    assert refused(create_customer, actor=alice, name="Acme", number="cus-00002").field == "number"
    assert refused(create_customer, actor=alice, name="Acme", account_number="ACC-00002").field == "account_number"
    customer = create_customer(actor=alice, name="Acme").customer
    assert refused(edit_customer, actor=alice, customer=customer, number="CUS-00002").field == "number"
    assert edit_customer(actor=alice, customer=customer, number="CUS-00001", name="Acme Foods").version == 2
    assert create_customer(actor=alice, name="Other").customer.number == "CUS-00002"


def test_numbers_are_not_lost_when_the_form_is_refused(alice):
    refused(create_customer, actor=alice, name="Acme", currency="XXZ")
    assert create_customer(actor=alice, name="Acme").customer.number == "CUS-00001"
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


@pytest.mark.parametrize("day", [date(9999, 12, 31), date(1900, 1, 1)])
def test_a_day_that_is_a_slip_of_the_keys_is_refused_beside_its_field(alice, day):
    account = make_account(alice)
    typed = {"type": freight(alice).pk, "start_date": day.isoformat()}
    assert "start_date" in CreateAgreementForm(typed, actor=alice, obj=account).errors
    typed = {"stop_date": day.isoformat(), "reason": "Moved away"}
    assert "stop_date" in StopAgreementForm(typed, actor=alice, obj=account.agreements.get()).errors
