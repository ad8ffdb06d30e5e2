"""What can be clicked on an exchange rate: correcting it."""

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from receivables.core.context import day_text
from receivables.core.errors import Blocker
from receivables.core.registry import Action, actions
from receivables.ledger.rates.forms import CorrectRateForm
from receivables.ledger.rates.models import ExchangeRate
from receivables.ledger.rates.operations import correct_exchange_rate
from receivables.ledger.rates.queries import counting
from receivables.ledger.rates.rules import superseded_blocker
from receivables.ledger.rates.tables import quoted_text


def _blocker(rate: ExchangeRate, actor: Any) -> Blocker | None:
    return superseded_blocker(newest=counting(actor).filter(pk=rate.pk).exists())


def _confirm(rate: ExchangeRate, actor: Any) -> dict[str, Any]:
    return {
        "title": _("Correct the rate of %(currency)s") % {"currency": rate.currency},
        "facts": [
            {"label": _("From"), "value": day_text(actor, rate.date)},
            {"label": _("Rate of now"), "value": quoted_text(actor, rate)},
        ],
        "effects": [
            _("What is converted from now on with the rate of this day uses the new rate."),
            _("What is posted keeps the rate that it was posted at, and the rate of now stays in the history."),
        ],
    }


def _correct(actor: Any, rate: ExchangeRate, data: dict[str, Any]) -> tuple[Any, str]:
    made = correct_exchange_rate(
        actor=actor, exchange_rate=rate, rate=data["rate"], reason=data["reason"], inverse=data["inverse"],
        sure=data["sure"],
    )  # fmt: skip
    words = {"day": day_text(actor, made.date), "rate": quoted_text(actor, made)}
    return made, _("The rate of %(day)s is corrected: %(rate)s.") % words


def register() -> None:
    """Called once, when the application is ready."""
    actions.register(
        Action(
            "correct_exchange_rate", "ledger.exchangerate", gettext_lazy("Correct"), _correct, form=CorrectRateForm,
            blocker=_blocker, confirm=_confirm, style="secondary",
        )
    )  # fmt: skip
