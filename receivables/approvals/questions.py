"""Asking back: who may decide asks who asked, the request waits on."""

from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from receivables.approvals.deciding import decision_facts
from receivables.approvals.models import ApprovalQuestion, ApprovalRequest
from receivables.approvals.operations import locked_request, subject_of
from receivables.approvals.rules import DecisionFacts, Requester, open_blocker, own_blocker
from receivables.core.errors import Blocker, refuse
from receivables.core.events import record
from receivables.core.operations import operation


def ask_back_blocker(facts: DecisionFacts, *, unanswered: bool) -> Blocker | None:
    """One question at a time, never to oneself, while the request waits and there is somebody to answer."""
    first = open_blocker(facts) or own_blocker(facts, _("You asked for this yourself."))
    if first is not None:
        return first
    if facts.requester == Requester.LEFT:
        message = _("%(name)s asked for this and is not an active member any more.")
        return Blocker("requester_left", message % {"name": facts.requester_name})
    if unanswered:
        return Blocker("unanswered", _("A question about this waits for its answer already."))
    return None


def answer_question_blocker(facts: DecisionFacts, *, unanswered: bool) -> Blocker | None:
    """Only who asked for the request answers, while it waits."""
    if facts.decider_id is None or facts.decider_id != facts.requested_by_id:
        return Blocker("not_yours", _("Only the person who asked for the request answers."))
    if not unanswered:
        return Blocker("nothing_asked", _("There is no question that waits for an answer."))
    return open_blocker(facts)


def _nothing_said_blocker(text: str, field: str) -> Blocker | None:
    return None if text.strip() else Blocker("no_text", _("Write something."), field=field)


def unanswered_question(request: ApprovalRequest) -> ApprovalQuestion | None:
    """The question about a request that waits for its answer."""
    return request.questions.filter(answered_at__isnull=True).first()


@operation
def ask_back(*, actor: Any, request: ApprovalRequest, question: str) -> ApprovalQuestion:
    """Ask who asked for a request something before it is decided; the request goes on waiting."""
    current = locked_request(actor, request)
    unanswered = unanswered_question(current) is not None
    facts = decision_facts(actor, current)
    refuse(ask_back_blocker(facts, unanswered=unanswered) or _nothing_said_blocker(question, "question"))
    made = ApprovalQuestion.objects.create(
        organization=actor.organization, request=current, text=question.strip(), created_by=actor.user
    )
    record(actor, "ask_back", current, about=[subject_of(current)], reason=made.text)
    return made


@operation
def answer_question(*, actor: Any, request: ApprovalRequest, answer: str) -> ApprovalQuestion:
    """Answer what was asked about one's own request."""
    current = locked_request(actor, request)
    question = unanswered_question(current)
    facts = decision_facts(actor, current)
    refuse(answer_question_blocker(facts, unanswered=question is not None) or _nothing_said_blocker(answer, "answer"))
    if question is None:
        raise TypeError("the rule lets no answer without a question through")
    question.answer, question.answered_by, question.answered_at = answer.strip(), actor.user, timezone.now()
    question.save(update_fields=["answer", "answered_by", "answered_at"])
    record(actor, "answer_question", current, about=[subject_of(current)], reason=question.answer)
    return question
