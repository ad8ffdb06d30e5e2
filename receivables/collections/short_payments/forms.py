"""What a person wants of the selected invoices."""

from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from receivables.billing.forms import posting_date_field, reason_field
from receivables.billing.models import AccessorialType, Entity
from receivables.collections.resolution_pages import KINDS
from receivables.collections.short_payments.planning import Choice
from receivables.collections.short_payments.rules import Limits
from receivables.core.forms import FormWithFormat, MoneyFormField, RateFormField
from receivables.core.views import ActionForm
from receivables.customers.queries import billed_currencies

HUNDRED = Decimal(100)


class BatchForm(FormWithFormat, forms.Form):
    """The type and limits of a batch. All that is open is taken off each invoice; `previewed` names the dry run that
    was shown, the other hidden fields the selection."""

    type = forms.ModelChoiceField(
        label=_("Type"), queryset=AccessorialType.objects.none(), empty_label=_("Choose a type"),
        error_messages={"invalid_choice": _("This accessorial type does not exist or is not active.")},
    )  # fmt: skip
    currency = forms.ChoiceField(label=_("Currency"))
    most_amount = MoneyFormField(
        label=_("Only if short by at most"), required=False, min_value=Decimal(0),
        help_text=_("All that is open is taken off. Leave empty for no limit."),
    )  # fmt: skip
    most_percent = RateFormField(
        label=_("Only if short by at most, in % of the invoice"), required=False, min_value=Decimal(0),
        max_value=HUNDRED,
    )  # fmt: skip
    note = forms.CharField(
        label=_("Note"), required=False, max_length=200, help_text=_("Stands on each invoice beside the reduction.")
    )
    reason = reason_field(required=False)
    posting_date = posting_date_field()
    keys = forms.CharField(required=False, widget=forms.HiddenInput)
    everything = forms.CharField(required=False, widget=forms.HiddenInput)
    query = forms.CharField(required=False, widget=forms.HiddenInput)
    previewed = forms.CharField(required=False, max_length=64, widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        codes = billed_currencies(self.actor)
        currency: Any = self.fields["currency"]
        currency.choices = [(code, code) for code in codes]
        if len(codes) == 1:
            currency.widget, currency.initial = forms.HiddenInput(), codes[0]
        chosen: Any = self.fields["type"]
        chosen.queryset = (
            AccessorialType.objects.of(self.actor)
            .filter(active=True, kind__in=KINDS, entities__contains=[Entity.CUSTOMER])
            .order_by("name")
        )

    def choice(self) -> Choice:
        """What was typed, as the plan takes it."""
        data = self.cleaned_data
        limits = Limits(data["currency"], data["most_amount"], data["most_percent"], data["posting_date"])
        return Choice(data["type"], limits, data["note"], data["reason"])


class UndoBatchForm(ActionForm):
    """Why a batch is undone; its resolutions carry the same reason. They are posted on the day of the act."""

    reason = reason_field(required=True)
