"""What people type about money held: how much, why, and for a deposit how and where it came."""

from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy

from receivables.billing.forms import posting_date_field, reason_field
from receivables.collections.models import BankAccount, Payment
from receivables.collections.queries import bank_accounts, unapplied
from receivables.core.dates import today
from receivables.core.forms import DayField, MoneyFormField, key_of
from receivables.core.views import ActionForm


class HoldOverpaymentForm(ActionForm):
    """How much of the money on account is held."""

    amount = MoneyFormField(label=gettext_lazy("Amount"), min_value=Decimal(0))
    reason = reason_field(required=False)
    posting_date = posting_date_field()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["amount"].initial = unapplied(self.obj)


class ReleaseHeldMoneyForm(ActionForm):
    """How much goes back on account, and why."""

    amount = MoneyFormField(
        label=gettext_lazy("Amount"), min_value=Decimal(0),
        help_text=gettext_lazy("It is on account again: from there it is applied or given back."),
    )  # fmt: skip
    reason = reason_field(required=True)
    posting_date = posting_date_field()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["amount"].initial = -self.obj.payoff_balance


class ApplyDepositForm(ActionForm):
    """Only when, and why; what is paid follows from what is owed."""

    reason = reason_field(required=False)
    posting_date = posting_date_field()


class RecordDepositForm(ActionForm):
    """A deposit as it came, and what is required in all. The bank account decides the currency."""

    amount = MoneyFormField(label=gettext_lazy("Amount received"), min_value=Decimal(0))
    required = MoneyFormField(
        label=gettext_lazy("Deposit required in all"), min_value=Decimal(0), required=False,
        help_text=gettext_lazy("What is not paid of it stays asked for. Leave empty if this is all."),
    )  # fmt: skip
    date = DayField(label=gettext_lazy("Date received"))
    method = forms.ChoiceField(label=gettext_lazy("Method"), choices=Payment.Method.choices)
    bank_account = forms.ModelChoiceField(BankAccount.objects.none(), label=gettext_lazy("Bank account"))
    reference = forms.CharField(label=gettext_lazy("Reference"), max_length=80, required=False)
    note = forms.CharField(label=gettext_lazy("Note"), max_length=200, required=False)
    posting_date = posting_date_field()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["bank_account"]
        field.queryset = bank_accounts(self.actor)
        own = [row for row in field.queryset if row.currency == self.obj.customer.currency]
        field.initial = own[0].pk if own else None
        self.fields["date"].initial = today(self.actor.organization)

    def get_currency(self) -> str:
        """The currency of the bank account that was chosen: the typed amounts are in it."""
        chosen = bank_accounts(self.actor).filter(pk=key_of(self.data.get("bank_account")) or 0).first()
        return chosen.currency if chosen else str(self.obj.customer.currency)
