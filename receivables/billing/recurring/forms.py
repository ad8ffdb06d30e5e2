"""What people type about charges of agreements and billing runs."""

from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from receivables.billing.models import AccessorialType, Entity
from receivables.billing.recurring.rules import KINDS
from receivables.core.dates import today
from receivables.core.forms import DayField, FormWithFormat, MoneyFormField
from receivables.core.views import ActionForm


class AddChargeForm(ActionForm):
    """A charge: what it is for, how much, and how often."""

    ONCE = 0
    OFTEN = [
        (ONCE, _("Once")), (1, _("Every month")), (2, _("Every 2 months")), (3, _("Every 3 months")),
        (6, _("Every 6 months")), (12, _("Every 12 months")),
    ]  # fmt: skip
    type = forms.ModelChoiceField(AccessorialType.objects.none(), label=_("Type"), empty_label=None)
    amount = MoneyFormField(label=_("Amount"), min_value=Decimal(0))
    every_months = forms.TypedChoiceField(label=_("How often"), choices=OFTEN, coerce=int, initial=1)
    starts_on = DayField(
        label=_("From"), help_text=_("The first day of the first period. What is charged once is due on this day.")
    )
    ends_on = DayField(label=_("Until"), required=False, help_text=_("Leave empty to go on until service stops."))
    note = forms.CharField(
        label=_("Note"), max_length=120, required=False, help_text=_("Stands on the invoice beside the type.")
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        types = AccessorialType.objects.of(self.actor).filter(
            active=True, kind__in=KINDS, entities__contains=[Entity.CUSTOMER]
        )
        field: Any = self.fields["type"]
        field.queryset = types.order_by("name")
        self.fields["starts_on"].initial = max(today(self.actor.organization), self.obj.start_date)


class EndChargeForm(ActionForm):
    """When a charge ends, and why."""

    ends_on = DayField(
        label=_("Last day"), required=False,
        help_text=_("Leave empty to take the charge back, if nothing of it was billed."),
    )  # fmt: skip
    reason = forms.CharField(
        label=_("Reason"), required=False, max_length=500, widget=forms.Textarea(attrs={"rows": 2})
    )


class RunForm(FormWithFormat, forms.Form):
    """Up to which day, and which date the invoices carry."""

    cut_off = DayField(label=_("Bill what is due up to"))
    issue_date = DayField(label=_("Date of the invoices"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in self.fields:
            self.fields[name].initial = today(self.actor.organization)
