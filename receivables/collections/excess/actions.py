"""The verbs of small over-payments as they can be clicked on a payment and on what was booked."""

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from receivables.billing.forms import ReasonForm, posting_date_field
from receivables.billing.pages import amount_text
from receivables.collections.excess.acting import standing_excesses
from receivables.collections.excess.models import SmallExcess
from receivables.collections.excess.operations import book_small_excess, reverse_small_excess
from receivables.collections.excess.queries import booked_text, excess_facts
from receivables.collections.excess.rules import book_small_excess_blocker, reverse_small_excess_blocker
from receivables.collections.models import Payment
from receivables.collections.payoff_queries import policy_of
from receivables.collections.queries import unapplied
from receivables.collections.status import reversal_of
from receivables.collections.unapplied.actions import journal
from receivables.core.errors import Blocker
from receivables.core.history import WORDS
from receivables.core.registry import Action, actions
from receivables.core.views import ActionForm
from receivables.ledger.queries import entries_of


class BookForm(ActionForm):
    """The day on which it is posted, if another than the payment's."""

    posting_date = posting_date_field()


def _book_blocker(payment: Payment, actor: Any) -> Blocker | None:
    return book_small_excess_blocker(excess_facts(actor, policy_of(actor), payment))


def _offered(payment: Payment, actor: Any) -> bool:
    """Where no limit is set the choice does not exist, so there is no button that explains why it can't be pressed."""
    has_money = reversal_of(payment) is None and unapplied(payment) > 0
    return has_money and policy_of(actor).over_maximum is not None


def _confirm_book(payment: Payment, actor: Any) -> dict[str, Any]:
    facts, policy = excess_facts(actor, policy_of(actor), payment), policy_of(actor)
    return {
        "title": _("Book what payment %(number)s brought too much as income") % {"number": payment.number},
        "submit_label": _("Book as income"),
        "facts": [
            {"label": _("Customer"), "value": payment.account.customer.name},
            {"label": _("On account"), "value": facts.text},
            {"label": _("GL account"), "value": str(policy.over_account or "–")},
        ],
        "effects": [
            booked_text(facts),
            _("It falls with the payment, and can be taken out of income again at any time."),
        ],
    }


def _book(actor: Any, payment: Payment, data: dict[str, Any]) -> tuple[Any, str]:
    made = book_small_excess(actor=actor, payment=payment, posting_date=data["posting_date"])
    return payment, made_text(actor, made)


def made_text(actor: Any, excess: SmallExcess) -> str:
    """What happened."""
    return _("%(amount)s was booked as income.") % {"amount": amount_text(actor, excess.amount, excess.currency)}


def excess_falls_texts(actor: Any, payment: Payment) -> list[str]:
    """What of a payment's over-payment is taken out of income when the payment is taken back."""
    return [
        _("%(amount)s that was booked as income is taken out again.")
        % {"amount": amount_text(actor, each.amount, each.currency)}
        for each in standing_excesses(payment)
    ]


def _reverse_blocker(excess: SmallExcess, actor: Any) -> Blocker | None:
    return reverse_small_excess_blocker(number=excess.payment.number, reversed_already=hasattr(excess, "reversal"))


def _stands(excess: SmallExcess, actor: Any) -> bool:
    return not hasattr(excess, "reversal")


def _confirm_reverse(excess: SmallExcess, actor: Any) -> dict[str, Any]:
    words = {"amount": amount_text(actor, excess.amount, excess.currency), "number": excess.payment.number}
    posted = list(entries_of(actor, excess).filter(kind="excess"))
    return {
        "facts": [
            {"label": _("Amount"), "value": words["amount"]},
            {"label": _("Payment"), "value": excess.payment.number},
        ],
        "effects": [_("%(amount)s of payment %(number)s is on account again.") % words],
        "tone": "warning",
        "journal": journal(posted, -1) if _stands(excess, actor) else [],
    }


def _reverse(actor: Any, excess: SmallExcess, data: dict[str, Any]) -> tuple[Any, str]:
    reverse_small_excess(actor=actor, excess=excess, reason=data["reason"], posting_date=data["posting_date"])
    words = {"amount": amount_text(actor, excess.amount, excess.currency), "number": excess.payment.number}
    return excess, _("%(amount)s of payment %(number)s is on account again.") % words


def excesses_of(actor: Any, payment: Payment) -> list[SmallExcess]:
    """What of a payment was ever booked as income, oldest first."""
    found = SmallExcess.objects.of(actor).filter(payment=payment)
    return list(found.select_related("gl_account", "reversal", "payment").order_by("pk"))


def register() -> None:
    """Called once, when the application is ready."""
    actions.register(
        Action(
            "book_small_excess", "collections.payment", gettext_lazy("Book as income"), _book, form=BookForm,
            blocker=_book_blocker, visible=_offered, confirm=_confirm_book, style="secondary",
        )
    )  # fmt: skip
    actions.register(
        Action(
            "reverse_small_excess", "collections.smallexcess", gettext_lazy("Take out of income"), _reverse,
            form=ReasonForm, blocker=_reverse_blocker, visible=_stands, confirm=_confirm_reverse,
            style="outline-danger", template="billing/act.html",
        )
    )  # fmt: skip
    WORDS.update(
        {
            "book_small_excess": gettext_lazy("Over-payment booked as income"),
            "reverse_small_excess": gettext_lazy("Over-payment taken out of income"),
        }
    )
