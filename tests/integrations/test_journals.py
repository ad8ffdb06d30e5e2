"""Documents that other systems have no form of: on all of them, accounts read as ours do after each step."""

from datetime import date
from decimal import Decimal

import pytest

from receivables.collections.bounce_fees.operations import reverse_bounce_fee
from receivables.collections.held.operations import record_deposit, release_held_money
from receivables.collections.models import BankAccount, BounceFee, TaxRelief
from receivables.collections.operations import bounce_payment, delete_payment
from receivables.collections.tax_relief.operations import reverse_tax_relief
from receivables.integrations.models import Delivery, Mapping
from receivables.integrations.queries import local_keys
from receivables.ledger.models import GLAccount, OpenItem
from tests.builders import balances, pay
from tests.collections.tax_reliefs import lose_something
from tests.integrations.conftest import map_charges, states, sync
from tests.integrations.stages import STAGES

pytestmark = [pytest.mark.django_db, pytest.mark.parametrize("stage", STAGES, indirect=True)]


def mapped(bob, connection, *codes):
    """Our accounts of these codes are called by their codes over there; what is mapped already stays."""
    for code in codes:
        account = GLAccount.objects.of(bob).get(code=code)
        Mapping.objects.get_or_create(
            connection=connection, local_key=f"account:{account.pk}",
            defaults={"organization": bob.organization, "what": "account", "remote_id": code},
        )  # fmt: skip


def agrees(bob, books, *codes):
    """What customers owe, money on account taken off, and these accounts are the same on both sides."""
    ours = balances(bob)
    assert books.receivable() == ours.get("1200", 0) + ours.get("2100", 0)
    assert {code: books.balance(code) for code in codes} == {code: ours.get(code, 0) for code in codes}


def test_money_held_and_released(bob, connection, books, invoice):
    mapped(bob, connection, "2300")
    record_deposit(
        actor=bob, account=invoice.account, amount=Decimal(300), date=date(2026, 11, 3), method="wire",
        bank_account=BankAccount.objects.of(bob).get(),
    )  # fmt: skip
    sync(connection)
    assert (books.balance("2300"), books.receivable()) == (-300, 1000)
    agrees(bob, books, "2300")
    held = OpenItem.objects.of(bob).get(kind="deposit").holding
    release_held_money(actor=bob, agreement=held.agreement, amount=Decimal(100), reason="Less is needed")
    sync(connection)
    assert books.balance("2300") == -200
    agrees(bob, books, "2300")
    delete_payment(actor=bob, payment=held.payment, reason="It never came")
    sync(connection)
    assert (books.balance("2300"), books.receivable()) == (0, 1000)
    agrees(bob, books, "2300")
    assert set(states(connection).values()) == {"synced"}


def test_a_fee_for_a_bounced_payment_and_its_reversal(bob, connection, books, invoice):
    mapped(bob, connection, "4100")
    BankAccount.objects.of(bob).update(fee_account=GLAccount.objects.of(bob).get(code="4100"))
    bounce_payment(actor=bob, payment=pay(bob, invoice, "1000"), reason="No funds", fee=Decimal(35))
    sync(connection)
    assert (books.balance("4100"), books.receivable()) == (-35, 1035)
    agrees(bob, books, "4100")
    reverse_bounce_fee(actor=bob, fee=BounceFee.objects.get(), reason="Our bank's mistake")
    sync(connection)
    assert (books.balance("4100"), books.receivable()) == (0, 1000)


def test_tax_relief_moves_tax_and_no_receivable(bob, stage, connection, books, invoice):
    """Charges and taxes are sold as their second product; where taxes are theirs to work out, at the same rate."""
    claim = lose_something(bob)
    mapped(bob, connection, "2200")
    expense = GLAccount.objects.of(bob).get(code="6100")
    Mapping.objects.get_or_create(
        connection=connection, local_key=f"account:{expense.pk}",
        defaults={"organization": bob.organization, "what": "account", "remote_id": stage.theirs["6150_account"]},
    )  # fmt: skip
    map_charges(connection)
    other = stage.theirs["other"]
    if hasattr(books, "taxes"):
        books.taxes = {other: 15}
    for key in local_keys(bob, connection):
        if not key.remote_id and key.what in ("tax", "item"):
            Mapping.objects.create(
                organization=bob.organization, connection=connection, what=key.what, local_key=key.key, remote_id=other
            )
    sync(connection)
    relief = TaxRelief.objects.get()
    reference = f"{claim.number}-{relief.pk}"
    assert (states(connection)[reference], books.balance("2200")) == ("synced", relief.amount)
    assert set(states(connection).values()) == {"synced"}
    before = books.receivable()
    reverse_tax_relief(actor=bob, relief=relief, reason="Claimed too early")
    sync(connection)
    assert (books.balance("2200"), books.receivable()) == (0, before)
    assert not Delivery.objects.exclude(state="synced").exists()


def test_every_account_of_these_can_be_mapped_before_anything_fails(bob, connection, books, invoice):
    BankAccount.objects.of(bob).update(fee_account=GLAccount.objects.of(bob).get(code="4100"))
    offered = {key.key for key in local_keys(bob, connection)}
    wanted = {f"account:{each.pk}" for each in GLAccount.objects.of(bob).filter(code__in=["2300", "2400", "4100"])}
    assert wanted <= offered
