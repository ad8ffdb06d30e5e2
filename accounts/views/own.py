"""A person's own pages: sessions, organizations, preferences."""

import copy
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views import i18n
from django.views.decorators.http import require_POST

from accounts import sessions as session_store
from accounts.formats import Language
from accounts.forms import PreferencesForm, ProfileForm
from accounts.middleware import safe_url, second_factor_step, without_organization
from accounts.models import UserSession
from accounts.queries import actors_of
from accounts.views.sign_in import form_page


@without_organization
def sessions(request: Any) -> HttpResponse:
    """Where the person is signed in."""
    own: list[Any] = list(UserSession.objects.filter(user=request.user).order_by("-last_seen"))
    for session in own:
        session.current = session.pk == request.user_session.pk
    context = {"title": _("Signed-in devices"), "sessions": own}
    return render(request, "accounts/sessions.html", context)


@without_organization
@require_POST
def end_session(request: Any, pk: int) -> HttpResponse:
    """End one of the person's own sessions; another person's does not exist for them."""
    if not session_store.end(UserSession.objects.filter(user=request.user, pk=pk)):
        raise Http404
    messages.success(request, _("The session has ended."))
    return redirect("sign_in" if pk == request.user_session.pk else "sessions")


@without_organization
@require_POST
def end_other_sessions(request: Any) -> HttpResponse:
    """End all of the person's sessions but this one."""
    count = session_store.end_all_of(request.user, but_key=request.session.session_key)
    messages.success(request, ngettext("%(n)s session has ended.", "%(n)s sessions have ended.", count) % {"n": count})
    return redirect("sessions")


@without_organization
@require_POST
def extend_session(request: Any) -> HttpResponse:
    """The person is still there. To ask is enough: every request keeps its session."""
    return HttpResponse(status=204)


@without_organization
def choose_organization(request: Any) -> HttpResponse:
    """The organizations the person may act in, to choose one for this session."""
    if request.method == "POST":
        return switch_organization(request)
    context = {
        "title": _("Choose an organization"),
        "choices": actors_of(request.user),
        "next": safe_url(request, request.GET.get("next", "")),
        "may_create": request.user.is_platform_staff,
    }
    return render(request, "accounts/choose_organization.html", context)


@without_organization
@require_POST
def switch_organization(request: Any) -> HttpResponse:
    """Act in another organization from now on, in this session only. One's own only: others do not exist."""
    wanted = request.POST.get("organization", "")
    actor = next((one for one in actors_of(request.user) if str(one.organization_id) == wanted), None)
    if actor is None:
        raise Http404
    UserSession.objects.filter(pk=request.user_session.pk).update(
        organization_id=actor.organization_id, membership_id=actor.pk
    )
    messages.success(request, _("You now work in %(name)s.") % {"name": actor.organization.name})
    return HttpResponseRedirect(safe_url(request, request.POST.get("next", "")))


@without_organization
def profile(request: Any) -> HttpResponse:
    """The person's name, and the way to their password, second factor and sessions."""
    return own_form(request, ProfileForm, "profile", _("Profile"), _("Your profile is saved."))


@without_organization
def preferences(request: Any) -> HttpResponse:
    """Language, time zone, formats, page size, theme and keyboard of the person."""
    return own_form(request, PreferencesForm, "preferences", _("Preferences"), _("Your preferences are saved."))


@login_not_required
@require_POST
def set_language(request: Any) -> HttpResponse:
    """The language of the menu. This browser remembers it for the doors; whoever is signed in gets it as their
    preference, since a preference or the organization's language would win over the browser's."""
    chosen = request.POST.get("language", "")
    known = chosen in Language.values
    if known and request.user.is_authenticated and second_factor_step(request) is None:
        request.user.language = chosen
        request.user.save(update_fields=["language"])
    return i18n.set_language(request)


def own_form(request: Any, form_class: Any, name: str, title: str, done: str) -> HttpResponse:
    """Show or save a form about the person. Only its own fields are written, whatever else was sent."""
    # A copy of the user is changed: a refused form must not change the page that shows it.
    form = form_class(request.POST or None, instance=copy.copy(request.user))
    if request.method == "POST" and form.is_valid():
        form.instance.save(update_fields=form.Meta.fields)
        messages.success(request, done)
        return redirect(name)
    return form_page(request, f"accounts/{name}.html", form, title)
