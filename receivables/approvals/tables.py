"""Requests as a table, and what they are filtered by."""

from collections.abc import Iterable
from datetime import timedelta
from functools import cached_property
from typing import Any

import django_filters as filters
import django_tables2 as tables
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.timesince import timesince
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from receivables.approvals.models import ApprovalRequest, AuthorityKind
from receivables.approvals.queries import About, about, limits_hit
from receivables.approvals.rules import OVERDUE_DAYS
from receivables.core.columns import AMOUNT, DayColumn, SelectColumn
from receivables.core.context import number_format
from receivables.core.templatetags.money import day, money

TONES = {"waiting": "warning", "approved": "success", "rejected": "danger", "withdrawn": "neutral"}


def about_html(documents: Iterable[About]) -> Any:
    """The documents as links, one under the other."""
    linked = [(each.url, each.kind, each.label) for each in documents if each.url]
    plain = [(each.kind, each.label) for each in documents if not each.url]
    return format_html(
        "{}{}",
        format_html_join("", '<div><a class="d-inline-block py-1" href="{}">{} <bdi>{}</bdi></a></div>', linked),
        format_html_join("", "<div>{} <bdi>{}</bdi></div>", plain),
    )


class RequestTable(tables.Table):
    """Requests with what they are about and why they are here; what belongs to all rows is read once."""

    selected = SelectColumn(lambda record: gettext("Select %(title)s") % {"title": record.title})
    title = tables.Column(verbose_name=_("What"), linkify=True)
    about = tables.Column(verbose_name=_("About"), empty_values=())
    amount = tables.Column(verbose_name=_("Amount"), attrs=AMOUNT)
    reason = tables.Column(verbose_name=_("Reason"), default="–")
    requested_by = tables.Column(verbose_name=_("Asked by"))
    requested = DayColumn(verbose_name=_("Asked"), accessor="requested_at")
    limit = tables.Column(verbose_name=_("Limit"), empty_values=())
    state = tables.Column(verbose_name=_("State"))

    class Meta:
        model = ApprovalRequest
        fields = ()
        sequence = ("selected", "title", "about", "amount", "reason", "requested_by", "requested", "limit", "state")

    @cached_property
    def _written(self) -> dict[str, Any]:
        return number_format(self.request)

    @cached_property
    def _about(self) -> dict[int, list[About]]:
        return about(self.request.actor, list(self.data))

    @cached_property
    def _limits(self) -> dict[int, str]:
        return limits_hit(self.request.actor, list(self.data))

    def render_about(self, record: ApprovalRequest) -> Any:
        return about_html(self._about.get(record.pk, []))

    def value_about(self, record: ApprovalRequest) -> str:
        return ", ".join(f"{each.kind} {each.label}" for each in self._about.get(record.pk, []))

    def render_amount(self, record: ApprovalRequest) -> Any:
        return money(self._written, record.amount, record.currency, True)

    def value_amount(self, record: ApprovalRequest) -> Any:
        return record.amount

    def render_requested(self, record: ApprovalRequest) -> Any:
        age = gettext("%(age)s ago") % {"age": timesince(record.requested_at, depth=1)}
        when = day(self._written, record.requested_at)
        late = format_html('<div><span class="badge badge-danger">{}</span></div>', gettext("Overdue"))
        return format_html(
            '{} <div class="muted small text-nowrap">{}</div>{}', when, age, late if is_overdue(record) else ""
        )

    def render_limit(self, record: ApprovalRequest) -> str:
        return self._limits[record.pk]

    def render_state(self, record: ApprovalRequest) -> Any:
        badge = format_html('<span class="badge badge-{}">{}</span>', TONES[record.state], record.get_state_display())
        if record.state != ApprovalRequest.State.WAITING:
            return badge
        if any(question.answered_at is None for question in record.questions.all()):
            badge = format_html('{} <span class="badge badge-info">{}</span>', badge, gettext("Asked back"))
        if record.levels == 1:
            return badge
        so_far = gettext("%(n)s of %(levels)s decisions") % {"n": len(record.decisions.all()), "levels": record.levels}
        return format_html('{} <div class="muted small text-nowrap">{}</div>', badge, so_far)

    def value_state(self, record: ApprovalRequest) -> str:
        return str(record.get_state_display())


def is_overdue(request: ApprovalRequest) -> bool:
    """Whether a request has waited longer than it should."""
    waited = timezone.now() - request.requested_at
    return request.state == ApprovalRequest.State.WAITING and waited > timedelta(days=OVERDUE_DAYS)


class RequestFilter(filters.FilterSet):
    """Search and filters of the inbox."""

    q = filters.CharFilter(label=_("Search"), field_name="title", lookup_expr="icontains")
    kind = filters.ChoiceFilter(label=_("Kind"), choices=AuthorityKind.choices)

    class Meta:
        model = ApprovalRequest
        fields: list[str] = []
