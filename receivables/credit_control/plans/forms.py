"""What people type about budgets and arrangements."""

from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from receivables.core.dates import today
from receivables.core.forms import DayField, MoneyFormField
from receivables.core.views import ActionForm
from receivables.credit_control.plans.rules import MOST_INSTALMENTS


def _reason() -> forms.CharField:
    return forms.CharField(
        label=_("Reason"), required=False, max_length=500, widget=forms.Textarea(attrs={"rows": 2})
    )  # fmt: skip


class SyncForm(ActionForm):
    reason = _reason()


class BudgetForm(ActionForm):
    """How much, from when on and how often."""

    amount = MoneyFormField(label=_("Amount each time"), min_value=Decimal(0))
    first_due = DayField(label=_("First due on"))
    every_months = forms.TypedChoiceField(
        label=_("How often"), coerce=int, choices=[(1, _("Every month")), (3, _("Every 3 months"))]
    )
    reason = _reason()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["first_due"].initial = today(self.actor.organization)


class ArrangementForm(ActionForm):
    """Into how many instalments, from when on, and how late one may be."""

    instalments = forms.IntegerField(label=_("Instalments"), min_value=1, max_value=MOST_INSTALMENTS, initial=3)
    first_due = DayField(label=_("First due on"))
    every_months = forms.TypedChoiceField(
        label=_("How often"), coerce=int, choices=[(1, _("Every month")), (3, _("Every 3 months"))]
    )
    grace_days = forms.IntegerField(
        label=_("Days of grace"), min_value=0, max_value=90, initial=5,
        help_text=_("An instalment that is not paid by then breaks the arrangement."),
    )  # fmt: skip
    reason = _reason()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["first_due"].initial = today(self.actor.organization)


class CancelPlanForm(ActionForm):
    reason = _reason()
