"""What people type about months."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from receivables.core.forms import FormWithFormat
from receivables.core.views import ActionForm
from receivables.ledger.queries import month_of


class ReopenPeriodForm(ActionForm):
    """Why a closed month is opened again; an auditor will ask."""

    reason = forms.CharField(label=_("Reason"), max_length=500, widget=forms.Textarea(attrs={"rows": 2}))


class CloseMonthForm(FormWithFormat, forms.Form):
    """A month into which nothing was posted yet."""

    month = forms.DateField(
        label=_("Month"), input_formats=["%Y-%m", "%Y-%m-%d"],
        widget=forms.DateInput(format="%Y-%m", attrs={"type": "month"}),
        help_text=_("Year and month, such as 2026-10."),
    )  # fmt: skip

    def clean_month(self) -> Any:
        month = self.cleaned_data["month"]
        if month.year < 1900:
            raise ValidationError(_("Enter a month since 1900."))
        return month_of(month)
