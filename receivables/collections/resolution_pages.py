"""Resolving a short payment as it is clicked: what is typed, the preview, what is said; and undoing it."""

from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from receivables.approvals.queries import names_of, possible_approvers, sent_to_text
from receivables.billing.forms import ReasonForm, posting_date_field
from receivables.billing.models import AccessorialType, ChargeKind, Entity, Load
from receivables.billing.pages import amount_text, state_of
from receivables.collections.models import Resolution
from receivables.collections.queries import bank_accounts
from receivables.collections.resolution import undo_blocker, undo_resolution
from receivables.collections.resolution_outcome import Result, carry_out, carry_out_as_previewed
from receivables.collections.resolution_rules import ResolutionFacts, button_blocker
from receivables.collections.resolving import resolution_facts
from receivables.core.errors import Blocker, Check
from receivables.core.events import ref
from receivables.core.forms import MoneyFormField
from receivables.core.registry import Action, Outcome, Panel, actions, outcomes, panels
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


class ReduceForm(ActionForm):
    """What is taken off the invoice. No amount typed means all that is open."""

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
    zero_payment = forms.BooleanField(
        label=gettext_lazy("Also record a payment of zero"), required=False,
        help_text=gettext_lazy("Only if the accounting system needs it."),
    )  # fmt: skip
    posting_date = posting_date_field()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        del self.fields["seen"]  # the page that is confirmed says which figures were seen
        if not self._may_record_zero():
            del self.fields["zero_payment"]
        facts, field = facts_of(self.obj, self.actor), self._offer_types()
        self.fields["amount"].initial = facts.most
        words = {"most": facts.invoice.text(facts.most)}
        self.fields["amount"].help_text = _("Leave empty for all that is open: %(most)s.") % words
        if facts.invoice.total_changed:
            words = {"old": facts.invoice.text(facts.invoice.current_total)}
            words["new"] = facts.invoice.text(facts.invoice.new_total)
            said = _("Leave empty to only bring the changed charges onto the invoice (%(old)s → %(new)s).")
            field.help_text = said % words

    def _may_record_zero(self) -> bool:
        """A payment of zero stands for nothing received, so it is offered where nothing was, and a bank could be."""
        nothing = not facts_of(self.obj, self.actor).invoice.payments
        return nothing and bank_accounts(self.actor, self.obj.currency).exists()

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


def _blocker(load: Load, actor: Any) -> Blocker | None:
    return button_blocker(facts_of(load, actor))


def _fact(label: Any, value: Any) -> dict[str, Any]:
    return {"label": label, "value": value}


def _has_live_invoice(load: Load, actor: Any) -> bool:
    invoice = state_of(load, actor).invoice
    return invoice is not None and invoice.voided_at is None


def _preview(actor: Any, load: Load, data: dict[str, Any]) -> dict[str, Any]:
    result = preview(lambda: carry_out(actor, load, data))
    return {
        "digest": result.digest(),
        "rows": _rows(actor, load.currency, result),
        "steps": _steps(actor, load.currency, result),
        "approval": _approval(actor, result),
        "lines": result.lines,
    }


def _rows(actor: Any, currency: str, result: Result) -> list[dict[str, Any]]:
    before, after = result.before, result.after

    def row(label: Any, old: Decimal, new: Decimal) -> dict[str, Any]:
        return {"label": label, "before": amount_text(actor, old, currency), "after": amount_text(actor, new, currency)}

    return [
        row(_("Invoice total"), before.total, after.total),
        row(_("Payments"), before.paid, after.paid),
        row(_("Balance"), before.balance, after.balance),
        {"label": _("Revision"), "before": before.revision, "after": after.revision},
    ]


def _steps(actor: Any, currency: str, result: Result) -> list[Check]:
    """Each part of the step as a line, in the order in which it happens."""
    added = []
    if result.accessorial is not None:
        amount = amount_text(actor, result.accessorial.amount, currency)
        added = [_("Add %(type)s %(amount)s.") % {"type": result.accessorial.type.name, "amount": amount}]
    if result.waiting:
        rest = _("When it is approved: payments off, the invoice regenerated, payments back on.")
        return [*(Check(True, text) for text in added), Check(False, rest)]
    paid = [{"number": number, "amount": amount_text(actor, amount, currency)} for number, amount in result.payments]
    total = amount_text(actor, result.after.total, currency)
    words = {"invoice": result.invoice, "n": result.after.revision, "total": total}
    off = [_("Take payment %(number)s, %(amount)s, off the invoice.") % each for each in paid]
    on = [
        _("Put payment %(number)s, %(amount)s, back on: the same payment, with its date and reference.") % each
        for each in paid
    ]
    regenerated = _("Regenerate invoice %(invoice)s as revision %(n)s: %(total)s.") % words
    zero = amount_text(actor, Decimal(0), currency)
    recorded = [_("Record a payment of %(amount)s.") % {"amount": zero}] if result.zero_payment else []
    return [Check(True, text) for text in (*off, *added, regenerated, *on, *recorded)]


def _approval(actor: Any, result: Result) -> str:
    row = result.accessorial
    if row is None or not result.waiting:
        return ""
    names = names_of(possible_approvers(actor, row.type.kind, row.currency, -row.amount, reason_key=ref(row.type)))
    if not names:
        return _("This is more than you may give alone, and nobody may approve it yet; ask an administrator.")
    return _("This is more than you may give alone: it goes to %(approver)s for approval.") % {"approver": names}


def _run(actor: Any, load: Load, data: dict[str, Any]) -> tuple[Any, str]:
    result = carry_out_as_previewed(actor, load, data)
    return load, done_text(actor, load.currency, result)


def done_text(actor: Any, currency: str, result: Result) -> str:
    """What happened, in one sentence (SP-4)."""
    row = result.accessorial
    if row is not None and result.waiting:
        return sent_to_text(actor, row.type.kind, row.currency, -row.amount, ref(row.type))
    after = result.after
    words = {
        "invoice": result.invoice,
        "total": amount_text(actor, after.total, currency),
        "balance": amount_text(actor, after.balance, currency),
    }
    if len(result.payments) == 1 and after.paid == after.total and not after.balance:
        return _("Done. The invoice and the payment are both %(total)s; balance %(balance)s.") % words
    return _("Done. Invoice %(invoice)s is now %(total)s; balance %(balance)s.") % words


def _undo_blocker(resolution: Resolution, actor: Any) -> Blocker | None:
    undone = Resolution.objects.of(actor).filter(undoes=resolution).exists()
    return undo_blocker(actor, resolution, state_of(resolution.load, actor), undone=undone)


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
            "resolve_short_payment", LOAD, gettext_lazy("Resolve short payment"), _run, blocker=_blocker,
            visible=_has_live_invoice, own_pages=True,
        )
    )  # fmt: skip
    outcomes.register(
        Outcome(
            "resolve_short_payment", "resolve_short_payment", gettext_lazy("Reduce the invoice"),
            gettext_lazy("What is short comes off the invoice; the payments stay as they are."),
            ReduceForm, _preview, _run, _blocker,
        )
    )  # fmt: skip
    actions.register(
        Action(
            "undo_resolution", "collections.resolution", gettext_lazy("Undo resolution"), _undo, form=ReasonForm,
            blocker=_undo_blocker, confirm=_confirm_undo, style="outline-danger",
        )
    )  # fmt: skip
    panels.register(Panel("resolution", LOAD, "steps", "collections/resolution_buttons.html", newest))
