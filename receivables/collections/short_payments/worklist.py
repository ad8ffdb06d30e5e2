"""What is short: invoices with at least one live payment, also of zero, on which something is still open."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import django_filters as filters
import django_tables2 as tables
from django.db.models import Exists, F, OuterRef, QuerySet, Subquery, Sum
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext

from receivables.billing.filters import TypedFilter, accounts_like
from receivables.billing.models import Accessorial, Entity, Load
from receivables.billing.pages import number_format
from receivables.billing.queries import OUT_OF_DATE
from receivables.billing.status import Status
from receivables.billing.tables import badge
from receivables.core.columns import AMOUNT, DayColumn, MoneyColumn, SelectColumn
from receivables.core.dates import today
from receivables.core.forms import NumberFormField, set_format
from receivables.core.money import format_number
from receivables.customers.queries import billed_currencies
from receivables.ledger.models import Allocation, OpenItem

WHOLE = {"td": {"class": "text-nowrap"}}
COUNTED = 10_000  # beyond that a number in the menu says no more

CHANGED = Load.objects.filter(OUT_OF_DATE, invoice__open_item=OuterRef("pk"))
ASKED = Accessorial.objects.filter(
    load__invoice__open_item=OuterRef("pk"), state=Accessorial.State.WAITING, entity=Entity.CUSTOMER, amount__lt=0
)


def live_on(**item: Any) -> QuerySet[Allocation]:
    """The settlements by payments that stand on an item."""
    return Allocation.objects.filter(
        kind=Allocation.Kind.PAYMENT, reverses__isnull=True, reversed_by__isnull=True, **item
    )


def short_items(actor: Any) -> QuerySet[OpenItem]:
    """The open items of invoices that are short. Never void: nothing lives on a void invoice."""
    return OpenItem.objects.of(actor).filter(kind=OpenItem.Kind.INVOICE, balance__gt=0, live_payments__gt=0)


def listed(items: QuerySet[OpenItem]) -> QuerySet[OpenItem]:
    """With what their list shows: customer, loads, last payment, and what stands in the way."""
    last = live_on(debit_item=OuterRef("pk")).order_by("-credit_item__document_date", "-pk")
    return (
        items.select_related("account__customer", "invoice")
        .prefetch_related("invoice__loads")
        .annotate(
            last_date=Subquery(last.values("credit_item__document_date")[:1]),
            last_number=Subquery(last.values("credit_item__number")[:1]),
            last_payment=Subquery(last.values("credit_item__payment")[:1]),
            changed=Exists(CHANGED),
            asked=Exists(ASKED),
        )
    )


def short_count(actor: Any) -> int:
    """How many invoices are short, for the menu: one index is counted, at most to COUNTED."""
    return short_items(actor).order_by()[:COUNTED].count()


def totals_by_currency(items: QuerySet[OpenItem]) -> list[dict[str, Any]]:
    sums: Any = items.order_by().values("currency").annotate(short=Sum("balance"), paid=Sum("paid"))
    return sorted(sums, key=lambda each: str(each["currency"]))


class NumberFilter(filters.Filter):
    """A number as the person writes numbers."""

    field_class = NumberFormField


class ShortPaymentFilter(filters.FilterSet):
    """By customer, currency, how much and which share is short, and how long ago the last payment came."""

    customer = TypedFilter(method="by_customer", label=gettext_lazy("Customer"))
    currency = filters.ChoiceFilter(label=gettext_lazy("Currency"), choices=lambda: [])
    short_from = NumberFilter(field_name="balance", lookup_expr="gte", label=gettext_lazy("Short at least"))
    short_to = NumberFilter(field_name="balance", lookup_expr="lte", label=gettext_lazy("Short at most"))
    percent_from = NumberFilter(method="by_percent_from", label=gettext_lazy("Short at least, %"))
    percent_to = NumberFilter(method="by_percent_to", label=gettext_lazy("Short at most, %"))
    days_from = filters.NumberFilter(
        method="by_days_from", label=gettext_lazy("Days since payment, at least"), min_value=0
    )
    days_to = filters.NumberFilter(method="by_days_to", label=gettext_lazy("Days since payment, at most"), min_value=0)

    class Meta:
        model = OpenItem
        fields: list[str] = []

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.filters["currency"].extra["choices"] = [(code, code) for code in billed_currencies(self.request.actor)]

    @property
    def form(self) -> Any:
        form = super().form
        set_format(form, number_format(self.request.actor), "")
        return form

    def by_customer(self, items: QuerySet, name: str, value: str) -> QuerySet:
        return items.filter(account_id__in=accounts_like(self.request.actor, value))

    def by_percent_from(self, items: QuerySet, name: str, value: Decimal) -> QuerySet:
        return items.filter(balance__gte=F("amount") * value / 100)

    def by_percent_to(self, items: QuerySet, name: str, value: Decimal) -> QuerySet:
        return items.filter(balance__lte=F("amount") * value / 100)

    def by_days_from(self, items: QuerySet, name: str, value: Decimal) -> QuerySet:
        """The last payment is so old or older: none is younger."""
        return items.filter(~Exists(self._paid_after(int(value) - 1)))

    def by_days_to(self, items: QuerySet, name: str, value: Decimal) -> QuerySet:
        return items.filter(Exists(self._paid_after(int(value))))

    def _paid_after(self, days: int) -> QuerySet[Allocation]:
        """Payments that are at most so many days old."""
        first = today(self.request.actor.organization) - timedelta(days=min(max(days, 0), 36_500))
        paid = live_on(debit_item=OuterRef("pk"))
        return paid.filter(credit_item__document_date__gte=first) if days >= 0 else paid.none()


class ShortPaymentTable(tables.Table):
    """Short invoices with what was paid, what is missing, and what may stand in the way."""

    select = SelectColumn(lambda record: _("Select invoice %(number)s") % {"number": record.number})
    number = tables.Column(
        verbose_name=gettext_lazy("Invoice"), attrs=WHOLE, linkify=lambda record: record.invoice.get_absolute_url()
    )
    loads = tables.Column(verbose_name=gettext_lazy("Load"), empty_values=(), attrs=WHOLE)
    customer = tables.Column(verbose_name=gettext_lazy("Customer"), accessor="account__customer__name")
    currency = tables.Column(verbose_name=gettext_lazy("Currency"))
    total = MoneyColumn(verbose_name=gettext_lazy("Total"), accessor="amount")
    paid = MoneyColumn(verbose_name=gettext_lazy("Paid"))
    short = MoneyColumn(verbose_name=gettext_lazy("Short"), accessor="balance")
    percent = tables.Column(verbose_name=gettext_lazy("Short, %"), empty_values=(), attrs=AMOUNT)
    payment = tables.Column(
        verbose_name=gettext_lazy("Last payment"), accessor="last_payment", empty_values=(), attrs=WHOLE
    )
    payment_date = tables.Column(
        verbose_name=gettext_lazy("Date of the last payment"), accessor="last_date", visible=False
    )
    issued = DayColumn(verbose_name=gettext_lazy("Invoice date"), accessor="document_date", attrs=WHOLE)
    age = tables.Column(verbose_name=gettext_lazy("Age in days"), empty_values=(), visible=False)
    notes = tables.Column(verbose_name=gettext_lazy("Notes"), empty_values=())
    resolve = tables.Column(
        verbose_name=gettext_lazy("Action"),
        empty_values=(),
        exclude_from_export=True,
        attrs={"td": {"class": "cell-actions"}},
    )

    class Meta:
        model = OpenItem
        fields = ()
        sequence = (
            "select", "number", "loads", "customer", "currency", "total", "paid", "short", "percent", "payment",
            "payment_date", "issued", "age", "notes", "resolve",
        )  # fmt: skip

    def before_render(self, request: Any) -> None:
        if not request.actor.can("resolve_short_payments"):
            self.columns.hide("select")
        if not request.actor.can("resolve_short_payment"):
            self.columns.hide("resolve")

    def _loads(self, record: OpenItem) -> list[Load]:
        return list(record.invoice.loads.all())

    def render_loads(self, record: OpenItem) -> Any:
        links = [(each.get_absolute_url(), each.number) for each in self._loads(record)[:3]]
        shown = format_html_join(", ", '<a href="{}">{}</a>', links)
        more = len(self._loads(record)) - len(links)
        said = ngettext("and %(n)s more", "and %(n)s more", more) % {"n": more}
        return format_html("{} {}", shown, said) if more else shown or "—"

    def value_loads(self, record: OpenItem) -> str:
        return ", ".join(each.number for each in self._loads(record))

    def value_percent(self, record: OpenItem) -> Decimal:
        return (record.balance * 100 / record.amount).quantize(Decimal("0.1"))

    def render_percent(self, record: OpenItem) -> Any:
        text = format_number(self.value_percent(record), 1, number_format(self.request.actor))
        return format_html('<bdi class="amount">{}</bdi>', text)

    def render_payment(self, record: Any) -> Any:
        if record.last_payment is None:
            return "—"
        when = self.columns["issued"].column.render(record.last_date, self)
        url = reverse("payment", args=[record.last_payment])
        return format_html('<a href="{}">{}</a><br><span class="muted small">{}</span>', url, record.last_number, when)

    def value_payment(self, record: Any) -> str:
        return record.last_number or ""

    def value_age(self, record: OpenItem) -> int:
        return (today(self.request.actor.organization) - record.document_date).days

    def render_issued(self, record: OpenItem) -> Any:
        days = self.value_age(record)
        said = ngettext("%(n)s day old", "%(n)s days old", days) % {"n": days}
        when = self.columns["issued"].column.render(record.document_date, self)
        return format_html('{}<br><span class="muted small">{}</span>', when, said)

    def value_issued(self, record: OpenItem) -> Any:
        return record.document_date

    def _notes(self, record: Any) -> list[Status]:
        notes = []
        if record.changed:
            notes.append(Status("out_of_date", _("Out of date"), "warning"))
        if record.asked:
            notes.append(Status("waiting", _("Waiting for approval"), "info"))
        return notes

    def render_notes(self, record: Any) -> Any:
        return format_html_join(" ", "{}", [(badge(each),) for each in self._notes(record)])

    def value_notes(self, record: Any) -> str:
        return ", ".join(str(each.label) for each in self._notes(record))

    def render_resolve(self, record: OpenItem) -> Any:
        """To the one step of the load; where there are several, to the invoice that names them."""
        loads = self._loads(record)
        to_load = len(loads) == 1
        url = reverse("resolve_short_payment", args=[loads[0].pk]) if to_load else record.invoice.get_absolute_url()
        label = _("Resolve invoice %(number)s") % {"number": record.number}
        said = _("Resolve") if to_load else pgettext("verb", "Open")
        return format_html('<a class="btn btn-secondary btn-sm" href="{}" aria-label="{}">{}</a>', url, label, said)
