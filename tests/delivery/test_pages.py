"""Sending as it is clicked: the dialog, the sections on pages, the lists, the customer's settings; by role."""

from decimal import Decimal

import pytest
from django.urls import reverse

from receivables.billing.delivery.models import CustomerDelivery, Dispatch, InvoiceMailText
from receivables.billing.delivery.operations import send_invoice
from receivables.billing.operations import add_accessorial, regenerate_invoice
from tests.builders import make_invoice, make_load, make_member, make_organization, make_type
from tests.delivery.conftest import browser, dispatch_of, invoice_of, letter, mails, work_off
from tests.support.forms import own_fields


def typed(client, address, **changed):
    """Send the page's own form with what a person changed."""
    fields = own_fields(client.get(address).content.decode())
    return client.post(address, {**fields, **changed})


def text_of(client, address):
    return client.get(address).content.decode()


@pytest.fixture
def bob(cast):
    return browser(cast.bob)


def test_send_invoice_in_its_dialog_with_everything_filled_in(cast, bob):
    address = reverse("send_invoice", args=[cast.invoice.pk])
    fields = own_fields(text_of(bob, address))
    assert (fields["method"], fields["to"]) == ("email", "ap@acme.example")
    assert fields["subject"] == f"Invoice {cast.invoice.number} from Blue Freight"
    answer = typed(bob, address, to="one@acme.example, two@acme.example", cc="")
    assert answer.status_code == 302
    page = text_of(bob, cast.invoice.get_absolute_url())
    assert "one@acme.example, two@acme.example is on its way" in page
    assert "An e-mail with revision 1 is on its way already." in page
    work_off(dispatch_of(cast.invoice))
    assert mails()[0].to == ["one@acme.example", "two@acme.example"]
    for address in (cast.invoice.get_absolute_url(), cast.invoice.loads.get().get_absolute_url()):
        page = text_of(bob, address)
        assert "Revision 1 sent" in page, address
        assert reverse("resend_invoice", args=[cast.invoice.pk]) in page, address
        assert "Bob Biller" in page


def test_send_invoice_twice_by_mistake_sends_one_mail(cast, bob):
    address = reverse("send_invoice", args=[cast.invoice.pk])
    fields = own_fields(text_of(bob, address))
    fields |= {"method": "email", "attach_pdf": "on", "cc": ""}
    first, second = bob.post(address, fields), bob.post(address, fields)
    assert (first.status_code, second.status_code, Dispatch.objects.count()) == (302, 302, 1)


BAD = [
    ({"to": ""}, "to"),
    ({"to": "ap@acme.example, nobody"}, "to"),
    ({"to": "ap@acme.example\r\nBcc: eve@evil.example"}, "to"),
    ({"cc": "x@y"}, "cc"),
    ({"subject": "Invoice\r\nBcc: eve@evil.example"}, "subject"),
    ({"subject": "Invoice\nBcc: eve@evil.example"}, "subject"),
    ({"subject": " "}, "subject"),
    ({"subject": "x" * 201}, "subject"),
    ({"body": ""}, "body"),
    ({"method": "pigeon"}, "method"),
    ({"seen": "9"}, None),
]


@pytest.mark.parametrize(("changed", "field"), BAD)
def test_send_invoice_bad_input_stands_beside_its_field(cast, bob, changed, field):
    address = reverse("send_invoice", args=[cast.invoice.pk])
    answer = typed(bob, address, **{"cc": "", **changed})
    assert answer.status_code in (409, 422)
    if field:
        assert field in answer.context["form"].errors
    assert not Dispatch.objects.exists()


def test_send_invoice_another_way_needs_no_address(cast, bob):
    typed(bob, reverse("send_invoice", args=[cast.invoice.pk]), method="post", to="", subject="", body="", cc="")
    assert (invoice_of(cast).sent_revision, mails()) == (1, [])


def test_pages_by_role_and_of_another_organization(cast):
    send_invoice(actor=cast.bob, invoice=cast.invoice, letter=letter())
    dispatch = work_off(dispatch_of(cast.invoice))
    stranger = browser(make_member(make_organization("Rival"), name="Ray Rival"))
    addresses = [reverse(verb, args=[cast.invoice.pk]) for verb in ("send_invoice", "resend_invoice")]
    verbs = ("retry_dispatch", "confirm_dispatch", "note_bounce")
    addresses += [reverse(verb, args=[dispatch.pk]) for verb in verbs]
    addresses.append(reverse("edit_delivery", args=[cast.account.customer_id]))
    for address in addresses:
        for who, expected in ((cast.alice, 200), (cast.bob, 200), (cast.cora, 403), (cast.audrey, 403)):
            assert browser(who).get(address).status_code == expected, (who, address)
        assert stranger.get(address).status_code == 404
        assert stranger.post(address, {}).status_code == 404
    looked = text_of(browser(cast.audrey), cast.invoice.get_absolute_url())
    assert "ap@acme.example" in looked
    assert addresses[1] not in looked


