"""What the worker does with a sending: one mail, or none and a reason; never two."""

import smtplib
from decimal import Decimal
from email import message_from_bytes
from email.policy import default

import pytest
from django.core.mail import BadHeaderError

from receivables.billing.delivery import mailing
from receivables.billing.delivery.handing_over import MAX_ATTEMPTS
from receivables.billing.delivery.models import Dispatch
from receivables.billing.delivery.operations import confirm_dispatch, retry_dispatch, send_invoice
from receivables.billing.documents import EngineMissing, TooLong, invoice_pdf
from receivables.billing.filters import by_sending
from receivables.billing.models import Invoice
from receivables.billing.operations import edit_load, regenerate_invoice, void_invoice
from receivables.core.mail import SMTP, NoMailServer, NoServerBackend
from receivables.core.models import Event
from tests.delivery.conftest import PDF, dispatch_of, invoice_of, letter, mails, work_off
from tests.support.smtp import mail_server


@pytest.fixture
def waiting(cast):
    send_invoice(actor=cast.bob, invoice=cast.invoice, letter=letter(cc=["boss@acme.example"], sender_name="Bläu & Co"))
    return dispatch_of(cast.invoice)


class Server:
    """A mail server that answers as a test wants: `opening` and `taking` are raised where they are set."""

    def __init__(self):
        self.opening = self.taking = None
        self.taken = []

    def open(self):
        if self.opening:
            raise self.opening

    def send_messages(self, messages):
        if self.taking:
            raise self.taking
        self.taken += messages
        return len(messages)

    def close(self):
        return None


@pytest.fixture
def server(monkeypatch):
    server = Server()
    monkeypatch.setattr(mailing, "get_connection", lambda: server)
    return server


def tried(dispatch, attempts=0):
    """Work it off although the queue would try it again."""
    with pytest.raises(mailing.TryAgain):
        work_off(dispatch, attempts)
    return Dispatch.objects.get(pk=dispatch.pk)


def test_the_mail_has_the_pdf_of_its_revision_and_its_headers(cast, waiting, monkeypatch):
    monkeypatch.setattr(mailing, "invoice_pdf", invoice_pdf)
    work_off(waiting)
    (sent,) = mails()
    parsed = message_from_bytes(sent.message().as_bytes(), policy=default)
    assert parsed["Message-ID"] == waiting.message_id
    assert parsed["Message-ID"].endswith("@blue.example>")
    assert (parsed["To"], parsed["Cc"], parsed["Reply-To"]) == (
        "ap@acme.example",
        "boss@acme.example",
        "ar@blue.example",
    )
    assert parsed["From"].addresses[0].display_name == "Bläu & Co"
    assert parsed["From"].addresses[0].addr_spec == "billing@blue.example"
    (attached,) = parsed.iter_attachments()
    assert attached.get_filename() == f"{cast.invoice.number}-r1.pdf"
    assert attached.get_content() == invoice_pdf(cast.invoice, cast.invoice.revisions.get())
    assert sent.recipients() == ["ap@acme.example", "boss@acme.example"]


def test_a_mail_without_the_pdf_if_the_customer_wants_none(cast):
    send_invoice(actor=cast.bob, invoice=cast.invoice, letter=letter(attach_pdf=False))
    work_off(dispatch_of(cast.invoice))
    assert mails()[0].attachments == []


def test_a_task_that_runs_twice_mails_once(waiting):
    work_off(waiting)
    assert work_off(waiting).attempts == 1
    assert len(mails()) == 1


def test_a_server_that_is_away_is_tried_again_then_given_up_then_retry_dispatch_sends(cast, waiting, server):
    server.opening = ConnectionRefusedError("refused")
    first = tried(waiting)
    assert (first.state, first.error) == ("waiting", "The mail server could not be reached.")
    last = work_off(waiting, attempts=MAX_ATTEMPTS - 1)
    assert (last.state, invoice_of(cast).sent_revision) == ("failed", None)
    assert Event.objects.filter(name="dispatch_failed").count() == 1
    server.opening = None
    again = retry_dispatch(actor=cast.bob, dispatch=last)
    assert again.state == "waiting"
    assert work_off(again).state == "sent"
    assert [message.extra_headers["Message-ID"] for message in server.taken] == [waiting.message_id]
    assert invoice_of(cast).sent_revision == 1


REFUSED = {"ap@acme.example": (550, b"5.1.1 no such user")}
CLEAR = [
    (smtplib.SMTPRecipientsRefused(REFUSED), "refused the recipient ap@acme.example: 550 5.1.1 no such user"),
    (smtplib.SMTPDataError(554, b"spam\r\nmore"), "refused the e-mail: 554 spam more"),
    (smtplib.SMTPNotSupportedError("8bit"), "can't take an e-mail like this"),
    (BadHeaderError("newline"), "a header that can't be sent"),
]


@pytest.mark.parametrize(("error", "words"), CLEAR, ids=lambda value: type(value).__name__)
def test_a_clear_no_fails_at_once(waiting, server, error, words):
    server.taking = error
    done = work_off(waiting)
    assert (done.state, server.taken) == ("failed", [])
    assert words in done.error


def test_a_server_that_is_busy_is_asked_again(waiting, server):
    server.taking = smtplib.SMTPDataError(451, b"try later")
    assert tried(waiting).state == "waiting"
    server.taking = None
    assert work_off(waiting, attempts=1).attempts == 2


BEFORE = [
    (EngineMissing(), "libpango-1.0-0"),
    (TooLong(5_000), "5,000 lines"),
    (NoMailServer("x"), "EMAIL_URL"),
    (smtplib.SMTPAuthenticationError(535, b"user secret"), "did not accept this site's sign-in"),
    (ValueError("secret"), "Reference mail-"),
]


