"""The pages: writing off in two steps, one write-off, the register, the sections on other pages."""

import re
from decimal import Decimal as D

import pytest
from django.urls import reverse

from receivables.approvals.models import ApprovalRequest
from receivables.billing.models import Load
from receivables.billing.summary.operations import generate_summary_invoice
from receivables.billing.summary.parts import part_of
from receivables.collections.distribution.operations import distribute_payment
from receivables.collections.models import BankAccount
from receivables.collections.operations import Assignment, record_payment
from receivables.core.dates import today
from receivables.core.errors import Refused
from receivables.core.registry import outcomes
from receivables.customers.models import Agreement
from receivables.customers.operations import stop_agreement
from receivables.ledger.models import AgreementTransaction, OpenItem
from receivables.writeoffs.automated.closing import write_down_small
from receivables.writeoffs.automated.models import WriteOffControl
from receivables.writeoffs.bankruptcy.dividends import Dividend, record_dividend
from receivables.writeoffs.drafting import amount_field
from receivables.writeoffs.models import RegisterTotal, WriteOff
from receivables.writeoffs.reading import gl_accounts
from receivables.writeoffs.register.views import totals_of
from receivables.writeoffs.reversing import reverse_write_off
from tests.builders import balances, make_account, make_invoice, make_load, make_member, pay
from tests.support.invariants import broken
from tests.writeoffs.cast import agreement, bankruptcy, bill, bill_and_late_charge, owed, write_off

pytestmark = pytest.mark.django_db


@pytest.fixture
def debt(admin):
    return bill_and_late_charge(admin)


def whole(invoice):
    return amount_field((invoice.agreement_id, invoice.open_item_id)).replace("amount", "whole")


def part(invoice):
    return amount_field((invoice.agreement_id, invoice.open_item_id))


def hidden(page):
    """What the confirm page sends along."""
    fields = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', page.content.decode())
    return {name: value for name, value in fields if name != "csrfmiddlewaretoken"}


def send(browser, url, **data):
    """The first page, then the second as it was shown."""
    shown = browser.post(url, data)
    assert shown.status_code == 200, shown.context["form"].errors
    return shown, browser.post(url, {**hidden(shown), "step": "confirm"})


def test_what_was_written_off_meanwhile_is_said_and_nothing_else_is_taken(admin, browser_of, debt):
    account, invoice, late = debt
    browser, url = browser_of(admin), reverse("write_off_debt", args=[account.pk])
    shown = browser.post(url, {"reason": "Twice", whole(invoice): "on", whole(late): "on"})
    write_off(admin, account)
    done = browser.post(url, {**hidden(shown), "step": "confirm"})
    assert done.status_code == 422
    assert "Nothing on this account can be written off." in done.content.decode()
    assert WriteOff.objects.count() == 1


def test_debt_is_ticked_shown_and_written_off(admin, browser_of, debt):
    account, invoice, late = debt
    stop_agreement(actor=admin, agreement=account.agreements.get())
    browser, url = browser_of(admin), reverse("write_off_debt", args=[account.pk])
    first = browser.get(url, {"item": invoice.open_item_id}).content.decode()
    assert f'id="id_{whole(invoice)}" checked' in first
    shown, done = send(browser, url, reason="Out of business", **{whole(invoice): "on", part(late): "20"})
    text = shown.content.decode()
    assert "1,020.00" in text
    assert "6150 Write-off expense" in text
    assert "A new one" in text
    assert "still owes" in text
    made = WriteOff.objects.get()
    assert done.status_code == 302
    assert done.url == made.get_absolute_url()
    assert (made.amount, owed(account)["FREIGHT"]) == (1020, (30, "stopped"))
    page = browser.get(made.get_absolute_url()).content.decode()
    assert "Out of business" in page
    assert "2210 State tax" in page


def test_nothing_happens_that_was_not_shown(admin, browser_of, debt):
    account, invoice, _late = debt
    browser, url = browser_of(admin), reverse("write_off_debt", args=[account.pk])
    shown = browser.post(url, {"reason": "Gone", whole(invoice): "on"})
    pay(admin, invoice, "100")
    stale = browser.post(url, {**hidden(shown), "step": "confirm"})
    assert stale.status_code == 409
    assert not WriteOff.objects.exists()


def test_wrong_input_is_refused_beside_its_field(admin, browser_of, debt):
    account, invoice, _late = debt
    browser, url = browser_of(admin), reverse("write_off_debt", args=[account.pk])
    for data, field in [
        ({"reason": "x"}, "__all__"),
        ({"reason": "", whole(invoice): "on"}, "reason"),
        ({"reason": "x", part(invoice): "1000.01"}, part(invoice)),
        ({"reason": "x", part(invoice): "-1"}, part(invoice)),
        ({"reason": "x", whole(invoice): "on", "onto": "nobody"}, "onto"),
    ]:
        answer = browser.post(url, data)
        assert (answer.status_code, field in answer.context["form"].errors) == (422, True), field


