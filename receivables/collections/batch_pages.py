"""What the pages of batches share: things done to many at once in the background, each with what became of it."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping
from functools import cached_property
from typing import Any
from urllib.parse import urlencode

import django_filters as filters
import django_tables2 as tables
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy

from receivables.billing.status import Status
from receivables.billing.tables import badge
from receivables.core.access import fetch
from receivables.core.columns import MomentColumn
from receivables.core.forms import keys_of
from receivables.core.history import timeline
from receivables.core.job_views import progress_context
from receivables.core.listing import ListPage


def selected(request: HttpRequest) -> tuple[tuple[int, ...], bool, str]:
    """What a list sent, or what its dialog's hidden fields carry on: keys, or everything with the filters."""
    sent = request.POST
    if not (sent.get("everything") or request.GET.get("everything")):
        return tuple(keys_of([*sent.getlist("selected"), *sent.get("keys", "").split(",")])), False, ""
    query = sent.get("query", "") or urlencode([(name, value) for name, value in request.GET.items() if value])
    return (), True, query


class BatchColumns(tables.Table):
    """Columns of a list of batches; each kind adds its figures."""

    name = tables.Column(
        verbose_name=gettext_lazy("Batch"), accessor="pk", linkify=lambda record: record.get_absolute_url()
    )
    created_at = MomentColumn(verbose_name=gettext_lazy("Asked for"))
    created_by = tables.Column(verbose_name=gettext_lazy("By"))
    state = tables.Column(verbose_name=gettext_lazy("State"), empty_values=())

    reads: Callable[[Any], Status]  # how a batch reads; each kind has its own words

    def render_name(self, record: Any) -> str:
        return str(record)

    def value_name(self, record: Any) -> int:
        return int(record.pk)

    def render_state(self, record: Any) -> Any:
        return badge(type(self).reads(record))

    def value_state(self, record: Any) -> str:
        return str(type(self).reads(record).label)


class ItemColumns(tables.Table):
    """Columns of the items of a batch: the state of each and why.

    Each kind has its `tones` by state, the state of one that was taken back, and the words of a code of refusal.
    """

    tones: Mapping[Any, str]
    undone: Any
    words: Callable[[str], Any]

    state = tables.Column(verbose_name=gettext_lazy("State"))
    why = tables.Column(verbose_name=gettext_lazy("Why"), empty_values=())
    code = tables.Column(verbose_name=gettext_lazy("Reason"), visible=False)

    def _status(self, record: Any) -> Status:
        if record.undo_state == self.undone:
            return Status("undone", self.undone.label, "neutral")
        return Status(record.state, record.get_state_display(), self.tones[record.state])

    def render_state(self, record: Any) -> Any:
        return badge(self._status(record))

    def value_state(self, record: Any) -> str:
        return str(self._status(record).label)

    def value_why(self, record: Any) -> str:
        return str(record.undo_message or record.message)

    def render_why(self, record: Any) -> Any:
        return format_html("{}", self.value_why(record))

    def value_code(self, record: Any) -> str:
        return str(type(self).words(record.code)) if record.code else ""


class ReasonFilter(filters.ChoiceFilter):
    """The reasons for which items of this batch were passed over, and no others."""

    def __init__(self, words: Any) -> None:
        super().__init__(label=gettext_lazy("Reason"), choices=lambda: [])
        self.words = words

    def offer(self, codes: Iterable[str]) -> None:
        self.extra["choices"] = [(code, self.words(code)) for code in codes]


class ItemFilterSet(filters.FilterSet):
    """Items by the reason that they were passed over for; each kind adds its search."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.filters["code"].offer(self.codes())

    def codes(self) -> Iterable[str]:
        """Of the reasons for which items of this batch were passed over."""
        rows: QuerySet = self.queryset.exclude(code="").order_by("code")
        return rows.values_list("code", flat=True).distinct()


class OneBatch(ListPage, ABC):
    """One batch: how far it is, what was asked for, and every item with what became of it."""

    request: Any
    TABS: Mapping[str, tuple[Any, Q]]

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        self.pk = kwargs["pk"]
        return super().dispatch(request, *args, **kwargs)

    @abstractmethod
    def batches(self) -> QuerySet:
        """All batches of the kind with their counts, of whatever organization."""

    @abstractmethod
    def items(self) -> QuerySet:
        """All items of the kind that the actor's organization has."""

    @cached_property
    def batch(self) -> Any:
        return fetch(self.request.actor, self.batches(), self.pk)

    @property
    def title(self) -> Any:
        return str(self.batch)

    @property
    def tab(self) -> str:
        wanted = self.request.GET.get("view", "")
        return wanted if wanted in self.TABS else ""

    def queryset(self) -> QuerySet:
        return self.items().filter(self.TABS[self.tab][1], batch=self.batch)

    def extra_context(self) -> dict[str, Any]:
        batch = self.batch
        return {
            "batch": batch,
            "views": self._tabs(),
            "kept_parameters": [(key, self.request.GET[key]) for key in ("sort", "view") if self.request.GET.get(key)],
            "progress": progress_context(batch.job) if batch.job is not None else None,
            "history": timeline(self.request.actor, batch),
        }

    def counts(self) -> Mapping[str, int]:
        """How many items each tab shows."""
        items = self.items().filter(batch=self.batch)
        found = items.order_by().aggregate(
            **{name or "all": Count("pk", filter=rows) for name, (_label, rows) in self.TABS.items()}
        )
        return {name: found[name or "all"] for name in self.TABS}

    def _tabs(self) -> list[dict[str, Any]]:
        counts = self.counts()
        return [
            {"label": label, "url": self._url(view=name), "active": name == self.tab, "count": counts[name]}
            for name, (label, _rows) in self.TABS.items()
            if counts[name] or name in ("", self.tab)
        ]
