"""The register of write-offs and recoveries: every movement of a write-off agreement, as the ledger has it.

So its totals are the ledger's: what was written off, less what was taken back, recovered and closed as a small
difference, is what is still owed.
"""

from decimal import Decimal
from typing import Any

import django_filters as filters
import django_tables2 as tables
from django import forms
from django.db.models import Case, CharField, Exists, F, OuterRef, Q, QuerySet, Subquery, Sum, Value, When
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from receivables.billing.filters import ByCustomer, TypedFilter, accounts_like
from receivables.billing.pages import amount_text
from receivables.billing.tables import MoneyColumn
from receivables.core.columns import DayColumn
from receivables.core.listing import ListPage
from receivables.customers.models import AgreementType
from receivables.ledger.models import AgreementTransaction
from receivables.ledger.words import kind_words
from receivables.writeoffs.models import DebtTransfer, DebtTransferReversal, WriteOff, WriteOffReversal

ZERO = Decimal(0)
WRITTEN_OFF, TAKEN_BACK, RECOVERED = "written_off", "taken_back", "recovered"
WRITTEN_DOWN, MOVED = "written_down", "moved"
TRANSFERS = [DebtTransfer._meta.label_lower, DebtTransferReversal._meta.label_lower]
# What closes a residue, and takes that back: nobody paid it, and nobody is expected to.
DIFFERENCES = ["write_down", "reverse_write_down"]
CHOICES = [
    (WRITTEN_OFF, gettext_lazy("Written off")),
    (TAKEN_BACK, gettext_lazy("Taken back")),
    (RECOVERED, gettext_lazy("Recovered")),
    (WRITTEN_DOWN, gettext_lazy("Closed as a small difference")),
    (MOVED, gettext_lazy("Moved between agreements")),
]
# Shown where there is none of it, too.
ALWAYS = (WRITTEN_OFF, TAKEN_BACK, RECOVERED)
WHOLE = {"td": {"class": "text-nowrap"}}


def _reason(model: Any) -> Subquery:
    return Subquery(model.objects.filter(pk=OuterRef("entry__source_id")).values("reason")[:1])


def _dividends(model: Any, lookup: str) -> Exists:
    """Whether the movement's document moved a bankruptcy's debt to where a trustee's payment is taken: nothing is
    written off by that, nor is anything taken back."""
    return Exists(model.objects.filter(**{"pk": OuterRef("entry__source_id"), lookup: WriteOff.Method.DIVIDEND}))


def movements(actor: Any) -> QuerySet[AgreementTransaction]:
    """What moved the organization's write-off agreements, with what each did and why."""
    source = "entry__source_type"
    # Named one by one, so that the planner sees from its statistics how many of the agreements these are.
    kinds = AgreementType.objects.of(actor).filter(special_role=AgreementType.SpecialRole.WRITE_OFF)
    return (
        AgreementTransaction.objects.of(actor)
        .filter(agreement__type__in=list(kinds.values_list("pk", flat=True)), entry__isnull=False)
        .select_related("agreement__type", "agreement__account__customer", "entry__posted_by")
        .annotate(
            currency=F("agreement__currency"),
            what=Case(
                When(_dividends(WriteOff, "method"), **{source: WriteOff._meta.label_lower}, then=Value(MOVED)),
                When(
                    _dividends(WriteOffReversal, "write_off__method"),
                    **{source: WriteOffReversal._meta.label_lower},
                    then=Value(MOVED),
                ),
                When(**{source: WriteOff._meta.label_lower}, then=Value(WRITTEN_OFF)),
                When(**{source: WriteOffReversal._meta.label_lower}, then=Value(TAKEN_BACK)),
                When(entry__source_type__in=TRANSFERS, then=Value(MOVED)),
                When(kind__in=DIFFERENCES, then=Value(WRITTEN_DOWN)),
                default=Value(RECOVERED),
                output_field=CharField(),
            ),
            reason=Coalesce(
                Case(
                    When(**{source: WriteOff._meta.label_lower}, then=_reason(WriteOff)),
                    When(**{source: WriteOffReversal._meta.label_lower}, then=_reason(WriteOffReversal)),
                    When(**{source: TRANSFERS[0]}, then=_reason(DebtTransfer)),
                    When(**{source: TRANSFERS[1]}, then=_reason(DebtTransferReversal)),
                    output_field=CharField(),
                ),
                Value(""),
            ),
        )
    )


