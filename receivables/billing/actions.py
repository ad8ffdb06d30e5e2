"""What can be clicked on a load and its charges: each verb with its form, its reason and what it will do."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext

from receivables.billing import operations
from receivables.billing.charges import price
from receivables.billing.delivery.queries import delivery_of
from receivables.billing.forms import (
    AddAccessorialForm,
    ChangeAccessorialForm,
    EditLoadForm,
    GenerateForm,
    ReasonForm,
    RegenerateForm,
)
from receivables.billing.models import Accessorial, Load
from receivables.billing.operations.accessorials import remove_accessorial_blocker
from receivables.billing.operations.loads import EDITABLE
from receivables.billing.pages import amount_text, facts_of, journal_effect, no_adjustment_type, state_of, workplace
from receivables.billing.queries import LoadState
from receivables.billing.rules import (
    edit_load_blocker,
    generate_invoice_blocker,
    regenerate_invoice_blocker,
    reissue_invoice_blocker,
    void_invoice_blocker,
)
from receivables.core.errors import Blocker
from receivables.core.registry import Action, actions

LOAD = "billing.load"
ACCESSORIAL = "billing.accessorial"


def _fact(label: Any, value: Any) -> dict[str, Any]:
    return {"label": label, "value": value}


# Invoices -----------------------------------------------------------------------------------------------------------


def _has_live_invoice(load: Load, actor: Any) -> bool:
    state = state_of(load, actor)
    return state.invoice is not None and state.invoice.voided_at is None


def _has_no_live_invoice(load: Load, actor: Any) -> bool:
    return not _has_live_invoice(load, actor)


def _details_changed(load: Load, actor: Any) -> bool:
    facts = facts_of(load, actor)
    return _has_live_invoice(load, actor) and facts.details_changed and not facts.total_changed


def _at_workplace(confirm: Callable[[Load, Any], dict[str, Any]]) -> Callable[[Load, Any], dict[str, Any]]:
    """A dialog about the invoice of a load, which on a summary invoice is about all its loads and goes back to it."""

    def shown(load: Load, actor: Any) -> dict[str, Any]:
        context, place = confirm(load, actor), workplace(load, actor)
        if place is load:
            return context
        here = place.get_absolute_url()
        whole = {"label": _("Loads on it"), "value": len(state_of(load, actor).loads)}
        return {
            **context, "facts": [*context.get("facts", []), whole], "cancel_url": here, "section": str(place),
            "breadcrumb": [{"label": str(place), "url": here}],
        }  # fmt: skip

    return shown


def _confirm_generate(load: Load, actor: Any) -> dict[str, Any]:
    state = state_of(load, actor)
    customer, days = load.account.customer, load.account.customer.terms.days
    return {
        "facts": [
            _fact(_("Customer"), customer.name),
            _fact(_("Net"), amount_text(actor, state.priced.net, load.currency)),
            _fact(_("Tax"), amount_text(actor, state.priced.tax, load.currency)),
            _fact(_("Invoice total"), amount_text(actor, state.priced.total, load.currency)),
        ],
        "effects": [
            _("The load gets an invoice with the next number, revision 1."),
            ngettext(
                "It is due %(days)s day after the issue date.", "It is due %(days)s days after the issue date.", days
            )
            % {"days": days},
            _what_is_sent(load),
        ],
        "journal": journal_effect(actor, state, state.priced),
    }


def _what_is_sent(load: Load) -> str:
    delivery = delivery_of(load.account.customer)
    if delivery.goes_by_itself:
        return _("The customer gets it by e-mail at once: %(to)s.") % {"to": ", ".join(delivery.to)}
    return _("Nothing is sent to the customer; send the invoice afterwards.")


def _generate(actor: Any, load: Load, data: dict[str, Any]) -> tuple[Any, str]:
    invoice = operations.generate_invoice(
        actor=actor, load=load, issue_date=data["issue_date"], posting_date=data["posting_date"], seen=data["seen"],
        override=data["override"],
    )  # fmt: skip
    total = amount_text(actor, invoice.revisions.get(number=1).total, invoice.currency)
    words = {"number": invoice.number, "total": total}
    if delivery_of(invoice.account.customer).goes_by_itself:
        return load, _("Invoice %(number)s was generated: %(total)s. Its e-mail is on its way.") % words
    return load, _("Invoice %(number)s was generated: %(total)s. It was not sent yet.") % words


def _confirm_regenerate(load: Load, actor: Any) -> dict[str, Any]:
    state, facts = state_of(load, actor), facts_of(load, actor)
    if state.revision is None:
        return {}
    old, new = facts.text(facts.current_total), facts.text(facts.new_total)
    change = amount_text(actor, facts.new_total - facts.current_total, facts.currency)
    shown = [
        _fact(_("Invoice"), facts.invoice_number),
        _fact(_("Total now (revision %(n)s)") % {"n": state.revision.number}, old),
        _fact(_("Total afterwards (revision %(n)s)") % {"n": state.revision.number + 1}, new),
        _fact(pgettext("figure", "Change"), change),
    ]
    if regenerate_invoice_blocker(facts) is not None:
        return {"facts": shown}
    return {
        "facts": shown,
        "effects": [
            _("The invoice keeps its number, issue date and due date. Revision %(n)s stays readable.")
            % {"n": state.revision.number},
            _("Nothing is sent to the customer."),
        ],
        "journal": journal_effect(actor, state, state.priced),
    }


def _regenerate(actor: Any, load: Load, data: dict[str, Any]) -> tuple[Any, str]:
    revision = operations.regenerate_invoice(
        actor=actor, load=load, reason=data["reason"], posting_date=data["posting_date"], seen=data["seen"]
    )
    return workplace(load, actor), _revised(actor, revision, _("Invoice %(number)s is now revision %(n)s: %(total)s."))


def _revised(actor: Any, revision: Any, sentence: str) -> str:
    total = amount_text(actor, revision.total, revision.currency)
    return sentence % {"number": revision.invoice.number, "n": revision.number, "total": total}


def _confirm_reissue(load: Load, actor: Any) -> dict[str, Any]:
    state = state_of(load, actor)
    return {
        "facts": [
            _fact(_("Invoice"), facts_of(load, actor).invoice_number),
            _fact(_("Total, unchanged"), amount_text(actor, state.priced.total, load.currency)),
        ],
        "effects": [_("The changed details become the next revision; the total stays as it is.")],
        "journal": journal_effect(actor, state, state.priced),
    }


def _reissue(actor: Any, load: Load, data: dict[str, Any]) -> tuple[Any, str]:
    revision = operations.reissue_invoice(
        actor=actor, load=load, reason=data["reason"], posting_date=data["posting_date"], seen=data["seen"]
    )
    said = _("Invoice %(number)s was reissued as revision %(n)s: still %(total)s.")
    return workplace(load, actor), _revised(actor, revision, said)


def _confirm_void(load: Load, actor: Any) -> dict[str, Any]:
    state = state_of(load, actor)
    if state.invoice is None or state.revision is None:
        return {}
    total = amount_text(actor, state.revision.total, state.invoice.currency)
    shown = [_fact(_("Invoice"), state.invoice.number), _fact(_("Total now"), total)]
    if void_invoice_blocker(facts_of(load, actor)) is not None:
        return {"facts": shown}
    return {
        "facts": shown,
        "effects": [
            _("The whole %(total)s is taken back in the ledger; the customer owes nothing on this invoice.")
            % {"total": total},
            _("The number %(number)s is never used again. This can't be undone.") % {"number": state.invoice.number},
        ],
        "tone": "danger",
        "journal": journal_effect(actor, state, price([], state.invoice.currency)),
    }


def _void(actor: Any, load: Load, data: dict[str, Any]) -> tuple[Any, str]:
    revision = operations.void_invoice(
        actor=actor, load=load, reason=data["reason"], posting_date=data["posting_date"], seen=data["seen"]
    )
    return workplace(load, actor), _("Invoice %(number)s is void.") % {"number": revision.invoice.number}


# Loads and their charges --------------------------------------------------------------------------------------------


def _edit(actor: Any, load: Load, data: dict[str, Any]) -> tuple[Any, str]:
    changed = operations.edit_load(
        actor=actor, load=load, seen=data["seen"], **{name: data[name] for name in EDITABLE if name in data}
    )
    return load, _charges_say(actor, changed, _("Load %(load)s was saved.") % {"load": load.number})


def _charges_say(actor: Any, load: Load, done: str) -> str:
    """What was done, and that an invoice waits to be regenerated if its total changed."""
    fresh = Load.objects.of(actor).get(pk=load.pk)
    facts = facts_of(fresh, actor)
    if not facts.has_invoice or facts.voided or not facts.total_changed:
        return done
    words = {"number": facts.invoice_number, "old": facts.text(facts.current_total), "new": facts.text(facts.new_total)}
    late = _("Invoice %(number)s still says %(old)s; the charges add up to %(new)s. Regenerate it.") % words
    return f"{done} {late}"


def _confirm_add(load: Load, actor: Any) -> dict[str, Any]:
    state, facts = state_of(load, actor), facts_of(load, actor)
    shown = [_fact(_("Charges now"), facts.text(state.own.total))]
    if state.invoice is not None and state.item is not None:
        total = amount_text(actor, facts.current_total, state.invoice.currency)
        shown.append(_fact(_("Invoice %(number)s") % {"number": state.invoice.number}, total))
        shown.append(_fact(_("Unpaid"), amount_text(actor, state.item.balance, state.invoice.currency)))
    return {"facts": shown, "no_type": no_adjustment_type(actor), "credit_url": _credit_url(state, actor)}


def _credit_url(state: LoadState, actor: Any) -> str:
    """The other way to take something off an invoice that is open, for those who may: payments may stay on it."""
    if state.invoice is None or state.item is None or not state.item.balance or not actor.can("issue_credit_note"):
        return ""
    return f"{reverse('issue_credit_note', args=[state.load.account_id])}?invoice={state.invoice.pk}"


def _add(actor: Any, load: Load, data: dict[str, Any]) -> tuple[Any, str]:
    row = operations.add_accessorial(
        actor=actor, load=load, type=data["type"], entity=data["entity"], amount=data["amount"],
        quantity=data["quantity"], rate=data["rate"], note=data["note"], seen=data["seen"],
    )  # fmt: skip
    return load, _accessorial_says(actor, row, _("%(type)s %(amount)s was added."))


def _accessorial_says(actor: Any, row: Accessorial, sentence: str) -> str:
    words = {"type": row.type.name, "amount": amount_text(actor, row.amount, row.currency)}
    if row.state == Accessorial.State.WAITING:
        return _("%(type)s %(amount)s waits for approval. Nothing changes until it is approved.") % words
    return _charges_say(actor, row.load, sentence % words)


def _change(actor: Any, accessorial: Accessorial, data: dict[str, Any]) -> tuple[Any, str]:
    row = operations.change_accessorial(
        actor=actor, accessorial=accessorial, amount=data["amount"], quantity=data["quantity"], rate=data["rate"],
        note=data["note"], seen=data["seen"],
    )  # fmt: skip
    return accessorial.load, _accessorial_says(actor, row, _("%(type)s is now %(amount)s."))


def _remove(actor: Any, accessorial: Accessorial, data: dict[str, Any]) -> tuple[Any, str]:
    row = operations.remove_accessorial(actor=actor, accessorial=accessorial, seen=data["seen"])
    words = {"type": row.type.name, "amount": amount_text(actor, row.amount, row.currency)}
    return accessorial.load, _charges_say(actor, accessorial.load, _("%(type)s %(amount)s was removed.") % words)


def _total_without(accessorial: Accessorial, actor: Any) -> Decimal:
    state = state_of(accessorial.load, actor)
    return state.priced_with([each for each in state.accessorials if each.pk != accessorial.pk])[0].total


def _remove_blocker(accessorial: Accessorial, actor: Any) -> Blocker | None:
    return remove_accessorial_blocker(_total_without(accessorial, actor))


def _confirm_change(accessorial: Accessorial, actor: Any) -> dict[str, Any]:
    facts = [
        _fact(_("Type"), accessorial.type.name),
        _fact(_("Entity"), accessorial.get_entity_display()),
        _fact(_("Amount now"), amount_text(actor, accessorial.amount, accessorial.currency)),
    ]
    return {"facts": facts}


def _confirm_remove(accessorial: Accessorial, actor: Any) -> dict[str, Any]:
    total = amount_text(actor, _total_without(accessorial, actor), accessorial.currency)
    effects = [_("The charges of the load will add up to %(total)s.") % {"total": total}]
    if _has_live_invoice(accessorial.load, actor):
        effects.append(_("The invoice stays as it is until it is regenerated."))
    return {**_confirm_change(accessorial, actor), "effects": effects}


def _open_for_change(accessorial: Accessorial, actor: Any) -> bool:
    return accessorial.state in (Accessorial.State.ACTIVE, Accessorial.State.WAITING)


def _changeable(load: Load, actor: Any) -> bool:
    return edit_load_blocker(facts_of(load, actor)) is None


def register() -> None:
    """Put billing's verbs into the registry; called once when the application starts."""
    dialog = "billing/act.html"
    for action in (
        Action(
            "generate_invoice", LOAD, gettext_lazy("Generate invoice"), _generate, form=GenerateForm,
            blocker=lambda load, actor: generate_invoice_blocker(facts_of(load, actor)),
            visible=_has_no_live_invoice, confirm=_confirm_generate, style="primary", template=dialog,
        ),
        Action(
            "regenerate_invoice", LOAD, gettext_lazy("Regenerate invoice"), _regenerate, form=RegenerateForm,
            blocker=lambda load, actor: regenerate_invoice_blocker(facts_of(load, actor)),
            confirm=_at_workplace(_confirm_regenerate), style="primary", template=dialog,
        ),
        Action(
            "reissue_invoice", LOAD, gettext_lazy("Reissue invoice"), _reissue, form=ReasonForm,
            blocker=lambda load, actor: reissue_invoice_blocker(facts_of(load, actor)),
            visible=_details_changed, confirm=_at_workplace(_confirm_reissue), style="secondary", template=dialog,
        ),
        Action(
            "void_invoice", LOAD, gettext_lazy("Void invoice"), _void, form=ReasonForm,
            blocker=lambda load, actor: void_invoice_blocker(facts_of(load, actor)),
            visible=_has_live_invoice, confirm=_at_workplace(_confirm_void), style="outline-danger", template=dialog,
        ),
        Action(
            "edit_load", LOAD, gettext_lazy("Edit load"), _edit, form=EditLoadForm,
            blocker=lambda load, actor: edit_load_blocker(facts_of(load, actor)),
            visible=_changeable, style="secondary",
        ),
        Action(
            "add_accessorial", LOAD, gettext_lazy("Add accessorial"), _add, form=AddAccessorialForm,
            blocker=lambda load, actor: edit_load_blocker(facts_of(load, actor)),
            visible=_changeable, confirm=_confirm_add, style="secondary", template="billing/accessorial.html",
        ),
        Action(
            "change_accessorial", ACCESSORIAL, gettext_lazy("Change"), _change, form=ChangeAccessorialForm,
            visible=_open_for_change, confirm=_confirm_change, style="quiet",
        ),
        Action(
            "remove_accessorial", ACCESSORIAL, gettext_lazy("Remove"), _remove, blocker=_remove_blocker,
            visible=_open_for_change, confirm=_confirm_remove, style="quiet",
        ),
    ):  # fmt: skip
        actions.register(action)
