"""The verbs of requests as they can be clicked: approve, reject, withdraw."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from receivables.approvals.deciding import decision_facts
from receivables.approvals.models import ApprovalRequest
from receivables.approvals.operations import approve_request, reject_request, withdraw_request
from receivables.approvals.queries import amount_text, approvers_of, names_of
from receivables.approvals.rules import (
    approve_request_blocker,
    reject_request_blocker,
    withdraw_request_blocker,
)
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
            visible=lambda request, actor: is_waiting(request, actor) and not is_own(request, actor),
            blocker=lambda request, actor: reject_request_blocker(decision_facts(actor, request)),
            confirm=_confirm_reject, style="outline-danger",
        ),
        Action(
            "withdraw_request", MODEL, gettext_lazy("Withdraw"), _withdraw, form=WithdrawForm,
            visible=lambda request, actor: is_waiting(request, actor) and is_own(request, actor),
            blocker=lambda request, actor: withdraw_request_blocker(decision_facts(actor, request)),
            confirm=_confirm_reject, style="secondary",
        ),
    ):  # fmt: skip
        actions.register(action)