def test_a_biller_asks_and_a_stranger_finds_nothing(biller, stranger, browser_of, debt):
    account, invoice, _late = debt
    browser, url = browser_of(biller), reverse("request_write_off", args=[account.pk])
    assert browser.get(reverse("write_off_debt", args=[account.pk])).status_code == 403
    shown, done = send(browser, url, reason="Gone", **{whole(invoice): "on"})
    assert "Alice Owner" in shown.content.decode()
    assert done.url == account.get_absolute_url()
    assert ApprovalRequest.objects.get().amount == 1000
    assert not WriteOff.objects.exists()
    for address in (url, reverse("write_off_total", args=[account.pk])):
        assert browser_of(stranger).get(address).status_code in (403, 404)


def test_the_total_follows_what_is_ticked(admin, browser_of, debt):
    account, invoice, late = debt
    answer = browser_of(admin).get(
        reverse("write_off_total", args=[account.pk]), {whole(invoice): "on", part(late): "1"}
    )
    assert "1,001.00" in answer.content.decode()


def test_a_write_off_is_reversed_from_its_page(admin, browser_of, debt):
    account, _invoice, _late = debt
    made = write_off(admin, account)
    browser, url = browser_of(admin), reverse("reverse_write_off", args=[made.pk])
    assert "Not taken back yet" in browser.get(url).content.decode()
    assert browser.post(url, {"amount": "1051", "reason": "x"}).status_code == 422
    shown, done = send(browser, url, amount="500", reason="Paid after all")
    assert "500.00" in shown.content.decode()
    assert done.url == made.get_absolute_url()
    assert owed(account)["FREIGHT"] == (500, "active")
    assert "Partly reversed" in browser.get(made.get_absolute_url()).content.decode()


def test_account_agreement_and_invoice_say_what_was_written_off(admin, biller, browser_of, debt):
    account, invoice, late = debt
    write_off(admin, account, picks={(invoice.agreement_id, invoice.open_item_id): D(1000)})
    browser = browser_of(biller)
    assert "WO-000001" in browser.get(account.get_absolute_url()).content.decode()
    page = browser.get(agreement(account, "WO-2210").get_absolute_url()).content.decode()
    assert "Transfers in" in page
    assert invoice.number in page
    assert "It is not subject to collection" in page
    page = browser.get(invoice.get_absolute_url()).content.decode()
    assert "Written off – still owed" in page
    assert "WO-000001" in page
    address = reverse("request_write_off", args=[account.pk])
    assert f"{address}?item={late.open_item_id}" in browser.get(late.get_absolute_url()).content.decode()
    item = OpenItem.objects.get(write_off__agreement__type__code="WO-STD")
    assert browser.get(item.get_absolute_url()).url == WriteOff.objects.get().get_absolute_url()
    listed = browser.get(reverse("invoices"), {"status": "written_off_owed"}).content.decode()
    assert invoice.number in listed
    assert late.number not in listed
    assert invoice.number not in browser.get(reverse("invoices"), {"status": "overdue"}).content.decode()


def test_the_register_adds_up_to_the_ledger(admin, stranger, browser_of, debt):
    account, _invoice, _late = debt
    made = write_off(admin, account)
    reverse_write_off(actor=admin, write_off=made, reason="A mistake", amount=D(50))
    found = totals_of(RegisterTotal.objects.of(admin))[0]
    assert (found["written_off"], found["taken_back"], found["recovered"]) == (1050, -50, 0)
    written = Agreement.objects.filter(type__special_role="write_off")
    assert found["net"] == sum(each.payoff_balance for each in written) == 1000
    assert found["net"] == balances(admin)["6150"] + 100 + balances(admin)["2210"] + balances(admin)["2220"]
    browser = browser_of(admin)
    page = browser.get(reverse("write_offs"), {"what": "taken_back"}).content.decode()
    assert "A mistake" in page
    assert "Out of business" not in page
    text = browser.get(reverse("write_offs"), {"export": "csv"}).content.decode()
    assert "WO-000001" in text
    assert text.count("\n") == 7
    assert "WO-000001" not in browser_of(stranger).get(reverse("write_offs")).content.decode()


def received_on(admin, account, amount):
    return record_payment(
        actor=admin, account=account, amount=D(amount), date=today(admin.organization), method="wire",
        bank_account=BankAccount.objects.of(admin).get(),
    )  # fmt: skip


