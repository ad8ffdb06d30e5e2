"""Signing in and out, resetting and changing the password."""

import logging
from typing import Any

from django.contrib import messages
from django.contrib.auth import login, logout, update_session_auth_hash
from django.contrib.auth import views as auth_views
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.forms import SetPasswordForm
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse_lazy
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST
from django.views.generic import FormView

from accounts import demo, sessions
from accounts.forms import ChangePasswordForm, PasswordResetForm, SignInForm
from accounts.middleware import before_second_factor, without_organization

log = logging.getLogger("accounts.security")


@method_decorator([sensitive_post_parameters(), never_cache, login_not_required], name="dispatch")
class SignInView(auth_views.RedirectURLMixin, FormView):
    """Email and password; afterwards to `next`, if that stays on this site."""

    template_name = "accounts/sign_in.html"
    form_class = SignInForm
    next_page = "/"
    extra_context = {"title": gettext_lazy("Sign in")}

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        if request.user.is_authenticated:
            return HttpResponseRedirect(self.get_success_url())
        return super().dispatch(request, *args, **kwargs)

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "request": self.request}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs, next=self.get_redirect_url(), demo_accounts=demo.sign_ins())

    def form_invalid(self, form: SignInForm) -> HttpResponse:
        return self.render_to_response(self.get_context_data(form=form), status=422)

    def form_valid(self, form: SignInForm) -> HttpResponse:
        user: Any = form.user
        login(self.request, user)
        log.info("sign-in user=%s", user.pk)
        return HttpResponseRedirect(self.get_success_url())


@before_second_factor
@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    """End this session. Only POST: no link of another site signs a person out."""
    logout(request)
    messages.info(request, _("You are signed out."))
    response = redirect("sign_in")
    response["Clear-Site-Data"] = '"cache"'  # the forms that Back could still show (ASVS 14.3.1)
    return response


@method_decorator([login_not_required], name="dispatch")
class PasswordResetView(auth_views.PasswordResetView):
    """Asks for the email; the answer is the same whether or not somebody has it."""

    template_name = "accounts/password_reset.html"
    form_class = PasswordResetForm
    success_url = reverse_lazy("password_reset_done")
    title = gettext_lazy("Reset your password")

    def form_valid(self, form: Any) -> HttpResponse:
        form.save(request=self.request)
        return HttpResponseRedirect(str(self.success_url))


@method_decorator([login_not_required], name="dispatch")
class PasswordResetDoneView(auth_views.PasswordResetDoneView):
    template_name = "accounts/password_reset_done.html"
    title = gettext_lazy("Look into your mail")


@method_decorator([login_not_required], name="dispatch")
class PasswordResetConfirmView(auth_views.PasswordResetConfirmView):
    """Sets a password with the mailed link, which works once; every session of the person ends."""

    template_name = "accounts/password_reset_confirm.html"
    form_class: Any = SetPasswordForm
    success_url = reverse_lazy("password_reset_complete")
    title = gettext_lazy("Set your password")

    def form_valid(self, form: SetPasswordForm) -> HttpResponse:
        response = super().form_valid(form)
        user: Any = self.user
        sessions.end_all_of(user)
        log.info("password reset user=%s", user.pk)
        return response


@method_decorator([login_not_required], name="dispatch")
class PasswordResetCompleteView(auth_views.PasswordResetCompleteView):
    template_name = "accounts/password_reset_complete.html"
    title = gettext_lazy("Your password is set")


@without_organization
@sensitive_post_parameters()
def password_change(request: Any) -> HttpResponse:
    """A new password with the old one; every other session of the person ends, this one gets a new key."""
    form = ChangePasswordForm(request, request.user, request.POST or None)
    if request.method == "POST" and form.is_valid():
        form.save()
        old_key = request.session.session_key
        update_session_auth_hash(request, form.user)
        sessions.follow_key(request, old_key)
        sessions.end_all_of(request.user, but_key=request.session.session_key)
        log.info("password change user=%s", request.user.pk)
        messages.success(request, _("Your password is changed. All your other sessions have ended."))
        return redirect("sessions")
    return form_page(request, "accounts/password_change.html", form, _("Change your password"))


def form_page(request: Any, template: str, form: Any, title: str, **context: Any) -> HttpResponse:
    """A page with one form, answered 422 if the form was sent and refused."""
    status = 422 if form.is_bound else 200
    return render(request, template, {"form": form, "title": title, **context}, status=status)