def test_a_bounce_shows_on_invoice_customer_and_in_the_lists(cast, bob):
    make_invoice(cast.bob, cast.account)
    send_invoice(actor=cast.bob, invoice=cast.invoice, letter=letter())
    dispatch = work_off(dispatch_of(cast.invoice))
    answer = typed(bob, reverse("note_bounce", args=[dispatch.pk]), reason="No such mailbox")
    assert answer.status_code == 302
    for address in (cast.invoice.get_absolute_url(), cast.account.customer.get_absolute_url()):
        assert "No such mailbox" in text_of(bob, address), address
    for address in ("/invoices/?sending=bounced", "/invoices/?sending=trouble", "/loads/?sending=bounced"):
        page = text_of(bob, address)
        assert cast.invoice.get_absolute_url() in page, address
        assert "1 row" in page, address
        assert "Bounced</span>" in page, address
    unsent = text_of(bob, "/invoices/?sending=not_sent")
    assert cast.invoice.get_absolute_url() not in unsent


def test_edit_delivery_on_the_customers_page(cast, bob):
    customer = cast.account.customer
    address = reverse("edit_delivery", args=[customer.pk])
    wrong = typed(bob, address, to="nobody", cc="")
    assert "to" in wrong.context["form"].errors
    wrong = typed(bob, address, to="", cc="", automatic="on")
    assert "to" in wrong.context["form"].errors
    wrong = typed(bob, address, method="post", cc="", automatic="on")
    assert "automatic" in wrong.context["form"].errors
    assert not CustomerDelivery.objects.exists()
    typed(bob, address, to="x@acme.example", cc="y@acme.example", language="ar", automatic="on")
    page = text_of(bob, customer.get_absolute_url())
    for words in ("x@acme.example", "y@acme.example", "العربية", "At once when generated"):
        assert words in page
    load = make_load(cast.bob, cast.account)
    assert "gets it by e-mail at once: x@acme.example." in text_of(bob, reverse("generate_invoice", args=[load.pk]))
    typed(bob, reverse("generate_invoice", args=[load.pk]))
    assert "Its e-mail is on its way." in text_of(bob, load.get_absolute_url())


def test_the_text_of_the_mail_is_checked_when_it_is_saved(cast):
    alice = browser(cast.alice)
    row = InvoiceMailText.objects.get(organization=cast.organization)
    address = reverse("admin:billing_invoicemailtext_change", args=[row.pk])
    good = {"language": "en", "sender_name": "", "reply_to": "", "subject": "Invoice {number}", "body": "{total}"}
    for changed, field in (
        ({"subject": "Invoice {numbr}"}, "subject"),
        ({"subject": "Invoice\r\nBcc: eve@evil.example"}, "subject"),
        ({"sender_name": "Blue\nBcc: eve@evil.example"}, "sender_name"),
        ({"reply_to": "a@b.example\nBcc: eve@evil.example"}, "reply_to"),
        ({"body": "{total"}, "body"),
        ({"body": ""}, "body"),
    ):
        answer = alice.post(address, {**good, **changed})
        assert field in answer.context["adminform"].form.errors, changed
    assert alice.post(address, good).status_code == 302
    row.refresh_from_db()
    assert (row.subject, row.body) == ("Invoice {number}", "{total}")


def test_an_internal_revision_goes_out_only_with_its_box_ticked(cast, bob):
    load = cast.invoice.loads.get()
    address = reverse("send_invoice", args=[cast.invoice.pk])
    assert "internal_too" not in text_of(bob, address)
    add_accessorial(actor=cast.alice, load=load, type=make_type(cast.alice), entity="customer", amount=Decimal(50))
    regenerate_invoice(actor=cast.bob, load=load)
    assert "internal_too" in typed(bob, address, cc="").context["form"].errors
    assert typed(bob, address, cc="", internal_too="on").status_code == 302