def test_the_register_names_every_kind_of_movement(admin):
    """Of 100.00 written off 10.00 are taken back, 85.00 recovered, and 5.00 closed as a residue, which nobody paid.
    Then a bankruptcy over 100.00, of which a dividend moves 40.00 to where it is paid."""
    invoice = make_invoice(admin, line_haul="100")
    made = write_off(admin, invoice.account)
    reverse_write_off(actor=admin, write_off=made, reason="A mistake", amount=D(10))
    debt = OpenItem.objects.get(write_off__write_off=made)
    distribute_payment(actor=admin, payment=received_on(admin, invoice.account, "85"), amounts={debt.pk: D(85)})
    control = WriteOffControl.objects.of(admin).get(write_off_debt_class__code="NA")
    residue, day = agreement(invoice.account, "WO-STD"), today(admin.organization)
    assert write_down_small(admin, invoice.account, residue, control, gl_accounts(admin), day) is not None
    kinds = ("written_off", "taken_back", "recovered", "written_down", "moved", "net")
    found = totals_of(RegisterTotal.objects.of(admin))[0]
    assert [found[each] for each in kinds] == [100, -10, -85, -5, 0, 0]
    other = make_invoice(admin, line_haul="100").account
    filed = bankruptcy(admin, other)
    record_dividend(actor=admin, dividend=Dividend(filed, received_on(admin, other, "40")))
    found = totals_of(RegisterTotal.objects.of(admin))[0]
    assert [found[each] for each in kinds] == [200, -10, -125, -5, 0, 60]
    assert found["net"] == sum(each.payoff_balance for each in Agreement.objects.filter(type__special_role="write_off"))
    assert {row.what for row in RegisterTotal.objects.of(admin).filter(type__code="WO-BKR")} == {"written_off", "moved"}
    assert balances(admin) == {"1000": 125, "1200": 10, "4000": -200, "6150": 60, "6300": 5}


def test_the_register_asks_as_often_for_many_rows_as_for_few(admin, browser_of, debt, django_assert_max_num_queries):
    account, _invoice, _late = debt
    browser = browser_of(admin)
    write_off(admin, account)
    with django_assert_max_num_queries(30):
        browser.get(reverse("write_offs"))


def test_a_short_payment_ends_in_a_write_off(admin, biller):
    invoice = bill(admin)
    pay(admin, invoice, "900")
    load = Load.objects.get(invoice=invoice)
    by_verb = {each.verb: each for each in outcomes.all if each.of == "resolve_short_payment"}
    way, asking = by_verb["write_off_debt"], by_verb["request_write_off"]
    assert way.blocker(load, admin) is None
    data = {"amount": D(100), "reason": "Out of business"}
    shown = way.preview(admin, load, data)
    assert shown["rows"][0]["after"].startswith("0.00")
    with pytest.raises(Refused) as refused:
        way.run(admin, load, {**data, "previewed": "something else"})
    assert refused.value.code == "stale"
    made, _message = way.run(admin, load, {**data, "previewed": shown["digest"]})
    assert made.amount == 100
    assert owed(invoice.account)["WO-STD"] == (90, "active")
    assert way.blocker(Load.objects.get(pk=load.pk), admin).code == "nothing_open"
    other = make_invoice(admin, line_haul="10")
    shown = asking.preview(biller, other.loads.get(), {"amount": D(10), "reason": "Gone"})
    request, _message = asking.run(
        biller, other.loads.get(), {"amount": D(10), "reason": "Gone", "previewed": shown["digest"]}
    )
    assert request.amount == 10


def test_the_default_type_is_a_setting(admin, browser_of):
    page = browser_of(admin).get(reverse("admin:writeoffs_writeoffsettings_changelist"))
    assert page.status_code == 200
    auditor = make_member(admin.organization, "auditor", "Aud Itor")
    assert browser_of(auditor).get(reverse("write_offs")).status_code == 200
    assert AgreementTransaction.objects.count() == 0


def test_one_load_of_a_summary_invoice_is_sent_to_write_off_and_taken_back_in_part(admin):
    """200 over two loads, 150 paid: 100 for the first, 50 for the second. What is open on the second is written off of
    it alone; 20 of that taken back are open on it again."""
    account = make_account(admin)
    loads = [make_load(admin, account, "100") for _each in range(2)]
    invoice = generate_summary_invoice(actor=admin, loads=loads)
    shares = {loads[0].pk: D(100), loads[1].pk: D(50)}
    record_payment(
        actor=admin, account=account, amount=D(150), date=invoice.issue_date, method="check",
        bank_account=BankAccount.objects.of(admin).get(), assignments=[Assignment(invoice, D(150), shares)],
    )  # fmt: skip
    outcome = next(each for each in outcomes.all if each.verb == "write_off_debt")
    load = Load.objects.select_related("invoice__open_item").get(pk=loads[1].pk)
    assert outcome.blocker(load, admin) is None
    data = {"reason": "Lost claim", "amount": D("50.01")}
    with pytest.raises(Refused) as refused:
        outcome.preview(admin, load, data)
    assert (refused.value.code, refused.value.blocker.field) == ("more_than_part", "amount")
    shown = outcome.preview(admin, load, {**data, "amount": D(50)})
    made, _said = outcome.run(admin, load, {**data, "amount": D(50), "previewed": shown["digest"]})

    def part(which):
        found = part_of(Load.objects.select_related("invoice__open_item").get(pk=loads[which].pk))
        return found.balance, found.paid, found.written_off

    assert (part(0), part(1)) == ((0, 100, 0), (0, 50, 50))
    reverse_write_off(actor=admin, write_off=made, reason="Paid after all", amount=D(20))
    assert (part(0), part(1)) == ((0, 100, 0), (20, 50, 30))
    assert broken() == {}
