"""What an ageing is asked for."""

from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from receivables.collections.models import BankAccount
from receivables.core.dates import today
from receivables.core.forms import DayField
from receivables.customers.models import Agreement
from receivables.reports.ageing.queries import BY_DUE, BY_ISSUED, Asked

MOMENT = "%Y-%m-%dT%H:%M"


class AgeingForm(forms.Form):
    """The day, the moment of knowing, the date that ages, the currency; each has a default."""

    as_of = DayField(label=_("As of"), required=False)
    known = forms.DateTimeField(
        label=_("As known at"), required=False, input_formats=[MOMENT, f"{MOMENT}:%S"],
        widget=forms.DateTimeInput(format=MOMENT, attrs={"type": "datetime-local"}),
    )  # fmt: skip
    by = forms.ChoiceField(
        label=_("Aged by"), required=False, choices=[(BY_DUE, _("Due date")), (BY_ISSUED, _("Document date"))]
    )
    currency = forms.ChoiceField(label=_("Currency"), required=False)

    def __init__(self, data: Any, *, actor: Any) -> None:
        self.actor = actor
        day = today(actor.organization).isoformat()
        super().__init__({"as_of": day, **{key: value for key, value in data.items() if value}})
        own = actor.organization.currency
        billed, paid = (rows.objects.of(actor).order_by().values_list("currency") for rows in (Agreement, BankAccount))
        used = sorted(currency for (currency,) in billed.union(paid))
        self.fields["currency"].choices = [  # type: ignore[attr-defined]
            ("", _("All, in %(currency)s") % {"currency": own}), *((each, each) for each in used),
        ]  # fmt: skip

    def asked(self) -> Asked:
        """What was asked for. Only of a form that is valid."""
        found = self.cleaned_data
        known = found["known"]
        return Asked(
            found["as_of"] or today(self.actor.organization), known if known and known < timezone.now() else None,
            found["by"] or BY_DUE, found["currency"],
        )  # fmt: skip
