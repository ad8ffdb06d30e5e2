"""Resolving a short payment as it is clicked: what is typed, the preview, what is said; and undoing it."""

from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from receivables.approvals.queries import names_of, possible_approvers, sent_to_text
from receivables.billing.forms import ReasonForm, posting_date_field, reason_field
from receivables.billing.models import AccessorialType, ChargeKind, Entity, Load
from receivables.billing.pages import amount_text, no_adjustment_type, state_of
from receivables.collections.models import Resolution
from receivables.collections.resolution import resolution_facts, undo_blocker, undo_resolution
from receivables.collections.resolution_outcome import Outcome, carry_out, carry_out_as_previewed
from receivables.collections.resolution_rules import ResolutionFacts, button_blocker
from receivables.core.errors import Blocker, Check
from receivables.core.forms import MoneyFormField
from receivables.core.registry import Action, Panel, actions, panels
from receivables.core.transactions import preview
from receivables.core.views import ActionForm

LOAD = "billing.load"
KINDS = (ChargeKind.BAD_DEBT, ChargeKind.PRICE_CONCESSION)


def facts_of(load: Load, actor: Any) -> ResolutionFacts:
    """What the rule looks at, with all that can be taken off; kept on the load for the page's button and form."""
    kept: ResolutionFacts | None = load.__dict__.get("_resolution_facts")
    if kept is None:
        kept = load.__dict__["_resolution_facts"] = resolution_facts(actor, state_of(load, actor), None)
    return kept