class RegisterTable(tables.Table):
    """Each movement with its document, who did it and why; a debit is what is owed more."""

    date = DayColumn(verbose_name=gettext_lazy("Posted on"))
    document = tables.Column(verbose_name=gettext_lazy("Document"), accessor="entry__memo", attrs=WHOLE)
    what = tables.Column(verbose_name=gettext_lazy("What"))
    customer = tables.Column(verbose_name=gettext_lazy("Customer"), accessor="agreement__account__customer__name")
    account = tables.Column(verbose_name=gettext_lazy("Account"), accessor="agreement__account__number", attrs=WHOLE)
    type = tables.Column(verbose_name=gettext_lazy("Write-off type"), accessor="agreement__type__name")
    person = tables.Column(verbose_name=gettext_lazy("Person"), accessor="entry__posted_by__full_name", default="–")
    reason = tables.Column(verbose_name=gettext_lazy("Reason"))
    currency = tables.Column(verbose_name=gettext_lazy("Currency"))
    amount = MoneyColumn(verbose_name=gettext_lazy("Amount"), accessor="payoff_effect")

    class Meta:
        model = AgreementTransaction
        fields = ()
        sequence = (
            "date", "document", "what", "customer", "account", "type", "person", "reason", "currency", "amount",
        )  # fmt: skip

    def render_document(self, record: AgreementTransaction) -> Any:
        entry = record.entry
        if entry is None:
            return ""
        return format_html('<a href="{}">{}</a>', reverse("journal_entry", args=[entry.pk]), entry.memo or entry.pk)

    def value_document(self, record: AgreementTransaction) -> str:
        return record.entry.memo if record.entry else ""

    def render_what(self, record: AgreementTransaction) -> str:
        return str(kind_words(record.kind))


def _day(lookup: str, label: Any) -> filters.DateFilter:
    widget = forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})
    return filters.DateFilter(field_name="date", lookup_expr=lookup, label=label, widget=widget)


class RegisterFilter(ByCustomer):
    """By period, what happened, type, person and reason."""

    q = TypedFilter(method="search", label=gettext_lazy("Number or customer"))
    what = filters.ChoiceFilter(choices=CHOICES, label=gettext_lazy("What"), empty_label=gettext_lazy("All"))
    type = filters.ModelChoiceFilter(
        label=gettext_lazy("Write-off type"),
        field_name="agreement__type",
        queryset=lambda request: _types(request),
        empty_label=gettext_lazy("All"),
    )
    person = filters.ModelChoiceFilter(
        label=gettext_lazy("Person"),
        field_name="entry__posted_by",
        queryset=lambda request: _people(request),
        empty_label=gettext_lazy("Anybody"),
    )
    reason = TypedFilter(lookup_expr="icontains", label=gettext_lazy("Reason"))
    since = _day("gte", gettext_lazy("From"))
    until = _day("lte", gettext_lazy("Until"))

    class Meta:
        model = AgreementTransaction
        fields: list[str] = []

    def search(self, rows: QuerySet, name: str, value: str) -> QuerySet:
        accounts = accounts_like(self.request.actor, value)
        return rows.filter(Q(entry__memo__istartswith=value) | Q(agreement__account_id__in=accounts))


def _types(request: Any) -> QuerySet[AgreementType]:
    rows = AgreementType.objects.of(request.actor).filter(special_role=AgreementType.SpecialRole.WRITE_OFF)
    return rows.order_by("code")


def _people(request: Any) -> QuerySet[User]:
    return User.objects.filter(memberships__organization_id=request.actor.organization_id).order_by("full_name")


class RegisterView(ListPage):
    """Write-offs, what was taken back of them and what was recovered, the newest first."""

    title = gettext_lazy("Write-offs")
    summary = gettext_lazy(
        "What was written off and is still owed, what was taken back, and what was paid or closed since."
    )
    table_class = RegisterTable
    filter_class = RegisterFilter
    sorts = {"date": "date", "amount": "payoff_effect"}
    default_sort = "-date"
    empty = {
        "title": gettext_lazy("Nothing was written off."),
        "text": gettext_lazy("Debt is written off from an account's page."),
        "icon": "archive",
        "actions": [],
    }

    def page_actions(self) -> list[dict[str, Any]]:
        batches = {"label": _("Batches"), "url": reverse("write_off_batches"), "icon": "list-check"}
        if not self.request.actor.can("plan_write_offs"):  # type: ignore[attr-defined]
            return [batches]
        many = {"label": _("Write off many"), "url": reverse("debts_to_write_off"), "style": "primary"}
        return [batches, {**many, "icon": "archive"}]

    def queryset(self) -> Any:
        return movements(self.request.actor)  # type: ignore[attr-defined]

    def totals(self, rows: QuerySet) -> list[dict[str, Any]]:
        """Per currency: written off, less taken back, less recovered, less what was closed as a small difference, and
        what was moved to or from the agreements in view; the difference is what is owed more since."""
        actor: Any = self.request.actor  # type: ignore[attr-defined]
        found: list[dict[str, Any]] = []
        for row in totals_of(rows)[:3]:
            labels = [
                *((str(label), row[what]) for what, label in CHOICES if row[what] or what in ALWAYS),
                (_("Change of what is owed"), row["net"]),
            ]
            found += [
                {"label": label, "value": amount_text(actor, amount, row["currency"])} for label, amount in labels
            ]
        return found


def totals_of(rows: Any) -> list[dict[str, Any]]:
    """What was written off, taken back, recovered, closed and moved by currency; what came back is negative. `net` is
    the ledger's."""

    def part(what: str) -> Coalesce:
        return Coalesce(Sum("payoff_effect", filter=Q(what=what)), Value(ZERO))

    sums = rows.order_by().values("currency").annotate(
        net=Sum("payoff_effect"), **{what: part(what) for what, _label in CHOICES}
    )  # fmt: skip
    return list(sums.order_by("currency"))
