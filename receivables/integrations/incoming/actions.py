"""What can be clicked about a change seen over there."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from receivables.collections.models import BankAccount, Payment
from receivables.core.context import day_text
from receivables.core.errors import Blocker
from receivables.core.money import NumberFormat, format_money
from receivables.core.registry import Action, actions
from receivables.core.views import ActionForm
from receivables.customers.models import Account
from receivables.integrations.actions import ReasonForm
from receivables.integrations.incoming.models import IncomingChange
from receivables.integrations.incoming.operations import accept_incoming, assignments_of, dismiss_incoming
from receivables.integrations.incoming.rules import accept_incoming_blocker, dismiss_incoming_blocker

MODEL = "incoming.incomingchange"


class AcceptForm(ActionForm):
    """Where the money came in, and whose it is; the rest is as it was recorded over there."""

    account = forms.ModelChoiceField(label=gettext_lazy("Account"), queryset=Account.objects.none())
    bank_account = forms.ModelChoiceField(label=gettext_lazy("Bank account"), queryset=BankAccount.objects.none())
    method = forms.ChoiceField(label=gettext_lazy("Method"), choices=Payment.Method.choices)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        accounts: Any = self.fields["account"]
        accounts.queryset = Account.objects.of(self.actor).filter(customer=self.obj.customer_id).order_by("number")
        banks: Any = self.fields["bank_account"]
        own = BankAccount.objects.of(self.actor).filter(active=True, currency=self.obj.currency)
        banks.queryset = own.order_by("name")
        applied = assignments_of(self.obj)
        accounts.initial = applied[0].invoice.account_id if applied else accounts.queryset.first()
        banks.initial = banks.queryset.first()


def _accept_blocker(change: IncomingChange, actor: Any) -> Blocker | None:
    return accept_incoming_blocker(what=change.what, state=change.state)


def _confirm_accept(change: IncomingChange, actor: Any) -> dict[str, Any]:
    fmt = NumberFormat.of(actor.organization, actor.user)
    assigned = assignments_of(change)
    effects = [
        _("%(amount)s is applied to invoice %(invoice)s.")
        % {"amount": format_money(each.applied, change.currency, fmt, with_code=True), "invoice": each.invoice.number}
        for each in assigned
    ]
    rest = change.amount - sum(each.applied for each in assigned)
    if rest:
        words = {"amount": format_money(rest, change.currency, fmt, with_code=True)}
        effects.append(_("%(amount)s stays on account.") % words)
    effects.append(_("It is not sent back: the other system has it already."))
    facts = [
        {"label": _("Amount"), "value": format_money(change.amount, change.currency, fmt, with_code=True)},
        {"label": _("Date"), "value": day_text(actor, change.date) if change.date else "–"},
        {"label": _("Reference"), "value": change.reference or "–"},
    ]
    return {"facts": facts, "effects": effects, "submit_label": _("Record payment")}


def _accept(actor: Any, change: IncomingChange, data: dict[str, Any]) -> tuple[Any, str]:
    done = accept_incoming(
        actor=actor, change=change, account=data["account"], bank_account=data["bank_account"], method=data["method"]
    )
    return done, _("Payment %(number)s was recorded.") % {"number": done.number}


def _dismiss_blocker(change: IncomingChange, actor: Any) -> Blocker | None:
    return dismiss_incoming_blocker(state=change.state)


def _dismiss(actor: Any, change: IncomingChange, data: dict[str, Any]) -> tuple[Any, str]:
    return dismiss_incoming(actor=actor, change=change, reason=data["reason"]), _("It is dismissed.")


def _is_proposal(change: IncomingChange, actor: Any) -> bool:
    return change.what == IncomingChange.What.PAYMENT and change.state == IncomingChange.State.OPEN


def _is_open(change: IncomingChange, actor: Any) -> bool:
    return change.state == IncomingChange.State.OPEN


def register() -> None:
    """Called once, when the application is ready."""
    actions.register(
        Action(
            "accept_incoming", MODEL, gettext_lazy("Record it here"), _accept, form=AcceptForm, style="primary",
            blocker=_accept_blocker, confirm=_confirm_accept, visible=_is_proposal,
        )
    )  # fmt: skip
    actions.register(
        Action(
            "dismiss_incoming", MODEL, gettext_lazy("Dismiss"), _dismiss, form=ReasonForm, blocker=_dismiss_blocker,
            visible=_is_open,
        )
    )  # fmt: skip
