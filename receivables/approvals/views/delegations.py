"""Delegations: whose deciding goes to whom, from when to when; and setting one."""

from typing import Any

import django_tables2 as tables
from django import forms
from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import Membership
from receivables.approvals.delegating import SET_FOR_OTHERS, delegate_approvals
from receivables.approvals.models import Delegation
from receivables.approvals.standing_in import APPROVE
from receivables.core.columns import DayColumn
from receivables.core.context import day_text
from receivables.core.dates import today
from receivables.core.forms import DayField, FormWithFormat
from receivables.core.listing import ListPage
from receivables.core.templatetags.ui import action_button
from receivables.core.views import FormView


class MemberChoice(forms.ModelChoiceField):
    def label_from_instance(self, obj: Any) -> str:
        return f"{obj.name} ({obj.get_role_display()})"


class DelegationForm(FormWithFormat, forms.Form):
    """Whose deciding (only Admins choose), to whom, from when to when."""

    of = MemberChoice(label=gettext_lazy("Whose approvals"), queryset=Membership.objects.none())
    to = MemberChoice(
        label=gettext_lazy("Who decides instead"), queryset=Membership.objects.none(),
        help_text=gettext_lazy("They decide with these limits, and never on what they asked for themselves."),
    )  # fmt: skip
    starts = DayField(label=gettext_lazy("From"))
    ends = DayField(label=gettext_lazy("Until"), help_text=gettext_lazy("This day is included."))
    reason = forms.CharField(label=gettext_lazy("Reason"), required=False, max_length=300)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        deciders = deciders_of(self.actor)
        if self.actor.can(SET_FOR_OTHERS):
            whose: Any = self.fields["of"]
            whose.queryset, whose.initial = deciders, self.actor.pk
        else:
            del self.fields["of"]
        to: Any = self.fields["to"]
        to.queryset = deciders if self.actor.can(SET_FOR_OTHERS) else deciders.exclude(pk=self.actor.pk)
        self.fields["starts"].initial = today(self.actor.organization)


def deciders_of(actor: Any) -> QuerySet[Membership]:
    """The members who may approve."""
    members = Membership.objects.filter(organization_id=actor.organization_id, active=True, user__is_active=True)
    able = [each.pk for each in members.select_related("user", "organization") if each.can(APPROVE)]
    return Membership.objects.filter(pk__in=able).select_related("user").order_by("user__full_name", "pk")


class DelegationTable(tables.Table):
    """Delegations, the newest first, with the button that ends one early."""

    of = tables.Column(verbose_name=gettext_lazy("Whose"), accessor="of__user")
    to = tables.Column(verbose_name=gettext_lazy("Who decides instead"), accessor="to__user")
    starts = DayColumn(verbose_name=gettext_lazy("From"))
    ends = DayColumn(verbose_name=gettext_lazy("Until"))
    reason = tables.Column(verbose_name=gettext_lazy("Reason"), default="–")
    by = tables.Column(verbose_name=gettext_lazy("Set by"), accessor="created_by", default="–")
    state = tables.Column(verbose_name=gettext_lazy("State"), empty_values=())
    end = tables.Column(
        verbose_name="", empty_values=(), exclude_from_export=True, attrs={"td": {"class": "cell-actions"}}
    )

    class Meta:
        model = Delegation
        fields = ()
        sequence = ("of", "to", "starts", "ends", "reason", "by", "state", "end")

    def _state(self, record: Delegation) -> tuple[str, Any]:
        now = today(self.request.actor.organization)
        if record.ended_at is not None:
            return "neutral", _("Ended by %(name)s") % {"name": record.ended_by}
        if record.ends < now:
            return "neutral", _("Over")
        return ("success", _("In force")) if record.starts <= now else ("info", _("Not begun"))

    def render_state(self, record: Delegation) -> Any:
        tone, words = self._state(record)
        return format_html('<span class="badge badge-{}">{}</span>', tone, words)

    def value_state(self, record: Delegation) -> str:
        return str(self._state(record)[1])

    def render_end(self, record: Delegation) -> Any:
        if record.ended_at is not None or record.ends < today(self.request.actor.organization):
            return ""
        button = action_button({"request": self.request}, record, "end_delegation")["button"]
        if button is None or not button["enabled"]:
            return ""
        return format_html('<a class="btn btn-secondary btn-sm" href="{}">{}</a>', button["url"], button["label"])


class Delegations(ListPage):
    """Who decides for whom. Whoever may look sees all of them: who decided by them stands in the history."""

    title = gettext_lazy("Delegations")
    summary = gettext_lazy("Who decides for somebody else, with that person's limits, and on which days.")
    table_class = DelegationTable
    sorts = {"starts": "starts", "ends": "ends"}
    default_sort = "-ends"
    empty = {
        "title": gettext_lazy("Nobody decides for somebody else."),
        "text": gettext_lazy("Delegate your approvals before you are away, so that nothing waits for you."),
        "icon": "people", "actions": [],
    }  # fmt: skip
    TABS = {"": gettext_lazy("In force or to come"), "mine": gettext_lazy("Mine"), "all": gettext_lazy("All")}

    @property
    def tab(self) -> str:
        wanted = self.request.GET.get("view", "")
        return wanted if wanted in self.TABS else ""

    def queryset(self) -> QuerySet[Delegation]:
        actor = self.request.actor
        rows = Delegation.objects.of(actor).select_related(
            "of__user", "of__organization", "to__user", "created_by", "ended_by"
        )
        if self.tab == "mine":
            return rows.filter(Q(of=actor.pk) | Q(to=actor.pk))
        return rows if self.tab == "all" else rows.filter(ended_at__isnull=True, ends__gte=today(actor.organization))

    def page_actions(self) -> list[dict[str, Any]]:
        if not self.request.actor.can("delegate_approvals"):
            return []
        return [{"label": _("Delegate approvals"), "url": reverse("delegate_approvals"), "style": "primary"}]

    def extra_context(self) -> dict[str, Any]:
        tabs = [
            {"label": label, "url": self._url(view=name), "active": name == self.tab, "count": None}
            for name, label in self.TABS.items()
        ]
        return {
            "views": tabs, "section": _("Approvals"),
            "breadcrumb": [{"label": _("Approvals"), "url": reverse("approvals")}], "crumb": self.title,
            "kept_parameters": [(key, self.request.GET[key]) for key in ("sort", "view") if self.request.GET.get(key)],
        }  # fmt: skip


class DelegateApprovals(FormView):
    """Let somebody else decide with one's limits; an Admin may set it for others."""

    verb = "delegate_approvals"
    form_class = DelegationForm

    def context(self) -> dict[str, Any]:
        return {
            "title": _("Delegate approvals"), "section": _("Approvals"), "submit_label": _("Delegate"),
            "breadcrumb": [{"label": _("Delegations"), "url": reverse("delegations")}],
            "cancel_url": reverse("delegations"),
        }  # fmt: skip

    def run(self, data: dict[str, Any]) -> tuple[str, str]:
        made = delegate_approvals(
            actor=self.request.actor, of=data.get("of"), to=data["to"], starts=data["starts"], ends=data["ends"],
            reason=data["reason"],
        )  # fmt: skip
        actor = self.request.actor
        words = {"name": made.to.name, "giver": made.of.name}
        words |= {"starts": day_text(actor, made.starts), "ends": day_text(actor, made.ends)}
        return reverse("delegations"), _("%(name)s decides for %(giver)s from %(starts)s to %(ends)s.") % words
