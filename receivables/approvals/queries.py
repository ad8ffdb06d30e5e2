"""Reading authority and requests: who may give away how much, who may decide, what a request is about."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.apps import apps
from django.db.models import F, Q, QuerySet, Subquery
from django.db.models.expressions import OuterRef
from django.urls import NoReverseMatch
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import Membership
from receivables.approvals.models import ApprovalRequest, AuthorityLimit
from receivables.approvals.rules import ADMINS, UNLIMITED_BY_DEFAULT, Authority, authority_from
from receivables.core.events import ref
from receivables.core.models import Event
from receivables.core.money import NumberFormat, format_money

NAMES_SHOWN = 3


def amount_text(actor: Any, amount: Decimal, currency: str) -> str:
    return format_money(amount, currency, NumberFormat.of(actor.organization, actor.user), with_code=True)


def _own_rows(actor: Any) -> Q:
    """The limits that speak of this actor: their own, and their role's."""
    return Q(membership_id=actor.pk) | Q(membership__isnull=True, role=actor.role)


def authority_of(actor: Any, kind: str, currency: str) -> Authority:
    """The actor's limit for a kind and currency: their own row, else their role's, else the default."""
    role, membership_id = getattr(actor, "role", ""), getattr(actor, "pk", None)
    if membership_id is None:
        return authority_from([], role="", membership_id=None, kind=kind, currency=currency)
    rows = AuthorityLimit.objects.of(actor).filter(_own_rows(actor), kind=kind, currency=currency)
    return authority_from(rows, role=role, membership_id=membership_id, kind=kind, currency=currency)


def possible_approvers(
    actor: Any, kind: str, currency: str, amount: Decimal, *, requested_by: int | None = None
) -> list[Membership]:
    """The active members who may approve this amount, in order of joining: neither the actor nor who asked.

    Two queries.
    """
    members = (
        Membership.objects.filter(organization_id=actor.organization_id, active=True, user__is_active=True)
        .exclude(user__in=[pk for pk in (actor.user and actor.user.pk, requested_by) if pk])
        .select_related("user", "organization")
        .order_by("pk")
    )
    limits = list(AuthorityLimit.objects.of(actor).filter(kind=kind, currency=currency))
    return [
        member
        for member in members
        if member.can("approve_request") and _covers(limits, member, kind, currency, amount)
    ]


def _covers(limits: list[AuthorityLimit], member: Membership, kind: str, currency: str, amount: Decimal) -> bool:
    found = authority_from(limits, role=member.role, membership_id=member.pk, kind=kind, currency=currency)
    return found.covers(amount)


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


def sent_to_text(actor: Any, kind: str, currency: str, amount: Decimal) -> str:
    """What to say after asking (message AP-1)."""
    names = names_of(possible_approvers(actor, kind, currency, amount))
    if names:
        return _("Sent to %(approver)s. Nothing changes until it is approved.") % {"approver": names}
    return _("Nobody may approve this amount yet; an administrator can set a higher limit. Until then nothing changes.")


def waiting(actor: Any) -> QuerySet[ApprovalRequest]:
    return ApprovalRequest.objects.of(actor).filter(state=ApprovalRequest.State.WAITING)


def decidable(actor: Any) -> QuerySet[ApprovalRequest]:
    """The waiting requests that the actor may approve: `authority_from` and the rules, said in SQL."""
    if actor.pk is None or not actor.can("approve_request"):
        return ApprovalRequest.objects.none()
    speaking = (
        AuthorityLimit.objects.of(actor)
        .filter(_own_rows(actor), kind=OuterRef("kind"), currency=OuterRef("currency"), minimum__lte=OuterRef("amount"))
        .order_by(F("membership_id").asc(nulls_last=True))
    )
    unlimited = Q(pk__isnull=False) if actor.role in ADMINS else Q(kind__in=UNLIMITED_BY_DEFAULT) | Q(amount=0)
    within = Q(limit__isnull=True) | Q(amount__lte=F("limit"))
    return (
        waiting(actor)
        .exclude(requested_by=actor.user)
        .annotate(limit_row=Subquery(speaking.values("pk")[:1]), limit=Subquery(speaking.values("maximum")[:1]))
        .filter((Q(limit_row__isnull=False) & within) | (Q(limit_row__isnull=True) & unlimited))
    )


def decidable_count(actor: Any) -> int:
    """How many requests wait for the actor: the number in the menu, one query."""
    return decidable(actor).count()


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
    """Which limit sent each request here, as it stands now: two queries for all of them."""
    people = {request.requested_by_id for request in requests}
    members = {
        member.user_id: member
        for member in Membership.objects.filter(organization_id=actor.organization_id, user__in=people).select_related(
            "user"
        )
    }
    limits = list(AuthorityLimit.objects.of(actor))
    return {
        request.pk: _limit_text(actor, request, members.get(request.requested_by_id), limits) for request in requests
    }


def _limit_text(actor: Any, request: ApprovalRequest, member: Membership | None, limits: list[AuthorityLimit]) -> str:
    if member is None:
        return ""
    found = authority_from(
        limits, role=member.role, membership_id=member.pk, kind=request.kind, currency=request.currency
    ).for_amount(request.amount)
    words = {"name": member.name, "role": member.get_role_display()}
    if found.maximum is None:
        return _("%(name)s (%(role)s) has no limit of their own any more.") % words
    words["limit"] = amount_text(actor, found.maximum, request.currency)
    return _("%(name)s (%(role)s) may give away up to %(limit)s alone.") % words
