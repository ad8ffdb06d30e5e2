"""Dialogs as people use them: what they say, what they refuse beside its field; a second click does nothing."""

import re
from datetime import timedelta
from decimal import Decimal
from types import SimpleNamespace

import pytest
from django.urls import reverse

from receivables.billing import documents
from receivables.billing.models import Accessorial, Invoice, Load, TaxCode
from receivables.billing.operations import add_accessorial, generate_invoice, void_invoice
from receivables.collections.operations import delete_payment
from receivables.core.models import Event
from receivables.ledger.models import GLAccount
from tests.billing.conftest import browser, close
from tests.builders import make_account, make_load, make_member, make_organization, make_type, pay, seed_load

D = Decimal


@pytest.fixture
def billed(cast):
    cast.load = seed_load(cast.alice)
    cast.invoice = generate_invoice(actor=cast.alice, load=cast.load)
    cast.write_off = make_type(cast.alice)
    cast.browser = browser(cast.bob)
    return cast


def fill(client, address, **typed):
    """Open a form and send it as a browser would: with its key and hidden fields."""
    page = client.get(address)
    assert page.status_code == 200, page.content
    text = page.content.decode()
    hidden = dict(re.findall(r'<input type="hidden" name="([^"]+)"(?: value="([^"]*)")?', text))
    data = {"_key": hidden["_key"], **typed}
    seen = re.search(r'name="seen" value="(\d+)"', text)
    if seen:
        data.setdefault("seen", seen[1])
    return data


def send(client, address, **typed):
    return client.post(address, fill(client, address, **typed))


def said(client, response):
    """The sentence on the page that a redirect leads to."""
    return " ".join(str(message) for message in client.get(response.url).context["messages"])


def test_generate_invoice_in_its_dialog(cast):
    load = make_load(cast.alice)
    client = browser(cast.bob)
    address = reverse("generate_invoice", args=[load.pk])
    assert "Accounts receivable" in client.get(address).content.decode()
    response = send(client, address, issue_date="2026-11-03")
    assert said(client, response) == "Invoice INV-000001 was generated: 1,000.00\u00a0USD. It was not sent yet."


def test_regenerate_invoice_twice_by_mistake_makes_one_revision(billed):
    add_accessorial(actor=billed.bob, load=billed.load, type=billed.write_off, entity="customer", amount=D(50))
    address = reverse("regenerate_invoice", args=[billed.load.pk])
    data = fill(billed.browser, address, reason="Short paid")
    first, second = billed.browser.post(address, data), billed.browser.post(address, data)
    assert first.status_code == second.status_code == 302
    assert billed.invoice.revisions.count() == 2
    assert "Invoice INV-000001 is now revision 2: 950.00" in said(billed.browser, first)


def test_regenerate_invoice_shows_the_figures_of_now_after_somebody_elses_change(billed):
    row = add_accessorial(actor=billed.bob, load=billed.load, type=billed.write_off, entity="customer", amount=D(50))
    address = reverse("regenerate_invoice", args=[billed.load.pk])
    data = fill(billed.browser, address)
    add_accessorial(actor=billed.alice, load=billed.load, type=row.type, entity="customer", amount=D(20))
    response = billed.browser.post(address, data)
    assert response.status_code == 409
    text = response.content.decode()
    assert "Somebody changed this while you were working." in text
    assert "930.00" in text
    again = {
        "_key": re.search(r'name="_key" value="([^"]+)"', text)[1],
        "seen": re.search(r'name="seen" value="(\d+)"', text)[1],
    }
    assert billed.browser.post(address, again).status_code == 302
    assert billed.invoice.revisions.get(number=2).total == D(930)


def test_regenerate_invoice_direct_post_is_refused_while_a_payment_exists(billed):
    add_accessorial(actor=billed.bob, load=billed.load, type=billed.write_off, entity="customer", amount=D(50))
    payment = pay(billed.alice, billed.invoice, "950")
    response = send(billed.browser, reverse("regenerate_invoice", args=[billed.load.pk]))
    assert response.status_code == 422
    assert f"Delete payment {payment.number} first" in response.content.decode()
    assert billed.invoice.revisions.count() == 1


