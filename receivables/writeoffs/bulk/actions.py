"""What can be done with a batch as it is clicked: confirming it, going on with it, taking it back."""

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from receivables.approvals.models import ApprovalRequest, AuthorityKind
from receivables.approvals.operations import authority_of
from receivables.approvals.queries import asked_text, names_of, possible_approvers
from receivables.billing.pages import amount_text
from receivables.core.errors import Blocker
from receivables.core.registry import Action, actions
from receivables.core.views import ActionForm
from receivables.writeoffs.bulk.forms import UndoWriteOffsForm
from receivables.writeoffs.bulk.models import WriteOffBatch
from receivables.writeoffs.bulk.operations import (
    facts_of,
    left_of,
    retry_write_offs,
    total_of,
    undo_write_offs,
    write_off_debts,
)
from receivables.writeoffs.bulk.rules import (
    retry_write_offs_blocker,
    undo_write_offs_blocker,
    write_off_debts_blocker,
)
from receivables.writeoffs.bulk.undoing import undo_figures

BATCH = "writeoffs.writeoffbatch"


def _blocker(batch: WriteOffBatch, actor: Any) -> Blocker | None:
    return write_off_debts_blocker(facts_of(batch))


def _confirm(batch: WriteOffBatch, actor: Any) -> dict[str, Any]:
    """What confirming it does: how much of how many, each by a document, and whether it waits for somebody."""
    facts, total = facts_of(batch), total_of(batch)
    words = {"n": f"{facts.waiting:,}", "amount": amount_text(actor, total, batch.currency)}
    effects = [
        ngettext(
            "%(amount)s of %(n)s account is written off, with a write-off of its own.",
            "%(amount)s of %(n)s accounts is written off, each with a write-off of its own.",
            facts.waiting,
        )
        % words,
        _("What the customers have with us pays their debts first."),
        _("An account that has changed since it was worked out is passed over, with the reason."),
    ]
    tone = "warning"
    if not authority_of(actor, AuthorityKind.WRITE_OFF, batch.currency).covers(total):
        effects.insert(0, _waits(actor, batch, total))
        tone = "info"
    return {"effects": effects, "tone": tone}


def _waits(actor: Any, batch: WriteOffBatch, total: Any) -> str:
    names = names_of(possible_approvers(actor, AuthorityKind.WRITE_OFF, batch.currency, total))
    if not names:
        return _(
            "In all this is more than you may write off alone, and nobody may approve it yet; ask an administrator."
        )
    message = _("In all this is more than you may write off alone: the batch goes to %(approver)s for approval.")
    return message % {"approver": names}


def _run(actor: Any, batch: WriteOffBatch, data: dict[str, Any]) -> tuple[Any, str]:
    made = write_off_debts(actor=actor, batch=batch)
    if isinstance(made, ApprovalRequest):
        return batch, asked_text(actor, made)
    return batch, _("Begun. You can leave this page; the batch goes on.")


def _retry_blocker(batch: WriteOffBatch, actor: Any) -> Blocker | None:
    return retry_write_offs_blocker(facts_of(batch))


def _can_go_on(batch: WriteOffBatch, actor: Any) -> bool:
    """A batch that stopped while it was worked out, or with something left."""
    facts = facts_of(batch)
    return not facts.running and (not facts.planned or (facts.confirmed and bool(facts.waiting + facts.failed)))


def _confirm_retry(batch: WriteOffBatch, actor: Any) -> dict[str, Any]:
    if batch.planned_at is None:
        return {"effects": [_("The batch is worked out to its end. Nothing is written off by that.")]}
    n = left_of(batch)
    said = ngettext("%(n)s account is tried again.", "%(n)s accounts are tried again.", n) % {"n": f"{n:,}"}
    return {"effects": [said, _("What was passed over stays as it is.")]}


def _retry(actor: Any, batch: WriteOffBatch, data: dict[str, Any]) -> tuple[Any, str]:
    return retry_write_offs(actor=actor, batch=batch), _("Begun. You can leave this page; the batch goes on.")


def _undo_blocker(batch: WriteOffBatch, actor: Any) -> Blocker | None:
    return undo_write_offs_blocker(facts_of(batch))


def _confirm_undo(batch: WriteOffBatch, actor: Any) -> dict[str, Any]:
    """What taking it back will do, and what stays."""
    figures = undo_figures(batch)
    words = {"n": f"{figures.undoable:,}", "amount": amount_text(actor, figures.amount, batch.currency)}
    effects = [
        ngettext(
            "%(n)s write-off is taken back by a reversal of its own, %(amount)s in all.",
            "%(n)s write-offs are taken back, each by a reversal of its own, %(amount)s in all.",
            figures.undoable,
        )
        % words,
        _("Their debts are owed on their agreements again; what closed is reactivated, and invoices are open again."),
        _("Money of customers that was applied before stays applied. Nothing is deleted."),
    ]
    if figures.paid:
        said = ngettext(
            "%(n)s stays, because something was paid on it since: it can be taken back by hand, in part.",
            "%(n)s stay, because something was paid on them since: they can be taken back by hand, in part.",
            figures.paid,
        )
        effects.append(said % {"n": f"{figures.paid:,}"})
    if figures.taken_back:
        said = ngettext("%(n)s was taken back already.", "%(n)s were taken back already.", figures.taken_back)
        effects.append(said % {"n": f"{figures.taken_back:,}"})
    return {"effects": effects, "tone": "warning"}


def _undo(actor: Any, batch: WriteOffBatch, data: dict[str, Any]) -> tuple[Any, str]:
    return undo_write_offs(actor=actor, batch=batch, reason=data["reason"]), _("Begun. You can leave this page.")


def register() -> None:
    """Called once, when the application is ready."""
    actions.register(
        Action(
            "write_off_debts", BATCH, gettext_lazy("Write off"), _run, form=ActionForm, blocker=_blocker,
            visible=lambda batch, actor: batch.confirmed_at is None, confirm=_confirm, style="primary",
        )
    )  # fmt: skip
    actions.register(
        Action(
            "retry_write_offs", BATCH, gettext_lazy("Go on"), _retry, form=ActionForm, blocker=_retry_blocker,
            visible=_can_go_on, confirm=_confirm_retry,
        )
    )  # fmt: skip
    actions.register(
        Action(
            "undo_write_offs", BATCH, gettext_lazy("Take batch back"), _undo, form=UndoWriteOffsForm,
            blocker=_undo_blocker, visible=lambda batch, actor: batch.confirmed_at is not None, confirm=_confirm_undo,
            style="outline-danger",
        )
    )  # fmt: skip
