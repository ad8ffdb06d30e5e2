"""Moving debt as it is clicked: what it would come to, done in full and rolled back, and then done."""

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from receivables.billing.credit_notes.actions import sides
from receivables.billing.pages import amount_text
from receivables.core.errors import Blocker
from receivables.core.registry import Action, actions
from receivables.core.transactions import preview
from receivables.customers.models import Agreement
from receivables.ledger.models import JournalEntry
from receivables.writeoffs.transfers.drafting import HOLDS_MONEY, Move, drafted, side_of, targets_of, with_types
from receivables.writeoffs.transfers.forms import ReverseTransferForm, TransferForm, move_of
from receivables.writeoffs.transfers.models import DebtTransfer, DebtTransferReversal
from receivables.writeoffs.transfers.operations import back_facts, carry_out, reverse_transfer, transfer_debt
from receivables.writeoffs.transfers.posting import entry_of
from receivables.writeoffs.transfers.rules import reverse_transfer_blocker, transfer_possible_blocker

AGREEMENT, TRANSFER = "customers.agreement", "writeoffs.debttransfer"


def _blocker(agreement: Agreement, actor: Any) -> Blocker | None:
    source = with_types(Agreement.objects.of(actor)).get(pk=agreement.pk)
    return transfer_possible_blocker(
        side_of(actor, source), owed=source.payoff_balance > 0, others=targets_of(actor, source).exists()
    )


def _holds_debt(agreement: Agreement, actor: Any) -> bool:
    return agreement.type.special_role not in HOLDS_MONEY


def _confirm(agreement: Agreement, actor: Any) -> dict[str, Any]:
    return {
        "facts": [
            {"label": _("Customer"), "value": agreement.account.customer.name},
            {"label": _("From agreement"), "value": f"{agreement.number} · {agreement.type}"},
            {
                "label": _("Truly owed"),
                "value": amount_text(actor, agreement.payoff_balance, agreement.currency),
            },
        ],
        "submit_label": _("Check"),
    }


def tried(actor: Any, move: Move) -> dict[str, Any]:
    """What a transfer comes to: posted in full, in a transaction that is rolled back."""
    draft = drafted(actor, move)
    made = carry_out(actor, draft)

    def text(amount: Any) -> str:
        return amount_text(actor, amount, made.currency)

    after = Agreement.objects.in_bulk([draft.source.pk, draft.target.pk])
    return {
        "title": _("Nothing has been changed yet."),
        "posting_date": made.posting_date,
        "rows": [
            {
                "number": part.debt.number, "before": text(part.debt.balance), "amount": text(part.amount),
                "after": text(part.debt.balance - part.amount),
            }
            for part in draft.parts
        ],
        "total": text(made.amount),
        "agreements": [
            {
                "number": before.number, "type": before.type.name, "account": before.account.number,
                "payoff_before": text(before.payoff_balance), "payoff": text(after[before.pk].payoff_balance),
                "current_before": text(before.current_balance), "current": text(after[before.pk].current_balance),
                "state": after[before.pk].get_state_display(),
            }
            for before in (draft.source, draft.target)
        ],
        "effects": _effects(draft.source, draft.target, after[draft.source.pk]),
        "journal": sides(entry_of(made)),
        "currency": made.currency,
        "hidden": {"previewed": draft.digest},
    }  # fmt: skip


def _effects(source: Agreement, target: Agreement, after: Agreement) -> list[str]:
    said = [_("What the customer owes in all stays as it is; each debt keeps its number and its due date.")]
    if source.account_id != target.account_id:
        message = _("The debt moves to account %(account)s. That is unusual: it no longer shows on this account.")
        said.append(message % {"account": target.account})
    if after.state == Agreement.State.CLOSED:
        said.append(_("Agreement %(number)s owes nothing then and closes.") % {"number": source.number})
    if not target.type.debt_class.eligible_for_collection and source.type.debt_class.eligible_for_collection:
        message = _("Nobody is reminded of debt on %(number)s: its debt class is not collected.")
        said.append(message % {"number": target.number})
    return said


def _run(actor: Any, agreement: Agreement, data: dict[str, Any]) -> tuple[Any, str]:
    made = transfer_debt(actor=actor, move=move_of(agreement, data))
    words = {
        "amount": amount_text(actor, made.amount, made.currency), "number": made.number,
        "target": made.target.number,
    }  # fmt: skip
    return made, _("%(amount)s was moved to agreement %(target)s with %(number)s.") % words


def _back_blocker(transfer: DebtTransfer, actor: Any) -> Blocker | None:
    return reverse_transfer_blocker(back_facts(transfer))


def _back_confirm(transfer: DebtTransfer, actor: Any) -> dict[str, Any]:
    return {
        "facts": [
            {"label": _("From agreement"), "value": transfer.source},
            {"label": _("To agreement"), "value": transfer.target},
            {"label": _("Amount"), "value": amount_text(actor, transfer.amount, transfer.currency)},
        ],
        "effects": [
            _("The debt is owed on the agreement that it came from again; if that was closed it is reactivated."),
            _("The transfer stays readable."),
        ],
        "tone": "warning",
        "submit_label": _("Check"),
    }


def _back_tried(actor: Any, transfer: DebtTransfer, data: dict[str, Any]) -> dict[str, Any]:
    made = reverse_transfer(actor=actor, transfer=transfer, reason=data["reason"], posting_date=data["posting_date"])
    entry = JournalEntry.objects.get(source_type=DebtTransferReversal._meta.label_lower, source_id=made.pk)
    state = _("Agreement %(number)s owes %(amount)s and is then: %(state)s.")
    agreements = Agreement.objects.filter(pk__in=[transfer.source_id, transfer.target_id]).order_by("pk")
    return {
        "title": _("Nothing has been changed yet."),
        "posting_date": made.posting_date,
        "total": amount_text(actor, transfer.amount, transfer.currency),
        "effects": [
            state
            % {
                "number": each.number,
                "amount": amount_text(actor, each.payoff_balance, each.currency),
                "state": each.get_state_display(),
            }
            for each in agreements
        ],
        "journal": sides(entry),
        "currency": transfer.currency,
    }


def _back_run(actor: Any, transfer: DebtTransfer, data: dict[str, Any]) -> tuple[Any, str]:
    reverse_transfer(actor=actor, transfer=transfer, reason=data["reason"], posting_date=data["posting_date"])
    words = {"amount": amount_text(actor, transfer.amount, transfer.currency), "number": transfer.number}
    return transfer, _("Transfer %(number)s was reversed: %(amount)s is owed where it came from.") % words


def register() -> None:
    """Called once, when the application is ready."""
    actions.register(
        Action(
            "transfer_debt", AGREEMENT, gettext_lazy("Transfer debt"), _run, form=TransferForm, blocker=_blocker,
            visible=_holds_debt, confirm=_confirm, style="secondary", template="writeoffs/transfer_debt.html",
            preview=lambda actor, agreement, data: preview(
                lambda: tried(actor, move_of(agreement, {**data, "previewed": ""}))
            ),
        )
    )  # fmt: skip
    actions.register(
        Action(
            "reverse_transfer", TRANSFER, gettext_lazy("Reverse transfer"), _back_run, form=ReverseTransferForm,
            blocker=_back_blocker, confirm=_back_confirm, style="outline-danger",
            visible=lambda transfer, actor: not DebtTransferReversal.objects.filter(transfer=transfer).exists(),
            template="writeoffs/reverse_write_off.html",
            preview=lambda actor, transfer, data: preview(lambda: _back_tried(actor, transfer, data)),
        )
    )  # fmt: skip
