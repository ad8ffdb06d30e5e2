"""What the lists of the ledger can be narrowed by."""

from typing import Any

import django_filters as filters
from django import forms
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from receivables.core.dates import today
from receivables.customers.models import Customer
from receivables.ledger.models import GLAccount, JournalEntry, JournalLine, OpenItem
from receivables.ledger.standing import DEPOSITS, ON_ACCOUNT, OWED
from receivables.ledger.words import KINDS

LONGEST = 80


class SearchFilter(filters.CharFilter):
    """Typed text, no longer than anything that could match."""

    def filter(self, rows: QuerySet, value: str) -> QuerySet:
        return super().filter(rows, (value or "").strip()[:LONGEST])


class CustomerFilter(filters.FilterSet):
    """Customers by name or number, and by what they owe."""

    q = SearchFilter(label=_("Name or number"), method="search")
    owing = filters.ChoiceFilter(
        label=_("Owing"), method="narrow", empty_label=_("All"),
        choices=[
            ("open", _("With open items")), ("late", _("Past due")), ("left", _("With money on account")),
            ("deposit", _("With a deposit")),
        ],
    )  # fmt: skip

    class Meta:
        model = Customer
        fields: list[str] = []

    def search(self, rows: QuerySet, name: str, value: str) -> QuerySet:
        if not value:
            return rows
        accounts = Q(accounts__number__iexact=value)
        return rows.filter(
            Q(name__icontains=value)
            | Q(number__istartswith=value)
            | Q(pk__in=Customer.objects.of(self.request.actor).filter(accounts).values("pk"))
        )

    def narrow(self, rows: QuerySet, name: str, value: str) -> QuerySet:
        actor = self.request.actor
        items = OpenItem.objects.of(actor).exclude(balance=0)
        wanted: dict[str, Q] = {
            "open": Q(),
            # Written-off debt is still owed, but nobody asks for it: it is never past due.
            "late": OWED & Q(due_date__lt=today(actor.organization)),
            "left": ON_ACCOUNT,
            "deposit": DEPOSITS,
        }
        return rows.filter(pk__in=items.filter(wanted[value]).values("account__customer"))


def _accounts(request: Any) -> QuerySet[GLAccount]:
    return GLAccount.objects.of(request.actor).order_by("code")


class JournalFilter(filters.FilterSet):
    """Entries by account, kind, day and document."""

    q = SearchFilter(label=_("Document"), method="search")
    account = filters.ModelChoiceFilter(
        label=_("GL account"), queryset=_accounts, method="of_account", empty_label=_("All")
    )
    kind = filters.ChoiceFilter(label=_("What"), choices=list(KINDS.items()), empty_label=_("All"))
    since = filters.DateFilter(
        label=_("From"), field_name="posting_date", lookup_expr="gte",
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
    )  # fmt: skip
    until = filters.DateFilter(
        label=_("Until"), field_name="posting_date", lookup_expr="lte",
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
    )  # fmt: skip

    class Meta:
        model = JournalEntry
        fields: list[str] = []

    def search(self, rows: QuerySet, name: str, value: str) -> QuerySet:
        return rows.filter(memo__istartswith=value) if value else rows

    def of_account(self, rows: QuerySet, name: str, value: GLAccount) -> QuerySet:
        return rows.filter(Exists(JournalLine.objects.filter(gl_account=value, entry=OuterRef("pk"))))
