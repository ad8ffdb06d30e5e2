"""What the register is narrowed by. All but the typed text is known of a total, so lines are found through theirs."""

from typing import Any

import django_filters as filters
from django import forms
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from receivables.billing.filters import TypedFilter, accounts_like
from receivables.customers.models import Agreement, AgreementType
from receivables.writeoffs.register.models import RegisterTotal

WRITE_OFF = AgreementType.SpecialRole.WRITE_OFF
NAMED = 5_000  # totals; a batch makes some three of them, whatever its size


def _day(lookup: str, label: Any) -> filters.DateFilter:
    widget = forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})
    return filters.DateFilter(field_name="date", lookup_expr=lookup, label=label, widget=widget)


class RegisterFilter(filters.FilterSet):
    """By period, what happened, type, person and reason; and by what is typed of a document, customer or account.

    `totals` are those of the lines in view, or None while lines are looked for by typed text, which no total knows.
    """

    q = TypedFilter(method="leave", label=_("Number or customer"))
    what = filters.ChoiceFilter(choices=RegisterTotal.What, label=_("What"), empty_label=_("All"))
    type = filters.ModelChoiceFilter(
        label=_("Write-off type"), queryset=lambda request: _types(request), empty_label=_("All")
    )
    person = filters.ModelChoiceFilter(
        label=_("Person"), queryset=lambda request: _people(request), empty_label=_("Anybody")
    )
    reason = TypedFilter(lookup_expr="icontains", label=_("Reason"))
    since = _day("gte", _("From"))
    until = _day("lte", _("Until"))

    class Meta:
        model = RegisterTotal
        fields: list[str] = []

    totals: QuerySet[RegisterTotal] | None = None

    def leave(self, totals: QuerySet, name: str, value: str) -> QuerySet:
        return totals

    def filter_queryset(self, queryset: QuerySet) -> QuerySet:
        """The lines that are shown."""
        typed, given = self.form.cleaned_data.get("q"), self.form.cleaned_data
        self.totals = super().filter_queryset(RegisterTotal.objects.of(self.request.actor))
        if any(given.get(name) for name in ("what", "type", "person", "reason")):
            # Named one by one, so that the planner sees how many lines they have: a condition it only guesses at.
            keys = list(self.totals.values_list("pk", flat=True)[: NAMED + 1])
            queryset = queryset.filter(total__in=keys if len(keys) <= NAMED else self.totals.values("pk"))
        days = {"date__gte": given.get("since"), "date__lte": given.get("until")}
        queryset = queryset.filter(**{lookup: day for lookup, day in days.items() if day})
        if typed:
            self.totals = None
            accounts = accounts_like(self.request.actor, typed)
            written_off = Agreement.objects.filter(account__in=accounts, type__special_role=WRITE_OFF)
            queryset = queryset.filter(
                Q(document__istartswith=typed) | Q(agreement__in=list(written_off.values_list("pk", flat=True)))
            )
        return queryset


def _types(request: Any) -> QuerySet[AgreementType]:
    return AgreementType.objects.of(request.actor).filter(special_role=WRITE_OFF).order_by("code")


def _people(request: Any) -> QuerySet[User]:
    return User.objects.filter(memberships__organization_id=request.actor.organization_id).order_by("full_name")
