"""What the database refuses by itself, tried with SQL as the application's login."""

import pytest
from django.db import DatabaseError, transaction

from receivables.billing.delivery.operations import send_invoice
from receivables.core.transactions import sqlstate
from tests.delivery.conftest import dispatch_of, letter, work_off
from tests.support.attack import CHECK, NO_RIGHT, TWICE, insert, sql


def code_of(statement, *values):
    with pytest.raises(DatabaseError) as caught, transaction.atomic():
        sql(statement, *values)
        sql("SET CONSTRAINTS ALL IMMEDIATE")
    return sqlstate(caught.value)


@pytest.fixture
def sent(cast):
    send_invoice(actor=cast.bob, invoice=cast.invoice, letter=letter())
    return work_off(dispatch_of(cast.invoice))


def test_what_went_out_never_waits_again(sent):
    assert code_of("UPDATE billing_dispatch SET state = 'waiting', sent_at = NULL WHERE id = %s", sent.pk) == "RV001"


@pytest.mark.parametrize("column", ["mail_to", "subject", "body", "revision_id", "message_id", "method", "attach_xml"])
def test_to_whom_and_in_which_words_stays_as_it_was(sent, column):
    assert code_of(f"UPDATE billing_dispatch SET {column} = {column} WHERE id = %s", sent.pk) == NO_RIGHT


def test_a_sending_is_never_deleted(sent):
    assert code_of("DELETE FROM billing_dispatch WHERE id = %s", sent.pk) == NO_RIGHT


def forged(sent, **changed):
    values = {
        "organization_id": sent.organization_id, "invoice_id": sent.invoice_id, "revision_id": sent.revision_id,
        "method": "email", "mail_to": ["a@b.example"], "cc": [], "subject": "x", "body": "", "sender_name": "",
        "reply_to": "", "language": "en", "attach_pdf": True, "message_id": str(changed), "automatic": False,
        "again": False, "state": "waiting", "attempts": 0, "error": "", "bounce_reason": "", "created_at": "2026-11-03",
    }  # fmt: skip
    return insert("billing_dispatch", **{**values, **changed})


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"subject": "Invoice\nBcc: eve@evil.example"}, CHECK),
        ({"sender_name": "Blue\rBcc: eve@evil.example"}, CHECK),
        ({"mail_to": []}, CHECK),
        ({"state": "sent", "sent_at": "2026-11-03"}, "RV007"),
        ({"revision_id": 0}, "RV007"),
    ],
)
def test_a_forged_sending_is_refused(sent, changed, code):
    with pytest.raises(DatabaseError) as caught, transaction.atomic():
        forged(sent, **changed)
    assert sqlstate(caught.value) == code


def test_two_mails_of_one_revision_never_wait_together(sent):
    forged(sent)
    with pytest.raises(DatabaseError) as caught, transaction.atomic():
        forged(sent, body="another")
    assert sqlstate(caught.value) == TWICE
