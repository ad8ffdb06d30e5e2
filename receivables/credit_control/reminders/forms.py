"""What people type about a reminder."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from receivables.billing.delivery.addresses import AddressesField, OneLineField
from receivables.billing.delivery.models import BODY_LENGTH, SUBJECT_LENGTH
from receivables.core.views import ActionForm
from receivables.credit_control.reminders.letters import demand_of, words_of
from receivables.credit_control.reminders.models import Reminder

Method = Reminder.Method


class SendReminderForm(ActionForm):
    """How a reminder goes out, to whom, and in which words."""

    method = forms.ChoiceField(label=gettext_lazy("How"), choices=Method.choices, widget=forms.RadioSelect)
    to = AddressesField(
        label=gettext_lazy("To"), required=False, help_text=gettext_lazy("Several addresses are separated by commas.")
    )
    subject = OneLineField(label=gettext_lazy("Subject"), max_length=SUBJECT_LENGTH)
    body = forms.CharField(
        label=gettext_lazy("Text"), max_length=BODY_LENGTH, widget=forms.Textarea(attrs={"rows": 10})
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        words = words_of(self.actor, self.obj, demand_of(self.actor, self.obj))
        for name in ("to", "subject", "body"):
            self.fields[name].initial = getattr(words, name)
        self.fields["method"].initial = Method.EMAIL if words.to else Method.POST

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if data.get("method") == Method.EMAIL and not data.get("to") and "to" not in self.errors:
            self.add_error("to", _("Enter an e-mail address, or print and post the letter."))
        return data
