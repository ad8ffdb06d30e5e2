"""A Save asks the database as often for many invoices as for a few, whatever it settles of them."""

from datetime import date
from decimal import Decimal as D

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from receivables.approvals.models import ApprovalRequest
from receivables.billing.models import CreditNote
from receivables.collections.models import BankAccount, PayOff
from receivables.collections.operations import Assignment, delete_payment, record_payment
from receivables.collections.texts import ASKED_BY_NAME, asked_text
from tests.billing.credit_notes import reason_of
from tests.builders import make_account, make_invoice
from tests.collections.pay_offs import limited
from tests.support.invariants import broken

pytestmark = pytest.mark.django_db


def save(actor, invoices):
    """Of each 5.00 bank fee by the journal, 10.00 price concession and 15.00 bad debt by credit notes."""
    parts = [(reason_of(actor, "bank_fee"), D(5)), (reason_of(actor, "price_concession"), D(10))]
    with CaptureQueriesContext(connection) as asked:
        payment = record_payment(
            actor=actor, account=invoices[0].account, amount=D(70 * len(invoices)), date=date(2026, 11, 22),
            method="wire", bank_account=BankAccount.objects.of(actor).get(),
            assignments=[Assignment(each, D(70), pay_bill=True, parts=parts) for each in invoices],
        )  # fmt: skip
    return payment, [query["sql"] for query in asked]


def test_what_is_asked_for_takes_as_many_queries_for_many_invoices_as_for_few(biller):
    account, counts = make_account(biller), []
    limited(biller, "0")
    for n in (1, 2, 12):
        invoices = [make_invoice(biller, account, "100") for _each in range(n)]
        with CaptureQueriesContext(connection) as asked:
            payment = record_payment(
                actor=biller, account=account, amount=D(90 * n), date=date(2026, 11, 22), method="wire",
                bank_account=BankAccount.objects.of(biller).get(),
                assignments=[Assignment(each, D(90), pay_bill=True, ask=True) for each in invoices],
            )  # fmt: skip
        counts.append(len(asked.captured_queries))
        assert ApprovalRequest.objects.filter(state="waiting").count() == sum((1, 2, 12)[: len(counts)])
    assert counts[1] == counts[2]
    with CaptureQueriesContext(connection) as asked:
        said = asked_text(biller, payment)
    assert len(asked.captured_queries) <= 1 + 3 * ASKED_BY_NAME
    assert said.count("on invoice") == ASKED_BY_NAME
    assert said.endswith("7 more differences wait for approval too; the payment lists them.")


def test_a_save_asks_as_often_for_many_invoices_as_for_few(biller):
    account = make_account(biller)
    limited(biller, "50", cap="100000")
    save(biller, [make_invoice(biller, account, "100")])
    _few, few_asked = save(biller, [make_invoice(biller, account, "100") for _each in range(2)])
    many, many_asked = save(biller, [make_invoice(biller, account, "100") for _each in range(20)])
    assert len(many_asked) == len(few_asked), "\n".join(sorted(set(many_asked) - set(few_asked)))
    assert PayOff.objects.filter(payment=many).count() == 60
    delete_payment(actor=biller, payment=many)
    assert CreditNote.objects.filter(reversal__isnull=True).count() == 6
    assert broken() == {}
