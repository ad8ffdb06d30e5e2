"""Customers who were over there before: found, proposed with the reason, linked once, and never made a second time."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.roles import Role
from receivables.billing.operations import generate_invoice
from receivables.core.errors import NotPermitted, Refused
from receivables.core.models import Event
from receivables.customers.models import Customer
from receivables.integrations.linking import tasks
from receivables.integrations.linking.looking import keep
from receivables.integrations.linking.matching import Ours, candidates, plain_name
from receivables.integrations.linking.models import Counterpart, Directory
from receivables.integrations.linking.operations import NEW, link_customers, look_through_system
from receivables.integrations.linking.queries import linked, mapping_proposals, proposals
from receivables.integrations.linking.reading import Theirs
from receivables.integrations.linking.rules import link_customers_blocker, look_through_system_blocker
from receivables.integrations.models import Attempt, Delivery, Mapping
from tests.builders import make_account, make_invoice, make_member, make_organization, pay, seed_load
from tests.integrations.conftest import map_charges, states, sync
from tests.integrations.stages import STAGES

pytestmark = pytest.mark.django_db
State = Delivery.State


def theirs(key, name, **more):
    return Theirs("customer", key, name, **more)


def test_rules_of_linking():
    for signed_in, under_way, code in (
        (True, False, None),
        (False, False, "no_credentials"),
        (True, True, "under_way"),
    ):
        found = look_through_system_blocker(signed_in=signed_in, under_way=under_way)
        assert (found and found.code) == code
    nothing = {"unknown": [], "twice": [], "taken": [], "delivered": [], "currency": []}
    assert link_customers_blocker(**nothing) is None
    for name in nothing:
        assert link_customers_blocker(**{**nothing, name: ["Acme"]}).code == name


def test_who_may_be_who_and_why():
    assert plain_name("Café  Európa, GmbH & Co. KG") == plain_name("cafe europa")
    assert plain_name("LTD") == "ltd"
    there = [
        theirs("1", "Acme Foods, Inc.", number="10000", email="ap@acme.example"),
        theirs("2", "Acme Foods West", number="C-7"), theirs("3", "Zeta", tax_id="DE 123-456"),
        theirs("4", "Twin"), theirs("5", "Twin"), theirs("6", "Paris", currency="EUR"),
    ]  # fmt: skip
    told = {
        Ours("a", "ACME FOODS", email="AP@acme.example"): [("1", ("email", "name"), True)],
        Ours("b", "Other", number="c-7"): [("2", ("number",), False)],
        Ours("c", "Zeta Holding", tax_id="DE123456"): [("3", ("tax_id",), True)],
        Ours("d", "Twin"): [("4", ("name",), False), ("5", ("name",), False)],
        Ours("e", "Paris", currency="USD"): [("6", ("name",), False)],
        Ours("f", "Nobody"): [],
    }
    found = candidates(told, there)
    for mine, rows in told.items():
        same = [(each.theirs.key, tuple(sorted(each.reasons)), each.sure) for each in found[mine.key]]
        assert same == [(key, tuple(sorted(reasons)), sure) for key, reasons, sure in rows], mine
    both = candidates([Ours("a", "Zeta", tax_id="DE123456"), Ours("b", "Zeta", tax_id="DE123456")], there)
    assert [rows[0].sure for rows in both.values()] == [False, False]


def look(bob, connection, books, stage):
    """Ask for a look, and let the worker or the program over there make it."""
    look_through_system(actor=bob, connection=connection)
    if stage.client:
        tasks.look_through(connection_id=connection.pk)
    else:
        stage.deliver(connection, books)


@pytest.mark.parametrize("stage", STAGES, indirect=True)
def test_link_customers_who_were_there_before_and_never_make_them_twice(bob, connection, books, write_off, stage):
    """Acme Foods is there from before; its invoice waits for a person, is linked, and all goes to the one that was."""
    their_key = books.add_customer("Acme Foods") if stage.system != "sage_intacct" else "A1"
    if stage.system == "sage_intacct":
        books.add_customer("A1", "Acme Foods")
    before = books.live_documents()["customers"]
    map_charges(connection)
    load = seed_load(bob)
    map_charges(connection)
    invoice = generate_invoice(actor=bob, load=load)
    sync(connection)
    row = Delivery.objects.get(kind="customer")
    assert (row.state, row.trouble, row.fix) == (State.ERROR, "conflict", "customer")
    assert (books.live_documents()["customers"], books.live_documents()["invoices"]) == (before, 0)

    look(bob, connection, books, stage)
    directory = Directory.objects.get()
    assert (directory.state, directory.problem) == ("done", "")
    (proposal,) = proposals(bob, connection)
    assert (proposal.chosen, proposal.candidates[0].reasons) == (their_key, ("name",))
    customer = invoice.account.customer
    link_customers(actor=bob, connection=connection, choices={customer.pk: their_key})
    event = Event.objects.filter(name="link_customers").get()
    assert (event.data["key"], linked(connection), proposals(bob, connection)) == (
        their_key,
        {customer.pk: their_key},
        [],
    )
    pay(bob, invoice, "950")
    sync(connection)
    assert set(states(connection).values()) == {State.SYNCED}
    standing = books.live_documents()
    assert (books.receivable(), standing["customers"], standing["invoices"]) == (50, before, 1)

    customer.phone = "+1 555 0100"
    customer.save(update_fields=["phone"])
    Delivery.objects.filter(kind="customer").update(state=State.QUEUED)
    sync(connection)  # what changes here later goes to the one that was linked
    assert Attempt.objects.filter(delivery__kind="customer").order_by("-pk")[0].outcome == "done"
    assert (set(states(connection).values()), books.live_documents()["customers"]) == ({State.SYNCED}, before)
    with pytest.raises(Refused, match="Delivered already"):
        link_customers(actor=bob, connection=connection, choices={customer.pk: NEW})


@pytest.mark.parametrize("stage", ["business_central"], indirect=True)
def test_link_customers_refuses_what_would_mix_up_two_and_makes_who_is_new(bob, connection, books, write_off):
    books.add_customer("Acme Foods", "10000")
    first, second = make_account(bob, "Acme Foods").customer, make_account(bob, "Zeta").customer
    look(bob, connection, books, STAGES["business_central"])
    there = Counterpart.objects.get(what="customer")
    for choices, said in (
        ({first.pk: "nobody"}, "Not found"), ({999_999: there.key}, "Not found"),
        ({first.pk: there.key, second.pk: there.key}, "more than one customer"),
    ):  # fmt: skip
        with pytest.raises(Refused, match=said):
            link_customers(actor=bob, connection=connection, choices=choices)
    Counterpart.objects.update(currency="EUR")
    with pytest.raises(Refused, match="another currency"):
        link_customers(actor=bob, connection=connection, choices={first.pk: there.key})
    Counterpart.objects.update(currency="USD")
    map_charges(connection)
    assert link_customers(actor=bob, connection=connection, choices={first.pk: NEW}) == 1
    sync(connection)
    assert books.live_documents()["customers"] == 2, "a person said that it is somebody else"
    link_customers(actor=bob, connection=connection, choices={second.pk: there.key})
    third = make_account(bob, "Third").customer
    with pytest.raises(Refused, match="another customer already"):
        link_customers(actor=bob, connection=connection, choices={third.pk: there.key})
    with pytest.raises(NotPermitted):
        biller = make_member(bob.organization, Role.BILLER, "Bea")
        link_customers(actor=biller, connection=connection, choices={third.pk: NEW})


def test_look_through_system_forgets_who_is_gone_and_says_what_failed(bob, connection, books):
    books.add_customer("Acme Foods")
    look_through_system(actor=bob, connection=connection)
    with pytest.raises(Refused, match="already"):
        look_through_system(actor=bob, connection=connection)
    directory = Directory.objects.get()
    directory.asked_at -= timedelta(hours=1)
    keep(directory, [theirs("gone", "Gone since")])
    tasks.look_through(connection_id=connection.pk)
    assert not Counterpart.objects.filter(key="gone").exists()
    assert set(Counterpart.objects.values_list("what", flat=True)) == {"customer", "item", "account"}
    books.access = books.refresh = "revoked"
    look_through_system(actor=bob, connection=connection)
    tasks.look_through(connection_id=connection.pk)
    directory.refresh_from_db()
    assert directory.state == "failed"
    assert "connect it again" in directory.problem
    assert Counterpart.objects.filter(name="Acme Foods").exists(), "what failed forgets nothing"


def test_link_customers_page_and_the_namesakes_of_charges(bob, connection, books, settings):
    settings.REQUIRE_SECOND_FACTOR = False
    books.add_customer("Acme Foods, Inc.", CurrencyRef={"value": "USD"})
    books.add_customer("Zulu")
    first, second = make_account(bob, "Acme Foods").customer, make_account(bob, "Yankee").customer
    look(bob, connection, books, STAGES["quickbooks_online"])
    Mapping.objects.filter(local_key="item:line_haul").delete()
    keep(Directory.objects.get(), [Theirs("item", "7", "Line haul")])
    ((key, best),) = [each for each in mapping_proposals(bob, connection) if each[0].key == "item:line_haul"]
    assert (key.key, best[0].theirs.key) == ("item:line_haul", "7")
    browser = Client()
    browser.force_login(bob.user, backend="accounts.backends.MembershipBackend")
    address = reverse("link_customers", args=[connection.pk])
    assert address in browser.get(connection.get_absolute_url()).content.decode()
    page = browser.get(address).content.decode()
    assert "same name" in page
    assert "Acme Foods, Inc. (USD)" in page
    form = {f"theirs:{first.pk}": proposals(bob, connection)[0].chosen, f"other:{second.pk}": "nobody such"}
    refused = browser.post(address, {**form, "_key": str(first.pk), "theirs:²": "1", "other:٣": "x"})
    assert (refused.status_code, linked(connection)) == (422, {})
    text = refused.content.decode()
    for kept in (f'id="wrong-{second.pk}"', 'value="nobody such"', f'value="{form[f"theirs:{first.pk}"]}" selected'):
        assert kept in text, kept
    choice = {f"theirs:{first.pk}": "no key of theirs", "_key": "5f0a6d53-6f0b-4f5e-9a57-3f1c3c1f7f10"}
    assert 'role="alert"' in browser.post(address, choice).content.decode()
    form = {**form, f"other:{second.pk}": "zulu", "_key": "5f0a6d53-6f0b-4f5e-9a57-3f1c3c1f7f11"}
    assert "2 customers were decided" in browser.post(address, form, follow=True).content.decode()
    assert len(linked(connection)) == Customer.objects.of(bob).filter(pk__in=linked(connection)).count() == 2
    rita = make_member(make_organization("Red"), Role.ADMIN, "Rita Red")
    stranger = Client()
    stranger.force_login(rita.user, backend="accounts.backends.MembershipBackend")
    assert stranger.get(address).status_code == 404
    assert timezone.now() > Directory.objects.get().looked_at
    assert make_invoice(bob, first.accounts.get()).account.customer == first