@pytest.mark.parametrize("verb", ["void_invoice", "reissue_invoice"])
def test_void_invoice_and_reissue_invoice_want_a_reason(billed, verb):
    response = send(billed.browser, reverse(verb, args=[billed.load.pk]), reason=" ")
    assert response.status_code == 422
    assert "reason" in response.context["form"].errors


def test_add_accessorial_says_that_the_invoice_waits(billed):
    address = reverse("add_accessorial", args=[billed.load.pk])
    response = send(billed.browser, address, entity="customer", type=billed.write_off.pk, amount="50", note="claim")
    text = said(billed.browser, response).replace("\u00a0", " ")
    assert "Write-Off −50.00 USD was added." in text
    assert "Invoice INV-000001 still says 1,000.00 USD; the charges add up to 950.00 USD. Regenerate it." in text


def test_add_accessorial_suggests_what_a_deleted_payment_fell_short_by(billed):
    payment = pay(billed.alice, billed.invoice, "950")
    address = reverse("add_accessorial", args=[billed.load.pk])
    assert "Unpaid on this invoice: 50.00" in billed.browser.get(address).content.decode()
    delete_payment(actor=billed.alice, payment=payment)
    text = billed.browser.get(address).content.decode()
    assert f"Short of payment {payment.number}, which was deleted: 50.00" in text
    assert "?entity=customer&amp;amount=50.00" in text
    assert 'value="50.00"' in billed.browser.get(f"{address}?entity=customer&amount=50.00").content.decode()


def test_add_accessorial_explains_a_missing_type(cast):
    load = make_load(cast.alice)
    address = reverse("add_accessorial", args=[load.pk])
    biller, admin = (browser(member).get(address).content.decode() for member in (cast.bob, cast.alice))
    for text in (biller, admin):
        assert "There is no write-off or adjustment type yet." in text
    assert "Ask Alice Owner." in biller
    assert reverse("admin:billing_accessorialtype_add") in admin


BAD = [
    ("unknown type", {"type": "999999"}, "type"),
    ("type that is no number", {"type": "x"}, "type"),
    ("no type", {"type": ""}, "type"),
    ("unknown entity", {"entity": "nobody"}, "entity"),
    ("wrong entity", {"entity": "carrier"}, "entity"),
    ("too many decimals", {"amount": "50.001"}, "amount"),
    ("no number", {"amount": "fifty"}, "amount"),
    ("ambiguous number", {"amount": "1.234,5"}, "amount"),
    ("not a number at all", {"amount": "NaN"}, "amount"),
    ("exponent", {"amount": "1e3"}, "amount"),
    ("beyond numeric range", {"amount": "9" * 16}, "amount"),
    ("nothing", {"amount": ""}, "amount"),
    ("zero", {"amount": "0"}, "amount"),
    ("negative total", {"amount": "1000.01"}, "amount"),
    ("amount and quantity", {"quantity": "1", "rate": "1"}, "amount"),
    ("quantity alone", {"amount": "", "quantity": "1"}, "rate"),
    ("product beyond range", {"amount": "", "quantity": "9" * 14, "rate": "9" * 14}, "rate"),
    ("product of nothing", {"amount": "", "quantity": "0.001", "rate": "0.001"}, "rate"),
    ("long note", {"note": "x" * 201}, "note"),
]


@pytest.mark.parametrize(("typed", "field"), [row[1:] for row in BAD], ids=[row[0] for row in BAD])
def test_add_accessorial_bad_input_stands_beside_its_field(billed, typed, field):
    given = {"entity": "customer", "type": str(billed.write_off.pk), "amount": "50", **typed}
    before = Event.objects.count()
    response = send(billed.browser, reverse("add_accessorial", args=[billed.load.pk]), **given)
    assert response.status_code == 422
    assert list(response.context["form"].errors) == [field]
    assert (Accessorial.objects.filter(type=billed.write_off).count(), Event.objects.count()) == (0, before)
    kept = response.content.decode()
    assert all(value in kept for name, value in typed.items() if name in ("amount", "note"))


def test_add_accessorial_bad_input_inactive_or_foreign_type(billed):
    billed.write_off.active = False
    billed.write_off.save()
    foreign = make_type(billed.ray, "Foreign")
    for kind in (billed.write_off, foreign):
        address = reverse("add_accessorial", args=[billed.load.pk])
        response = send(billed.browser, address, entity="customer", type=kind.pk, amount="50")
        assert response.context["form"].errors["type"] == ["This accessorial type does not exist or is not active."]


