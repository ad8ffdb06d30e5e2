"""What a person wants of the chosen debts."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from receivables.core.forms import FormWithFormat
from receivables.core.views import ActionForm
from receivables.customers.models import AgreementType
from receivables.customers.queries import billed_currencies
from receivables.writeoffs.forms import posting_date_field, reason_field


class PlanForm(FormWithFormat, forms.Form):
    """Why, and where the debt goes; the hidden fields are the selection."""

    currency = forms.ChoiceField(label=_("Currency"))
    reason = reason_field()
    to_type = forms.ModelChoiceField(
        AgreementType.objects.none(), label=_("Write-off type"), required=False,
        empty_label=_("By the accounts the debt was booked to"),
        help_text=_("Choosing one type makes no difference between revenue and taxes."),
    )  # fmt: skip
    posting_date = posting_date_field()
    keys = forms.CharField(required=False, widget=forms.HiddenInput)
    everything = forms.CharField(required=False, widget=forms.HiddenInput)
    query = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        codes = billed_currencies(self.actor)
        currency: Any = self.fields["currency"]
        currency.choices = [(code, code) for code in codes]
        if len(codes) == 1:
            currency.widget, currency.initial = forms.HiddenInput(), codes[0]
        types: Any = self.fields["to_type"]
        types.queryset = AgreementType.objects.of(self.actor).filter(
            special_role=AgreementType.SpecialRole.WRITE_OFF, active=True
        )


class UndoWriteOffsForm(ActionForm):
    """Why a batch is taken back; its reversals carry the same reason. They are posted on the day of the act."""

    reason = reason_field()
