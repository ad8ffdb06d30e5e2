"""The verbs of requests as they can be clicked: approve, reject, withdraw."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from receivables.approvals.deciding import decision_facts
from receivables.approvals.delegating import end_delegation, ending_blocker
from receivables.approvals.models import ApprovalRequest, Delegation
from receivables.approvals.operations import approve_request, reject_request, withdraw_request
from receivables.approvals.queries import amount_text, approvers_of, names_of
from receivables.approvals.questions import (
    answer_question,
    answer_question_blocker,
    ask_back,
    ask_back_blocker,
    unanswered_question,
)
from receivables.approvals.rules import (
    approve_request_blocker,
    reject_request_blocker,
    withdraw_request_blocker,
)
from receivables.core.context import day_text
from receivables.core.errors import Blocker
from receivables.core.registry import Action, actions
from receivables.core.views import ActionForm

MODEL = "approvals.approvalrequest"


def _text_field(label: Any, help_text: Any, *, required: bool) -> forms.CharField:
    return forms.CharField(
        label=label, required=required, max_length=500, help_text=help_text, widget=forms.Textarea(attrs={"rows": 2})
    )


class NoteForm(ActionForm):
    """A decision may be explained."""

    note = _text_field(gettext_lazy("Note"), gettext_lazy("Kept in the history."), required=False)


class RejectForm(ActionForm):
    """A refusal is explained to the person who asked."""

    reason = _text_field(gettext_lazy("Reason"), gettext_lazy("The person who asked will read it."), required=True)


class QuestionForm(ActionForm):
    """What is asked is read by the person who asked for the request."""

    question = _text_field(
        gettext_lazy("Question"), gettext_lazy("The person who asked will read and answer it."), required=True
    )


class AnswerForm(ActionForm):
    answer = _text_field(gettext_lazy("Answer"), gettext_lazy("Whoever decides will read it."), required=True)


class WithdrawForm(ActionForm):
    reason = _text_field(gettext_lazy("Reason"), gettext_lazy("Kept in the history."), required=False)


def is_waiting(request: ApprovalRequest, actor: Any) -> bool:
    return request.state == ApprovalRequest.State.WAITING


def is_own(request: ApprovalRequest, actor: Any) -> bool:
    return actor.user is not None and request.requested_by_id == actor.user.pk


def _confirm(request: ApprovalRequest, actor: Any) -> dict[str, Any]:
    return {
        "facts": [
            {"label": _("What"), "value": request.title},
            {"label": _("Amount"), "value": amount_text(actor, request.amount, request.currency)},
            {"label": _("Reason"), "value": request.reason or "–"},
            {"label": _("Asked by"), "value": str(request.requested_by)},
        ]
    }


def _confirm_approve(request: ApprovalRequest, actor: Any) -> dict[str, Any]:
    level, said = request.version, _("This is decision %(level)s of %(levels)s; until the last one nothing changes.")
    words = {"level": level, "levels": request.levels}
    before = [said % words] if level < request.levels else []
    return {**_confirm(request, actor), "effects": [*before, *request.preview]}


def _confirm_reject(request: ApprovalRequest, actor: Any) -> dict[str, Any]:
    return {**_confirm(request, actor), "effects": [_("Nothing is changed or posted. The request is kept.")]}


def _approve(actor: Any, request: ApprovalRequest, data: dict[str, Any]) -> tuple[Any, str]:
    done = approve_request(actor=actor, request=request, note=data["note"], seen=data["seen"])
    if not is_waiting(done, actor):
        return done, _("Approved and done: %(title)s.") % {"title": done.title}
    words = {"title": done.title, "names": names_of(approvers_of(actor, done))}
    if not words["names"]:
        return done, _("Approved: %(title)s. One more person must approve it, and nobody else may yet.") % words
    return done, _("Approved: %(title)s. Now it waits for %(names)s; nothing changes before.") % words


def _reject(actor: Any, request: ApprovalRequest, data: dict[str, Any]) -> tuple[Any, str]:
    done = reject_request(actor=actor, request=request, reason=data["reason"])
    words = {"title": done.title, "name": str(done.requested_by)}
    return done, _("Rejected: %(title)s. Nothing was changed; %(name)s can read your reason.") % words


def _withdraw(actor: Any, request: ApprovalRequest, data: dict[str, Any]) -> tuple[Any, str]:
    done = withdraw_request(actor=actor, request=request, reason=data["reason"])
    return done, _("Withdrawn: %(title)s. Nothing was changed.") % {"title": done.title}


def _ask_back(actor: Any, request: ApprovalRequest, data: dict[str, Any]) -> tuple[Any, str]:
    ask_back(actor=actor, request=request, question=data["question"])
    return request, _("Sent to %(name)s. The request goes on waiting.") % {"name": str(request.requested_by)}


def _confirm_ask_back(request: ApprovalRequest, actor: Any) -> dict[str, Any]:
    return {**_confirm(request, actor), "effects": [_("The request goes on waiting. Nothing is changed or posted.")]}


def _ask_back_blocker(request: ApprovalRequest, actor: Any) -> Blocker | None:
    return ask_back_blocker(decision_facts(actor, request), unanswered=unanswered_question(request) is not None)


def _answer(actor: Any, request: ApprovalRequest, data: dict[str, Any]) -> tuple[Any, str]:
    answered = answer_question(actor=actor, request=request, answer=data["answer"])
    return request, _("Answered. %(name)s can go on.") % {"name": str(answered.created_by)}


def _confirm_answer(request: ApprovalRequest, actor: Any) -> dict[str, Any]:
    found, question = _confirm(request, actor), unanswered_question(request)
    asked = [{"label": _("Question"), "value": question.text}] if question else []
    return {"facts": [*found["facts"], *asked]}


def _answer_blocker(request: ApprovalRequest, actor: Any) -> Blocker | None:
    return answer_question_blocker(decision_facts(actor, request), unanswered=unanswered_question(request) is not None)


def _waits_for_answer(request: ApprovalRequest, actor: Any) -> bool:
    return is_waiting(request, actor) and is_own(request, actor) and unanswered_question(request) is not None


def _not_own(request: ApprovalRequest, actor: Any) -> bool:
    return is_waiting(request, actor) and not is_own(request, actor)


def _end(actor: Any, delegation: Delegation, data: dict[str, Any]) -> tuple[Any, str]:
    done = end_delegation(actor=actor, delegation=delegation, reason=data["reason"])
    words = {"name": done.to.name, "giver": done.of.name}
    return done, _("%(name)s no longer decides for %(giver)s.") % words


def _confirm_end(delegation: Delegation, actor: Any) -> dict[str, Any]:
    return {
        "section": _("Delegations"), "breadcrumb": [{"label": _("Delegations"), "url": delegation.get_absolute_url()}],
        "facts": [
            {"label": _("Whose"), "value": delegation.of.name},
            {"label": _("To"), "value": delegation.to.name},
            {"label": _("Until"), "value": day_text(actor, delegation.ends)},
        ],
        "effects": [_("What was decided already stands.")],
    }  # fmt: skip


def register() -> None:
    """Called once, when the application is ready."""
    for action in (
        Action(
            "approve_request", MODEL, gettext_lazy("Approve"), _approve, form=NoteForm, visible=is_waiting,
            blocker=lambda request, actor: approve_request_blocker(decision_facts(actor, request)),
            confirm=_confirm_approve, style="primary",
        ),
        Action(
            "reject_request", MODEL, gettext_lazy("Reject"), _reject, form=RejectForm,
            visible=_not_own,
            blocker=lambda request, actor: reject_request_blocker(decision_facts(actor, request)),
            confirm=_confirm_reject, style="outline-danger",
        ),
        Action(
            "ask_back", MODEL, gettext_lazy("Ask back"), _ask_back, form=QuestionForm, visible=_not_own,
            blocker=_ask_back_blocker, confirm=_confirm_ask_back, style="secondary",
        ),
        Action(
            "answer_question", MODEL, gettext_lazy("Answer"), _answer, form=AnswerForm, visible=_waits_for_answer,
            blocker=_answer_blocker, confirm=_confirm_answer, style="primary",
        ),
        Action(
            "end_delegation", "approvals.delegation", gettext_lazy("End now"), _end, form=WithdrawForm,
            blocker=ending_blocker, confirm=_confirm_end, style="outline-danger",
        ),
        Action(
            "withdraw_request", MODEL, gettext_lazy("Withdraw"), _withdraw, form=WithdrawForm,
            visible=lambda request, actor: is_waiting(request, actor) and is_own(request, actor),
            blocker=lambda request, actor: withdraw_request_blocker(decision_facts(actor, request)),
            confirm=_confirm_reject, style="secondary",
        ),
    ):  # fmt: skip
        actions.register(action)
