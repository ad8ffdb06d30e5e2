"""The forms of payments: what a person types, and what we warn of before anything is posted."""

from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from receivables.billing.forms import reason_field
from receivables.billing.models import Load
from receivables.billing.pages import amount_text
from receivables.collections.bounce_fees.charging import usual_fee
from receivables.collections.models import BankAccount, Payment
from receivables.collections.payoff_queries import limit_text, policy_of
from receivables.collections.queries import bank_accounts
from receivables.collections.taking_back import reductions_with
from receivables.core.dates import today
from receivables.core.forms import DayField, MoneyFormField, key_of
from receivables.core.views import ActionForm
from receivables.ledger.rates.forms import OverrideFields

POSTING_HELP = gettext_lazy(
    "Leave empty to post on the payment's date, or on the first open day after it if that month is closed."
)
ZERO_HELP = gettext_lazy("0.00 is a payment too: as long as it stands, the invoice can't be regenerated.")


class PaymentForm(OverrideFields, ActionForm):
    """What is known about money that arrived. `again` is asked for only where it looks recorded already."""

    amount = MoneyFormField(label=gettext_lazy("Amount received"), min_value=Decimal(0))
    date = DayField(label=gettext_lazy("Date received"))
    method = forms.ChoiceField(label=gettext_lazy("Method"), choices=Payment.Method.choices)
    bank_account = forms.ModelChoiceField(BankAccount.objects.none(), label=gettext_lazy("Bank account"))
    reference = forms.CharField(
        label=gettext_lazy("Reference"), max_length=80, required=False,
        help_text=gettext_lazy("Check number or the bank's reference."),
    )  # fmt: skip
    note = forms.CharField(label=gettext_lazy("Note"), max_length=200, required=False)
    posting_date = DayField(label=gettext_lazy("Posting date"), required=False, help_text=POSTING_HELP)
    again = forms.BooleanField(label=gettext_lazy("This is another payment"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["date"].initial = today(self.actor.organization)
        self._offer_banks()
        own = self.actor.organization.currency
        self.offer_override(foreign=bank_accounts(self.actor, self.bank_currency()).exclude(currency=own).exists())

    def _offer_banks(self) -> None:
        field: Any = self.fields["bank_account"]
        field.queryset = bank_accounts(self.actor, self.bank_currency())
        banks = list(field.queryset[:2])
        own = [bank for bank in banks if bank.currency == self.actor.organization.currency]
        field.empty_label = _("Choose a bank account")
        if len(banks) == 1:
            field.initial, field.empty_label = banks[0].pk, None
        elif len(own) == 1 and not self.bank_currency():
            field.initial = own[0].pk

    def bank_currency(self) -> str:
        """The only currency that the money can be in, or '' for any."""
        return ""


class RecordPaymentForm(PaymentForm):
    """A payment on an invoice. What exceeds the balance is refused, and kept on account with one click."""

    KEEP = "keep_rest"
    typed: Decimal | None = None
    pay_bill = forms.BooleanField(label=gettext_lazy("Pay bill?"), required=False)
    ask = forms.BooleanField(
        label=gettext_lazy("Ask for approval of what is over a limit"), required=False,
        help_text=gettext_lazy("The money is posted now; only the bad debt over a limit waits for somebody else."),
    )  # fmt: skip
    short_on = forms.ModelChoiceField(
        Load.objects.none(), label=gettext_lazy("Short on load"), required=False,
        empty_label=gettext_lazy("Not said"),
        help_text=gettext_lazy(
            "If less is paid than is owed: the load that it is short on. The others then count as paid."
        ),
    )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.balance = self.obj.open_item.balance
        self.fields["amount"].initial = self.balance
        self.fields["amount"].help_text = ZERO_HELP
        self._offer_pay_off()
        self._offer_loads()

    def _offer_pay_off(self) -> None:
        if not self.actor.can("pay_bill"):
            del self.fields["pay_bill"], self.fields["ask"]
            return
        words = {"limit": limit_text(self.actor, policy_of(self.actor).maximum)}
        said = _("If less is paid than is owed: give up the rest as bad debt. Pay-off limit: %(limit)s.")
        self.fields["pay_bill"].help_text = said % words

    def _offer_loads(self) -> None:
        field: Any = self.fields["short_on"]
        if self.obj.summary:
            field.queryset = Load.objects.of(self.actor).filter(invoice=self.obj).order_by("pk")
            self.order_fields(["amount", "short_on"])
        else:
            del self.fields["short_on"]

    def bank_currency(self) -> str:
        return str(self.obj.currency)

    def clean(self) -> dict[str, Any]:
        """What depends on the facts of the moment is asked under the key of the form, not here: a form that is sent
        twice would otherwise be refused for what it did itself."""
        data: dict[str, Any] = super().clean() or self.cleaned_data
        data[self.KEEP] = bool(self.data.get(self.KEEP))
        self.typed = data.get("amount")
        return data

    @property
    def repair(self) -> str:
        """The words of the one click that repairs an amount beyond the balance; empty if there is nothing to repair."""
        amount, currency = self.typed, self.obj.currency
        if amount is None or amount <= self.balance:
            return ""
        words = {
            "applied": amount_text(self.actor, self.balance, currency),
            "rest": amount_text(self.actor, amount - self.balance, currency),
        }
        return _("Apply %(applied)s here, keep %(rest)s on account") % words


class PaymentOnAccountForm(PaymentForm):
    """Money of a customer, on invoices or on account; its currency is the bank account's."""

    why = forms.CharField(
        label=gettext_lazy("Why the rest should be given up"), max_length=300, required=False,
        help_text=gettext_lazy("The person who decides will read it."),
    )  # fmt: skip
    excess = forms.BooleanField(label=gettext_lazy("Book what is paid too much as income"), required=False)

    def clean_amount(self) -> Decimal:
        amount: Decimal = self.cleaned_data["amount"]
        if amount == 0:
            raise forms.ValidationError(_("Enter an amount above zero; a payment of zero belongs on an invoice."))
        return amount

    def get_currency(self) -> str:
        chosen = bank_accounts(self.actor).filter(pk=key_of(self.data.get("bank_account")) or 0).first()
        return chosen.currency if chosen else str(self.actor.organization.currency)


class DeletePaymentForm(ActionForm):
    """Why a payment is taken back, and on which day."""

    reason = reason_field(required=False)
    posting_date = DayField(
        label=gettext_lazy("Posting date"), required=False,
        help_text=gettext_lazy("Leave empty to take it back today, or on the first open day."),
    )  # fmt: skip
    with_reductions = forms.BooleanField(
        label=gettext_lazy("Also take back the reduction that was given with it"), required=False,
        help_text=gettext_lazy("Leave it if the payment is recorded again: then the invoice stays as it is."),
    )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not self.actor.can("undo_resolution") or not reductions_with(self.actor, self.obj).exists():
            del self.fields["with_reductions"]


class BouncePaymentForm(ActionForm):
    """What the bank says, on which day the money is taken back, and which fee the payer is charged for it."""

    reason = reason_field(required=True)
    fee = MoneyFormField(
        label=gettext_lazy("Fee charged to the payer"), required=False, min_value=Decimal(0),
        help_text=gettext_lazy("Owed as a document of its own. Leave empty to charge nothing."),
    )  # fmt: skip
    posting_date = DayField(
        label=gettext_lazy("Posting date"), required=False,
        help_text=gettext_lazy("Leave empty to take it back today, or on the first open day."),
    )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.obj.bank_account.fee_account_id is None:
            del self.fields["fee"]
        else:
            self.fields["fee"].initial = usual_fee(self.obj)