class ResolveForm(ActionForm):
    """What is taken off and why. Nothing typed means all that is open; `previewed` names the outcome that was shown."""

    type = forms.ModelChoiceField(
        label=gettext_lazy("Type"),
        queryset=AccessorialType.objects.none(),
        required=False,
        error_messages={"invalid_choice": gettext_lazy("This accessorial type does not exist or is not active.")},
    )
    amount = MoneyFormField(label=gettext_lazy("Amount to take off"), required=False, min_value=Decimal(0))
    note = forms.CharField(
        label=gettext_lazy("Note"), required=False, max_length=200,
        help_text=gettext_lazy("Stands on the invoice beside the reduction."),
    )  # fmt: skip
    reason = reason_field(required=False)
    posting_date = posting_date_field()
    previewed = forms.CharField(required=False, max_length=64, widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        facts, field = facts_of(self.obj, self.actor), self._offer_types()
        self.fields["amount"].initial = facts.most
        words = {"most": facts.invoice.text(facts.most)}
        self.fields["amount"].help_text = _("Leave empty for all that is open: %(most)s.") % words
        if facts.invoice.total_changed:
            words = {"old": facts.invoice.text(facts.invoice.current_total)}
            words["new"] = facts.invoice.text(facts.invoice.new_total)
            said = _("Leave empty to only bring the changed charges onto the invoice (%(old)s → %(new)s).")
            field.help_text = said % words

    def _offer_types(self) -> Any:
        field: Any = self.fields["type"]
        field.queryset = (
            AccessorialType.objects.of(self.actor)
            .filter(active=True, kind__in=KINDS, entities__contains=[Entity.CUSTOMER])
            .order_by("name")
        )
        types = list(field.queryset[:2])
        if len(types) == 1 and not facts_of(self.obj, self.actor).invoice.total_changed:
            field.initial = types[0].pk
        return field


def _fact(label: Any, value: Any) -> dict[str, Any]:
    return {"label": label, "value": value}


def _has_live_invoice(load: Load, actor: Any) -> bool:
    invoice = state_of(load, actor).invoice
    return invoice is not None and invoice.voided_at is None


def _confirm(load: Load, actor: Any) -> dict[str, Any]:
    facts, item = facts_of(load, actor), state_of(load, actor).item
    shown: list[dict[str, Any]] = []
    if item is not None:
        shown = [
            _fact(_("Invoice"), facts.invoice.invoice_number),
            _fact(_("Invoice total"), facts.invoice.text(item.amount)),
            _fact(_("Paid"), facts.invoice.text(item.paid)),
            _fact(_("Open balance"), facts.invoice.text(item.balance)),
        ]
    return {"facts": shown, "no_type": no_adjustment_type(actor), "submit_label": _("Check")}


def _preview(actor: Any, load: Load, data: dict[str, Any]) -> dict[str, Any]:
    outcome = preview(lambda: carry_out(actor, load, data))
    return {
        "hidden": {"previewed": outcome.digest()},
        "title": _("Nothing has been changed yet."),
        "rows": _rows(actor, load.currency, outcome),
        "steps": _steps(actor, load.currency, outcome),
        "approval": _approval(actor, outcome),
        "lines": outcome.lines,
        "foreign": load.currency != actor.organization.currency,
        "own_currency": actor.organization.currency,
    }


def _rows(actor: Any, currency: str, outcome: Outcome) -> list[dict[str, Any]]:
    before, after = outcome.before, outcome.after

    def row(label: Any, old: Decimal, new: Decimal) -> dict[str, Any]:
        return {"label": label, "before": amount_text(actor, old, currency), "after": amount_text(actor, new, currency)}

    return [
        row(_("Invoice total"), before.total, after.total),
        row(_("Payments"), before.paid, after.paid),
        row(_("Balance"), before.balance, after.balance),
        {"label": _("Revision"), "before": before.revision, "after": after.revision},
    ]


def _steps(actor: Any, currency: str, outcome: Outcome) -> list[Check]:
    """Each part of the step as a line, in the order in which it happens."""
    added = []
    if outcome.accessorial is not None:
        amount = amount_text(actor, outcome.accessorial.amount, currency)
        added = [_("Add %(type)s %(amount)s.") % {"type": outcome.accessorial.type.name, "amount": amount}]
    if outcome.waiting:
        rest = _("When it is approved: payments off, the invoice regenerated, payments back on.")
        return [*(Check(True, text) for text in added), Check(False, rest)]
    paid = [{"number": number, "amount": amount_text(actor, amount, currency)} for number, amount in outcome.payments]
    total = amount_text(actor, outcome.after.total, currency)
    words = {"invoice": outcome.invoice, "n": outcome.after.revision, "total": total}
    off = [_("Take payment %(number)s, %(amount)s, off the invoice.") % each for each in paid]
    on = [
        _("Put payment %(number)s, %(amount)s, back on: the same payment, with its date and reference.") % each
        for each in paid
    ]
    regenerated = _("Regenerate invoice %(invoice)s as revision %(n)s: %(total)s.") % words
    return [Check(True, text) for text in (*off, *added, regenerated, *on)]


def _approval(actor: Any, outcome: Outcome) -> str:
    row = outcome.accessorial
    if row is None or not outcome.waiting:
        return ""
    names = names_of(possible_approvers(actor, row.type.kind, row.currency, -row.amount))
    if not names:
        return _("This is more than you may give alone, and nobody may approve it yet; ask an administrator.")
    return _("This is more than you may give alone: it goes to %(approver)s for approval.") % {"approver": names}


def _run(actor: Any, load: Load, data: dict[str, Any]) -> tuple[Any, str]:
    outcome = carry_out_as_previewed(actor, load, data)
    return load, done_text(actor, load.currency, outcome)


def done_text(actor: Any, currency: str, outcome: Outcome) -> str:
    """What happened, in one sentence (SP-4)."""
    row = outcome.accessorial
    if row is not None and outcome.waiting:
        return sent_to_text(actor, row.type.kind, row.currency, -row.amount)
    after = outcome.after
    words = {
        "invoice": outcome.invoice,
        "total": amount_text(actor, after.total, currency),
        "balance": amount_text(actor, after.balance, currency),
    }
    if len(outcome.payments) == 1 and after.paid == after.total and not after.balance:
        return _("Done. The invoice and the payment are both %(total)s; balance %(balance)s.") % words
    return _("Done. Invoice %(invoice)s is now %(total)s; balance %(balance)s.") % words


def _undo_blocker(resolution: Resolution, actor: Any) -> Blocker | None:
    return undo_blocker(actor, resolution, state_of(resolution.load, actor))


def _confirm_undo(resolution: Resolution, actor: Any) -> dict[str, Any]:
    def text(amount: Decimal) -> str:
        return amount_text(actor, amount, resolution.currency)

    shown = [
        _fact(_("Invoice"), resolution.invoice.number),
        _fact(_("Taken off"), text(resolution.amount)),
    ]
    if _undo_blocker(resolution, actor) is not None:
        return {"facts": shown}
    item = resolution.invoice.open_item
    effects = [
        _("The reduction comes off and the invoice is regenerated: its total will be %(total)s again.")
        % {"total": text(item.amount + resolution.amount)},
        _("Payments stay as they are; %(balance)s will be open.") % {"balance": text(item.balance + resolution.amount)},
    ]
    return {"facts": shown, "effects": effects, "tone": "warning"}


def _undo(actor: Any, resolution: Resolution, data: dict[str, Any]) -> tuple[Any, str]:
    undo_resolution(actor=actor, resolution=resolution, reason=data["reason"], posting_date=data["posting_date"])
    words = {"invoice": resolution.invoice.number, "amount": amount_text(actor, resolution.amount, resolution.currency)}
    return resolution, _("Undone: %(amount)s is back on invoice %(invoice)s.") % words


def newest(load: Load, actor: Any) -> dict[str, Any]:
    """The load, and its newest resolution that is not undone and can be, as long as it is the newest."""
    found = (
        Resolution.objects.of(actor)
        .filter(load=load, undoes__isnull=True, undone_by__isnull=True, accessorial__isnull=False)
        .order_by("-pk")
        .first()
    )
    if found is not None:
        found.load = load
    return {"load": load, "resolution": found}


def register() -> None:
    """Called once, when the application is ready."""
    actions.register(
        Action(
            "resolve_short_payment", LOAD, gettext_lazy("Resolve short payment"), _run, form=ResolveForm,
            blocker=lambda load, actor: button_blocker(facts_of(load, actor)), visible=_has_live_invoice,
            confirm=_confirm, preview=_preview, template="collections/resolve.html",
        )
    )  # fmt: skip
    actions.register(
        Action(
            "undo_resolution", "collections.resolution", gettext_lazy("Undo resolution"), _undo, form=ReasonForm,
            blocker=_undo_blocker, confirm=_confirm_undo, style="outline-danger",
        )
    )  # fmt: skip
    panels.register(Panel("resolution", LOAD, "steps", "collections/resolution_buttons.html", newest))
