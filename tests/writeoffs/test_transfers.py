"""Moving debt: the rules without a database, the guards against SQL, the page as each role."""

import re
from dataclasses import replace
from datetime import date
from decimal import Decimal as D

import pytest
from django.urls import reverse

from receivables.core.errors import NotPermitted, Refused
from receivables.core.money import DEFAULT_FORMAT
from receivables.credit_control.operations import open_dispute
from receivables.credit_control.plans.operations import start_arrangement
from receivables.customers.models import Agreement
from receivables.writeoffs.drafting import amount_field
from receivables.writeoffs.models import DebtTransfer, MovedDebt
from receivables.writeoffs.transfers.rules import (
    BackFacts,
    MovedFacts,
    Side,
    TransferFacts,
    reverse_transfer_blocker,
    transfer_debt_blocker,
    transfer_possible_blocker,
)
from tests.builders import make_invoice
from tests.support.attack import NO_RIGHT, insert, make_books, refused, settle, sql
from tests.writeoffs.cast import bill, move, move_something, second, write_off

DAY = date(2026, 11, 3)
SOURCE, TARGET = Side(1, "SA-1", "USD", 7), Side(2, "SA-2", "USD", 7)
DEBT = MovedFacts("INV-1", D(10), D(10), field="amount_1_1")


def facts(**changed):
    return replace(TransferFacts(DEFAULT_FORMAT, SOURCE, TARGET, [DEBT], "Same service", None, DAY), **changed)


def test_transfer_debt_rule():
    """Between two agreements of one customer and kind, no more than is owed, nothing that somebody else deals with."""
    written, bankrupt = {"written_off": True}, {"written_off": True, "takes_payments": False}
    for changed, code in [
        ({}, ""),
        ({"source": replace(SOURCE, **written), "target": replace(TARGET, **written)}, ""),
        ({"source": replace(SOURCE, holds_money=True)}, "holds_money"),
        ({"source": replace(SOURCE, **bankrupt)}, "bankrupt"),
        ({"source": replace(SOURCE, on_plan=True)}, "on_plan"),
        ({"target": SOURCE}, "same"),
        ({"target": replace(TARGET, customer=8)}, "other_customer"),
        ({"target": replace(TARGET, currency="EUR")}, "other_currency"),
        ({"target": replace(TARGET, **written)}, "to_write_off"),
        ({"source": replace(SOURCE, **written)}, "from_write_off"),
        ({"source": replace(SOURCE, **written), "target": replace(TARGET, **bankrupt)}, "to_bankruptcy"),
        ({"target": replace(TARGET, over=True)}, "target_over"),
        ({"target": replace(TARGET, holds_money=True)}, "target_over"),
        ({"debts": []}, "nothing_picked"),
        ({"debts": [replace(DEBT, amount=D(0))]}, "amount"),
        ({"debts": [replace(DEBT, amount=D("1.001"))]}, "amount"),
        ({"debts": [replace(DEBT, amount=D("10.01"))]}, "more_than_owed"),
        ({"debts": [replace(DEBT, disputed=True)]}, "disputed"),
        ({"reason": " "}, "no_reason"),
        ({"posting_date": date(2026, 11, 2)}, "before_debt"),
    ]:
        found = transfer_debt_blocker(facts(**changed))
        assert (found.code if found else "") == code, changed


def test_reverse_transfer_rule_and_when_the_form_makes_sense():
    for changed, code in [
        ({}, ""), ({"reversed": True}, "already_reversed"), ({"touched": "INV-1"}, "touched"),
        ({"reason": ""}, "no_reason"), ({"posting_date": date(2026, 11, 2)}, "before_transfer"),
    ]:  # fmt: skip
        found = reverse_transfer_blocker(BackFacts("DT-1", DAY, **changed))
        assert (found.code if found else "") == code, changed
    for side, owed, others, code in [
        (SOURCE, True, True, ""), (SOURCE, False, True, "nothing_owed"), (SOURCE, True, False, "no_target"),
        (replace(SOURCE, on_plan=True), True, True, "on_plan"),
    ]:  # fmt: skip
        found = transfer_possible_blocker(side, owed=owed, others=others)
        assert (found.code if found else "") == code


