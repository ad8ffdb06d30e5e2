"""What can be done with a batch as it is clicked: going on with it, and undoing it."""

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from receivables.billing.pages import amount_text
from receivables.collections.short_payments.forms import UndoBatchForm
from receivables.collections.short_payments.models import BatchItem, BatchResolution
from receivables.collections.short_payments.operations import is_running, retry_batch, undo_batch
from receivables.collections.short_payments.rules import retry_batch_blocker, undo_batch_blocker
from receivables.collections.short_payments.undoing import undo_plan
from receivables.core.errors import Blocker
from receivables.core.registry import Action, actions
from receivables.core.views import ActionForm

BATCH = "collections.batchresolution"
KEPT_SHOWN = 20
LEFT = (BatchItem.State.WAITING, BatchItem.State.FAILED)


def _left(batch: BatchResolution) -> int:
    return batch.items.filter(state__in=LEFT).count()


def _retry_blocker(batch: BatchResolution, actor: Any) -> Blocker | None:
    return retry_batch_blocker(running=is_running(batch), left=_left(batch))


def _retry(actor: Any, batch: BatchResolution, data: dict[str, Any]) -> tuple[Any, str]:
    return retry_batch(actor=actor, batch=batch), _("Begun. You can leave this page; the batch goes on.")


def _confirm_retry(batch: BatchResolution, actor: Any) -> dict[str, Any]:
    n = _left(batch)
    said = ngettext("%(n)s invoice is tried again.", "%(n)s invoices are tried again.", n) % {"n": f"{n:,}"}
    return {"effects": [said, _("What was passed over stays as it is.")]}


def _undo_blocker(batch: BatchResolution, actor: Any) -> Blocker | None:
    return undo_batch_blocker(running=is_running(batch), undoable=undo_plan(actor, batch).undoable)


def _confirm_undo(batch: BatchResolution, actor: Any) -> dict[str, Any]:
    plan = undo_plan(actor, batch)
    kept = len(plan.kept)
    amount = amount_text(actor, plan.total, batch.currency)
    effects = [
        ngettext(
            "%(n)s resolution is undone, %(amount)s in all: its reduction comes off and its invoice is regenerated.",
            "%(n)s resolutions are undone, %(amount)s in all: reductions come off and invoices are regenerated.",
            plan.undoable,
        )
        % {"n": f"{plan.undoable:,}", "amount": amount},
        _("Payments stay as they are; every balance is as it was before the batch."),
    ]
    if kept:
        effects.append(
            ngettext("%(n)s can't be undone and stays.", "%(n)s can't be undone and stay.", kept) % {"n": f"{kept:,}"}
        )
    return {
        "effects": effects,
        "tone": "warning",
        "kept": plan.kept[:KEPT_SHOWN],
        "more_kept": max(0, kept - KEPT_SHOWN),
    }


def _undo(actor: Any, batch: BatchResolution, data: dict[str, Any]) -> tuple[Any, str]:
    return undo_batch(actor=actor, batch=batch, reason=data["reason"]), _("Begun. You can leave this page.")


def register() -> None:
    """Called once, when the application is ready."""
    actions.register(
        Action(
            "retry_batch", BATCH, gettext_lazy("Go on"), _retry, form=ActionForm, blocker=_retry_blocker,
            visible=lambda batch, actor: _left(batch) > 0, confirm=_confirm_retry,
        )
    )  # fmt: skip
    actions.register(
        Action(
            "undo_batch", BATCH, gettext_lazy("Undo batch"), _undo, form=UndoBatchForm, blocker=_undo_blocker,
            confirm=_confirm_undo, style="outline-danger", template="collections/undo_batch.html",
        )
    )  # fmt: skip
