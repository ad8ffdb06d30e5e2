"""The verbs of recoveries as they can be clicked: Recover bad debt on a payment, Reverse on a recovery."""

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from receivables.billing.forms import ReasonForm
from receivables.billing.pages import amount_text
from receivables.collections.models import Payment
from receivables.collections.queries import unapplied
from receivables.collections.recoveries.forms import RecoverForm
from receivables.collections.recoveries.losses import recoverable
from receivables.collections.recoveries.models import Recovery
from receivables.collections.recoveries.operations import recover_bad_debt, reverse_recovery
from receivables.collections.recoveries.rules import (
    nothing_lost_blocker,
    reverse_recovery_blocker,
    taken_back_blocker,
)
from receivables.collections.recoveries.texts import left_texts, recovered_text
from receivables.collections.status import reversal_of
from receivables.collections.texts import day_text
from receivables.collections.unapplied.acting import read_payment
from receivables.collections.unapplied.actions import journal
from receivables.collections.unapplied.queries import money_facts
from receivables.collections.unapplied.rules import no_money_blocker
from receivables.collections.unapplied.texts import left_text
from receivables.core.errors import Blocker, refuse
from receivables.core.registry import Action, actions
from receivables.core.transactions import preview
from receivables.ledger.queries import entries_of

PAYMENT, RECOVERY = "collections.payment", "collections.recovery"


def _any_left(payment: Payment, actor: Any) -> bool:
    return bool(recoverable(actor, currency=payment.currency, account__customer_id=payment.account.customer_id))


def _may_help(payment: Payment, actor: Any) -> bool:
    """Offered only where there is money and something to use it for."""
    return reversal_of(payment) is None and unapplied(payment) > 0 and _any_left(payment, actor)


def _recover_blocker(payment: Payment, actor: Any) -> Blocker | None:
    return no_money_blocker(money_facts(actor, payment)) or nothing_lost_blocker(
        customer=payment.account.customer.name, currency=payment.currency, any_left=_any_left(payment, actor)
    )


def _confirm_recover(payment: Payment, actor: Any) -> dict[str, Any]:
    return {
        "facts": [
            {"label": _("Customer"), "value": payment.account.customer.name},
            {"label": _("Payment"), "value": f"{payment.number} · {day_text(actor, payment.date)}"},
            {"label": _("On account"), "value": amount_text(actor, unapplied(payment), payment.currency)},
        ],
        "submit_label": _("Check"),
        "title": _("Recover bad debt with payment %(number)s") % {"number": payment.number},
    }


def _arguments(data: dict[str, Any]) -> dict[str, Any]:
    refuse(taken_back_blocker(data["gone"]))
    return {name: data[name] for name in ("parts", "note", "posting_date")}


def _preview_recover(actor: Any, payment: Payment, data: dict[str, Any]) -> dict[str, Any]:
    """The recoveries as they would be: posted in full and rolled back."""

    def tried() -> dict[str, Any]:
        made = recover_bad_debt(actor=actor, money=payment, **_arguments(data))
        return {
            "effects": [*left_texts(actor, data["parts"]), left_text(actor, read_payment(actor, payment.pk))],
            "journal": journal(list(entries_of(actor, *made))),
            "posting_date": made[0].posting_date,
        }

    return {**preview(tried), "submit_label": _("Recover")}


def _recover(actor: Any, payment: Payment, data: dict[str, Any]) -> tuple[Any, str]:
    made = recover_bad_debt(actor=actor, money=payment, **_arguments(data))
    return payment, f"{recovered_text(actor, made)} {left_text(actor, read_payment(actor, payment.pk))}"


def _reverse_blocker(recovery: Recovery, actor: Any) -> Blocker | None:
    return reverse_recovery_blocker(number=recovery.number, reversed_already=hasattr(recovery, "reversal"))


def _stands(recovery: Recovery, actor: Any) -> bool:
    return _reverse_blocker(recovery, actor) is None


def _confirm_reverse(recovery: Recovery, actor: Any) -> dict[str, Any]:
    amount = amount_text(actor, recovery.amount, recovery.currency)
    words = {"amount": amount, "payment": recovery.payment.number, "invoice": recovery.invoice.number}
    posted = entries_of(actor, recovery).filter(kind="recovery")
    return {
        "facts": [
            {"label": _("Recovery"), "value": recovery.number},
            {"label": _("Invoice"), "value": recovery.invoice.number},
            {"label": _("Payment"), "value": recovery.payment.number},
            {"label": _("Amount"), "value": amount},
        ],
        "effects": [
            _("%(amount)s of payment %(payment)s is on account again.") % words,
            _("The bad debt on invoice %(invoice)s can be recovered anew.") % words,
            _("The recovery keeps its number and stays readable, marked as reversed."),
        ],
        "tone": "warning",
        "journal": journal(list(posted), -1) if _stands(recovery, actor) else [],
    }


def _reverse(actor: Any, recovery: Recovery, data: dict[str, Any]) -> tuple[Any, str]:
    reverse_recovery(actor=actor, recovery=recovery, reason=data["reason"], posting_date=data["posting_date"])
    return recovery, _("Recovery %(number)s was reversed.") % {"number": recovery.number}


def register() -> None:
    """Called once, when the application is ready."""
    actions.register(
        Action(
            "recover_bad_debt", PAYMENT, gettext_lazy("Recover bad debt"), _recover, form=RecoverForm,
            blocker=_recover_blocker, visible=_may_help, confirm=_confirm_recover, preview=_preview_recover,
            style="secondary", template="collections/recoveries/recover.html",
        )
    )  # fmt: skip
    actions.register(
        Action(
            "reverse_recovery", RECOVERY, gettext_lazy("Reverse recovery"), _reverse, form=ReasonForm,
            blocker=_reverse_blocker, visible=_stands, confirm=_confirm_reverse, style="outline-danger",
            template="billing/act.html",
        )
    )  # fmt: skip
