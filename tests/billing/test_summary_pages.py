"""Pages of summary invoices, for each role and for strangers; and what the database refuses by itself."""

from decimal import Decimal
from uuid import uuid4

import pytest
from django.db import DatabaseError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from receivables.billing.documents import invoice_html
from receivables.billing.models import Invoice, Load, LoadShare, Revision
from receivables.billing.summary.operations import change_summary_loads, generate_summary_invoice
from receivables.billing.summary.parts import parts_of
from receivables.collections.models import BankAccount
from receivables.collections.operations import delete_payment
from receivables.core.dates import today
from receivables.core.transactions import sqlstate
from receivables.ledger.models import Allocation
from tests.billing.conftest import browser
from tests.billing.credit_notes import credit
from tests.builders import make_account, make_load, pay


@pytest.fixture
def summed(cast):
    cast.account = make_account(cast.alice)
    cast.loads = [make_load(cast.alice, cast.account, amount) for amount in ("1000", "2000", "500")]
    cast.invoice = generate_summary_invoice(actor=cast.alice, loads=cast.loads)
    return cast


def get(member, address):
    response = browser(member).get(address)
    return response.status_code, response.content.decode()


def post(member, address, **fields):
    return browser(member).post(address, {"_key": str(uuid4()), **fields}, follow=True)


def parts(invoice):
    invoice = Invoice.objects.select_related("open_item").get(pk=invoice.pk)
    return parts_of(invoice, Revision.objects.get(invoice=invoice, number=invoice.current_revision))


def test_generate_summary_invoice_from_the_list(cast):
    account = make_account(cast.alice)
    loads = [make_load(cast.alice, account) for _ in range(3)]
    address = reverse("generate_summary_invoice")
    listed = get(cast.bob, "/loads/?status=draft")[1]
    assert "Summary invoice" in listed
    chosen = post(cast.bob, address, selected=[load.pk for load in loads])
    text = chosen.content.decode()
    assert not Invoice.objects.exists()
    assert "3,000.00" in text
    versions = {f"version_{load.pk}": load.version for load in loads}
    done = post(cast.bob, address, load=[load.pk for load in loads], issue_date=today(cast.organization), **versions)
    assert "Invoice INV-000001 over 3 loads was generated." in done.content.decode()
    assert Invoice.objects.get().summary


def test_generate_summary_invoice_refuses_on_the_page_and_saves_nothing(cast):
    mine, other = make_load(cast.alice), make_load(cast.alice, make_account(cast.alice, "Zebra Shipping"))
    address = reverse("generate_summary_invoice")
    assert "belong to different accounts" in get(cast.bob, f"{address}?load={mine.pk}&load={other.pk}")[1]
    sent = post(cast.bob, address, load=[mine.pk, other.pk], issue_date=today(cast.organization))
    assert sent.status_code == 422
    stale = post(
        cast.bob,
        address,
        load=[mine.pk],
        issue_date=today(cast.organization),
        **{f"version_{mine.pk}": mine.version + 1},
    )
    assert stale.status_code == 409
    assert not Invoice.objects.exists()


def test_the_page_of_a_summary_invoice_shows_each_load(summed):
    status, text = get(summed.bob, summed.invoice.get_absolute_url())
    assert status == 200
    for load, amount in zip(summed.loads, ("1,000.00", "2,000.00", "500.00"), strict=True):
        assert load.number in text
        assert amount in text
    status, text = get(summed.bob, summed.loads[1].get_absolute_url())
    assert status == 200
    assert "of 3,500.00 on a summary invoice over 3 loads" in " ".join(text.split())


@pytest.mark.parametrize(("who", "status"), [("alice", 200), ("bob", 200), ("cora", 403), ("audrey", 403)])
def test_the_forms_of_a_summary_invoice_are_for_billing(summed, who, status):
    member = getattr(summed, who)
    pay(summed.alice, summed.invoice, "3380")
    allocation = Allocation.objects.get(kind="payment")
    addresses = [
        reverse("generate_summary_invoice"),
        reverse("change_summary_loads", args=[summed.invoice.pk]),
        reverse("split_by_load", args=[allocation.pk]),
        reverse("schedule_summary_invoices", args=[summed.account.customer_id]),
    ]
    assert [get(member, address)[0] for address in addresses] == [status] * 4


