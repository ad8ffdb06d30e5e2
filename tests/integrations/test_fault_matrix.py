"""Every fault that an accounting system or the way to it has, on all five: each delivery ends where it should, says so
in plain words, and is delivered once in the end."""

from dataclasses import dataclass
from datetime import timedelta
from email.utils import format_datetime
from typing import Any

import httpx
import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from receivables.core.navigation import notices
from receivables.integrations import egress
from receivables.integrations.models import Attempt, Connection, Delivery
from receivables.integrations.operations import retry_deliveries
from receivables.integrations.systems.texts import LONGEST_WAIT, seconds_to_wait
from tests.builders import pay
from tests.integrations.conftest import sync
from tests.integrations.stages import VARIANTS
from tests.integrations.standins.server import Reply, StandIn, running

State = Delivery.State
NOT_ANSWERED = (State.UNCERTAIN, "", "It is asked whether it was done before it is sent again.", "")
AGAIN = (State.QUEUED, "retryable")
OPEN_AGAIN = "Reopen|Open it|Allow them"
CUT = dict.fromkeys(("cut_before", "cut_after", "cut_middle", "never_answers"), NOT_ANSWERED)
# Where a program over there fetches its work: every second answer that is cut never comes.
FETCHED = {"cut_before": NOT_ANSWERED, "cut_after": (State.SENDING, "", "", ""), "<QBXML><": NOT_ANSWERED}
WITHOUT_BODY = {"netsuite"}  # its answers to changes have no middle


def quickbooks(code, text, status=400):
    return Reply(status, {"Fault": {"Error": [{"code": code, "Message": text}], "type": "ValidationFault"}})


def central(code, text, status=400):
    return Reply(status, {"error": {"code": code, "message": f"{text}  CorrelationId:  1."}})


def netsuite(code, text, status=400):
    return Reply(status, {"status": status, "o:errorDetails": [{"o:errorCode": code, "detail": text}]})


def intacct(number, text, status=200):
    error = (
        f"<errormessage><error><errorno>{number}</errorno><description2>{text}</description2></error></errormessage>"
    )
    head = "<control><status>success</status></control>"
    done = f"<authentication><status>success</status></authentication><result><status>failure</status>{error}</result>"
    return Reply(status, f"<response>{head}<operation>{done}</operation></response>")


def intacct_rest(number, text, status=400):
    error = {"code": "invalidRequest", "message": "errors", "details": [{"code": number, "message": text}]}
    return Reply(status, {"ia::result": {"ia::error": error}})


SIGNED_OUT = Reply(
    200,
    "<response><control><status>success</status></control><operation><authentication><status>failure</status>"
    "</authentication><errormessage><error><errorno>XL03000006</errorno></error></errormessage></operation></response>",
)
# How each system says: the number is taken; somebody changed it a moment ago; it is paid; no, in an answer that says
# yes; the token is too old. Then what it is that lets us in there.
SAID = {
    "quickbooks_online": {
        "duplicate": quickbooks("6140", "Duplicate Document Number Error"),
        "stale": quickbooks("5010", "Stale Object Error"),
        "paid": quickbooks("6000", "The transaction is linked to a payment."),
        "inside": quickbooks("6540", "Deposited transaction cannot be changed \x00\ud800", 200),
        "expired": Reply(401, ""),
        "door": "refresh",
    },
    "business_central": {
        "duplicate": central("Internal_EntityWithSameKeyExists", "The record already exists."),
        "stale": central("Request_EntityChanged", "Another user has changed the record.", 409),
        "paid": central("Application_DialogException", "Open must be equal to Yes: the invoice must be open."),
        "inside": central("Application_DialogException", "The customer is blocked.", 200),
        "expired": Reply(401, ""),
        "door": "secret",
    },
    "netsuite": {
        "duplicate": netsuite("DUP_RCRD", "This record already exists."),
        "stale": netsuite("RCRD_HAS_BEEN_CHANGED", "Record has been changed."),
        "paid": netsuite("USER_ERROR", "This transaction is applied to by others."),
        "inside": netsuite("USER_ERROR", "You lack the permission.", 200),
        "expired": Reply(401, ""),
        "door": "certificate",
    },
    "sage_intacct": {
        "duplicate": intacct("BL34000061", "Another payment with the given value(s) already exists"),
        "stale": intacct("PL", "Concurrent request in process"),
        "paid": intacct("BL03000150", "The invoice is paid and cannot be changed"),
        "inside": intacct("PL04", "You do not have permission for API operation CREATE"),
        "expired": SIGNED_OUT,
        "door": "password",
    },
    "sage_intacct_rest": {
        "duplicate": intacct_rest("BL34000061", "Another payment with the given value(s) already exists"),
        "stale": intacct_rest("PL", "Concurrent request in process"),
        "paid": intacct_rest("BL03000150", "The invoice is paid and cannot be changed"),
        "inside": intacct_rest("PL04", "You do not have permission for API operation CREATE", 200),
        "expired": Reply(401, ""),
        "door": "secret",
    },
    "quickbooks_desktop": {
        "duplicate": ("3100", "The name is already in use."),
        "stale": ("3200", "The provided edit sequence is out-of-date."),
        "paid": ("3210", "You cannot pay more than the amount due."),
        "locked": ("3176", "A related object is locked."),
    },
}
ANSWERED = {
    "duplicate": (State.ERROR, "conflict", "already", "Renumber|Rename"),
    "paid": (State.ERROR, "needs_person", "paid|open|applied", "Compare|Take that off|correct"),
    "stale": (*AGAIN, "at the same moment|busy", "tried again"),
    "inside": (State.ERROR, "needs_person", "deposit|blocked|may not do", "Take it out|Unblock|permission"),
    "locked": (*AGAIN, "Somebody is working", "tried again"),
}  # fmt: skip


