"""Reading authority and requests: who may give away how much, who may decide, what a request is about."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.apps import apps
from django.db.models import Exists, F, Q, QuerySet, Subquery
from django.db.models.expressions import OuterRef
from django.urls import NoReverseMatch
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import Membership
from receivables.approvals.limits import authority_of as authority_of
from receivables.approvals.limits import own_rows
from receivables.approvals.models import ApprovalDecision, ApprovalRequest, AuthorityLimit
from receivables.approvals.reasons import reason_labels
from receivables.approvals.rules import ADMINS, OVERDUE_DAYS, UNLIMITED_BY_DEFAULT, authority_from
from receivables.approvals.standing_in import live_delegations, stand_ins
from receivables.core.events import ref
from receivables.core.models import Event
from receivables.core.money import NumberFormat, format_money

NAMES_SHOWN = 3


def amount_text(actor: Any, amount: Decimal, currency: str) -> str:
    return format_money(amount, currency, NumberFormat.of(actor.organization, actor.user), with_code=True)


def possible_approvers(
    actor: Any, kind: str, currency: str, amount: Decimal, *, requested_by: int | None = None, reason_key: str = "",
    without: Iterable[int] = (),
) -> list[Membership]:  # fmt: skip
    """The active members who may approve this amount, in order of joining: neither the actor nor who asked, nor the
    users `without`, who decided already. Those count who stand in for somebody with enough authority. Three queries.
    """
    asked_by = requested_by or (actor.user and actor.user.pk)
    barred = {pk for pk in (asked_by, *without) if pk}
    members = (
        Membership.objects.filter(organization_id=actor.organization_id, active=True, user__is_active=True)
        .exclude(user__in=barred | {actor.user.pk} if actor.user else barred)
        .select_related("user", "organization")
        .order_by("pk")
    )
    limits = list(AuthorityLimit.objects.of(actor).filter(kind=kind, currency=currency))

    def covers(member: Membership) -> bool:
        return member.can("approve_request") and authority_from(
            limits, role=member.role, membership_id=member.pk, kind=kind, currency=currency, reason_key=reason_key
        ).covers(amount)

    lent = {each.to_id for each in live_delegations(actor) if each.of.user_id not in barred and covers(each.of)}
    return [member for member in members if covers(member) or (member.pk in lent and member.can("approve_request"))]


def approvers_of(actor: Any, request: ApprovalRequest) -> list[Membership]:
    """Who besides the actor may decide what waits of a request."""
    decided = request.decisions.values_list("decided_by", "on_behalf_of")
    return possible_approvers(
        actor, request.kind, request.currency, request.amount, requested_by=request.requested_by_id,
        reason_key=request.reason_key, without=[pk for pair in decided for pk in pair if pk],
    )  # fmt: skip


def names_of(members: Sequence[Membership]) -> str:
    """Who they are, in a sentence; empty if there is nobody."""
    if not members:
        return ""
    names = [member.name for member in members[:NAMES_SHOWN]]
    more = len(members) - len(names)
    if more:
        words = {"names": ", ".join(names), "n": more}
        return ngettext("%(names)s or %(n)s other", "%(names)s or %(n)s others", more) % words
    if len(names) == 1:
        return names[0]
    return _("%(names)s or %(last)s") % {"names": ", ".join(names[:-1]), "last": names[-1]}


def sent_to_text(actor: Any, kind: str, currency: str, amount: Decimal, reason_key: str = "") -> str:
    """What to say after asking (message AP-1)."""
    return _sent_to(possible_approvers(actor, kind, currency, amount, reason_key=reason_key), 1)


def asked_text(actor: Any, request: ApprovalRequest) -> str:
    """The same about a request that was made."""
    return _sent_to(approvers_of(actor, request), request.levels)


def _sent_to(members: Sequence[Membership], levels: int) -> str:
    names = {"approver": names_of(members), "n": levels}
    if not members:
        return _(
            "Nobody may approve this amount yet; an administrator can set a higher limit. Until then nothing changes."
        )
    if levels > 1:
        message = _("Sent to %(approver)s; %(n)s people must approve it. Nothing changes until then.")
        return message % names
    return _("Sent to %(approver)s. Nothing changes until it is approved.") % names


def waiting(actor: Any) -> QuerySet[ApprovalRequest]:
    return ApprovalRequest.objects.of(actor).filter(state=ApprovalRequest.State.WAITING)


def decidable(actor: Any) -> QuerySet[ApprovalRequest]:
    """The waiting requests that the actor may approve, also in place of somebody: the rules, said in SQL."""
    if actor.pk is None or not actor.can("approve_request"):
        return ApprovalRequest.objects.none()
    found = Q(pk__in=_within_limits(actor, [actor.user.pk]))
    for each in stand_ins(actor):
        found |= Q(pk__in=_within_limits(each, [actor.user.pk, each.delegation.of.user_id]))
    return waiting(actor).filter(found)


def _within_limits(actor: Any, people: Sequence[int]) -> QuerySet[Any]:
    """The keys of requests within the actor's limits which none of these users asked for or took part in."""
    speaking = (
        AuthorityLimit.objects.of(actor)
        .filter(own_rows(actor), kind=OuterRef("kind"), currency=OuterRef("currency"), minimum__lte=OuterRef("amount"))
        .filter(Q(reason_key="") | Q(reason_key=OuterRef("reason_key")))
        .order_by(F("reason_key").desc(), F("membership_id").asc(nulls_last=True))
    )
    unlimited = Q(pk__isnull=False) if actor.role in ADMINS else Q(kind__in=UNLIMITED_BY_DEFAULT) | Q(amount=0)
    within = Q(limit__isnull=True) | Q(amount__lte=F("limit"))
    took_part = ApprovalDecision.objects.filter(
        Q(decided_by__in=people) | Q(on_behalf_of__in=people), request=OuterRef("pk")
    )
    return (
        waiting(actor)
        .exclude(requested_by__in=people)
        .exclude(Exists(took_part))
        .annotate(limit_row=Subquery(speaking.values("pk")[:1]), limit=Subquery(speaking.values("maximum")[:1]))
        .filter((Q(limit_row__isnull=False) & within) | (Q(limit_row__isnull=True) & unlimited))
        .values("pk")
    )


