"""The reports as tables, and what they are filtered by."""

from decimal import Decimal
from functools import cached_property
from typing import Any
from urllib.parse import urlencode

import django_filters as filters
import django_tables2 as tables
from django import forms
from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from receivables.billing.filters import TypedFilter
from receivables.billing.models import Reason
from receivables.billing.status import Status
from receivables.billing.tables import badge
from receivables.collections.models import PayOff, SmallExcess
from receivables.core.columns import AMOUNT, DayColumn, MoneyColumn
from receivables.core.context import number_format
from receivables.core.money import format_number
from receivables.customers.models import Customer
from receivables.ledger.models import GLAccount, JournalLine
from receivables.ledger.words import kind_words
from receivables.reports.bad_debt import loss_accounts
from receivables.reports.payoffs import NEAR_FROM, NEAR_TO

PERCENT = {"min_value": 0, "max_value": 1000, "max_digits": 6, "decimal_places": 2}
WHOLE = {"td": {"class": "text-nowrap"}}
STANDS = Status("posted", gettext_lazy("Stands"), "success")
TAKEN_BACK = Status("reversed", gettext_lazy("Taken back"), "neutral")


class ShareColumn(tables.Column):
    """A part in percent with one decimal."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"attrs": AMOUNT, "default": "–", **kwargs})

    def render(self, value: Decimal, table: Any) -> Any:
        fmt = number_format(table.request)["number_format"]
        return format_html("<bdi>{} %</bdi>", format_number(round(value, 1), 1, fmt))

    def value(self, value: Decimal) -> Decimal:
        return round(value, 1)


class PayOffTable(tables.Table):
    """What payments gave up by themselves, with the limit that held then."""

    date = DayColumn(verbose_name=gettext_lazy("Posted"), accessor="allocation__entry__posting_date")
    payment = tables.Column(verbose_name=gettext_lazy("Payment"), linkify=True, attrs=WHOLE)
    invoice = tables.Column(verbose_name=gettext_lazy("Invoice"), linkify=True, attrs=WHOLE)
    customer = tables.Column(
        verbose_name=gettext_lazy("Customer"), accessor="invoice__account__customer",
        linkify=lambda record: record.invoice.account.customer.get_absolute_url(),
    )  # fmt: skip
    reason = tables.Column(verbose_name=gettext_lazy("Reason"))
    by = tables.Column(verbose_name=gettext_lazy("Recorded by"), accessor="payment__created_by", default="–")
    currency = tables.Column(verbose_name=gettext_lazy("Currency"))
    amount = MoneyColumn(verbose_name=gettext_lazy("Given up"))
    own_value = MoneyColumn(own=True, verbose_name=gettext_lazy("In own currency"))
    limit_then = MoneyColumn(own=True, verbose_name=gettext_lazy("Limit then"), default=gettext_lazy("No maximum"))
    share = ShareColumn(verbose_name=gettext_lazy("Of the limit"))
    state = tables.Column(verbose_name=gettext_lazy("State"), empty_values=())

    class Meta:
        model = PayOff
        fields = ()
        sequence = (
            "date", "payment", "invoice", "customer", "reason", "by", "currency", "amount", "own_value", "limit_then",
            "share", "state",
        )  # fmt: skip

    def _status(self, record: PayOff) -> Status:
        return TAKEN_BACK if getattr(record.allocation, "reversed_by", None) is not None else STANDS

    def render_state(self, record: PayOff) -> Any:
        return badge(self._status(record))

    def value_state(self, record: PayOff) -> str:
        return str(self._status(record).label)


class ExcessTable(tables.Table):
    """What was paid too much and booked as income, with the limit that held then."""

    date = DayColumn(verbose_name=gettext_lazy("Posted"), accessor="posting_date")
    payment = tables.Column(verbose_name=gettext_lazy("Payment"), linkify=True, attrs=WHOLE)
    customer = tables.Column(
        verbose_name=gettext_lazy("Customer"), accessor="payment__account__customer",
        linkify=lambda record: record.payment.account.customer.get_absolute_url(),
    )  # fmt: skip
    by = tables.Column(verbose_name=gettext_lazy("Booked by"), accessor="created_by", default="–")
    gl_account = tables.Column(verbose_name=gettext_lazy("Account"))
    currency = tables.Column(verbose_name=gettext_lazy("Currency"))
    amount = MoneyColumn(verbose_name=gettext_lazy("Amount"))
    own_value = MoneyColumn(own=True, verbose_name=gettext_lazy("In own currency"))
    limit_then = MoneyColumn(own=True, verbose_name=gettext_lazy("Limit then"), default="–")
    share = ShareColumn(verbose_name=gettext_lazy("Of the limit"))
    state = tables.Column(verbose_name=gettext_lazy("State"), empty_values=())

    class Meta:
        model = SmallExcess
        fields = ()
        sequence = (
            "date", "payment", "customer", "by", "gl_account", "currency", "amount", "own_value", "limit_then", "share",
            "state",
        )  # fmt: skip

    def _status(self, record: SmallExcess) -> Status:
        return TAKEN_BACK if hasattr(record, "reversal") else STANDS

    def render_state(self, record: SmallExcess) -> Any:
        return badge(self._status(record))

    def value_state(self, record: SmallExcess) -> str:
        return str(self._status(record).label)


class RepeaterTable(tables.Table):
    """Customers who keep coming close to the limit; the number leads to their pay-offs."""

    name = tables.Column(verbose_name=gettext_lazy("Customer"), linkify=True)
    number = tables.Column(verbose_name=gettext_lazy("Number"), attrs=WHOLE)
    times = tables.Column(verbose_name=gettext_lazy("Times"), attrs=AMOUNT)
    closest = ShareColumn(verbose_name=gettext_lazy("Closest"))
    last = DayColumn(verbose_name=gettext_lazy("Last"))

    class Meta:
        model = Customer
        fields = ()
        sequence = ("name", "number", "times", "closest", "last")

    def render_times(self, value: int, record: Customer) -> Any:
        near = self.request.GET.get("low") or f"{NEAR_FROM}"
        query = urlencode({"customer": record.number, "near": near, "state": "all"})
        label = _("Pay-offs of %(name)s") % {"name": record.name}
        return format_html('<a href="{}?{}" aria-label="{}">{}</a>', reverse("pay_off_report"), query, label, value)

    def value_times(self, value: int) -> int:
        return value


class BadDebtTable(tables.Table):
    """Every line on the accounts of bad debt."""

    date = DayColumn(verbose_name=gettext_lazy("Posted"), accessor="entry__posting_date")
    what = tables.Column(verbose_name=gettext_lazy("What"), accessor="entry__kind")
    customer = tables.Column(verbose_name=gettext_lazy("Customer"), accessor="customer_id", default="–")
    reason = tables.Column(verbose_name=gettext_lazy("Reason"))
    gl_account = tables.Column(verbose_name=gettext_lazy("Account"))
    author = tables.Column(verbose_name=gettext_lazy("Given up by"), accessor="author_id", default="–")
    approver = tables.Column(verbose_name=gettext_lazy("Approved by"), accessor="approver_id", default="–")
    currency = tables.Column(verbose_name=gettext_lazy("Currency"))
    amount = MoneyColumn(verbose_name=gettext_lazy("Amount"))
    organization_amount = MoneyColumn(own=True, verbose_name=gettext_lazy("In own currency"))

    class Meta:
        model = JournalLine
        fields = ()
        sequence = (
            "date", "what", "customer", "reason", "gl_account", "author", "approver", "currency", "amount",
            "organization_amount",
        )  # fmt: skip

    @cached_property
    def _customers(self) -> dict[int, Customer]:
        return Customer.objects.of(self.request.actor).in_bulk({row.customer_id for row in self.data})

    @cached_property
    def _people(self) -> dict[int, User]:
        return User.objects.in_bulk({pk for row in self.data for pk in (row.author_id, row.approver_id) if pk})

    def render_what(self, value: str, record: JournalLine) -> Any:
        return format_html('<a href="{}">{}</a>', record.entry.get_absolute_url(), kind_words(value))

    def value_what(self, value: str) -> str:
        return str(kind_words(value))

    def render_customer(self, value: int) -> Any:
        found = self._customers.get(value)
        return format_html('<a href="{}">{}</a>', found.get_absolute_url(), found.name) if found else "–"

    def value_customer(self, value: int) -> str:
        return str(self._customers.get(value, ""))

    def render_author(self, value: int) -> str:
        return str(self._people.get(value, "–"))

    value_author = render_author
    render_approver = render_author
    value_approver = render_author


def _day(lookup: str, field: str, label: Any) -> filters.DateFilter:
    widget = forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})
    return filters.DateFilter(field_name=field, lookup_expr=lookup, label=label, widget=widget)


def members_of(request: Any) -> QuerySet[User]:
    """Everybody who is or was a member of the organization."""
    return User.objects.filter(memberships__organization=request.organization).order_by("full_name", "pk")


def customers_like(actor: Any, value: str) -> QuerySet[Any]:
    """The keys of customers with this number, or a name that begins like this."""
    return Customer.objects.of(actor).filter(Q(number__iexact=value) | Q(name__istartswith=value)).values("pk")


class PayOffFilter(filters.FilterSet):
    """By when, who recorded the payment, customer, reason, and how near the limit it came."""

    since = _day("gte", "allocation__entry__posting_date", gettext_lazy("From"))
    until = _day("lte", "allocation__entry__posting_date", gettext_lazy("Until"))
    user = filters.ModelChoiceFilter(
        field_name="payment__created_by", label=gettext_lazy("Recorded by"), queryset=members_of
    )
    customer = TypedFilter(method="by_customer", label=gettext_lazy("Customer"))
    reason = filters.ModelChoiceFilter(
        label=gettext_lazy("Reason"), queryset=lambda request: Reason.objects.of(request.actor).order_by("name")
    )
    near = filters.NumberFilter(method="by_share", label=gettext_lazy("Percent of the limit, from"), **PERCENT)
    state = filters.ChoiceFilter(
        method="by_state", label=gettext_lazy("State"), empty_label=gettext_lazy("Stands"),
        choices=[("all", gettext_lazy("All")), ("back", gettext_lazy("Taken back"))],
    )  # fmt: skip

    class Meta:
        model = PayOff
        fields: list[str] = []

    def by_customer(self, rows: QuerySet, name: str, value: str) -> QuerySet:
        return rows.filter(invoice__account__customer__in=customers_like(self.request.actor, value))

    def by_share(self, rows: QuerySet, name: str, value: Decimal) -> QuerySet:
        return rows.filter(share__gte=value, share__lte=NEAR_TO)

    def by_state(self, rows: QuerySet, name: str, value: str) -> QuerySet:
        return rows.filter(allocation__reversed_by__isnull=False) if value == "back" else rows

    def filter_queryset(self, queryset: QuerySet) -> QuerySet:
        rows = super().filter_queryset(queryset)
        return rows if self.form.cleaned_data.get("state") else rows.filter(allocation__reversed_by__isnull=True)


class ExcessFilter(filters.FilterSet):
    """By when, who booked it, and customer."""

    since = _day("gte", "posting_date", gettext_lazy("From"))
    until = _day("lte", "posting_date", gettext_lazy("Until"))
    user = filters.ModelChoiceFilter(field_name="created_by", label=gettext_lazy("Booked by"), queryset=members_of)
    customer = TypedFilter(method="by_customer", label=gettext_lazy("Customer"))
    state = filters.ChoiceFilter(
        method="by_state", label=gettext_lazy("State"), empty_label=gettext_lazy("Stands"),
        choices=[("all", gettext_lazy("All")), ("back", gettext_lazy("Taken back"))],
    )  # fmt: skip

    class Meta:
        model = SmallExcess
        fields: list[str] = []

    def by_customer(self, rows: QuerySet, name: str, value: str) -> QuerySet:
        return rows.filter(payment__account__customer__in=customers_like(self.request.actor, value))

    def by_state(self, rows: QuerySet, name: str, value: str) -> QuerySet:
        return rows.filter(reversal__isnull=False) if value == "back" else rows

    def filter_queryset(self, queryset: QuerySet) -> QuerySet:
        rows = super().filter_queryset(queryset)
        return rows if self.form.cleaned_data.get("state") else rows.filter(reversal__isnull=True)


class RepeaterFilter(filters.FilterSet):
    """What "just under" and "keeps" mean; empty is the default."""

    low = filters.NumberFilter(method="kept", label=gettext_lazy("Percent of the limit, from"), **PERCENT)
    high = filters.NumberFilter(method="kept", label=gettext_lazy("to"), **PERCENT)
    times = filters.NumberFilter(method="kept", label=gettext_lazy("Times, at least"), min_value=1, max_value=1000)
    months = filters.NumberFilter(method="kept", label=gettext_lazy("In the last months"), min_value=1, max_value=60)

    class Meta:
        model = Customer
        fields: list[str] = []

    def kept(self, rows: QuerySet, name: str, value: Decimal) -> QuerySet:
        """The rows are found by these already."""
        return rows


class BadDebtFilter(filters.FilterSet):
    """By when, reason, customer, account, who gave it up and who approved it."""

    since = _day("gte", "entry__posting_date", gettext_lazy("From"))
    until = _day("lte", "entry__posting_date", gettext_lazy("Until"))
    reason = TypedFilter(field_name="reason", lookup_expr="iexact", label=gettext_lazy("Reason"))
    customer = TypedFilter(method="by_customer", label=gettext_lazy("Customer"))
    account = filters.ModelChoiceFilter(
        field_name="gl_account", label=gettext_lazy("Account"),
        queryset=lambda request: GLAccount.objects.filter(pk__in=loss_accounts(request.actor)).order_by("code"),
    )  # fmt: skip
    user = filters.ModelChoiceFilter(method="by_author", label=gettext_lazy("Given up by"), queryset=members_of)
    approver = filters.ModelChoiceFilter(
        method="by_approver", label=gettext_lazy("Approved by"), queryset=members_of, null_label=gettext_lazy("Nobody")
    )

    class Meta:
        model = JournalLine
        fields: list[str] = []

    def by_customer(self, rows: QuerySet, name: str, value: str) -> QuerySet:
        return rows.filter(customer_id__in=customers_like(self.request.actor, value))

    def by_author(self, rows: QuerySet, name: str, value: User) -> QuerySet:
        return rows.filter(author_id=value.pk)

    def by_approver(self, rows: QuerySet, name: str, value: Any) -> QuerySet:
        return rows.filter(approver_id__isnull=True) if value == "null" else rows.filter(approver_id=value.pk)