class Elsewhere(StandIn):
    """Where nobody should be led to."""

    def handle(self, method, path, query, headers, body):
        return Reply(200, {})


@dataclass
class Matrix:
    """Payments of one invoice, each of which meets a fault."""

    bob: Any
    connection: Connection
    books: Any
    invoice: Any
    paid: int = 0

    def met(self, *faults):
        """A payment whose changes over there meet these faults in turn."""
        payment = pay(self.bob, self.invoice, "1")
        self.paid += 1
        self.books.faults = list(faults)
        sync(self.connection)
        self.books.faults = []
        return Delivery.objects.get(source="collections.payment", source_id=payment.pk)

    def ends(self, row, state, trouble, words, cure):
        """It stands as it should and says why; what needs no person is delivered at the next try."""
        assert (row.state, row.trouble) == (state, trouble), (row.message, row.system_text)
        for wanted in (words, cure):
            assert any(each in row.message for each in wanted.split("|")), (wanted, row.message)
        if state != State.ERROR:
            self.delivered(row)

    def delivered(self, row):
        Connection.objects.filter(pk=self.connection.pk).update(paused_until=None)
        sync(self.connection)
        row.refresh_from_db()
        assert row.state == State.SYNCED, (row.message, row.system_text)


@pytest.fixture
def matrix(bob, connection, books, invoice):
    return Matrix(bob, connection, books, invoice)


@pytest.fixture
def desk(bob, settings):
    settings.REQUIRE_SECOND_FACTOR = False
    client = Client()
    client.force_login(bob.user, backend="accounts.backends.MembershipBackend")
    return client


@pytest.mark.parametrize("stage", VARIANTS, indirect=True)
def test_every_fault_ends_where_it_should(matrix, desk, stage, monkeypatch):
    said = next(SAID[name] for name, each in VARIANTS.items() if each is stage)
    for name, expected in ANSWERED.items():
        if name in said:
            matrix.ends(matrix.met(said[name]), *expected)
    matrix.books.closed_before = "2030-01-01"
    matrix.ends(matrix.met(), State.ERROR, "period_closed", "closed|no postings", OPEN_AGAIN)
    matrix.books.closed_before = ""
    for cut, expected in (CUT if stage.client else FETCHED).items():
        if cut != "cut_middle" or stage.system not in WITHOUT_BODY:
            with monkeypatch.context() as hasty:
                hasty.setattr(egress, "TIMEOUT", httpx.Timeout(0.3 if cut == "never_answers" else 30))
                row = matrix.met(cut)
            matrix.ends(row, *expected)
    if stage.client:
        unreadable(matrix, monkeypatch)
        throttled(matrix)
        expired(matrix, said)
        refused(matrix, said["door"])
    shown(matrix, desk)
    assert matrix.books.live_payments() == [1] * matrix.paid


