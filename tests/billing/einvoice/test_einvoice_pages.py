"""The section on the invoice's page, the dialog, the file, and a whole list in the background."""

import io
import zipfile
from types import SimpleNamespace
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse

from receivables.billing.credit_notes.operations import reverse_credit_note
from receivables.billing.einvoice.credit_operations import export_credit_note
from receivables.billing.einvoice.models import EInvoice
from receivables.billing.einvoice.operations import export_einvoice
from receivables.core import tasks
from receivables.core.models import Job, Sequence
from tests.billing.credit_notes import credit
from tests.builders import make_account, make_invoice, make_type
from tests.support.einvoices import bill_in, reduce


@pytest.fixture(autouse=True)
def _no_second_factor(settings):
    settings.REQUIRE_SECOND_FACTOR = False


def browser(member):
    client = Client()
    client.force_login(member.user, backend="accounts.backends.MembershipBackend")
    return client


def text_of(client, url):
    answer = client.get(url)
    assert answer.status_code == 200
    return answer.content.decode()


def test_a_biller_exports_and_downloads(house):
    invoice = make_invoice(house.alice, house.account)
    client = browser(house.bob)
    assert "Never exported" in text_of(client, invoice.get_absolute_url())
    dialog = text_of(client, reverse("export_einvoice", args=[invoice.pk]))
    assert "never e-invoiced again" in dialog
    answer = client.post(reverse("export_einvoice", args=[invoice.pk]), {"_key": uuid4()})
    assert answer.url == invoice.get_absolute_url()
    made = EInvoice.objects.get()
    page = text_of(client, invoice.get_absolute_url())
    assert made.get_absolute_url() in page
    assert "Export UBL" not in page
    file = client.get(made.get_absolute_url())
    assert file.content == bytes(made.content)
    assert file["Content-Disposition"] == 'attachment; filename="INV-000001.xml"'


@pytest.mark.parametrize(("typed", "saved"), [("inv-", False), ("COR-", False), ("CR-", True)])
def test_documents_that_leave_as_e_invoices_never_get_one_prefix(house, typed, saved):
    row = Sequence.objects.get(organization=house.organization, kind="credit_note")
    address = reverse("admin:core_sequence_change", args=[row.pk])
    answer = browser(house.alice).post(address, {"prefix": typed, "width": 6})
    row.refresh_from_db()
    assert (answer.status_code, row.prefix) == ((302, typed) if saved else (200, "CN-"))
    assert saved or b"begin like this already" in answer.content


def test_a_changed_invoice_says_that_a_correction_is_needed(house):
    invoice = make_invoice(house.alice, house.account)
    export_einvoice(actor=house.alice, invoice=invoice)
    reduce(house.alice, invoice.loads.get(), make_type(house.alice, "Balance", "price_concession"), "-50")
    client = browser(house.bob)
    assert "Correction needed" in text_of(client, invoice.get_absolute_url())
    assert "A credit note of 50.00" in text_of(client, reverse("export_einvoice", args=[invoice.pk]))


def test_what_is_missing_stands_beside_the_button_with_its_link(house):
    account = bill_in(make_account(house.alice, "Nowhere Ltd"), country="")
    invoice = make_invoice(house.alice, account)
    page = text_of(browser(house.bob), invoice.get_absolute_url())
    assert "The customer has no country: add it on the customer&#x27;s page." in page
    assert reverse("customer", args=[account.customer_id]) in page
    answer = browser(house.bob).post(reverse("export_einvoice", args=[invoice.pk]), {"_key": uuid4()})
    assert answer.status_code == 422
    assert not EInvoice.objects.exists()


def test_who_may_what(house):
    invoice = make_invoice(house.alice, house.account)
    made = export_einvoice(actor=house.alice, invoice=invoice)
    for member, file, post in ((house.cora, 200, 403), (house.audrey, 200, 403), (house.ray, 404, 404)):
        client = browser(member)
        assert client.get(made.get_absolute_url()).status_code == file
        assert client.post(reverse("export_einvoice", args=[invoice.pk]), {"_key": uuid4()}).status_code == post


def work_off(job):
    tasks.run_job.func(SimpleNamespace(job=SimpleNamespace(attempts=0)), job_id=job.pk)
    job.refresh_from_db()
    return job


