"""What people type about money on account: an amount for each invoice, where to, how much is given back and why."""

from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from receivables.billing.forms import posting_date_field, reason_field
from receivables.billing.models import Invoice
from receivables.billing.pages import amount_text, number_format
from receivables.collections.crossing import known_crossings
from receivables.collections.models import BankAccount, Payment
from receivables.collections.operations import Assignment
from receivables.collections.queries import bank_accounts, unapplied
from receivables.collections.search import invoices_of
from receivables.collections.unapplied.queries import MOST_ROWS, oldest_first, payable_across, payable_with
from receivables.collections.unapplied.rules import amount_field
from receivables.core.dates import today
from receivables.core.forms import DayField, MoneyFormField, key_of, keys_typed, set_format
from receivables.core.views import ActionForm


class AssignPaymentForm(ActionForm):
    """An amount for each open invoice of the payer, in the invoice's currency; empty ones are left alone. Suggested:
    the oldest due first of those in the payment's own. An invoice in a currency without a rate is not offered."""

    posting_date = posting_date_field()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        typed, invoices = keys_typed(self.data, "amount"), list(payable_across(self.actor, self.obj)[:MOST_ROWS])
        invoices += invoices_of(self.actor, self.obj.account, {*typed} - {row.pk for row in invoices})
        self.across = known_crossings(self.actor, self.obj, {row.currency for row in invoices})
        usable = {self.obj.currency, *self.across}
        self.invoices = [row for row in invoices if row.currency in usable or row.pk in typed]
        self.no_rate = sorted({row.currency for row in invoices} - {self.obj.currency} - self.across.keys())
        suggested = {} if self.is_bound else oldest_first(self.obj, self.invoices)
        for row in self.invoices:
            self.fields[amount_field(row.pk)] = MoneyFormField(
                label=_("Amount on %(number)s") % {"number": row.number}, required=False, currency=row.currency,
                min_value=Decimal(0), initial=suggested.get(row.pk),
            )  # fmt: skip
        set_format(self, number_format(self.actor), self.obj.currency)

    def rows(self) -> list[dict[str, Any]]:
        """Each invoice with the field of its amount; of one in another currency also how much of it can be paid."""
        return [{"invoice": row, "field": self[amount_field(row.pk)], "most": self._most(row)} for row in self.invoices]

    def _most(self, invoice: Invoice) -> str:
        across = self.across.get(invoice.currency)
        if across is None:
            return ""
        most = min(across.most_for(unapplied(self.obj)), invoice.open_item.balance)
        words = {
            "most": amount_text(self.actor, most, invoice.currency),
            "taken": amount_text(self.actor, across.taken_for(most), across.currency),
        }
        return _("up to %(most)s, which takes %(taken)s") % words

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or self.cleaned_data
        amounts = [(row, data.get(amount_field(row.pk))) for row in self.invoices]
        data["assignments"] = [Assignment(row, amount) for row, amount in amounts if amount]
        return data


class InvoiceChoice(forms.ModelChoiceField):
    """An open invoice, with what is open on it."""

    actor: Any = None

    def label_from_instance(self, obj: Invoice) -> str:
        words = {"number": obj.number, "open": amount_text(self.actor, obj.open_item.balance, obj.currency)}
        return _("%(number)s, open %(open)s") % words


class MoveForm(ActionForm):
    """To which invoice, how much of it, and why. `obj` is the settlement that is moved. What was chosen stays a choice
    whatever became of it: what is owed on it is asked under the key of the form."""

    invoice = InvoiceChoice(
        Invoice.objects.none(), label=gettext_lazy("To invoice"), empty_label=gettext_lazy("Choose an invoice")
    )
    amount = MoneyFormField(
        label=gettext_lazy("Amount"), min_value=Decimal(0),
        help_text=gettext_lazy("What you don't move stays on account."),
    )  # fmt: skip
    reason = reason_field(required=True)
    posting_date = posting_date_field()

    def __init__(self, *args: Any, payment: Payment, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["invoice"]
        field.actor = self.actor
        chosen = key_of(self.data.get("invoice")) or 0
        others = payable_with(self.actor, payment).exclude(open_item=self.obj.debit_item_id)
        field.queryset = others | invoices_of(self.actor, payment.account, [chosen]) if chosen else others
        self.fields["amount"].initial = self.obj.amount


class RefundForm(ActionForm):
    """How much of the money on account is given back, from where, and why."""

    amount = MoneyFormField(label=gettext_lazy("Amount"), min_value=Decimal(0))
    date = DayField(label=gettext_lazy("Date"))
    method = forms.ChoiceField(label=gettext_lazy("Method"), choices=Payment.Method.choices)
    bank_account = forms.ModelChoiceField(BankAccount.objects.none(), label=gettext_lazy("Bank account"))
    reference = forms.CharField(
        label=gettext_lazy("Reference"), max_length=80, required=False,
        help_text=gettext_lazy("Check number or the bank's reference."),
    )  # fmt: skip
    reason = reason_field(required=True)
    posting_date = DayField(
        label=gettext_lazy("Posting date"), required=False,
        help_text=gettext_lazy("Leave empty for the date above, or for the first open day if that month is closed."),
    )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["amount"].initial = unapplied(self.obj)
        self.fields["date"].initial = today(self.actor.organization)
        self.fields["method"].initial = self.obj.method
        field: Any = self.fields["bank_account"]
        field.queryset = bank_accounts(self.actor, self.obj.currency)
        field.initial = self.obj.bank_account_id
