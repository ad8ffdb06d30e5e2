"""QuickBooks Online's stand-in driven by a library of another author: it reads what our adapter wrote, and what it
writes comes to us as a proposal.
"""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from types import SimpleNamespace

import pytest
from quickbooks import QuickBooks
from quickbooks.cdc import change_data_capture
from quickbooks.exceptions import AuthorizationException, QuickbooksException, ValidationException
from quickbooks.objects import Customer, Invoice, LinkedTxn, Payment, PaymentLine, Ref

from receivables.integrations.incoming.models import IncomingChange
from receivables.integrations.models import Delivery
from receivables.integrations.systems.qbo.notices import signature_of
from tests.builders import pay
from tests.integrations.conftest import states, sync
from tests.integrations.incoming.test_incoming import accept, look


@pytest.fixture
def library(quickbooks, monkeypatch):
    """The other author's client, signed in to the same company."""
    monkeypatch.setenv("OAUTHLIB_INSECURE_TRANSPORT", "1")
    monkeypatch.setattr(QuickBooks, "sandbox_api_url_v3", f"{quickbooks.address}/v3")

    def signed_in():
        known = SimpleNamespace(
            environment="sandbox", client_id="theirs", access_token=quickbooks.access, refresh_token=quickbooks.refresh
        )
        return QuickBooks(
            auth_client=known, refresh_token=quickbooks.refresh, company_id="9130", minorversion=75, use_decimal=True
        )

    return signed_in


def remote(reference):
    return Delivery.objects.get(reference=reference).remote["Id"]


def test_it_reads_back_what_our_adapter_wrote(bob, connection, quickbooks, invoice, library):
    payment = pay(bob, invoice, "400")
    sync(connection)
    client = library()
    (customer,) = Customer.filter(DisplayName=invoice.account.customer.name, qb=client)
    (found,) = Invoice.filter(DocNumber=invoice.number, qb=client)
    assert (found.Id, found.CustomerRef.value, found.TotalAmt) == (remote(invoice.number), customer.Id, Decimal(1000))
    assert sum(Decimal(line.Amount) for line in found.Line) == 1000
    assert [line.DetailType for line in found.Line] == ["SalesItemLineDetail"] * len(found.Line)
    money = Payment.get(remote(payment.number), qb=client)
    linked = [(link.TxnType, link.TxnId) for line in money.Line for link in line.LinkedTxn]
    assert (Decimal(money.TotalAmt), linked) == (400, [("Invoice", found.Id)])
    assert Invoice.filter(DocNumber="INV-UNKNOWN", qb=client) == []


def test_what_it_writes_is_proposed_once_recorded_and_never_sent(bob, connection, quickbooks, invoice, library):
    client, made = library(), Payment()
    made.TotalAmt, made.TxnDate, made.PaymentRefNum = Decimal(950), "2026-11-06", "LIBRARY 1"
    made.CustomerRef, line, link = Ref(), PaymentLine(), LinkedTxn()
    made.CustomerRef.value = Delivery.objects.get(kind="customer").remote["Id"]
    line.Amount, link.TxnId, link.TxnType = Decimal(950), remote(invoice.number), "Invoice"
    line.LinkedTxn.append(link)
    made.Line.append(line)
    for _twice in range(2):
        made.Id = None
        made.save(qb=client, request_id="theirs-1")
    assert (quickbooks.receivable(), quickbooks.live_payments()) == (50, [950]), "a repeated call is made once"

    seen = change_data_capture([Payment], datetime.now(UTC) - timedelta(hours=1), qb=client)
    assert [each.PaymentRefNum for each in seen.Payment] == ["LIBRARY 1"]
    assert (look(connection), look(connection)) == (1, 0)
    change = IncomingChange.objects.get()
    assert (change.what, change.amount, change.reference) == ("payment", Decimal(950), "LIBRARY 1")
    writes = quickbooks.writes
    payment = accept(bob, change)
    sync(connection)
    assert (quickbooks.writes, states(connection)[payment.number]) == (writes, "synced")
    assert quickbooks.receivable() == 50


def test_it_is_refused_what_we_are_refused(connection, quickbooks, invoice, library):
    client = library()
    found = Invoice.get(remote(invoice.number), qb=client)
    found.SyncToken = "7"
    with pytest.raises(QuickbooksException) as stale:
        found.save(qb=client)
    assert stale.value.error_code == 5010
    found.SyncToken, found.Balancee = "0", 5
    with pytest.raises(ValidationException, match=r"unsupported property: \.Balancee"):
        found.save(qb=client)
    quickbooks.access = "ended"
    with pytest.raises(AuthorizationException):
        Invoice.get(found.Id, qb=client)


def test_its_reading_of_a_notices_signature_is_ours():
    client = QuickBooks(minorversion=75, verifier_token="token")
    assert client.validate_webhook_signature('{"é": 1}', signature_of("token", '{"é": 1}'.encode()))
    assert not client.validate_webhook_signature("{}", signature_of("another", b"{}"))