def test_a_list_is_exported_in_the_background_and_handed_out_as_a_zip(house, monkeypatch):
    invoices = [make_invoice(house.alice, house.account) for _ in range(2)]
    export_einvoice(actor=house.alice, invoice=invoices[0])
    make_invoice(house.alice, bill_in(make_account(house.alice, "Nowhere Ltd"), country=""))
    client = browser(house.alice)
    many = f"{reverse('export_einvoices')}?status=open"
    assert "Invoices in the list" in text_of(client, many)
    answer = client.post(many, {"_key": uuid4()})
    job = Job.objects.get()
    assert answer.url == reverse("job", args=[job.pk])
    monkeypatch.setattr("receivables.core.jobs.Progress._write", lambda *counts: False)
    result = work_off(job).result
    assert (result["exported"], result["unchanged"]) == (1, 1)
    assert [each[2] for each in result["refused"]] == ["The customer has no country: add it on the customer's page."]
    page = text_of(client, reverse("job", args=[job.pk]))
    assert "Download all as zip" in page
    answer = client.get(f"{reverse('einvoices_zip')}?status=open")
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        assert archive.namelist() == ["INV-000001.xml", "INV-000002.xml"]
        assert archive.read("INV-000001.xml") == bytes(EInvoice.objects.get(number="INV-000001").content)
    assert client.get(f"{reverse('einvoices_zip')}?status=open").content == answer.content


def test_a_list_that_is_too_long_or_empty_is_refused_in_words(house, monkeypatch):
    client = browser(house.bob)
    assert "No invoice matches" in text_of(client, reverse("export_einvoices"))
    make_invoice(house.alice, house.account)
    make_invoice(house.alice, house.account)
    for module in ("views", "bulk"):
        monkeypatch.setattr(f"receivables.billing.einvoice.{module}.MOST", 1)
    assert "At most 1 invoices" in text_of(client, reverse("export_einvoices"))
    assert client.post(reverse("export_einvoices"), {"_key": uuid4()}).status_code == 422
    assert client.get(reverse("einvoices_zip")).status_code == 302
    assert not Job.objects.exists()


@pytest.fixture
def note(house):
    invoice = make_invoice(house.alice, house.account)
    export_einvoice(actor=house.alice, invoice=invoice)
    return credit(house.alice, invoice, "50", "price_concession")


def test_a_biller_exports_a_credit_note_and_what_takes_it_back(house, note):
    client, dialog = browser(house.bob), reverse("export_credit_note", args=[note.pk])
    assert "Never exported" in text_of(client, note.get_absolute_url())
    assert "Credit note CN-000001 is exported over 50.00" in text_of(client, dialog)
    assert client.post(dialog, {"_key": uuid4()}).url == note.get_absolute_url()
    made = EInvoice.objects.get(kind="credit_note")
    page = text_of(client, note.get_absolute_url())
    assert made.get_absolute_url() in page
    assert "Export UBL" not in page
    file = client.get(made.get_absolute_url())
    assert (file.content, "CN-000001.xml" in file["Content-Disposition"]) == (bytes(made.content), True)
    assert client.post(dialog, {"_key": uuid4()}).status_code == 422

    reverse_credit_note(actor=house.alice, credit_note=note, reason="Wrong")
    assert "Correction needed" in text_of(client, note.get_absolute_url())
    assert "A debit note of 50.00" in text_of(client, dialog)
    client.post(dialog, {"_key": uuid4()})
    assert "COR-000001.xml</bdi>" in text_of(client, note.get_absolute_url())


def test_why_a_credit_note_is_not_exported_stands_on_its_page(house, note):
    client = browser(house.bob)
    waiting = credit(house.alice, make_invoice(house.alice, house.account), "5", "discount")
    page = text_of(client, waiting.get_absolute_url())
    assert "Invoice INV-000002 was never exported as an e-invoice" in page
    lost = credit(house.alice, make_invoice(house.alice, house.account), "5", "bad_debt")
    page = text_of(client, lost.get_absolute_url())
    assert "makes no tax document" in page
    assert "Export UBL" not in page


def test_who_may_export_a_credit_note(house, note):
    dialog = reverse("export_credit_note", args=[note.pk])
    for member, page, post in ((house.cora, 200, 403), (house.audrey, 200, 403), (house.ray, 404, 404)):
        client = browser(member)
        assert client.get(note.get_absolute_url()).status_code == page
        assert client.get(dialog).status_code == post
        assert client.post(dialog, {"_key": uuid4()}).status_code == post
    made = export_credit_note(actor=house.bob, credit_note=note)
    assert browser(house.audrey).get(made.get_absolute_url()).status_code == 200
    assert browser(house.ray).get(made.get_absolute_url()).status_code == 404
