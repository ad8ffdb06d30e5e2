"""Which debts: those that stand on open items and may be written off, by how old and how big they are and whose."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property
from types import SimpleNamespace
from typing import Any

import django_filters as filters
from django.db.models import Q, QuerySet
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from receivables.billing.filters import TypedFilter, accounts_like
from receivables.billing.pages import number_format
from receivables.core.dates import today
from receivables.core.forms import NumberFormField, set_format
from receivables.customers.models import Agreement, AgreementType, CollectionClass, DebtClass, Division
from receivables.customers.queries import billed_currencies
from receivables.ledger.models import OpenItem

WRITE_OFF = AgreementType.SpecialRole.WRITE_OFF
ENDED = (Agreement.State.STOPPED, Agreement.State.REACTIVATED)
MOST_DAYS = 36_500


def debts(actor: Any) -> QuerySet[OpenItem]:
    """The open items that are owed and whose class may be written off; not what is written off already."""
    rows = OpenItem.objects.of(actor).filter(
        balance__gt=0, agreement__type__write_off_debt_class__eligible_for_write_off=True
    )
    return rows.exclude(agreement__type__special_role=WRITE_OFF)


class AmountFilter(filters.Filter):
    """An amount as the person writes numbers."""

    field_class = NumberFormField


def _classes(model: Any) -> Any:
    return lambda request: model.objects.of(request.actor).order_by("code")


def _class(field: str, label: Any, model: Any) -> filters.ModelChoiceFilter:
    return filters.ModelChoiceFilter(label=label, field_name=field, queryset=_classes(model), empty_label=_("All"))


class DebtFilter(filters.FilterSet):
    """By customer, account or agreement, currency, days overdue, amount, classes, division, and whether service ended.

    By days overdue only debts that are due count.
    """

    q = TypedFilter(method="search", label=_("Customer, account, agreement or document"))
    currency = filters.ChoiceFilter(label=_("Currency"), choices=lambda: [])
    overdue = filters.NumberFilter(method="by_overdue", label=_("Days overdue, at least"), min_value=0)
    least = AmountFilter(field_name="balance", lookup_expr="gte", label=_("Owed at least"))
    most = AmountFilter(field_name="balance", lookup_expr="lte", label=_("Owed at most"))
    collection_class = _class("account__collection_class", _("Collection class"), CollectionClass)
    debt_class = _class("agreement__type__debt_class", _("Debt class"), DebtClass)
    division = _class("agreement__type__division", _("Division"), Division)
    service = filters.ChoiceFilter(
        method="by_service", label=_("Service"), choices=[("ended", _("Has ended")), ("runs", _("Still runs"))]
    )

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

    def search(self, items: QuerySet, name: str, value: str) -> QuerySet:
        accounts = accounts_like(self.request.actor, value)
        return items.filter(
            Q(account__in=accounts) | Q(number__istartswith=value) | Q(agreement__number__istartswith=value)
        )

    def by_overdue(self, items: QuerySet, name: str, value: Any) -> QuerySet:
        days = min(int(value), MOST_DAYS)
        return items.filter(due_date__lte=today(self.request.actor.organization) - timedelta(days=days))

    def by_service(self, items: QuerySet, name: str, value: str) -> QuerySet:
        return items.filter(agreement__state__in=ENDED) if value == "ended" else items.exclude(
            agreement__state__in=ENDED
        )  # fmt: skip


@dataclass(frozen=True)
class Selection:
    """Which debts: those whose open items were ticked, or everything that the list's filters show."""

    keys: Sequence[int] = ()
    everything: bool = False
    query: str = ""

    def items(self, actor: Any, accounts: Sequence[int] | None = None) -> QuerySet[OpenItem]:
        """The selected open items, of some accounts only if they are given. Ticked rows are all kept while something
        is owed, so that one that may not be written off is explained."""
        own = {} if accounts is None else {"account_id__any": list(accounts)}
        if not self.everything:
            owed = OpenItem.objects.of(actor).filter(balance__gt=0, agreement__isnull=False, **own)
            return owed.filter(pk__any=list(self.keys) if accounts is None else self._ticked(owed))
        asked = SimpleNamespace(actor=actor)
        found = DebtFilter(QueryDict(self.query), queryset=debts(actor).filter(**own), request=asked)
        # A filter that can't be read would be left out, and more be chosen than anybody meant.
        rows: QuerySet[OpenItem] = found.qs if found.is_valid() else debts(actor).none()
        return rows

    @cached_property
    def _all_keys(self) -> frozenset[int]:
        return frozenset(self.keys)

    def _ticked(self, rows: QuerySet[OpenItem]) -> list[int]:
        """Those of the rows that were ticked: a query that named all of many keys would be as long for each chunk."""
        return [pk for pk in rows.values_list("pk", flat=True) if pk in self._all_keys]

    def plain(self) -> dict[str, Any]:
        """As it is kept with a batch."""
        return {"everything": self.everything, "query": self.query, "keys": list(self.keys)}

    @classmethod
    def of(cls, plain: dict[str, Any]) -> "Selection":
        return cls(tuple(plain["keys"]), plain["everything"], plain["query"])
