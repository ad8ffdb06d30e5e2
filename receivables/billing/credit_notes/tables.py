"""Credit notes as a table, and what they are filtered by."""

from typing import Any

import django_filters as filters
import django_tables2 as tables
from django import forms
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from receivables.billing.credit_notes.models import CreditNote, CreditNoteLine, Reason
from receivables.billing.credit_notes.queries import reversal_of
from receivables.billing.filters import ByCustomer, TypedFilter, accounts_like
from receivables.billing.status import Status
from receivables.billing.tables import badge
from receivables.core.columns import DayColumn, MoneyColumn

WHOLE = {"td": {"class": "text-nowrap"}}

ISSUED = Status("issued", _("Issued"), "success")
REVERSED = Status("reversed", _("Reversed"), "neutral")


def note_status(note: CreditNote) -> Status:
    """Whether a credit note stands."""
    return ISSUED if reversal_of(note) is None else REVERSED


class CreditNoteTable(tables.Table):
    """Credit notes with what they take off."""

    number = tables.Column(verbose_name=_("Credit note"), linkify=True, attrs=WHOLE)
    date = DayColumn(verbose_name=_("Date"))
    customer = tables.Column(verbose_name=_("Customer"), accessor="account__customer__name")
    account = tables.Column(verbose_name=_("Account"), accessor="account__number", attrs=WHOLE)
    reason = tables.Column(verbose_name=_("Reason"), accessor="reason_text")
    currency = tables.Column(verbose_name=_("Currency"))
    net = MoneyColumn(verbose_name=_("Net"))
    tax = MoneyColumn(verbose_name=_("Tax"))
    total = MoneyColumn(verbose_name=_("Total"))
    state = tables.Column(verbose_name=_("State"), empty_values=())

    class Meta:
        model = CreditNote
        fields = ()
        sequence = (
            "number", "date", "customer", "account", "reason", "currency", "net", "tax", "total", "state",
        )  # fmt: skip

    def render_state(self, record: CreditNote) -> Any:
        return badge(note_status(record))

    def value_state(self, record: CreditNote) -> str:
        return str(note_status(record).label)


def _day(lookup: str, label: Any) -> filters.DateFilter:
    widget = forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})
    return filters.DateFilter(field_name="date", lookup_expr=lookup, label=label, widget=widget)


class CreditNoteFilter(ByCustomer):
    """Search and filters of the list."""

    q = TypedFilter(method="search", label=_("Number, customer or invoice"))
    reason = filters.ModelChoiceFilter(label=_("Reason"), queryset=lambda request: _reasons(request))
    since = _day("gte", _("From"))
    until = _day("lte", _("Until"))

    class Meta:
        model = CreditNote
        fields: list[str] = []

    def search(self, notes: QuerySet, name: str, value: str) -> QuerySet:
        """By number, customer, or the number of an invoice that they correct."""
        actor = self.request.actor
        correcting = CreditNoteLine.objects.of(actor).filter(invoice__number__iexact=value).values("credit_note")
        return notes.filter(
            Q(number__istartswith=value) | Q(account_id__in=accounts_like(actor, value)) | Q(pk__in=correcting)
        )


def _reasons(request: Any) -> QuerySet[Reason]:
    return Reason.objects.of(request.actor).filter(document=Reason.Document.CREDIT_NOTE).order_by("name")