@pytest.mark.django_db
def test_disputed_debt_and_debt_on_a_plan_stay_where_they_are(admin):
    invoice = bill(admin)
    dispute = make_invoice(admin, invoice.account, "50")
    target = second(admin, invoice.account)
    open_dispute(actor=admin, invoice=dispute, amount=D(5), why="damage")
    with pytest.raises(Refused) as found:
        move(admin, invoice.agreement, target)
    assert found.value.code == "disputed"
    start_arrangement(actor=admin, agreement=invoice.agreement, instalments=3, first_due=date(2099, 1, 1))
    with pytest.raises(Refused) as found:
        move(admin, invoice.agreement, target)
    assert found.value.code == "on_plan"


def _hidden(page):
    fields = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', page.content.decode())
    return {name: value for name, value in fields if name != "csrfmiddlewaretoken"}


@pytest.mark.django_db
def test_transfer_debt_is_shown_and_then_done_and_taken_back(admin, biller, stranger, browser_of):
    invoice = bill(admin)
    source, target = invoice.agreement, second(admin, invoice.account)
    written = write_off(admin, make_invoice(admin, line_haul="10").account)
    browser, url = browser_of(admin), reverse("transfer_debt", args=[source.pk])
    assert target.number in browser.get(url).content.decode()
    field = amount_field((source.pk, invoice.open_item_id))
    wrong = browser.post(url, {"reason": "x", "target": target.pk, field: "1000.01"})
    assert (wrong.status_code, field in wrong.context["form"].errors) == (422, True)
    assert "target" in browser.post(url, {"reason": "x", field: "1"}).context["form"].errors
    shown = browser.post(url, {"reason": "Same service", "target": target.pk, field: "400"})
    assert all(text in shown.content.decode() for text in ("400.00", "600.00", "1900 Transfer"))
    assert Agreement.objects.get(pk=target.pk).payoff_balance == 0
    done = browser.post(url, {**_hidden(shown), "step": "confirm"})
    made = DebtTransfer.objects.get()
    assert (done.url, made.amount) == (made.get_absolute_url(), 400)
    page = browser.get(made.get_absolute_url()).content.decode()
    assert "Same service" in page
    assert invoice.number in page
    for address in (source, target, invoice):
        assert made.number in browser.get(address.get_absolute_url()).content.decode()
    register = browser.get(reverse("write_offs")).content.decode()
    assert written.number in register
    back = reverse("reverse_transfer", args=[made.pk])
    tried = browser.post(back, {"reason": "A mistake"})
    assert browser.post(back, {**_hidden(tried), "step": "confirm"}).status_code == 302
    assert Agreement.objects.get(pk=source.pk).payoff_balance == 1000
    assert browser_of(biller).get(url).status_code == 403
    assert browser_of(stranger).get(url).status_code in (403, 404)
    assert browser_of(stranger).get(made.get_absolute_url()).status_code == 404
    with pytest.raises(NotPermitted):
        move(biller, source, target)


@pytest.mark.django_db
def test_sql_a_transfer_is_what_it_moved(db):
    """Nothing is added to a transfer, and none is made that moved nothing."""
    books = make_books()
    made = move_something(books.actor)
    moved = MovedDebt.objects.get(transfer=made)
    row = {"organization_id": books.org, "currency": "USD", "amount": 1}
    with refused("RV007"):
        insert("writeoffs_movedorigin", moved_id=moved.pk, **row)
        settle()
    with refused("RV007"):
        insert(
            "writeoffs_moveddebt", transfer_id=made.pk, source_account_id=moved.source_account_id,
            open_item_id=books.item(), organization_amount=1, **row,
        )  # fmt: skip
        settle()
    with refused("RV007"):
        insert(
            "writeoffs_debttransferreversal", organization_id=books.org, transfer_id=made.pk, reason="x",
            posting_date=DAY, created_at=DAY,
        )  # fmt: skip
        settle()
    with refused(NO_RIGHT):
        sql("UPDATE ledger_openitem SET origin_id = NULL WHERE id = %s", moved.open_item_id)
