"""Payments as a table, and what they are filtered by."""

from decimal import Decimal
from typing import Any

import django_filters as filters
import django_tables2 as tables
from django import forms
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from receivables.billing.tables import badge
from receivables.collections.models import BankAccount, Payment
from receivables.collections.queries import unapplied
from receivables.collections.status import payment_status
from receivables.core.columns import DayColumn, MoneyColumn
from receivables.ledger.models import Allocation

WHOLE = {"td": {"class": "text-nowrap"}}  # numbers and references are not broken in two


class PaymentTable(tables.Table):
    """Payments with what of them is still on account."""

    number = tables.Column(verbose_name=_("Payment"), linkify=True, attrs=WHOLE)
    date = DayColumn(verbose_name=_("Date"))
    customer = tables.Column(verbose_name=_("Customer"), accessor="account__customer__name")
    account = tables.Column(verbose_name=_("Account"), accessor="account__number", attrs=WHOLE)
    method = tables.Column(verbose_name=_("Method"), attrs=WHOLE)
    reference = tables.Column(verbose_name=_("Reference"), attrs=WHOLE)
    currency = tables.Column(verbose_name=_("Currency"))
    amount = MoneyColumn(verbose_name=_("Amount"))
    unapplied = MoneyColumn(verbose_name=_("On account"), empty_values=())
    state = tables.Column(verbose_name=_("State"), empty_values=())

    class Meta:
        model = Payment
        fields = ()
        sequence = (
            "number", "date", "customer", "account", "method", "reference", "currency", "amount", "unapplied", "state",
        )  # fmt: skip

    def render_unapplied(self, record: Payment) -> Any:
        return self.columns["amount"].column.render(unapplied(record), record, self)

    def value_unapplied(self, record: Payment) -> Decimal:
        return unapplied(record)

    def render_state(self, record: Payment) -> Any:
        return badge(payment_status(record))

    def value_state(self, record: Payment) -> str:
        return str(payment_status(record).label)


class PaymentFilter(filters.FilterSet):
    """Search and filters of the payments list."""

    q = filters.CharFilter(label=_("Search"), method="search")
    method = filters.ChoiceFilter(label=_("Method"), choices=Payment.Method.choices)
    bank_account = filters.ModelChoiceFilter(label=_("Bank account"), queryset=lambda request: _banks(request))
    since = filters.DateFilter(
        label=_("From"), field_name="date", lookup_expr="gte", widget=forms.DateInput(attrs={"type": "date"})
    )
    until = filters.DateFilter(
        label=_("Until"), field_name="date", lookup_expr="lte", widget=forms.DateInput(attrs={"type": "date"})
    )

    class Meta:
        model = Payment
        fields: list[str] = []

    def search(self, payments: QuerySet[Payment], name: str, value: str) -> QuerySet[Payment]:
        """By number, reference, customer, account, or the number of an invoice that it was applied to."""
        text = value.strip()
        return payments.filter(
            Q(number__icontains=text)
            | Q(reference__icontains=text)
            | Q(account__number__istartswith=text)
            | Q(account__customer__name__icontains=text)
            | Q(open_item__in=_paying(self.request.actor, text))
        )


def _banks(request: Any) -> QuerySet[BankAccount]:
    return BankAccount.objects.of(request.actor).order_by("name")


def _paying(actor: Any, number: str) -> QuerySet[Any]:
    """The open items of payments that were ever applied to the invoice of this very number."""
    return Allocation.objects.of(actor).filter(debit_item__number__iexact=number).values("credit_item")