def test_another_organization_finds_none_of_it(summed):
    pay(summed.alice, summed.invoice, "3380")
    allocation = Allocation.objects.get(kind="payment")
    for address in (
        summed.invoice.get_absolute_url(),
        reverse("change_summary_loads", args=[summed.invoice.pk]),
        reverse("split_by_load", args=[allocation.pk]),
        reverse("schedule_summary_invoices", args=[summed.account.customer_id]),
    ):
        assert get(summed.ray, address)[0] == 404
    text = get(summed.ray, f"{reverse('generate_summary_invoice')}?load={summed.loads[0].pk}")[1]
    assert summed.loads[0].number not in text


def test_record_payment_says_which_load_is_short(summed):
    bank = BankAccount.objects.of(summed.alice).get()
    fields = {"amount": "3380", "date": today(summed.organization), "method": "check", "bank_account": bank.pk}
    a, b, c = summed.loads
    assert 'name="short_on"' in get(summed.bob, reverse("record_payment", args=[summed.invoice.pk]))[1]
    post(summed.bob, reverse("record_payment", args=[summed.invoice.pk]), short_on=b.pk, **fields)
    found = parts(summed.invoice)
    assert [found[load.pk].balance for load in (a, b, c)] == [0, 120, 0]
    listed = get(summed.bob, "/loads/?status=completed")[1]
    assert (a.number in listed, b.number in listed, c.number in listed) == (True, False, True)


def test_record_payment_below_what_the_others_owe_is_refused_beside_the_field(summed):
    bank = BankAccount.objects.of(summed.alice).get()
    fields = {"amount": "1400", "date": today(summed.organization), "method": "check", "bank_account": bank.pk}
    address = reverse("record_payment", args=[summed.invoice.pk])
    sent = post(summed.bob, address, short_on=summed.loads[1].pk, **fields)
    assert sent.status_code == 422
    assert "more than load" in sent.content.decode()
    assert not Allocation.objects.exists()


def test_split_by_load_on_its_page(summed):
    pay(summed.alice, summed.invoice, "3380")
    allocation = Allocation.objects.get(kind="payment")
    a, b, _c = summed.loads
    address = reverse("split_by_load", args=[allocation.pk])
    post(summed.bob, address, **{f"load_{a.pk}": "1000", f"load_{b.pk}": "500.50"})
    assert [parts(summed.invoice)[load.pk].settled for load in (a, b)] == [Decimal(1000), Decimal("500.50")]
    refused = post(summed.bob, address, **{f"load_{a.pk}": "1000.01"})
    assert refused.status_code == 422
    assert "more than what is open on it" in refused.content.decode()


def test_regenerate_invoice_from_the_summary_goes_back_to_it(summed):
    load = Load.objects.get(pk=summed.loads[0].pk)
    post(summed.bob, reverse("edit_load", args=[load.pk]), line_haul="1100", seen=load.version)
    load.refresh_from_db()
    address = reverse("regenerate_invoice", args=[load.pk])
    assert "Loads on it" in get(summed.bob, address)[1]
    done = post(summed.bob, address, seen=load.version)
    assert done.redirect_chain[-1][0] == summed.invoice.get_absolute_url()
    assert "3,600.00" in done.content.decode()


def test_lists_with_summaries_ask_the_same_number_of_queries(summed):
    window = browser(summed.bob)

    def count():
        with CaptureQueriesContext(connection) as queries:
            assert window.get("/loads/").status_code == 200
        return len(queries)

    count()  # the first page of a session asks more
    before = count()
    more = [make_load(summed.alice, summed.account) for _ in range(4)]
    generate_summary_invoice(actor=summed.alice, loads=more)
    assert count() == before


def test_generate_summary_invoice_with_501_chosen_says_how_many_fit(cast):
    account = make_account(cast.alice)
    first = make_load(cast.alice, account)
    draft = {name: getattr(first, name) for name in ("organization", "account", "agreement", "currency", "line_haul")}
    Load.objects.bulk_create(Load(number=f"M-{n}", charges_total=1000, **draft) for n in range(500))
    keys = list(Load.objects.values_list("pk", flat=True))
    shown = post(cast.bob, reverse("generate_summary_invoice"), selected=keys)
    assert (shown.status_code, "One invoice holds up to 500 loads" in shown.content.decode()) == (200, True)
    refused = post(cast.bob, reverse("generate_summary_invoice"), load=keys, issue_date=today(cast.organization))
    assert (refused.status_code, Invoice.objects.exists()) == (422, False)


