"""The second factor: giving the code at sign-in, setting it up, recovery codes, switching it off."""

import logging
from typing import Any

import segno
from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from accounts import second_factor as factor
from accounts import sessions
from accounts.forms import CodeForm, ConfirmPasswordForm, SetUpForm
from accounts.middleware import before_second_factor, safe_url, without_organization
from accounts.models import UserSession
from accounts.views.sign_in import form_page

log = logging.getLogger("accounts.security")
GIVEN, ABSENT = UserSession.SecondFactor.GIVEN, UserSession.SecondFactor.ABSENT


@before_second_factor
@never_cache
def second_factor(request: Any) -> HttpResponse:
    """Asks for the code after the password; until it is given the session can do nothing else."""
    target = safe_url(request, request.POST.get("next") or request.GET.get("next", ""))
    if request.user_session.second_factor != UserSession.SecondFactor.PENDING:
        return HttpResponseRedirect(target)
    form = CodeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        if factor.verify(request.user, form.cleaned_data["code"]):
            sessions.rotate(request, second_factor=GIVEN)
            log.info("second factor given user=%s", request.user.pk)
            return HttpResponseRedirect(target)
        log.warning("second factor refused user=%s", request.user.pk)
        form.add_error("code", _("This code is not right or was used already. Wait a moment, then try again."))
    return form_page(request, "accounts/second_factor.html", form, _("Enter your code"), next=target)


@before_second_factor
@never_cache
def second_factor_setup(request: Any) -> HttpResponse:
    """Shows a new secret as a picture and as text, and switches the second factor on once a code proves it."""
    if request.user_session.second_factor != ABSENT or factor.has_second_factor(request.user):
        return redirect("second_factor_settings")
    if request.method != "POST":
        return setup_page(request, SetUpForm(initial={"secret": factor.new_secret(request.user)}))
    form = SetUpForm(request.POST)
    key = factor.read_secret(request.user, request.POST.get("secret", ""))
    if key is None:
        messages.info(request, _("This page was open for too long. Scan the new picture."))
        return redirect("second_factor_setup")
    codes = factor.set_up(request.user, key, form.cleaned_data["code"]) if form.is_valid() else None
    if codes is None:
        form.add_error("code", _("This code is not right. Check your phone's clock, then try the next one."))
        return setup_page(request, form)
    sessions.rotate(request, second_factor=GIVEN)
    sessions.end_all_of(request.user, but_key=request.session.session_key)
    log.info("second factor set up user=%s", request.user.pk)
    return codes_page(request, codes)


def setup_page(request: Any, form: SetUpForm) -> HttpResponse:
    """The secret as a picture to scan and as text to type; both come with the page and are stored nowhere."""
    key = factor.read_secret(request.user, str(form["secret"].value())) or ""
    picture = segno.make(factor.device_for(request.user, key).config_url, error="m")
    return form_page(
        request,
        "accounts/second_factor_setup.html",
        form,
        _("Two-step sign-in"),
        secret=factor.readable_key(key),
        qr_url=picture.svg_data_uri(scale=5, border=4, light="#fff"),
        next=request.GET.get("next", ""),
    )


def codes_page(request: Any, codes: list[str]) -> HttpResponse:
    """The recovery codes, this once: the page is the answer to the POST and is kept nowhere."""
    context = {
        "codes": codes,
        "title": _("Your recovery codes"),
        "continue_url": safe_url(request, request.POST.get("next", "")),
    }
    return render(request, "accounts/recovery_codes.html", context)


@without_organization
@never_cache
def second_factor_settings(request: Any) -> HttpResponse:
    """Whether the second factor is on, how many recovery codes are left, and what can be done about it."""
    context = {
        "title": _("Two-step sign-in"),
        "is_on": factor.has_second_factor(request.user),
        "required": factor.is_required(request.user, request.actor),
        "codes_left": factor.recovery_codes_left(request.user),
    }
    return render(request, "accounts/second_factor_settings.html", context)


@without_organization
@never_cache
def recovery_codes(request: Any) -> HttpResponse:
    """New recovery codes in place of the old ones, for the password."""
    if not factor.has_second_factor(request.user):
        return redirect("second_factor_setup")
    form = ConfirmPasswordForm(request, request.POST or None)
    if request.method == "POST" and form.is_valid():
        log.info("recovery codes renewed user=%s", request.user.pk)
        return codes_page(request, factor.new_recovery_codes(request.user))
    return form_page(
        request, "accounts/confirm_password.html", form, _("New recovery codes"), button=_("Make new codes")
    )


@without_organization
@never_cache
def second_factor_remove(request: Any) -> HttpResponse:
    """Switches the second factor off, for the password; who must have one sets it up again right away."""
    if not factor.has_second_factor(request.user):
        return redirect("second_factor_settings")
    form = ConfirmPasswordForm(request, request.POST or None)
    if request.method == "POST" and form.is_valid():
        factor.remove(request.user)
        sessions.rotate(request, second_factor=ABSENT)
        sessions.end_all_of(request.user, but_key=request.session.session_key)
        log.warning("second factor removed user=%s", request.user.pk)
        messages.success(request, _("Two-step sign-in is off."))
        return redirect("second_factor_settings")
    return form_page(
        request, "accounts/confirm_password.html", form, _("Turn off two-step sign-in"), button=_("Turn off")
    )
