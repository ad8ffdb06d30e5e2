"""What is asked for a batch."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from receivables.core.dates import today
from receivables.core.forms import DayField, FormWithFormat
from receivables.core.views import ActionForm
from receivables.ledger_exports.models import Format


class ExportForm(FormWithFormat, forms.Form):
    """Which format, and up to which posting date."""

    format = forms.ChoiceField(label=_("Format"), choices=Format.choices)
    through = DayField(
        label=_("Posted up to"),
        help_text=_("Later entries, and what is posted before this day later on, leave with a later batch."),
    )

    def __init__(self, *args: Any, actor: Any, **kwargs: Any) -> None:
        super().__init__(*args, actor=actor, **kwargs)
        self.fields["through"].initial = today(actor.organization)


class WithdrawForm(ActionForm):
    """Why a batch is withdrawn."""

    reason = forms.CharField(label=_("Reason"), max_length=500, widget=forms.Textarea(attrs={"rows": 2}))


class AgainForm(forms.Form):
    """That a person knows that a batch was downloaded before."""

    again = forms.BooleanField(label=_("I know that importing it a second time would double every entry"))