def unreadable(matrix, monkeypatch):
    """What says neither yes nor no; where an answer leads elsewhere, nobody follows."""
    with running(Elsewhere()) as elsewhere:
        monkeypatch.setattr(egress, "MOST_BYTES", 60_000)
        away = {"Location": f"{elsewhere.address}/"}
        for answer in (
            Reply(503, "down"), Reply(200, "<html>\x00{\ud800"), Reply(200, " " * 60_000 + "{}"), Reply(302, "{}", away)
        ):  # fmt: skip
            matrix.ends(matrix.met(answer), *NOT_ANSWERED)
        assert elsewhere.requests == []


def throttled(matrix):
    """The connection waits as long as it is asked to, and takes nothing meanwhile."""
    for asked, least, most in (("40", 30, 50), ("999999", 2800, 4400)):
        row, writes = matrix.met(Reply(429, "", {"Retry-After": asked})), matrix.books.writes
        matrix.connection.refresh_from_db()
        assert least < (matrix.connection.paused_until - timezone.now()).total_seconds() < most
        sync(matrix.connection)
        assert matrix.books.writes == writes
        matrix.ends(row, *AGAIN, "takes no more calls", "")


def expired(matrix, said):
    """In the middle of a queue: one new token, and nothing is lost or sent twice."""
    count = "sessions" if hasattr(matrix.books, "sessions") else "tokens"
    before = getattr(matrix.books, count)
    pay(matrix.bob, matrix.invoice, "1")
    pay(matrix.bob, matrix.invoice, "1")
    matrix.paid += 2
    row = matrix.met(None, said["expired"])
    assert row.state == State.SYNCED
    assert getattr(matrix.books, count) == before + 1


def refused(matrix, door):
    """Nothing is lost, and whoever can see to it is told once, on every page."""
    books, connection = matrix.books, matrix.connection
    kept = getattr(books, door)
    setattr(books, door, "changed over there")
    setattr(books, "session" if hasattr(books, "session") else "access", "ended")
    pay(matrix.bob, matrix.invoice, "1")
    matrix.paid += 1
    row = matrix.met()
    connection.refresh_from_db()
    assert (connection.state, row.state) == (Connection.State.BROKEN, State.QUEUED)
    assert "administrator" in connection.problem
    cache.clear()  # what the frame says may be half a minute old
    assert [each["url"] for each in notices(matrix.bob)] == [connection.get_absolute_url()]
    calls = len(books.requests)
    sync(connection)
    assert len(books.requests) == calls
    setattr(books, door, kept)
    Connection.objects.update(state=Connection.State.LIVE, problem="")
    sync(connection)
    assert not Delivery.objects.filter(state=State.QUEUED).exists()


def shown(matrix, desk):
    """What waits for a person stands on the page, with the system's own words, and is tried again from there."""
    failed = list(Delivery.objects.filter(state=State.ERROR).order_by("pk"))
    page = desk.get(reverse("error_transactions")).content.decode()
    for row in failed:
        assert row.reference in page
        assert row.message in page
        assert row.system_text.split("  ")[0] in page
    assert len(failed) >= 3
    detail = desk.get(failed[0].get_absolute_url()).content.decode()
    assert Attempt.objects.filter(delivery=failed[0]).latest("pk").get_outcome_display() in detail
    retry_deliveries(actor=matrix.bob, deliveries=[row.pk for row in failed])
    sync(matrix.connection)
    assert set(Delivery.objects.values_list("state", flat=True)) == {State.SYNCED}


def test_how_long_a_busy_system_asks_us_to_wait():
    in_five_minutes = format_datetime(timezone.now() + timedelta(minutes=5), usegmt=True)
    assert 290 < seconds_to_wait(in_five_minutes) <= 300
    for asked, seconds in [
        ("7", 7), (" 40 ", 40), ("0", 0), ("999999999", LONGEST_WAIT), ("9" * 5000, 60), ("-5", 60), ("²", 60),
        ("soon", 60), ("", 60), (None, 60), ("Fri, 31 Dec 1999 23:59:59 GMT", 1),
        ("Fri, 31 Dec 9999 23:59:59 GMT", LONGEST_WAIT), ("Mon, 01 Jan 2024 00:00:00 -0000", 60),
    ]:  # fmt: skip
        assert seconds_to_wait(asked) == seconds, asked
