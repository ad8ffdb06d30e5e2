"""What people type about bankruptcies."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from receivables.billing.pages import number_format
from receivables.collections.models import Payment
from receivables.core.forms import DayField, MoneyFormField, set_format
from receivables.core.views import ActionForm
from receivables.customers.models import Account
from receivables.writeoffs.bankruptcy.dividends import Dividend, money_of
from receivables.writeoffs.bankruptcy.drafting import Filing
from receivables.writeoffs.forms import posting_date_field, reason_field
from receivables.writeoffs.models import Bankruptcy


class StartBankruptcyForm(ActionForm):
    """The petition. `previewed` is what the person was shown."""

    filed_on = DayField(
        label=_("Filing date"), help_text=_("What was billed up to this day is moved, and service stops with it.")
    )
    reference = forms.CharField(
        label=_("Court and case number"), max_length=200,
        error_messages={"required": _("Enter the court and the number of the case.")},
    )  # fmt: skip
    posting_date = posting_date_field()
    previewed = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields.pop("seen")


def filing_of(account: Account, data: dict[str, Any]) -> Filing:
    """A checked form as the operation takes it."""
    return Filing(account, data["filed_on"], data["reference"], data["posting_date"], data["previewed"])


class WithdrawBankruptcyForm(ActionForm):
    """Why a filing was an error, and when what it moved goes back. `previewed` is what the person was shown."""

    reason = reason_field()
    posting_date = posting_date_field()
    previewed = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields.pop("seen")


class AddToBankruptcyForm(ActionForm):
    """When what came back follows. `previewed` is what the person was shown."""

    posting_date = posting_date_field()
    previewed = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields.pop("seen")


class RecordDividendForm(ActionForm):
    """Which payment the trustee made, and how much of it is a dividend of this bankruptcy."""

    payment = forms.ModelChoiceField(
        Payment.objects.none(), label=_("Payment of the trustee"),
        help_text=_("Payments on this account that have money on account."),
    )  # fmt: skip
    amount = MoneyFormField(
        label=_("Amount"), required=False, help_text=_("Leave empty for all of the payment that is on account.")
    )
    posting_date = posting_date_field()
    previewed = forms.CharField(required=False, widget=forms.HiddenInput)

    obj: Bankruptcy

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields.pop("seen")
        payments: Any = self.fields["payment"]
        payments.queryset = money_of(self.actor, self.obj)
        set_format(self, number_format(self.actor), self.get_currency())


def dividend_of(bankruptcy: Bankruptcy, data: dict[str, Any]) -> Dividend:
    """A checked form as the operation takes it."""
    return Dividend(bankruptcy, data["payment"], data["amount"], data["posting_date"], data["previewed"])
