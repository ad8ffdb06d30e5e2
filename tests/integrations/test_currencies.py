"""Documents in another currency than home's: sent at the rate that they were booked at, or refused in words before
anything leaves. EUR 1,000.00 billed at 1.10, EUR 400.00 of it paid at 1.10.
"""

from datetime import date
from decimal import Decimal

import pytest

from receivables.billing.operations import generate_invoice
from receivables.collections.distribution.operations import distribute_payment
from receivables.collections.models import BankAccount
from receivables.collections.operations import Assignment, record_payment
from receivables.collections.unapplied.operations import assign_payment
from receivables.integrations.models import Connection, Delivery
from receivables.integrations.systems.base import Fault
from receivables.integrations.systems.money import foreign, kept
from tests.builders import make_account, make_load, pay
from tests.collections.support import bank_in, rate
from tests.integrations.conftest import map_charges, states, sync
from tests.integrations.stages import STAGES
from tests.writeoffs.cast import pick
from tests.writeoffs.cast import write_off as written_off

State = Delivery.State
LINES = {
    "quickbooks_online": "EUR=91", "quickbooks_desktop": "EUR=Euro=Accounts Receivable - EUR",
    "business_central": "EUR", "sage_intacct": "EUR", "netsuite": "EUR=4",
}  # fmt: skip


def keep_euros(books):
    """The company over there has the currency."""
    if hasattr(books, "rates"):
        books.rates["EUR"] = Decimal("1.10")
    elif isinstance(getattr(books, "currencies", None), dict):
        books.currencies["EUR"] = "91"
    elif hasattr(books, "currencies"):
        books.currencies |= {"EUR", "4"}


def billed_in_euros(bob, name="Cafe Europa"):
    account = make_account(bob, name, currency="EUR")
    rate(bob, "EUR", date(2026, 1, 1), "1.10")
    return generate_invoice(actor=bob, load=make_load(bob, account, "1000"))


def test_what_the_settings_say_of_currencies():
    assert kept({"currencies": "EUR = Euro = Receivables EUR\n\ncad\n"}) == {
        "EUR": ("Euro", "Receivables EUR"), "CAD": (),
    }  # fmt: skip
    assert kept({}) == {}
    money = {"currency": "EUR", "home": "USD", "customer": "EUR", "other": "", "rate": "1.1"}
    assert foreign({}, {}, "X") is None
    for changed, options, one_each, said in (
        ({}, {}, False, "settings of this connection"), ({"other": "USD"}, {"currencies": "EUR"}, False, "settles a"),
        ({"customer": "USD"}, {"currencies": "EUR"}, True, "in one currency"),
    ):  # fmt: skip
        with pytest.raises(Fault, match=said) as refused:
            foreign({"money": {**money, **changed}}, options, "X", one_each=one_each)
        assert refused.value.trouble == "needs_person"
    found = foreign({"money": money}, {"currencies": "EUR=4"}, "X")
    assert (found.code, found.rate, found.named(0, "X")) == ("EUR", "1.1", "4")
    with pytest.raises(Fault, match="settings"):
        found.named(1, "X")


@pytest.mark.parametrize("stage", STAGES, indirect=True)
def test_another_currency_goes_at_its_booked_rate_or_is_refused_before_it_leaves(bob, connection, books, stage):
    keep_euros(books)
    invoice = billed_in_euros(bob)
    map_charges(connection)
    payment = pay(bob, invoice, "400", bank_account=bank_in(bob, "EUR"))
    sync(connection)
    row = Delivery.objects.get(kind="customer")
    assert (row.state, row.trouble, row.fix, books.writes) == (State.ERROR, "needs_person", "connection", 0)
    assert "Nothing is said of EUR" in row.message

    connection.options = {**connection.options, "currencies": LINES[stage.system]}
    connection.save(update_fields=["options"])
    Delivery.objects.filter(connection=connection).update(state=State.QUEUED)
    sync(connection)
    if stage.system == "business_central":
        row = Delivery.objects.get(reference=payment.number)
        assert (row.state, row.trouble, books.receivable()) == (State.ERROR, "needs_person", 1100)
        assert "in its own currency alone" in row.message
        return
    assert set(states(connection).values()) == {State.SYNCED}
    assert (books.receivable(), books.balance("sales"), books.live_payments()) == (660, -1100, [400])

    written_off(bob, invoice.account, picks=pick(invoice, "100"))
    recovered = record_payment(
        actor=bob, account=invoice.account, amount=Decimal(60), date=date(2026, 11, 10), method="wire",
        bank_account=BankAccount.objects.of(bob).get(currency="EUR"), assignments=[],
    )  # fmt: skip
    distribute_payment(actor=bob, payment=recovered)
    sync(connection)
    assert set(states(connection).values()) == {State.SYNCED}
    assert books.balance("write-off") + books.receivable() == 660 - 66, "what was recovered is 1.10 for each euro"

    crossing = record_payment(
        actor=bob, account=invoice.account, amount=Decimal(100), date=date(2026, 11, 5), method="wire",
        bank_account=BankAccount.objects.of(bob).get(currency="USD"), assignments=[],
    )  # fmt: skip
    assign_payment(actor=bob, payment=crossing, assignments=[Assignment(invoice, Decimal(50))])
    sync(connection)
    row = Delivery.objects.get(reference=crossing.number)
    assert (row.state, row.trouble, books.live_payments()) == (State.ERROR, "needs_person", [400, 60])
    assert "settles a debt in EUR" in row.message
    assert Connection.objects.get().state == Connection.State.LIVE
