"""The inbox of requests, and one request with its decision."""

from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.timesince import timesince
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from receivables.approvals.deciding import deciding, decisions_on
from receivables.approvals.models import ApprovalDecision, ApprovalRequest
from receivables.approvals.moved import moved_since
from receivables.approvals.queries import (
    about,
    approvers_of,
    decidable,
    limits_hit,
    names_of,
    overdue,
    overdue_count,
    to_answer,
)
from receivables.approvals.standing_in import StandIn
from receivables.approvals.tables import TONES, RequestFilter, RequestTable
from receivables.core.access import fetch
from receivables.core.context import day_text
from receivables.core.history import timeline
from receivables.core.listing import ListPage
from receivables.core.templatetags.ui import action_button
from receivables.core.views import member_view, panels_of

State = ApprovalRequest.State
# The keys of what is done with a request (S8).
SHORTCUTS = {"approve_request": "a", "reject_request": "r", "ask_back": "q"}
VERBS = ("answer_question", "approve_request", "reject_request", "ask_back", "withdraw_request")


class Inbox(ListPage):
    """What waits for approval, what was decided, and what one has asked for."""

    title = gettext_lazy("Approvals")
    summary = gettext_lazy("What exceeds a person's own limit waits here for somebody else.")
    table_class = RequestTable
    filter_class = RequestFilter
    sorts = {"requested": "requested_at", "amount": "amount"}
    TABS = {
        "": gettext_lazy("Waiting"), "overdue": gettext_lazy("Overdue"), "decided": gettext_lazy("Decided"),
        "mine": gettext_lazy("Mine"),
    }  # fmt: skip

    @property
    def tab(self) -> str:
        wanted = self.request.GET.get("view", "")
        return wanted if wanted in self.TABS else ""

    @property
    def default_sort(self) -> str:  # type: ignore[override]
        """What waits longest comes first; decided requests newest first."""
        return "-requested" if self.tab in ("decided", "mine") else "requested"

    def queryset(self) -> QuerySet[ApprovalRequest]:
        rows = ApprovalRequest.objects.of(self.request.actor).select_related("requested_by", "subject_type")
        rows = rows.prefetch_related("decisions", "questions")
        if self.tab == "mine":
            return rows.filter(requested_by=self.request.user)
        if self.tab == "decided":
            return rows.exclude(state=State.WAITING)
        rows = rows.filter(state=State.WAITING)
        return rows.filter(overdue()) if self.tab == "overdue" else rows

    def page_actions(self) -> list[dict[str, Any]]:
        return [{"label": _("Delegations"), "url": reverse("delegations"), "icon": "people"}]

    def bulk_actions(self) -> list[dict[str, Any]]:
        if self.tab not in ("", "overdue") or not self.request.actor.can("approve_requests"):
            return []
        return [{"label": _("Approve selected"), "url": reverse("approve_requests"), "style": "primary"}]

    def extra_context(self) -> dict[str, Any]:
        actor = self.request.actor
        counts = {"": decidable(actor).count(), "overdue": overdue_count(actor), "mine": to_answer(actor).count()}
        tones = {"": "warning", "overdue": "danger", "mine": "info"}
        tabs = [
            {
                "label": label, "url": self._url(view=name), "active": name == self.tab,
                "count": counts.get(name) or None, "tone": tones.get(name, "neutral"),
            }
            for name, label in self.TABS.items()
        ]  # fmt: skip
        kept = [(key, self.request.GET[key]) for key in ("sort", "view") if self.request.GET.get(key)]
        titles = {
            "": _("Nothing waits for you."),
            "overdue": _("Nothing is overdue."),
            "decided": _("Nothing was decided yet."),
            "mine": _("You have not asked for anything."),
        }
        empty = {"title": titles[self.tab], "text": "", "icon": "check2-square", "actions": []}
        return {"views": tabs, "kept_parameters": kept, "empty": empty}


def _buttons(request: HttpRequest, found: ApprovalRequest) -> list[dict[str, Any]]:
    """The buttons of the request, with their keys."""
    shown = []
    for verb in VERBS:
        button = action_button({"request": request}, found, verb)["button"]
        if button is not None:
            shown.append({**button, "shortcut": SHORTCUTS.get(verb, "")})
    return shown


def _who(actor: Any, found: ApprovalRequest, buttons: list[dict[str, Any]]) -> str:
    """Who else may approve; not said twice if the reason beside the button says it already."""
    reasons = {button["reason"].code for button in buttons if button["reason"] is not None}
    if "above_limit" in reasons:
        return ""
    others = approvers_of(actor, found)
    mine = any(button["verb"] == "approve_request" and button["enabled"] for button in buttons)
    names = {"names": names_of(others)}
    if mine:
        return _("%(names)s may decide it as well.") % names if others else ""
    if others:
        return _("It waits for %(names)s.") % names
    return _("Nobody may approve this amount at the moment. An administrator can set a higher limit.")


def _standing(actor: Any, found: ApprovalRequest) -> str:
    """With whose limits the actor would decide, if not with their own."""
    standing = deciding(actor, found)[0]
    if not isinstance(standing, StandIn):
        return ""
    words = {"name": standing.delegation.of.name, "until": day_text(actor, standing.delegation.ends)}
    return _("You decide on behalf of %(name)s, who delegated approvals to you until %(until)s.") % words


@dataclass(frozen=True)
class Level:
    """One of the decisions that a request takes; without `decision` it waits."""

    number: int
    decision: ApprovalDecision | None
    tone: str
    label: Any


def _levels(found: ApprovalRequest) -> list[Level]:
    """Who decided on which level, and what still waits; nothing for a request that takes one decision."""
    decided = {each.level: each for each in decisions_on(found)}
    if found.levels == 1:
        return []
    open_still = found.state == State.WAITING
    shown = [Level(n, each, TONES[each.verdict], each.get_verdict_display()) for n, each in decided.items()]
    left = range(len(decided) + 1, found.levels + 1) if open_still else []
    return [*shown, *(Level(n, None, "neutral" if n > len(decided) + 1 else "warning", _("Waiting")) for n in left)]


@member_view("view_receivables")
def approval(request: HttpRequest, pk: int) -> HttpResponse:
    """One request: what it would do, why it is here, who may decide it."""
    actor = request.actor  # type: ignore[attr-defined]
    rows = ApprovalRequest.objects.select_related("requested_by", "decided_by", "subject_type")
    found = fetch(actor, rows, pk)
    open_still = found.state == State.WAITING
    buttons = _buttons(request, found) if open_still else []
    context = {
        "title": found.title, "section": _("Approvals"), "object": found,
        "breadcrumb": [{"label": _("Approvals"), "url": reverse("approvals")}], "crumb": found.title,
        "status_label": found.get_state_display(), "status_tone": TONES[found.state],
        "buttons": buttons, "about": about(actor, [found]).get(found.pk, []),
        "limit": limits_hit(actor, [found])[found.pk], "waiting": open_still,
        "behalf": [each.on_behalf_of for each in decisions_on(found) if each.on_behalf_of and found.levels == 1],
        "levels": _levels(found), "questions": list(found.questions.select_related("created_by").order_by("pk")),
        "moved": moved_since(actor, found),
        "standing": _standing(actor, found) if open_still else "", "panels": panels_of(request, found, "main"),
        "who": _who(actor, found, buttons) if open_still else "",
        "age": timesince(found.requested_at, depth=1), "history": timeline(actor, found),
    }  # fmt: skip
    return render(request, "approvals/approval.html", context)
