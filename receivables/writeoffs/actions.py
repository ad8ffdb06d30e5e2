"""What can be clicked: take a write-off back. Writing off itself is in `writing.py`."""

from dataclasses import replace
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
from receivables.writeoffs.forms import ReverseWriteOffForm
from receivables.writeoffs.models import WriteOff, WriteOffReversal
from receivables.writeoffs.reversing import rests, reversal_facts, reverse_write_off
from receivables.writeoffs.rules import ReversalFacts, reverse_write_off_blocker

WRITE_OFF = "writeoffs.writeoff"
WORDS = ("amount", "reason", "posting_date")


def _facts(write_off: WriteOff, actor: Any) -> ReversalFacts:
    """With an amount that is sure to be possible, as far as anything is: the rest depends on what is typed."""
    facts = reversal_facts(actor, write_off, rests(write_off))
    return replace(facts, amount=min(facts.left, facts.unpaid) or None)


def _blocker(write_off: WriteOff, actor: Any) -> Blocker | None:
    return reverse_write_off_blocker(_facts(write_off, actor))


def _can_be_reversed(write_off: WriteOff, actor: Any) -> bool:
    return any(rest.amount for rest in rests(write_off))


def _confirm(write_off: WriteOff, actor: Any) -> dict[str, Any]:
    facts = _facts(write_off, actor)
    return {
        "facts": [
            {"label": _("Account"), "value": write_off.account},
            {"label": _("Written off"), "value": facts.text(write_off.amount)},
            {"label": _("Not taken back yet"), "value": facts.text(facts.left)},
            {"label": _("Still owed of that"), "value": facts.text(facts.unpaid)},
        ],
        "effects": [
            _("The debt is owed on its agreements again; what was closed is reactivated, and invoices are open again."),
            _("The write-off stays readable, with what was taken back."),
        ],
        "tone": "warning",
        "submit_label": _("Check"),
    }


def _preview(actor: Any, write_off: WriteOff, data: dict[str, Any]) -> dict[str, Any]:
    """The reversal as it would be: posted in full and rolled back."""

    def tried() -> dict[str, Any]:
        made = reverse_write_off(actor=actor, write_off=write_off, **{name: data[name] for name in WORDS})
        entry = JournalEntry.objects.get(source_type=WriteOffReversal._meta.label_lower, source_id=made.pk)
        sources = Agreement.objects.filter(pk__in=made.lines.values("line__source_agreement")).order_by("pk")
        state = _("Agreement %(number)s owes %(amount)s and is then: %(state)s.")
        return {
            "title": _("Nothing has been changed yet."),
            "posting_date": made.posting_date,
            "total": amount_text(actor, made.amount, made.currency),
            "effects": [
                state
                % {
                    "number": each.number,
                    "amount": amount_text(actor, each.payoff_balance, each.currency),
                    "state": each.get_state_display(),
                }
                for each in sources
            ],
            "journal": sides(entry),
            "currency": made.currency,
        }

    return preview(tried)


def _run(actor: Any, write_off: WriteOff, data: dict[str, Any]) -> tuple[Any, str]:
    made = reverse_write_off(actor=actor, write_off=write_off, **{name: data[name] for name in WORDS})
    words = {"amount": amount_text(actor, made.amount, made.currency), "number": write_off.number}
    return write_off, _("%(amount)s of write-off %(number)s was taken back: it is owed as before.") % words


def register() -> None:
    """Called once, when the application is ready."""
    actions.register(
        Action(
            "reverse_write_off", WRITE_OFF, gettext_lazy("Reverse write-off"), _run, form=ReverseWriteOffForm,
            blocker=_blocker, visible=_can_be_reversed, confirm=_confirm, preview=_preview, style="outline-danger",
            template="writeoffs/reverse_write_off.html",
        )
    )  # fmt: skip