def test_add_accessorial_beyond_any_total_is_refused(billed):
    fuel = make_type(billed.alice, "Detention", "charge")
    for _each in range(2):
        response = send(
            billed.browser, reverse("add_accessorial", args=[billed.load.pk]), entity="customer", type=fuel.pk,
            amount="999999999999990",
        )  # fmt: skip
    assert response.status_code == 422
    assert "amount" in response.context["form"].errors


def test_regenerate_invoice_bad_input_closed_month(billed):
    add_accessorial(actor=billed.bob, load=billed.load, type=billed.write_off, entity="customer", amount=D(50))
    before = billed.invoice.issue_date.replace(day=1) - timedelta(days=1)  # a month in which nothing was posted yet
    close(billed, before.replace(day=1))
    response = send(billed.browser, reverse("regenerate_invoice", args=[billed.load.pk]), posting_date=str(before))
    assert response.status_code == 422
    assert "posting_date" in response.context["form"].errors


@pytest.mark.parametrize("day", ["9999-12-31", "0001-01-01", "31/31/2026", "x"])
def test_generate_invoice_bad_input_dates(cast, day):
    response = send(browser(cast.bob), reverse("generate_invoice", args=[make_load(cast.alice).pk]), issue_date=day)
    assert "issue_date" in response.context["form"].errors
    assert not Invoice.objects.exists()


def test_every_dialog_of_another_organizations_load_is_not_found(billed):
    row = add_accessorial(actor=billed.bob, load=billed.load, type=billed.write_off, entity="customer", amount=D(5))
    rival = browser(billed.ray)
    for verb in ("generate_invoice", "regenerate_invoice", "reissue_invoice", "void_invoice",
                 "edit_load", "add_accessorial"):  # fmt: skip
        assert rival.get(reverse(verb, args=[billed.load.pk])).status_code == 404
        assert rival.post(reverse(verb, args=[billed.load.pk])).status_code == 404
    for verb in ("change_accessorial", "remove_accessorial"):
        assert rival.post(reverse(verb, args=[row.pk])).status_code == 404


def test_add_accessorial_without_the_permission_is_refused_and_kept(billed):
    for who in (billed.cora, billed.audrey):
        assert browser(who).get(reverse("add_accessorial", args=[billed.load.pk])).status_code == 403
    assert Event.objects.filter(name="permission_denied").count() == 2


def test_change_accessorial_and_remove_accessorial_in_their_dialogs(billed):
    row = add_accessorial(actor=billed.bob, load=billed.load, type=billed.write_off, entity="customer", amount=D(50))
    response = send(billed.browser, reverse("change_accessorial", args=[row.pk]), amount="60", note="more")
    assert "Write-Off is now −60.00" in said(billed.browser, response)
    response = send(billed.browser, reverse("remove_accessorial", args=[row.pk]))
    assert "was removed" in said(billed.browser, response)
    assert Load.objects.get(pk=billed.load.pk).charges_total == D(1000)


def test_edit_load_in_its_dialog(billed):
    address = reverse("edit_load", args=[billed.load.pk])
    response = send(billed.browser, address, line_haul="800", origin="Boise", pickup_date="2026-11-02")
    assert "Regenerate it." in said(billed.browser, response)
    load = Load.objects.get(pk=billed.load.pk)
    assert (load.line_haul, load.origin) == (D(800), "Boise")


LOAD_BAD = [
    ("negative", {"line_haul": "-1"}, "line_haul"),
    ("decimals", {"line_haul": "1.001"}, "line_haul"),
    ("empty", {"line_haul": ""}, "line_haul"),
    ("too big", {"line_haul": "9" * 16}, "line_haul"),
    ("delivered first", {"pickup_date": "2026-11-03", "delivery_date": "2026-11-02"}, "delivery_date"),
    ("weight", {"weight": "-1"}, "weight"),
    ("tax", {"tax_code": "77"}, "tax_code"),
    ("long origin", {"origin": "x" * 121}, "origin"),
    ("long number", {"number": "x" * 41}, "number"),
    ("taken number", {"number": "TAKEN"}, "number"),
    ("agreement of another", {"agreement": "999999"}, "agreement"),
]


