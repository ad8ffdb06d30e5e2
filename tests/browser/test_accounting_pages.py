"""Ledger exports, webhooks, changes over there and connections in a real browser; a batch is made and downloaded."""

from types import SimpleNamespace

from django.urls import reverse

from accounts.roles import Role
from receivables.integrations.incoming.models import IncomingChange
from receivables.integrations.models import Connection
from receivables.integrations.webhooks.models import Endpoint, Message
from receivables.ledger_exports.models import LedgerExport
from tests.browser.test_every_page import complaints
from tests.builders import make_invoice, make_member, make_organization, pay
from tests.integrations.rows import connect_something
from tests.ledger_exports.checking import content


def test_a_batch_is_made_and_downloaded_and_no_page_complains(visitor):
    alice = make_member(make_organization(), Role.BILLER, "Bill Biller", granted=["settings_look", "settings"])
    invoice = make_invoice(alice)
    payment = pay(alice, make_invoice(alice), "10")
    connect_something(SimpleNamespace(actor=alice, unpaid=invoice, account=invoice.account, payment=payment))
    page = visitor.open(alice.user)
    page.goto(reverse("ledger_exports"))
    page.get_by_role("link", name="New batch").click()
    page.get_by_label("Format").select_option("hledger")
    page.get_by_role("button", name="Make the batch").click()
    page.get_by_role("heading", name="EXP-000001").wait_for()
    with page.expect_download() as downloading:
        page.get_by_role("button", name="Download").click()
    made = LedgerExport.objects.get()
    with open(downloading.value.path(), "rb") as file:
        assert file.read() == content(made)
    page.goto(made.get_absolute_url())
    page.get_by_role("link", name="Download again").click()
    page.get_by_label("I know that importing it").wait_for()
    change, connection = IncomingChange.objects.get(), Connection.objects.get()
    addresses = [
        reverse("ledger_exports"), reverse("export_ledger"), made.get_absolute_url(),
        reverse("download_export", args=[made.pk]), reverse("webhooks"), Endpoint.objects.get().get_absolute_url(),
        Message.objects.get().get_absolute_url(), reverse("incoming_changes"), change.get_absolute_url(),
        reverse("accept_incoming", args=[change.pk]), connection.get_absolute_url(),
    ]  # fmt: skip
    found = [complaint for address in addresses for complaint in complaints(page, address)]
    assert not found, "\n".join(found)