def to_answer(actor: Any) -> QuerySet[ApprovalRequest]:
    """The actor's own requests about which somebody asked back."""
    return waiting(actor).filter(requested_by=actor.user, questions__answered_at__isnull=True, questions__isnull=False)


def overdue() -> Q:
    """Which requests wait longer than they should."""
    return Q(requested_at__lt=timezone.now() - timedelta(days=OVERDUE_DAYS))


def waiting_count(actor: Any) -> int:
    """How many requests wait for the actor, to decide or to answer: the number in the menu."""
    if actor.user is None:
        return 0
    return decidable(actor).count() + to_answer(actor).count()


def overdue_count(actor: Any) -> int:
    """How many of those that the actor may decide are overdue."""
    return decidable(actor).filter(overdue()).count()


@dataclass(frozen=True)
class About:
    """A document that a request is about, with its page if it has one."""

    kind: str
    label: str
    url: str


def about(actor: Any, requests: Iterable[ApprovalRequest]) -> dict[int, list[About]]:
    """The documents named when each request was asked for, by request: one query, and one for each kind of document.

    What waits is among them if it is a document with a number; an accessorial is what the title says.
    """
    by_ref = {ref(request): request for request in requests}
    events = Event.objects.of(actor).filter(name="ask_approval", refs__overlap=list(by_ref))
    named: dict[int, list[str]] = {}
    for event in events:
        request = by_ref[next(each for each in event.refs if each in by_ref)]
        own = f"{request.subject_type.app_label}.{request.subject_type.model}:{request.subject_id}"
        numbered = hasattr(request.subject_type.model_class(), "number")
        named[request.pk] = [each for each in event.refs if each not in by_ref and (numbered or each != own)]
    found = _documents(actor, {each for refs in named.values() for each in refs})
    return {pk: [found[each] for each in refs if each in found] for pk, refs in named.items()}


def _documents(actor: Any, refs: set[str]) -> dict[str, About]:
    keys: dict[str, list[int]] = {}
    for each in refs:
        label, _colon, pk = each.partition(":")
        keys.setdefault(label, []).append(int(pk))
    shown = {}
    for label, pks in keys.items():
        model = apps.get_model(label)
        for row in model._base_manager.filter(organization_id=actor.organization_id, pk__in=pks):
            shown[ref(row)] = About(str(model._meta.verbose_name).capitalize(), str(row), _url_of(row))
    return shown


def _url_of(row: Any) -> str:
    """The row's own page; a kind of document without one is named without a link."""
    try:
        return str(row.get_absolute_url())
    except (AttributeError, NoReverseMatch):
        return ""


def limits_hit(actor: Any, requests: Sequence[ApprovalRequest]) -> dict[int, str]:
    """Which limit sent each request here, as it stands now: the same few queries for all of them."""
    people = {request.requested_by_id for request in requests}
    members = {
        member.user_id: member
        for member in Membership.objects.filter(organization_id=actor.organization_id, user__in=people).select_related(
            "user"
        )
    }
    limits = list(AuthorityLimit.objects.of(actor))
    labels = reason_labels(actor) if any(request.reason_key for request in requests) else {}
    return {
        request.pk: _limit_text(actor, request, members.get(request.requested_by_id), limits, labels)
        for request in requests
    }


def _limit_text(
    actor: Any, request: ApprovalRequest, member: Membership | None, limits: list[AuthorityLimit],
    labels: dict[str, str],
) -> str:  # fmt: skip
    if member is None:
        return ""
    found = authority_from(
        limits, role=member.role, membership_id=member.pk, kind=request.kind, currency=request.currency,
        reason_key=request.reason_key,
    ).for_amount(request.amount)  # fmt: skip
    words = {"name": member.name, "role": member.get_role_display(), "reason": labels.get(found.reason_key, "")}
    if found.maximum is None:
        return _("%(name)s (%(role)s) has no limit of their own any more.") % words
    words["limit"] = amount_text(actor, found.maximum, request.currency)
    if words["reason"]:
        return _("%(name)s (%(role)s) may give away up to %(limit)s for “%(reason)s” alone.") % words
    return _("%(name)s (%(role)s) may give away up to %(limit)s alone.") % words