@pytest.mark.parametrize(("error", "words"), BEFORE, ids=lambda value: type(value).__name__)
def test_what_fails_before_the_hand_over_says_why_in_plain_words(waiting, server, error, words):
    server.opening = error
    done = work_off(waiting)
    assert done.state == "failed"
    assert words in done.error
    assert "secret" not in done.error


def test_without_pango_nothing_is_mailed_and_the_packages_are_named(waiting, monkeypatch):
    def missing(invoice, revision):
        raise EngineMissing

    monkeypatch.setattr(mailing, "invoice_pdf", missing)
    done = work_off(waiting)
    assert (done.state, mails()) == ("failed", [])
    assert "libpango-1.0-0" in done.error


SOME = [
    # whom the server refuses, what the sending becomes, whether the invoice counts as sent, what is said
    ((), "sent", True, ""),
    (("boss@acme.example",), "partly", True, "refused the recipient boss@acme.example: 550 no such user. The others"),
    (("ap@acme.example",), "failed", False, "refused the recipient ap@acme.example: 550 no such user. Only the copies"),
    (("ap@acme.example", "boss@acme.example"), "failed", False, "the recipient boss@acme.example: 550 no such user."),
]


@pytest.mark.parametrize(("refusing", "state", "counts", "words"), SOME)
def test_whom_a_real_server_refuses_is_not_said_to_have_it(cast, waiting, settings, refusing, state, counts, words):
    with mail_server(refusing=refusing) as server:
        settings.EMAIL_BACKEND = SMTP
        settings.EMAIL_HOST, settings.EMAIL_PORT = server.server_address
        done = work_off(waiting)
    assert (done.state, invoice_of(cast).sent_revision) == (state, 1 if counts else None)
    assert words in done.error
    assert Event.objects.filter(name="dispatch_incomplete").count() == (state == "partly")


def test_a_refused_recipient_with_a_foreign_domain_is_found(cast, settings):
    send_invoice(actor=cast.bob, invoice=cast.invoice, letter=letter(to=["ap@acme.example", "kasse@bücher.example"]))
    with mail_server(refusing=["kasse@xn--bcher-kva.example"]) as server:
        settings.EMAIL_BACKEND = SMTP
        settings.EMAIL_HOST, settings.EMAIL_PORT = server.server_address
        done = work_off(dispatch_of(cast.invoice))
    assert (done.state, len(server.mails)) == ("partly", 1)
    assert "kasse@bücher.example" in done.error


SILENT = [smtplib.SMTPServerDisconnected("gone"), TimeoutError("slow"), ConnectionResetError("reset")]


@pytest.mark.parametrize("error", SILENT, ids=lambda error: type(error).__name__)
def test_silence_is_uncertain_and_never_repeated_by_itself(cast, waiting, server, error):
    server.taking = error
    assert work_off(waiting).state == "uncertain"
    server.taking = None
    assert work_off(waiting, attempts=1).state == "uncertain"
    assert (server.taken, invoice_of(cast).sent_revision) == ([], None)
    confirmed = confirm_dispatch(actor=cast.bob, dispatch=waiting)
    assert (confirmed.state, invoice_of(cast).sent_revision) == ("sent", 1)


def test_a_worker_killed_while_handing_over_leaves_it_uncertain(cast, waiting, server):
    server.taking = SystemExit("killed")  # the mail server may have taken it
    with pytest.raises(SystemExit):
        work_off(waiting)
    assert Dispatch.objects.get().state == "sending"
    server.taking = None
    assert work_off(waiting, attempts=1).state == "uncertain"
    assert server.taken == []
    assert work_off(retry_dispatch(actor=cast.bob, dispatch=waiting)).state == "sent"
    assert len(server.taken) == 1


def test_a_worker_killed_before_handing_over_is_replaced(waiting, server):
    server.opening = SystemExit("killed")
    with pytest.raises(SystemExit):
        work_off(waiting)
    server.opening = None
    assert work_off(waiting, attempts=1).state == "sent"
    assert len(server.taken) == 1


def test_what_was_voided_meanwhile_is_not_sent(cast, waiting):
    void_invoice(actor=cast.bob, load=cast.invoice.loads.get(), reason="Twice")
    done = work_off(waiting)
    assert (done.state, mails()) == ("failed", [])
    assert "voided" in done.error
    for value, listed in (("trouble", 0), ("failed", 1)):  # nobody has to see to it, but it can be found
        assert Invoice.objects.filter(by_sending(cast.bob, value)).count() == listed


def test_what_was_replaced_meanwhile_is_not_sent(cast, waiting):
    edit_load(actor=cast.bob, load=cast.invoice.loads.get(), line_haul=Decimal(900))
    regenerate_invoice(actor=cast.bob, load=cast.invoice.loads.get())
    done = work_off(waiting)
    assert (done.state, mails()) == ("failed", [])
    assert "Revision 2 replaced revision 1" in done.error
    send_invoice(actor=cast.bob, invoice=cast.invoice, letter=letter())
    work_off(dispatch_of(cast.invoice))
    assert mails()[0].attachments[0][1] == PDF + str(cast.invoice.revisions.get(number=2)).encode()


def test_a_site_without_a_mail_server_says_so(waiting, settings):
    settings.EMAIL_BACKEND = f"{NoServerBackend.__module__}.{NoServerBackend.__name__}"
    done = work_off(waiting)
    assert done.state == "failed"
    assert "EMAIL_URL" in done.error


def test_no_secret_and_no_address_in_the_log(waiting, server, caplog):
    server.taking = smtplib.SMTPRecipientsRefused(REFUSED)
    work_off(waiting)
    assert "dispatch" in caplog.text
    assert "acme" not in caplog.text
