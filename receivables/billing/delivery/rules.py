"""May an invoice be sent, a sending be retried, confirmed or noted as bounced? Pure functions over facts."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext as _

from receivables.billing.delivery.models import Dispatch, Method
from receivables.core.errors import Blocker

State = Dispatch.State
UNDER_WAY = (State.WAITING, State.SENDING)
WENT_OUT = (State.SENT, State.PARTLY)


@dataclass(frozen=True)
class SendFacts:
    """What the rules about sending look at. `latest` is the state of the newest sending of the current revision, ""
    if there is none; `internal` is a revision that differs by bad debt only."""

    number: str = ""
    voided: bool = False
    revision: int = 1
    sent_revision: int | None = None
    internal: bool = False
    latest: str = ""


def _issued_blocker(facts: SendFacts) -> Blocker | None:
    if facts.voided:
        return Blocker("void", _("Invoice %(number)s is void.") % {"number": facts.number})
    return None


def _under_way_blocker(facts: SendFacts) -> Blocker | None:
    words = {"n": facts.revision}
    if facts.latest in UNDER_WAY:
        return Blocker("under_way", _("An e-mail with revision %(n)s is on its way already.") % words)
    if facts.latest == State.UNCERTAIN:
        message = _(
            "It is not certain whether the e-mail with revision %(n)s went out. Find out, then confirm it or retry it."
        )
        return Blocker("uncertain", message % words)
    return None


def send_invoice_blocker(facts: SendFacts) -> Blocker | None:
    """Only what is issued and not void is sent, each revision once; again is another verb."""
    first = _issued_blocker(facts)
    if first is not None:
        return first
    if facts.sent_revision == facts.revision:
        return Blocker("already_sent", _("Revision %(n)s was already sent.") % {"n": facts.revision})
    return _under_way_blocker(facts)


def resend_invoice_blocker(facts: SendFacts) -> Blocker | None:
    """Sent again is what was sent before, in the revision that holds now."""
    first = _issued_blocker(facts)
    if first is not None:
        return first
    if facts.sent_revision != facts.revision:
        return Blocker("not_sent", _("Revision %(n)s was not sent yet: send it first.") % {"n": facts.revision})
    return _under_way_blocker(facts)


def internal_blocker(*, internal: bool, internal_too: bool) -> Blocker | None:
    """A revision that differs by bad debt only is no business of the customer's, unless a person says so."""
    if not internal or internal_too:
        return None
    message = _("This revision differs by bad debt only and stays in the house. Tick the box to send it all the same.")
    return Blocker("internal", message, field="internal_too")


def recipients_blocker(*, method: str, to: Sequence[str]) -> Blocker | None:
    """An e-mail goes to somebody."""
    if method == Method.EMAIL and not to:
        return Blocker("no_recipient", _("Enter at least one address."), field="to")
    return None


def retry_dispatch_blocker(*, state: str, voided: bool, newest: bool) -> Blocker | None:
    """What failed is tried again, and what is uncertain if a person wants so; not if a newer sending took its place."""
    if state not in (State.FAILED, State.UNCERTAIN):
        return Blocker("not_failed", _("Only a sending that failed or is uncertain is retried."))
    if voided:
        return Blocker("void", _("The invoice is void: it is not sent any more."))
    if not newest:
        return Blocker("superseded", _("The invoice was sent in another way since. Send it again from there."))
    return None


def confirm_dispatch_blocker(*, state: str, voided: bool) -> Blocker | None:
    """Only where it is uncertain can a person say that the mail did arrive."""
    if state != State.UNCERTAIN:
        return Blocker("not_uncertain", _("Nothing is uncertain about this sending."))
    if voided:
        return Blocker("void", _("The invoice is void: it is not sent any more."))
    return None


def note_bounce_blocker(*, state: str, method: str, sent_on: date | None, bounced_on: date | None) -> Blocker | None:
    """What went out by e-mail can come back, not before it went; `bounced_on` None asks before a day was typed."""
    if state == State.BOUNCED:
        return Blocker("bounced", _("It is noted already that this e-mail came back."))
    if state not in WENT_OUT or method != Method.EMAIL:
        return Blocker("not_sent", _("Only an e-mail that went out can come back."))
    if bounced_on is not None and sent_on is not None and bounced_on < sent_on:
        return Blocker("before_sent", _("It can't have come back before it was sent."), field="bounced_on")
    return None


def edit_delivery_blocker(*, method: str, to: Sequence[str], cc: Sequence[str], automatic: bool) -> Blocker | None:
    """What is sent by itself needs somebody to go to; a copy needs a main recipient."""
    if automatic and method != Method.EMAIL:
        message = _("Only e-mails are sent by themselves. Choose e-mail, or untick this.")
        return Blocker("not_by_mail", message, field="automatic")
    if not to and (cc or automatic):
        return Blocker("no_recipient", _("Enter at least one address."), field="to")
    return None


def hand_over_blocker(*, voided: bool, superseded_by: int | None, revision: int) -> Blocker | None:
    """What changed between queueing and handing over: a void invoice stays here, and so does what was replaced by a
    revision that the customer should get instead."""
    if voided:
        return Blocker("void", _("The invoice was voided before the e-mail went out; nothing was sent."))
    if superseded_by is not None:
        message = _("Revision %(new)s replaced revision %(old)s before the e-mail went out. Send revision %(new)s.")
        return Blocker("superseded", message % {"new": superseded_by, "old": revision})
    return None
