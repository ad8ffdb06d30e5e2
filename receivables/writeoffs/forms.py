"""What people type about write-offs."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy

from receivables.core.forms import DayField, MoneyFormField
from receivables.core.views import ActionForm


def posting_date_field() -> DayField:
    return DayField(
        label=gettext_lazy("Posting date"), required=False,
        help_text=gettext_lazy("Leave empty for today, or for the first open day if this month is closed."),
    )  # fmt: skip


def reason_field() -> forms.CharField:
    return forms.CharField(
        label=gettext_lazy("Reason"), max_length=500, widget=forms.Textarea(attrs={"rows": 2}),
        error_messages={"required": gettext_lazy("Say why.")},
    )  # fmt: skip


class ReverseWriteOffForm(ActionForm):
    """How much of a write-off is taken back, and why."""

    amount = MoneyFormField(
        label=gettext_lazy("Amount"), required=False,
        help_text=gettext_lazy("Leave empty to take back all that is left. A part is split with its taxes."),
    )  # fmt: skip
    reason = reason_field()
    posting_date = posting_date_field()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields.pop("seen")
