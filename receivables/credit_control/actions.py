"""Opening and closing disputes as they are clicked, and as a way to end a short payment."""

import hashlib
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from receivables.billing.models import Invoice, Load
from receivables.billing.pages import amount_text
from receivables.core.errors import Blocker, Check, Refused, refuse
from receivables.core.registry import Action, Outcome, actions, outcomes
from receivables.core.transactions import preview
from receivables.credit_control.forms import DisputedForm, OpenDisputeForm, ResolveDisputeForm
from receivables.credit_control.models import Dispute
from receivables.credit_control.operations import open_dispute, resolve_dispute
from receivables.credit_control.queries import all_dispute_facts, dispute_facts
from receivables.credit_control.rules import open_dispute_blocker, resolve_dispute_blocker

DETAILS = ("amount", "why", "note", "next_step_on")


def _blocker(invoice: Invoice, actor: Any) -> Blocker | None:
    return open_dispute_blocker(dispute_facts(actor, invoice))


def _is_open(invoice: Invoice, actor: Any) -> bool:
    return invoice.voided_at is None and invoice.open_item.balance > 0


def _effects() -> list[str]:
    return [
        _("Balance, ledger and status stay as they are."),
        _("While it is open, nobody reminds the customer of this invoice."),
    ]


def _confirm_open(invoice: Invoice, actor: Any) -> dict[str, Any]:
    facts = dispute_facts(actor, invoice)
    return {
        "facts": [
            {"label": _("Customer"), "value": invoice.account.customer.name},
            {"label": _("Open balance"), "value": facts.text(facts.balance)},
            {"label": _("Disputed already"), "value": facts.text(facts.disputed)},
        ],
        "effects": _effects(),
    }


def _opened_text(actor: Any, dispute: Dispute) -> str:
    words = {"amount": amount_text(actor, dispute.amount, dispute.currency), "number": dispute.invoice.number}
    return _("%(amount)s of invoice %(number)s is disputed. Nobody reminds the customer of it meanwhile.") % words


def _run_open(actor: Any, invoice: Invoice, data: dict[str, Any]) -> tuple[Any, str]:
    dispute = open_dispute(actor=actor, invoice=invoice, **{name: data[name] for name in DETAILS})
    return dispute, _opened_text(actor, dispute)


def _closing_blocker(dispute: Dispute, actor: Any) -> Blocker | None:
    return resolve_dispute_blocker(is_open=dispute.state == Dispute.State.OPEN)


def _can_be_closed(dispute: Dispute, actor: Any) -> bool:
    return dispute.state == Dispute.State.OPEN


def _confirm_close(dispute: Dispute, actor: Any) -> dict[str, Any]:
    return {
        "facts": [
            {"label": _("Invoice"), "value": dispute.invoice.number},
            {"label": _("Disputed amount"), "value": amount_text(actor, dispute.amount, dispute.currency)},
            {"label": _("Reason"), "value": dispute.get_why_display()},
            {"label": _("Note"), "value": dispute.note or "–"},
        ],
        "effects": [
            _("Nothing is posted: reduce the invoice or record a payment in its own step."),
            _("The customer may be reminded of the invoice again."),
        ],
    }


def _run_close(actor: Any, dispute: Dispute, data: dict[str, Any]) -> tuple[Any, str]:
    closed = resolve_dispute(actor=actor, dispute=dispute, decision=data["decision"], reason=data["reason"])
    words = {"number": closed.invoice.number, "decision": closed.get_decision_display()}
    return closed, _("The dispute about invoice %(number)s is closed: %(decision)s.") % words


# A way to end a short payment ---------------------------------------------------------------------------------------


def _of_load(load: Load, actor: Any) -> Blocker | None:
    if load.invoice is None:
        return Blocker("draft", _("Generate the invoice first."))
    found = (open_dispute_blocker(facts) for facts in all_dispute_facts(actor, load.invoice, load))
    return next((each for each in found if each is not None), None)


def _dispute(actor: Any, load: Load, data: dict[str, Any]) -> tuple[Dispute, str]:
    """Open it, and a name for what it came to: the same as long as balance and disputes are the same."""
    refuse(_of_load(load, actor))
    invoice = Invoice.objects.of(actor).get(loads=load.pk)
    dispute = open_dispute(
        actor=actor, invoice=invoice, load=load, amount=data["amount"], why=data["why"], note=data["details"],
        next_step_on=data["next_step_on"],
    )  # fmt: skip
    facts = dispute_facts(actor, dispute.invoice)
    outcome = (invoice.pk, dispute.amount, facts.balance, facts.disputed, dispute.why, dispute.next_step_on)
    return dispute, hashlib.sha256(repr(outcome).encode()).hexdigest()[:32]


def _preview(actor: Any, load: Load, data: dict[str, Any]) -> dict[str, Any]:
    def tried() -> dict[str, Any]:
        dispute, digest = _dispute(actor, load, data)
        facts = dispute_facts(actor, dispute.invoice)
        amount, balance = facts.text(dispute.amount), facts.text(facts.balance)
        words = {"amount": amount, "number": dispute.invoice.number}
        before = facts.text(facts.disputed - dispute.amount)
        opened = _("Open a dispute about %(amount)s of invoice %(number)s.") % words
        return {
            "digest": digest,
            "steps": [Check(True, text) for text in (opened, *_effects())],
            "rows": [
                {"label": _("Balance"), "before": balance, "after": balance},
                {"label": _("Disputed"), "before": before, "after": facts.text(facts.disputed)},
            ],
        }

    return preview(tried)


def _run_outcome(actor: Any, load: Load, data: dict[str, Any]) -> tuple[Any, str]:
    dispute, digest = _dispute(actor, load, data)
    if digest != data["previewed"]:
        raise Refused(Blocker("stale", _("The figures have changed since they were shown. Check them again.")))
    return dispute, _opened_text(actor, dispute)


def register() -> None:
    """Called once, when the application is ready."""
    actions.register(
        Action(
            "open_dispute", "billing.invoice", gettext_lazy("Open dispute"), _run_open, form=OpenDisputeForm,
            blocker=_blocker, visible=_is_open, confirm=_confirm_open, style="secondary",
        )
    )  # fmt: skip
    actions.register(
        Action(
            "resolve_dispute", "credit_control.dispute", gettext_lazy("Close dispute"), _run_close,
            form=ResolveDisputeForm, blocker=_closing_blocker, visible=_can_be_closed, confirm=_confirm_close,
        )
    )  # fmt: skip
    outcomes.register(
        Outcome(
            "resolve_short_payment", "open_dispute", gettext_lazy("Keep the balance open as a dispute"),
            gettext_lazy("Nothing is taken off; nobody reminds the customer until the dispute is closed."),
            DisputedForm, _preview, _run_outcome, _of_load,
        )
    )  # fmt: skip
