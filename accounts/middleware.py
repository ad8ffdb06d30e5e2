"""Who acts in this request: read anew each time, so that a changed role acts on the next request (P3)."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import resolve_url
from django.utils import timezone, translation
from django.utils.http import url_has_allowed_host_and_scheme, urlencode
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django_htmx.http import HttpResponseClientRedirect
from pghistory.middleware import HistoryMiddleware

from accounts import second_factor, sessions
from accounts.models import Membership, PlatformActor, UserSession
from receivables.core.context import date_format
from receivables.core.dates import days_written
from receivables.core.logs import request_id

# Pages for anybody whose views are not ours to mark: the language of the sign-in page, and the load balancer's.
OPEN_TO_ALL = frozenset({"set_language", "healthz", "readyz", "content_violation"})


class ActorMiddleware:
    """Sets `request.actor`, `request.organization` and `request.user_session`, and is the default deny of every URL.

    A view is open to all only if it says so (`django.contrib.auth.decorators.login_not_required`), and reachable
    before the second factor or without an organization only if marked by the decorators below.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: Any) -> HttpResponse:
        request.actor = request.organization = request.user_session = None
        if request.user.is_authenticated:
            self.enter(request)
        zone, language = preferred_zone(request), preferred_language(request)
        with timezone.override(zone), days_written(date_format(request.organization, request.user)):
            if language:
                translation.activate(language)
                request.LANGUAGE_CODE = language
            return self.get_response(request)

    def enter(self, request: Any) -> None:
        """Find the session's row and the actor; a session that is over signs the person out."""
        session = sessions.find(request)
        if session is None or sessions.is_over(session):
            sign_out_idle(request, timed_out=session is not None)
            return
        sessions.touch(session)
        request.user_session = session
        actor = actor_of(request.user, session)
        request.actor = request.user.active_actor = actor
        request.organization = actor.organization if actor is not None else None

    def process_view(self, request: Any, view: Any, args: Any, kwargs: Any) -> HttpResponse | None:
        if not getattr(view, "login_required", True) or request.resolver_match.url_name in OPEN_TO_ALL:
            return None
        if not request.user.is_authenticated:
            return send_to(request, "sign_in")
        step = second_factor_step(request)
        if step is not None:
            return None if getattr(view, "before_second_factor", False) else send_to(request, step)
        if request.actor is None and not getattr(view, "without_organization", False):
            return send_to(request, "choose_organization")
        return None


class SettingsHistoryMiddleware(HistoryMiddleware):
    """Tells the database's own history of settings who acts, where, and in which request.

    Only for requests that may write. The address of the page is left out: some carry secrets.
    """

    def get_context(self, request: Any) -> dict[str, Any]:
        actor = getattr(request, "actor", None)
        return {
            "user": request.user.pk,
            "actor": str(request.user) if request.user.is_authenticated else "",
            "organization": actor.organization_id if actor is not None else None,
            "request": request_id.get(),
        }


def before_second_factor(view: Any) -> Any:
    """Mark a view that a person reaches with the password alone: giving the code, setting it up, signing out."""
    view.before_second_factor = True
    view.without_organization = True
    return view


def without_organization(view: Any) -> Any:
    """Mark a view about the person, for which no organization needs to be chosen."""
    view.without_organization = True
    return view


def actor_of(user: Any, session: UserSession) -> Membership | PlatformActor | None:
    """The membership in which the session acts, if it is still good; for platform staff their own kind of actor."""
    membership = session.membership
    if membership is not None and membership.active and membership.organization.active:
        membership.user = user
        return membership
    if user.is_platform_staff and session.organization is not None:
        return PlatformActor(user, session.organization)
    return None


def second_factor_step(request: Any) -> str | None:
    """The page that stands between this session and everything else, or None."""
    state = request.user_session.second_factor
    if state == UserSession.SecondFactor.PENDING:
        return "second_factor"
    if state == UserSession.SecondFactor.ABSENT and second_factor.is_required(request.user, request.actor):
        return "second_factor_setup"
    return None


def sign_out_idle(request: Any, *, timed_out: bool) -> None:
    logout(request)
    if timed_out:
        minutes = int(sessions.idle_limit().total_seconds() // 60)
        sentence = ngettext(
            "You were signed out after %(n)s minute. Sign in; your draft is kept.",
            "You were signed out after %(n)s minutes. Sign in; your draft is kept.",
            minutes,
        )
        messages.info(request, sentence % {"n": minutes})
    else:
        messages.info(request, _("You were signed out. Sign in to go on."))


def send_to(request: Any, name: str) -> HttpResponse:
    """Redirect (also for htmx, as a whole page) and remember where to come back to."""
    url = f"{resolve_url(name)}?{urlencode({'next': return_path(request)})}"
    return HttpResponseClientRedirect(url) if request.headers.get("HX-Request") else HttpResponseRedirect(url)


def return_path(request: HttpRequest) -> str:
    """The page the person was on: this one if it can be asked for again, else the one the form was on."""
    if request.method == "GET" and not request.headers.get("HX-Request"):
        return request.get_full_path()
    came_from = request.headers.get("HX-Current-URL") or request.headers.get("Referer", "")
    return safe_url(request, came_from)


def safe_url(request: HttpRequest, url: str) -> str:
    """The URL if it stays on this site, else the start page."""
    safe = url_has_allowed_host_and_scheme(url, {request.get_host()}, require_https=request.is_secure())
    return url if safe else "/"


def preferred_language(request: Any) -> str:
    """The person's language, else their organization's; empty leaves it to the browser's."""
    own = request.user.language if request.user.is_authenticated else ""
    return own or (request.organization.language if request.organization else "")


def preferred_zone(request: Any) -> str | None:
    own = request.user.timezone if request.user.is_authenticated else ""
    return own or (request.organization.timezone if request.organization else None)
