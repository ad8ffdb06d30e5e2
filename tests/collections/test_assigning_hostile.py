"""The grid against whatever a browser, or somebody in its place, may send: refused or passed over, never an error."""

import pytest

from receivables.collections.models import BankAccount, Payment, PaymentDraft
from tests.billing.credit_notes import reason_of
from tests.builders import make_account, make_invoice
from tests.collections.desk import Desk, text
from tests.collections.pay_offs import limited
from tests.collections.support import item_of

pytestmark = pytest.mark.django_db

UNREADABLE = ["NaN", "Infinity", "1e2", "1_000", "１２", "²", "½", "9" * 30, "1.00000", "0x10", "1,2,3"]
NO_KEYS = ["²", "x", "-1", "9" * 19, "9" * 5000, "１"]


@pytest.fixture
def account(biller):
    return make_account(biller)


@pytest.fixture
def invoice(biller, account):
    return make_invoice(biller, account, "130")


@pytest.fixture
def desk(browser_of, biller, account, invoice):
    return Desk(browser_of(biller), biller, account).type(invoice, applied="10", amount="60.00")


def test_an_amount_that_cannot_be_read_saves_nothing_and_stays_as_it_was_typed(desk, invoice, biller):
    desk.data[f"why_{invoice.pk}_0"] = reason_of(biller, "bank_fee").pk
    for typed in UNREADABLE:
        for name in (f"applied_{invoice.pk}", f"bad_{invoice.pk}", f"part_{invoice.pk}_0"):
            desk.data[name] = typed
        answer = desk.send("save")
        assert (answer.status_code, answer.content.decode().count(f'value="{typed}"')) == (422, 3), typed
        desk.data[f"applied_{invoice.pk}"] = desk.data[f"bad_{invoice.pk}"] = desk.data[f"part_{invoice.pk}_0"] = "1"
        assert desk.send("save", amount=typed).status_code == 422, typed
        assert desk.send("preview", amount=typed).status_code == 200, typed
    assert desk.send("save", amount="5\x00").status_code == 400
    assert not Payment.objects.exists()


def test_a_day_that_no_calendar_of_ours_has(desk, biller):
    limited(biller, "50", cap="100")
    for day in ("0001-01-01", "9999-12-31", "0000-00-00", "²"):
        for step, status in (("preview", 200), ("recompute", 200), ("save", 422)):
            assert desk.send(step, date=day).status_code == status, (day, step)


def test_keys_that_are_none_are_passed_over(desk, invoice):
    names = ("repair", "leave_open", "ask", "unask", "split", "bank_account", f"short_{invoice.pk}")
    for key in NO_KEYS:
        rows = {f"{word}_{key[:30]}": "5" for word in ("seen", "applied", "bad", "pay", "part", "amount", "was", "why")}
        for step in ("preview", "recompute"):
            assert desk.send(step, **rows, **dict.fromkeys(names, key)).status_code == 200, key
    assert not [name for name in PaymentDraft.objects.get().data if name.endswith(("²", "x", "１"))]
    assert desk.send("save").status_code == 302
    assert item_of(invoice).balance == 120


def test_what_belongs_to_another_organization_is_not_there(desk, invoice, stranger):
    """In every field that carries a key: nothing of it is shown, applied or posted."""
    theirs = make_invoice(stranger, make_account(stranger, "Secret Foods"), "70")
    bank = BankAccount.objects.of(stranger).get().pk
    forged = {
        f"{word}_{theirs.pk}": text for word, text in (("seen", ""), ("applied", "5"), ("pay", "1"), ("bad", "1"))
    }
    forged |= {f"amount_{theirs.pk}": "5", f"was_{theirs.pk}": "70", f"recover_i{theirs.pk}": "5"}
    shown = text(desk.send("recompute", **forged, repair=theirs.pk))
    assert theirs.number not in shown or theirs.number == invoice.number
    assert "Secret Foods" not in shown
    assert desk.send("save", bank_account=bank).status_code == 422
    desk.data[f"why_{invoice.pk}_0"] = reason_of(stranger, "bank_fee").pk
    desk.data[f"part_{invoice.pk}_0"] = "1"
    assert "Choose the reason of each part." in text(desk.send("save"))
    assert not Payment.objects.exists()
    desk.data[f"why_{invoice.pk}_0"] = desk.data[f"part_{invoice.pk}_0"] = ""
    assert desk.send("save", **forged).status_code == 302
    assert item_of(theirs).balance == 70
    assert item_of(invoice).balance == 120
