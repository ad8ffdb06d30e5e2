"""Signed-in browsers: beginning, keeping and ending a session. Without its row here a session is over."""

from datetime import timedelta
from importlib import import_module
from typing import Any

from django.conf import settings
from django.contrib.auth.signals import user_logged_in, user_logged_out
from django.db.models import QuerySet
from django.dispatch import receiver
from django.http import HttpRequest
from django.utils import timezone

from accounts.addresses import client_address
from accounts.models import Membership, User, UserSession
from accounts.second_factor import has_second_factor
from receivables.core.compiled import Arg, Compiled

SEEN_EVERY = timedelta(minutes=1)
# Asked for by each request of each page.
OF_REQUEST = Compiled(
    lambda: UserSession.objects.select_related("organization", "membership__organization").filter(
        session_key=Arg("key"), user_id=Arg("user")
    )
)


def idle_limit() -> timedelta:
    """How long a session lives without a request (ASVS 7.3.1)."""
    return timedelta(minutes=getattr(settings, "SESSION_IDLE_MINUTES", 30))


def absolute_limit() -> timedelta:
    """How long a session lives at most (ASVS 7.3.2)."""
    return timedelta(hours=getattr(settings, "SESSION_ABSOLUTE_HOURS", 8))


@receiver(user_logged_in)
def begin(sender: Any, request: HttpRequest, user: User, **kwargs: Any) -> None:
    """Remember the browser that signed in, in the organization where the person last worked."""
    membership = usual_membership(user)
    factor = UserSession.SecondFactor
    request.session.save()
    UserSession.objects.create(
        user=user,
        session_key=request.session.session_key or "",
        membership=membership,
        organization_id=membership.organization_id if membership else None,
        second_factor=factor.PENDING if has_second_factor(user) else factor.ABSENT,
        ip=client_address(request),
        user_agent=request.META.get("HTTP_USER_AGENT", "")[:255],
    )


@receiver(user_logged_out)
def finish(sender: Any, request: HttpRequest, user: User | None, **kwargs: Any) -> None:
    """Forget the browser that signs out."""
    UserSession.objects.filter(session_key=request.session.session_key or "").delete()


def usual_membership(user: User) -> Membership | None:
    """Where the person worked last, else their only membership; None means that they choose."""
    memberships = Membership.objects.filter(user=user, active=True, organization__active=True)
    last = (
        UserSession.objects.filter(user=user, membership__in=memberships)
        .order_by("-last_seen")
        .values_list("membership_id", flat=True)
        .first()
    )
    if last is not None:
        return memberships.get(pk=last)
    first_two = list(memberships[:2])
    return first_two[0] if len(first_two) == 1 and not user.is_platform_staff else None


def find(request: Any) -> UserSession | None:
    """The row of the request's session with its membership and organization as they are now, in one query."""
    found = OF_REQUEST.fetch(key=request.session.session_key or "", user=request.user.pk)
    return found[0] if found else None


def is_over(session: UserSession) -> bool:
    """Whether it was idle for too long or has reached its greatest age."""
    now = timezone.now()
    return now - session.last_seen > idle_limit() or now - session.created > absolute_limit()


def touch(session: UserSession) -> None:
    """Remember that the person is there; at most one write a minute."""
    now = timezone.now()
    if now - session.last_seen >= SEEN_EVERY:
        UserSession.objects.filter(pk=session.pk).update(last_seen=now)


def rotate(request: HttpRequest, **changes: Any) -> None:
    """Give the session a new key, as whenever it gains rights, and write `changes` into its row."""
    old = request.session.session_key
    request.session.cycle_key()
    follow_key(request, old, **changes)


def follow_key(request: HttpRequest, old: str | None, **changes: Any) -> None:
    """Keep the row with a session whose key Django has just changed."""
    UserSession.objects.filter(session_key=old or "").update(session_key=request.session.session_key, **changes)


def end(sessions: QuerySet[UserSession]) -> int:
    """End these sessions at once and say how many they were."""
    store = import_module(settings.SESSION_ENGINE).SessionStore
    ended = list(sessions)
    for session in ended:
        store(session.session_key).delete()
    UserSession.objects.filter(pk__in=[session.pk for session in ended]).delete()
    return len(ended)


def end_all_of(user: User, *, but_key: str | None = None) -> int:
    """End every session of a person, except the one with this key."""
    return end(UserSession.objects.filter(user=user).exclude(session_key=but_key or ""))