@pytest.mark.parametrize(("typed", "field"), [row[1:] for row in LOAD_BAD], ids=[row[0] for row in LOAD_BAD])
def test_create_load_bad_input_stands_beside_its_field(cast, typed, field):
    account = make_account(cast.alice)
    make_load(cast.alice, account, number="taken")
    client = browser(cast.bob)
    address = f"{reverse('create_load')}?account={account.pk}"
    given = {"agreement": account.agreements.get().pk, "line_haul": "10", **typed}
    response = send(client, address, **given)
    assert response.status_code == 422
    assert list(response.context["form"].errors) == [field]
    assert Load.objects.count() == 1


def test_create_load_by_typing_the_customer(cast):
    account = make_account(cast.alice, "Zebra Shipping")
    make_account(cast.alice, "Acme Foods")
    client = browser(cast.bob)
    found = client.get(reverse("create_load"), {"q": "zebra"}).content.decode()
    address = f"{reverse('create_load')}?account={account.pk}"
    assert address in found
    assert "Acme" not in found
    response = send(client, address, agreement=account.agreements.get().pk, line_haul="1,250.50", origin="Boise")
    assert Load.objects.get().line_haul == D("1250.50")
    assert "was created" in said(client, response)


@pytest.mark.parametrize("account", ["x", "9" * 30, "-1", "999999"])
def test_create_load_for_no_account_is_not_found(cast, account):
    assert browser(cast.bob).get(reverse("create_load"), {"account": account}).status_code == 404


def test_create_load_for_another_organizations_account_is_not_found(cast):
    foreign = make_account(cast.ray)
    assert browser(cast.bob).get(reverse("create_load"), {"account": foreign.pk}).status_code == 404


def pdf(member, invoice, number=1):
    return browser(member).get(reverse("revision_pdf", args=[invoice.pk, number]))


def test_print_an_invoice_the_same_every_time(billed):
    first, second = pdf(billed.bob, billed.invoice), pdf(billed.audrey, billed.invoice)
    assert first["Content-Type"] == "application/pdf"
    assert first.content == second.content
    assert first.content.startswith(b"%PDF")
    assert pdf(billed.ray, billed.invoice).status_code == 404
    assert pdf(billed.bob, billed.invoice, 9).status_code == 404


def test_print_what_the_revision_says(billed):
    html = documents.invoice_html(billed.invoice, billed.invoice.revisions.get())
    assert "Revision 1" in html
    assert "1,000.00" in html
    assert "VOID" not in html
    void_invoice(actor=billed.bob, load=billed.load, reason="Entered twice")
    voided = Invoice.objects.get(pk=billed.invoice.pk)
    assert "VOID" in documents.invoice_html(voided, voided.revisions.get(number=1))


def test_print_in_the_organizations_format_and_the_customers_language(db):
    organization = make_organization(decimal_mark=",", group_mark=".", date_format="d.m.Y")
    actor = make_member(organization)
    tax = TaxCode.objects.create(
        organization=organization, code="V", name="MwSt", rate=D(8),
        gl_account=GLAccount.objects.of(actor).get(code="2200"),
    )  # fmt: skip
    account = make_account(actor)
    account.customer.language = "ar"
    account.customer.save()
    invoice = generate_invoice(actor=actor, load=make_load(actor, account, tax_code=tax))
    html = documents.invoice_html(invoice, invoice.revisions.get())
    assert "1.080,00" in html
    assert 'lang="ar" dir="rtl"' in html
    assert f"{invoice.issue_date:%d.%m.%Y}" in html


def test_print_without_the_system_libraries_says_what_to_install(billed, monkeypatch):
    def missing(name):
        raise OSError("cannot load library 'libpango-1.0-0'")

    monkeypatch.setattr(documents, "importlib", SimpleNamespace(import_module=missing))
    response = pdf(billed.bob, billed.invoice)
    assert response.status_code == 503
    assert "libpango-1.0-0 libpangoft2-1.0-0" in response.content.decode()


def test_print_refuses_too_many_lines(billed, monkeypatch):
    monkeypatch.setattr(documents, "MAX_LINES", 1)
    assert pdf(billed.bob, billed.invoice).status_code == 422


def test_print_fetches_nothing():
    with pytest.raises(ValueError, match="fetch nothing"):
        documents.refuse_address("http://example.com/logo.png")
