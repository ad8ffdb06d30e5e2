"""A letter of the automated write-off goes by e-mail where the template says so and the customer has an address."""

from types import SimpleNamespace

import pytest

from receivables.core.errors import NotPermitted, Refused
from receivables.core.events import history
from receivables.writeoffs.automated.mailing import retry_letter
from receivables.writeoffs.automated.models import LetterMail, ProcessEvent, WriteOffProcess
from receivables.writeoffs.automated.rules import retry_letter_blocker
from receivables.writeoffs.automated.tasks import hand_over_letter
from tests.accounts.conftest import signed_in
from tests.builders import make_member, make_organization, pay
from tests.support.attack import insert, refused, settle, sql
from tests.writeoffs.automation import Clock, activated, by_email, monitored, owing

pytestmark = pytest.mark.django_db


@pytest.fixture
def alice(monkeypatch, settings):
    settings.REQUIRE_SECOND_FACTOR = False
    Clock(monkeypatch)
    return make_member(make_organization())


def hand_over(mail):
    hand_over_letter.func(SimpleNamespace(job=SimpleNamespace(attempts=0)), mail_id=mail.pk)
    return LetterMail.objects.get(pk=mail.pk)


def test_a_letter_goes_by_email_with_its_pdf_and_the_timeline_says_so(alice, mailoutbox):
    """Gone owes 100.00 and has an address; Silent owes 80.00 and has none: that letter is printed."""
    account, silent = owing(alice, "Gone", "100"), owing(alice, "Silent", "80")
    by_email(alice, account, "ap@gone.example")
    monitored(alice)
    activated(alice)
    mail = LetterMail.objects.get()
    assert (mail.event.process.account, mail.to, mail.state) == (account, ["ap@gone.example"], "waiting")
    client = signed_in(alice.user)
    page = client.get(mail.get_absolute_url()).content.decode()
    assert all(words in page for words in ("E-mail to", "ap@gone.example", "Waiting"))
    mail = hand_over(mail)
    assert (mail.state, mail.attempts, [each.to for each in mailoutbox]) == ("sent", 1, [["ap@gone.example"]])
    name, content, kind = mailoutbox[0].attachments[0]
    assert (name, content[:5], kind) == (f"{account.number}-2026-11-22.pdf", b"%PDF-", "application/pdf")
    assert "100.00 USD" in mailoutbox[0].body.replace("\u00a0", " ")
    assert (mail.message_id, mail.event.outcome) == (
        mailoutbox[0].extra_headers["Message-ID"], "A letter over 100.00\u00a0USD goes to ap@gone.example by e-mail.",
    )  # fmt: skip
    assert history(alice, account).first().name == "letter_sent"
    hand_over(mail)
    assert len(mailoutbox) == 1, "what was sent is never sent again"
    printed = client.get(WriteOffProcess.objects.get(account=silent).get_absolute_url()).content.decode()
    assert "To be printed and posted." in printed


def test_retry_letter_after_it_failed(alice, mailoutbox):
    account = owing(alice, "Gone", "100")
    by_email(alice, account, "ap@gone.example")
    monitored(alice)
    activated(alice)
    event = ProcessEvent.objects.get(kind="letter")
    with pytest.raises(Refused) as waiting:
        retry_letter(actor=alice, event=event)
    assert waiting.value.code == "not_failed"
    LetterMail.objects.update(state="failed", error="The mail server could not be reached.")
    page = signed_in(alice.user).get(event.get_absolute_url()).content.decode()
    assert all(words in page for words in ("The mail server could not be reached.", "Send the letter again"))
    with pytest.raises(NotPermitted):
        retry_letter(actor=make_member(alice.organization, "auditor", "Ann Auditor"), event=event)
    with pytest.raises(ProcessEvent.DoesNotExist):
        retry_letter(actor=make_member(make_organization("Rival Lines")), event=event)
    assert hand_over(retry_letter(actor=alice, event=event)).state == "sent"
    assert len(mailoutbox) == 1
    names = [row.name for row in history(alice, account)][:2]
    assert names == ["letter_sent", "retry_letter"]


def test_retry_letter_of_what_is_paid_is_refused(alice):
    account = owing(alice, "Gone", "100")
    by_email(alice, account, "ap@gone.example")
    monitored(alice)
    activated(alice)
    LetterMail.objects.update(state="failed", error="The mail server could not be reached.")
    pay(alice, account.invoices.get(), "100")
    with pytest.raises(Refused) as over:
        retry_letter(actor=alice, event=ProcessEvent.objects.get(kind="letter"))
    assert over.value.code == "ended"


def test_retry_letter_blocker():
    for state, code in (("", "no_mail"), ("waiting", "not_failed"), ("sent", "not_failed"), ("failed", None)):
        found = retry_letter_blocker(state=state, ended=False)
        assert (found.code if found else None) == code, state


def test_sql_a_letter_is_mailed_once_and_only_a_letter(alice):
    account = owing(alice, "Gone", "100")
    by_email(alice, account, "ap@gone.example")
    monitored(alice)
    activated(alice)
    mail = hand_over(LetterMail.objects.get())
    with refused("RV001"):
        sql("UPDATE automated_lettermail SET state = 'waiting', sent_at = NULL WHERE id = %s", mail.pk)
    with refused("RV007"):
        insert(
            "automated_lettermail", organization_id=alice.organization_id, mail_to=["a@b.example"], subject="x",
            sender_name="", reply_to="", message_id="x", state="waiting", attempts=0, error="",
            created_at=mail.created_at, event_id=ProcessEvent.objects.get(kind="refer").pk,
        )  # fmt: skip
        settle()
