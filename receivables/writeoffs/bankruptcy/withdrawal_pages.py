"""Withdrawing a bankruptcy as it is clicked: what it would come to, done in full and rolled back, and then done."""

from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from receivables.billing.credit_notes.actions import sides
from receivables.billing.pages import amount_text
from receivables.core.dates import day_words
from receivables.core.errors import Blocker
from receivables.core.registry import Action, actions
from receivables.core.transactions import preview
from receivables.ledger.models import JournalEntry
from receivables.writeoffs.bankruptcy.forms import WithdrawBankruptcyForm
from receivables.writeoffs.bankruptcy.rules import withdraw_bankruptcy_blocker
from receivables.writeoffs.bankruptcy.withdrawing import (
    digest_of,
    effects,
    standing_write_offs,
    untouched_transfers,
    withdraw_bankruptcy,
    withdrawal_facts,
)
from receivables.writeoffs.models import (
    Bankruptcy,
    DebtTransfer,
    DebtTransferReversal,
    WriteOff,
    WriteOffReversalLine,
)
from receivables.writeoffs.queries import entries

Key = tuple[str, str]  # the number of a debt, and its currency


def _blocker(bankruptcy: Bankruptcy, actor: Any) -> Blocker | None:
    return withdraw_bankruptcy_blocker(withdrawal_facts(actor, bankruptcy))


def _confirm(bankruptcy: Bankruptcy, actor: Any) -> dict[str, Any]:
    return {
        "facts": [
            {"label": _("Account"), "value": bankruptcy.account},
            {"label": _("Court and case number"), "value": bankruptcy.reference},
            {"label": _("Filing date"), "value": day_words(bankruptcy.filed_on)},
        ],
        "effects": [
            _("The debt goes back to where it stood, and is asked for again."),
            _("Service that the filing stopped goes on as before; what went to the other account comes back."),
            _("Budgets, arrangements and write-off processes that ended with the filing are not brought back."),
            _("The alert goes. The filing stays in the history, and another may be started."),
        ],
        "tone": "warning",
        "submit_label": _("Check"),
    }


def tried(actor: Any, bankruptcy: Bankruptcy, data: dict[str, Any]) -> dict[str, Any]:
    """What a withdrawal comes to: done in full, in a transaction that is rolled back."""
    moved, transfers = standing_write_offs(bankruptcy), untouched_transfers(actor, bankruptcy)
    seen = digest_of(moved, transfers)
    made = withdraw_bankruptcy(
        actor=actor, bankruptcy=bankruptcy, reason=data["reason"], posting_date=data["posting_date"]
    )  # fmt: skip
    posted = [entries(each)[-1] for each in moved] + [_reversal_of(each) for each in transfers]
    return {
        "title": _("Nothing has been changed yet."),
        "hidden": {"previewed": seen},
        "posting_date": made.posting_date,
        "moves": [
            {"number": number, "before": amount_text(actor, amount, currency)}
            for (number, currency), amount in _gone_back(moved, transfers).items()
        ],
        "effects": effects(actor, Bankruptcy.objects.select_related("new_account").get(pk=bankruptcy.pk)),
        "journals": [{"currency": each.currency, "lines": list(sides(each))} for each in posted],
    }


def _gone_back(moved: list[WriteOff], transfers: list[DebtTransfer]) -> dict[Key, Decimal]:
    """Which debts went back, read after the trial."""
    back: dict[Key, Decimal] = {}
    newest = [each.reversals.latest("pk") for each in moved]
    lines = WriteOffReversalLine.objects.filter(reversal__in=newest).order_by("pk")
    for each in lines.select_related("line__source_item", "line__source_agreement"):
        source = each.line.source_item or each.line.source_agreement
        key = (source.number, each.currency)
        back[key] = back.get(key, Decimal(0)) + each.amount
    for transfer in transfers:
        for row in transfer.items.select_related("open_item").order_by("pk"):
            back[row.open_item.number, row.currency] = row.amount
    return back


def _reversal_of(transfer: DebtTransfer) -> JournalEntry:
    reversal = DebtTransferReversal.objects.get(transfer=transfer)
    return JournalEntry.objects.get(
        organization_id=transfer.organization_id, source_type=reversal._meta.label_lower, source_id=reversal.pk
    )


def _run(actor: Any, bankruptcy: Bankruptcy, data: dict[str, Any]) -> tuple[Any, str]:
    withdraw_bankruptcy(
        actor=actor, bankruptcy=bankruptcy, reason=data["reason"], posting_date=data["posting_date"],
        seen=data["previewed"],
    )  # fmt: skip
    return bankruptcy, _("The bankruptcy was withdrawn. The debt stands where it stood.")


def register() -> None:
    """Called once, when the application is ready."""
    actions.register(
        Action(
            "withdraw_bankruptcy", "writeoffs.bankruptcy", gettext_lazy("Withdraw bankruptcy"), _run,
            form=WithdrawBankruptcyForm, blocker=_blocker, confirm=_confirm, style="outline-danger",
            template="writeoffs/start_bankruptcy.html",
            preview=lambda actor, bankruptcy, data: preview(lambda: tried(actor, bankruptcy, data)),
        )
    )  # fmt: skip
