"""What people do over there in the systems that are asked by the time of the last change: the same story on each."""

from decimal import Decimal

import pytest

from receivables.billing.operations import generate_invoice
from receivables.collections.operations import delete_payment
from receivables.integrations.incoming.models import IncomingChange, Watch
from receivables.integrations.models import Delivery
from tests.builders import balances, make_load, pay
from tests.integrations.conftest import states, sync
from tests.integrations.incoming.test_incoming import accept, look

pytestmark = pytest.mark.django_db
on_each = pytest.mark.parametrize(
    "stage", ["business_central", "netsuite", "sage_intacct", "sage_intacct_rest"], indirect=True
)


def key_of(reference):
    remote = Delivery.objects.get(reference=reference).remote
    return (remote.get("Documents") or [{}])[0].get("Id") or remote.get("Id") or remote["Key"]


@on_each
def test_a_payment_over_there_is_proposed_recorded_once_and_never_sent(bob, stage, connection, books, invoice):
    own = pay(bob, invoice, "20")
    sync(connection)
    assert look(connection) == 0, "what we did ourselves is no news"
    customer = Delivery.objects.get(kind="customer")
    their_customer = customer.remote.get("Id") or customer.remote["Key"]
    books.record_payment(their_customer, "930", {key_of(invoice.number): "930"})
    assert (look(connection), look(connection)) == (1, 0)
    change = IncomingChange.objects.get()
    assert (change.what, change.amount, change.customer) == ("payment", Decimal(930), invoice.account.customer)
    assert balances(bob)["1200"] == 980, "nothing is posted by itself"
    writes = books.writes
    payment = accept(bob, change)
    invoice.open_item.refresh_from_db()
    assert invoice.open_item.balance == 50
    sync(connection)
    assert (books.writes, states(connection)[payment.number], books.receivable()) == (writes, "synced", 50)
    assert (look(connection), sorted(books.live_payments())) == (0, [20, 930])
    delete_payment(actor=bob, payment=own)
    sync(connection)
    if stage.system == "business_central":
        assert states(connection)[own.number] == "held", "it takes nothing back by itself, and says so"
    else:
        assert (books.receivable(), books.live_payments()) == (70, [930])
        delete_payment(actor=bob, payment=payment)
        sync(connection)
        assert (books.live_payments(), set(states(connection).values())) == ([], {"synced"})


@on_each
def test_what_is_changed_or_taken_back_over_there_is_shown(bob, stage, connection, books, invoice):
    books.change_the_invoice()
    assert (look(connection), look(connection)) == (1, 0)
    (change,) = IncomingChange.objects.all()
    taken_back = stage.system == "business_central"
    assert (change.what, change.reference) == ("deleted" if taken_back else "changed", invoice.number)
    assert invoice.number in change.message
    if taken_back:
        return
    if stage.system == "netsuite":
        books.records["invoice"].pop(key_of(invoice.number))
        books.deleted.append(("invoice", key_of(invoice.number), "9999"))
    else:
        books.invoices[key_of(invoice.number)].update(state="Reversed", modified="12/31/2099 00:00:00")
    assert look(connection) == 1
    change.refresh_from_db()
    assert change.what == "deleted"


@pytest.mark.parametrize("stage", ["business_central"], indirect=True)
def test_while_something_is_under_way_it_is_looked_at_again(bob, connection, books, invoice):
    second = generate_invoice(actor=bob, load=make_load(bob, invoice.account, "100"))
    sync(connection)
    books.record_payment(Delivery.objects.get(kind="customer").remote["Id"], "100", {key_of(second.number): "100"})
    waiting = Delivery.objects.filter(reference=invoice.number)
    waiting.update(state="queued")
    before = Watch.objects.filter(connection=connection).first()
    assert (look(connection), before) == (0, None)
    since = Watch.objects.get().since
    waiting.update(state="synced")
    assert (look(connection), IncomingChange.objects.get().amount) == (1, 100)
    assert Watch.objects.get().since > since
