"""The e-mail with an invoice carries the e-invoice where the customer wants it and where it says what is sent."""

from uuid import uuid4

import pytest
from django.core import mail
from django.urls import reverse

from receivables.billing.delivery.operations import edit_delivery, resend_invoice, send_invoice, suggested_letter
from receivables.billing.delivery.queries import sending_of
from receivables.billing.einvoice.operations import export_einvoice
from tests.billing.einvoice.test_einvoice_pages import browser
from tests.builders import make_invoice, make_type
from tests.delivery.conftest import dispatch_of, work_off
from tests.support.einvoices import reduce


@pytest.fixture
def invoice(house, settings):
    """Not sent yet; the customer wants the e-invoice and no PDF."""
    settings.REQUIRE_SECOND_FACTOR = False
    edit_delivery(
        actor=house.bob, customer=house.account.customer, to=["ap@acme.example"], attach_xml=True, attach_pdf=False
    )
    return make_invoice(house.alice, house.account)


def letter(house, invoice):
    return suggested_letter(house.bob, sending_of(house.bob, invoice.pk))


def attached(invoice):
    """What the newest e-mail carries, after the worker handed it over."""
    assert work_off(dispatch_of(invoice)).state == "sent"
    return [(name, content, kind) for name, content, kind in mail.outbox[-1].attachments]


def test_the_exported_bytes_go_along(house, invoice):
    made = export_einvoice(actor=house.alice, invoice=invoice)
    send_invoice(actor=house.bob, invoice=invoice, letter=letter(house, invoice))
    ((name, content, kind),) = attached(invoice)
    assert (name, kind) == ("INV-000001.xml", "application/xml")
    assert (content if isinstance(content, bytes) else content.encode()) == bytes(made.content)


def test_what_was_never_exported_goes_without(house, invoice):
    send_invoice(actor=house.bob, invoice=invoice, letter=letter(house, invoice))
    assert attached(invoice) == []


@pytest.mark.parametrize(("kind", "number"), [("price_concession", None), ("bad_debt", "INV-000001.xml")])
def test_a_changed_invoice_goes_without_until_its_correction_is_exported(house, invoice, kind, number):
    """Bad debt is on no e-invoice: the one that left still says what is billed."""
    export_einvoice(actor=house.alice, invoice=invoice)
    reduce(house.alice, invoice.loads.get(), make_type(house.alice, "Balance", kind), "-50")
    invoice.refresh_from_db()
    send_invoice(actor=house.bob, invoice=invoice, letter=letter(house, invoice), internal_too=True)
    assert [name for name, _content, _kind in attached(invoice)] == ([number] if number else [])
    if number is None:
        export_einvoice(actor=house.alice, invoice=invoice)
        resend_invoice(actor=house.bob, invoice=invoice, letter=letter(house, invoice))
        assert [name for name, _content, _kind in attached(invoice)] == ["COR-000001.xml"]


def test_the_dialog_offers_it_only_where_there_is_one(house, invoice):
    second = make_invoice(house.alice, house.account)
    export_einvoice(actor=house.alice, invoice=second)
    tab = browser(house.bob)
    for row, there in ((invoice, False), (second, True)):
        address = reverse("send_invoice", args=[row.pk])
        shown = tab.get(address)
        assert ("This revision was not exported as an e-invoice" in shown.content.decode()) is not there
        assert shown.context["form"]["attach_xml"].value() is there
        typed = {"method": "email", "to": "ap@acme.example", "subject": "Yours", "body": "Attached.", "seen": "1"}
        sent = tab.post(address, {**typed, "attach_xml": "on", "_key": uuid4()})
        assert sent.status_code == 302
        assert dispatch_of(row).attach_xml is there
