"""Files of a payment: looked at when they come, downloads for members only, withdrawn but never deleted."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection, transaction
from django.urls import reverse

from accounts.roles import Role
from receivables.collections.attachments.operations import attach_file, withdraw_attachment
from receivables.collections.attachments.rules import MOST_FILES, attach_file_blocker, withdraw_attachment_blocker
from receivables.collections.models import PaymentAttachment
from receivables.collections.wizard.files import Evidence
from receivables.core.errors import NotPermitted, Refused
from tests.builders import make_invoice, make_member, pay
from tests.collections.desk import text

pytestmark = pytest.mark.django_db
PNG = b"\x89PNG\r\n\x1a\n and what follows"


@pytest.fixture
def payment(biller):
    return pay(biller, make_invoice(biller), "1000")


def send(browser, payment, name, content, **data):
    url = reverse("attach_file", args=[payment.pk])
    key = browser.get(url).content.decode().partition('name="_key" value="')[2].partition('"')[0]
    return browser.post(url, {"_key": key, "file": SimpleUploadedFile(name, content), **data})


def test_attach_file_and_withdraw_attachment_rules():
    assert attach_file_blocker(attached=0) is None
    assert attach_file_blocker(attached=MOST_FILES).code == "too_many_files"
    assert attach_file_blocker(attached=1, twice=True).code == "attached_already"
    assert withdraw_attachment_blocker(name="a.png", withdrawn=False) is None
    assert withdraw_attachment_blocker(name="a.png", withdrawn=True).code == "already_withdrawn"


def test_a_file_is_attached_listed_told_and_downloaded(biller, payment, browser_of):
    browser = browser_of(biller)
    assert send(browser, payment, "../cheque.png", PNG, note="Front").status_code == 302
    kept = PaymentAttachment.objects.get()
    assert (kept.name, kept.size, kept.note) == ("cheque.png", len(PNG), "Front")
    page = text(browser.get(payment.get_absolute_url()))
    assert "cheque.png" in page
    assert "File attached" in page
    answer = browser.get(reverse("attachment", args=[kept.pk]))
    assert answer.content == PNG
    assert answer.headers["Content-Disposition"] == 'attachment; filename="cheque.png"'
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Content-Type"] == "application/octet-stream"


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("page.pdf", b"<script>alert(1)</script>", "Attach a PDF, a PNG or a JPEG; this file is none of them."),
        ("large.png", PNG + bytes(5 * 1024 * 1024), "The file is larger than 5 MB."),
        ("empty.pdf", b"", "Attach a PDF, a PNG or a JPEG; this file is none of them."),
    ],
)
def test_attach_file_refuses_what_its_content_is_not(biller, payment, browser_of, name, content, said):
    answer = send(browser_of(biller), payment, name, content)
    assert (answer.status_code, said in text(answer)) == (422, True)
    assert not PaymentAttachment.objects.exists()


def test_attach_file_knows_the_same_file_and_renames_what_lies_about_itself(biller, payment, browser_of):
    send(browser_of(biller), payment, "advice.html", b"%PDF-1.7")
    assert PaymentAttachment.objects.get().name == "advice.html.pdf"
    assert "This very file is attached already." in text(send(browser_of(biller), payment, "b.pdf", b"%PDF-1.7"))


def test_withdraw_attachment_marks_it_once_and_keeps_it(biller, payment, browser_of):
    kept = attach_file(actor=biller, payment=payment, file=Evidence("a.png", PNG))
    withdraw_attachment(actor=biller, attachment=kept, reason="Wrong customer's cheque")
    with pytest.raises(Refused) as refused:
        withdraw_attachment(actor=biller, attachment=kept, reason="Again")
    assert refused.value.code == "already_withdrawn"
    page = text(browser_of(biller).get(payment.get_absolute_url()))
    assert "Withdrawn" in page
    assert "Wrong customer's cheque" in page
    assert browser_of(biller).get(reverse("attachment", args=[kept.pk])).content == PNG
    assert attach_file(actor=biller, payment=payment, file=Evidence("a.png", PNG)).pk, "the right one may follow"


@pytest.mark.parametrize("statement", ["UPDATE {} SET name = 'x'", "DELETE FROM {}"])
def test_guards_keep_attachments_for_ever(biller, payment, statement):
    attach_file(actor=biller, payment=payment, file=Evidence("a.png", PNG))
    with pytest.raises(Exception, match=r"permission denied|RV001|never"), transaction.atomic():
        connection.cursor().execute(statement.format("collections_paymentattachment"))


def test_attachments_are_for_members_and_by_permission(biller, payment, stranger, browser_of):
    kept = attach_file(actor=biller, payment=payment, file=Evidence("a.png", PNG))
    assert browser_of(stranger).get(reverse("attachment", args=[kept.pk])).status_code == 404
    auditor = make_member(biller.organization, Role.AUDITOR)
    assert browser_of(auditor).get(reverse("attachment", args=[kept.pk])).content == PNG
    with pytest.raises(NotPermitted):
        attach_file(actor=auditor, payment=payment, file=Evidence("b.png", PNG))