def test_generate_summary_invoice_takes_no_other_digits_for_a_version(cast):
    load = make_load(cast.alice, make_account(cast.alice))
    fields = {"load": [load.pk], "issue_date": today(cast.organization), f"version_{load.pk}": "²"}
    assert post(cast.bob, reverse("generate_summary_invoice"), **fields).status_code == 200
    assert Invoice.objects.exists()


def test_split_by_load_of_a_payment_that_was_taken_back_meanwhile(summed):
    payment = pay(summed.alice, summed.invoice, "100")
    address = reverse("split_by_load", args=[Allocation.objects.get().pk])
    delete_payment(actor=summed.alice, payment=payment)
    assert "This settlement was taken back meanwhile." in get(summed.bob, address)[1]
    refused = post(summed.bob, address, **{f"load_{summed.loads[0].pk}": "100"})
    assert (refused.status_code, LoadShare.objects.exists()) == (422, False)


def test_split_by_load_names_the_credit_note(summed):
    note = credit(summed.alice, summed.invoice, "120", kind="price_concession")
    address = reverse("split_by_load", args=[Allocation.objects.get().pk])
    assert note.number in get(summed.bob, summed.invoice.get_absolute_url())[1].partition("not assigned to a load")[0]
    assert note.number in get(summed.bob, address)[1]
    post(summed.bob, address, **{f"load_{summed.loads[1].pk}": "120"})
    assert parts(summed.invoice)[summed.loads[1].pk].balance == Decimal(1880)


def test_a_load_that_left_stands_on_the_older_revision_alone(summed):
    left = summed.loads[0]
    change_summary_loads(actor=summed.alice, invoice=summed.invoice, leave=[left], reason="Wrong week")
    invoice = summed.invoice.get_absolute_url()
    assert left.number not in get(summed.bob, invoice)[1].partition("Activity")[0]
    assert "Removed" in get(summed.bob, reverse("invoice_revisions", args=[summed.invoice.pk]))[1]
    assert get(summed.bob, left.get_absolute_url())[0] == 200
    old, new = summed.invoice.revisions.order_by("number")
    assert left.number in invoice_html(summed.invoice, old)
    assert left.number not in invoice_html(summed.invoice, new)
    again = generate_summary_invoice(actor=summed.alice, loads=[Load.objects.get(pk=left.pk)])
    assert left.number in get(summed.bob, again.get_absolute_url())[1]


@pytest.mark.parametrize(
    ("statement", "code"),
    [
        ("UPDATE billing_load SET invoice_id = NULL WHERE id = %(load)s", "RV007"),
        ("UPDATE billing_load SET invoice_id = %(invoice)s WHERE id = %(draft)s", "RV007"),
        ("INSERT INTO {share} VALUES (%(org)s, %(allocation)s, %(load)s, 'USD', 1000.01, now())", "RV007"),
        ("INSERT INTO {share} VALUES (%(org)s, %(allocation)s, %(load)s, 'USD', -1, now())", "RV007"),
        ("INSERT INTO {share} VALUES (%(org)s, %(allocation)s, %(draft)s, 'USD', 1, now())", "RV007"),
        ("INSERT INTO {share} VALUES (%(org)s, %(allocation)s, %(load)s, 'EUR', 1, now())", "RV007"),
        ("DELETE FROM billing_loadshare", "42501"),
        ("DELETE FROM billing_summaryschedule", "42501"),
    ],
)
def test_the_database_keeps_loads_and_shares_true(summed, statement, code):
    pay(summed.alice, summed.invoice, "3380")
    draft = make_load(summed.alice, summed.account)
    names = {
        "load": summed.loads[0].pk, "draft": draft.pk, "invoice": summed.invoice.pk, "org": summed.organization.pk,
        "allocation": Allocation.objects.get(kind="payment").pk,
    }  # fmt: skip
    share = "billing_loadshare (organization_id, allocation_id, load_id, currency, amount, created_at)"
    with pytest.raises(DatabaseError) as refused, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement.replace("{share}", share), names)
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    assert sqlstate(refused.value) == code
