"""What can be clicked about a batch."""

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from receivables.core.errors import Blocker
from receivables.core.registry import Action, actions
from receivables.ledger_exports.forms import WithdrawForm
from receivables.ledger_exports.models import LedgerExport
from receivables.ledger_exports.operations import is_newest, last_download, withdraw_export
from receivables.ledger_exports.rules import withdraw_export_blocker


def _blocker(export: LedgerExport, actor: Any) -> Blocker | None:
    return withdraw_export_blocker(live=export.live, newest=is_newest(actor, export))


def _confirm(export: LedgerExport, actor: Any) -> dict[str, Any]:
    effects = [_("Its entries leave again with the next batch of this format, under another number.")]
    before = last_download(actor, export)
    if before:
        effects.append(
            _("It was downloaded (%(downloaded)s). Where it was imported, take it out there first.")
            % {"downloaded": before}
        )
    return {"effects": effects, "tone": "warning"}


def _run(actor: Any, export: LedgerExport, data: dict[str, Any]) -> tuple[Any, str]:
    done = withdraw_export(actor=actor, export=export, reason=data["reason"])
    return done, _("%(number)s is withdrawn.") % {"number": done.number}


def register() -> None:
    """Called once, when the application is ready."""
    actions.register(
        Action(
            "withdraw_export", "ledger_exports.ledgerexport", gettext_lazy("Withdraw"), _run, form=WithdrawForm,
            blocker=_blocker, confirm=_confirm, visible=lambda export, actor: export.live,
        )
    )  # fmt: skip
