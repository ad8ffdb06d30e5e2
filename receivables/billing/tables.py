"""Lists of loads and invoices as tables; figures are read from the row, words from its status."""

from decimal import Decimal
from typing import Any

import django_tables2 as tables
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from receivables.billing.delivery.panels import not_delivered
from receivables.billing.models import Invoice, Load
from receivables.billing.pages import Split, billing_status, load_balance, split_of, status_of
from receivables.billing.status import OPEN, Status
from receivables.billing.summary.parts import part_of
from receivables.core.columns import DayColumn, MoneyColumn, SelectColumn
from receivables.core.dates import today


def badge(status: Status) -> Any:
    return format_html('<span class="badge badge-{}">{}</span>', status.tone, status.label)


def invoice_split(invoice: Invoice) -> Split:
    """The split of a listed invoice (see `filters.listed_invoices`)."""
    return split_of(invoice, invoice.price_concession, invoice.bad_debt, invoice.settled_as_loss)  # type: ignore[attr-defined]


class LoadTable(tables.Table):
    """Loads with what they bill and what of it is open."""

    number = tables.Column(verbose_name=gettext_lazy("Load"), linkify=True, attrs={"td": {"class": "text-nowrap"}})
    customer = tables.Column(verbose_name=gettext_lazy("Customer"), accessor="account__customer__name")
    route = tables.Column(verbose_name=gettext_lazy("Route"), empty_values=())
    delivery_date = DayColumn(verbose_name=gettext_lazy("Delivered"))
    status = tables.Column(verbose_name=gettext_lazy("Billing status"), empty_values=())
    invoice = tables.Column(
        verbose_name=gettext_lazy("Invoice"),
        linkify=lambda record: record.invoice.get_absolute_url() if record.invoice else None,
    )
    currency = tables.Column(verbose_name=gettext_lazy("Currency"))
    total = MoneyColumn(verbose_name=gettext_lazy("Total"), accessor="charges_total")
    balance = MoneyColumn(verbose_name=gettext_lazy("Balance"), accessor="invoice__open_item__balance")
    selected = SelectColumn()

    class Meta:
        model = Load
        fields = ()
        sequence = (
            "selected", "number", "customer", "route", "delivery_date", "status", "invoice", "currency", "total",
            "balance",
        )  # fmt: skip

    def render_route(self, record: Load) -> str:
        return " → ".join(place for place in (record.origin, record.destination) if place) or "—"

    def render_balance(self, record: Load) -> Any:
        return self.columns["balance"].column.render(load_balance(record), record, self)

    def value_balance(self, record: Load) -> Decimal:
        return load_balance(record)

    def _statuses(self, record: Load) -> list[Status]:
        shown = [billing_status(record)]
        if record.invoice is not None and record.invoice.summary:
            invoice, day = record.invoice, today(self.request.actor.organization)
            voided = invoice.voided_at is not None
            of_part = part_of(record).status(voided=voided, due_date=invoice.due_date, today=day)
            if of_part != OPEN:
                shown.append(of_part)
        elif record.invoice is not None:
            invoice = record.invoice
            invoice.transfer = record.transfer  # type: ignore[attr-defined]
            invoice.moved_off = None  # type: ignore[attr-defined]  # says nothing about the status
            split = split_of(invoice, Decimal(0), record.bad_debt or Decimal(0), record.settled_as_loss)  # type: ignore[attr-defined]
            of_invoice = status_of(invoice, split, self.request.actor)
            if of_invoice != OPEN:
                shown.append(of_invoice)
        delivery = not_delivered(record.sending)  # type: ignore[attr-defined]
        return [*shown, delivery] if delivery else shown

    def render_status(self, record: Load) -> Any:
        badges = [(badge(each),) for each in self._statuses(record)]
        if record.out_of_date:  # type: ignore[attr-defined]
            badges.append((badge(Status("out_of_date", _("Out of date"), "warning")),))
        return format_html_join(" ", "{}", badges)

    def value_status(self, record: Load) -> str:
        words = [str(each.label) for each in self._statuses(record)]
        return ", ".join([*words, _("Out of date")] if record.out_of_date else words)  # type: ignore[attr-defined]


class InvoiceTable(tables.Table):
    """Invoices with the split of what was settled."""

    selected = SelectColumn(gettext_lazy("Select invoice"))
    number = tables.Column(verbose_name=gettext_lazy("Invoice"), linkify=True, attrs={"td": {"class": "text-nowrap"}})
    customer = tables.Column(verbose_name=gettext_lazy("Customer"), accessor="account__customer__name")
    issued = DayColumn(verbose_name=gettext_lazy("Issued"), accessor="issue_date")
    due = DayColumn(verbose_name=gettext_lazy("Due"), accessor="due_date")
    status = tables.Column(verbose_name=gettext_lazy("Status"), empty_values=())
    currency = tables.Column(verbose_name=gettext_lazy("Currency"))
    total = MoneyColumn(verbose_name=gettext_lazy("Total"), accessor="open_item__amount")
    paid = MoneyColumn(verbose_name=gettext_lazy("Paid"), accessor="open_item__paid")
    credited = MoneyColumn(verbose_name=gettext_lazy("Credited"), empty_values=())
    written_off = MoneyColumn(verbose_name=gettext_lazy("Written off"), empty_values=())
    balance = MoneyColumn(verbose_name=gettext_lazy("Balance"), accessor="open_item__balance")

    class Meta:
        model = Invoice
        fields = ()
        sequence = (
            "selected", "number", "customer", "issued", "due", "status", "currency", "total", "paid", "credited",
            "written_off", "balance",
        )  # fmt: skip

    def before_render(self, request: Any) -> None:
        """Only who may send something finds boxes to tick."""
        if not request.actor.can("send_invoice"):
            self.columns.hide("selected")

    def _money(self, amount: Decimal, record: Invoice) -> Any:
        return self.columns["total"].column.render(amount, record, self)

    def render_credited(self, record: Invoice) -> Any:
        return self._money(invoice_split(record).credited, record)

    def value_credited(self, record: Invoice) -> Decimal:
        return invoice_split(record).credited

    def render_written_off(self, record: Invoice) -> Any:
        return self._money(invoice_split(record).written_off, record)

    def value_written_off(self, record: Invoice) -> Decimal:
        return invoice_split(record).written_off

    def _statuses(self, record: Invoice) -> list[Status]:
        status = status_of(record, invoice_split(record), self.request.actor)
        delivery = not_delivered(record.sending)  # type: ignore[attr-defined]
        return [status, delivery] if delivery else [status]

    def render_status(self, record: Invoice) -> Any:
        return format_html_join(" ", "{}", [(badge(each),) for each in self._statuses(record)])

    def value_status(self, record: Invoice) -> str:
        return ", ".join(str(each.label) for each in self._statuses(record))
