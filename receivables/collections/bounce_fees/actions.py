"""Reversing a fee as it can be clicked, and what a payment's page shows of its fee."""

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from receivables.billing.forms import ReasonForm
from receivables.billing.pages import amount_text
from receivables.collections.bounce_fees.operations import reverse_bounce_fee
from receivables.collections.bounce_fees.rules import reverse_bounce_fee_blocker
from receivables.collections.models import BounceFee, Payment
from receivables.collections.unapplied.actions import journal
from receivables.core.errors import Blocker
from receivables.core.registry import Action, actions
from receivables.ledger.queries import entries_of


def fee_of(actor: Any, payment: Payment) -> BounceFee | None:
    """The fee that was charged because a payment bounced."""
    found = BounceFee.objects.of(actor).filter(bounced__payment=payment)
    return found.select_related("open_item", "reversal", "bounced").first()


def _blocker(fee: BounceFee, actor: Any) -> Blocker | None:
    return reverse_bounce_fee_blocker(
        number=fee.number, reversed_already=hasattr(fee, "reversal"), settled=fee.open_item.live_settlements > 0
    )


def _stands(fee: BounceFee, actor: Any) -> bool:
    return not hasattr(fee, "reversal")


def _confirm(fee: BounceFee, actor: Any) -> dict[str, Any]:
    amount = amount_text(actor, fee.amount, fee.currency)
    words = {"amount": amount, "customer": fee.open_item.account.customer.name}
    return {
        "facts": [{"label": _("Fee"), "value": fee.number}, {"label": _("Amount"), "value": amount}],
        "effects": [_("%(customer)s no longer owes the fee of %(amount)s.") % words],
        "tone": "warning",
        "journal": journal(list(entries_of(actor, fee).filter(kind="bounce_fee")), -1) if _stands(fee, actor) else [],
    }


def _reverse(actor: Any, fee: BounceFee, data: dict[str, Any]) -> tuple[Any, str]:
    reverse_bounce_fee(actor=actor, fee=fee, reason=data["reason"], posting_date=data["posting_date"])
    return fee, _("Fee %(number)s was reversed.") % {"number": fee.number}


def register() -> None:
    """Called once, when the application is ready."""
    actions.register(
        Action(
            "reverse_bounce_fee", "collections.bouncefee", gettext_lazy("Reverse fee"), _reverse, form=ReasonForm,
            blocker=_blocker, visible=_stands, confirm=_confirm, style="outline-danger", template="billing/act.html",
        )
    )  # fmt: skip
