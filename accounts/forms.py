"""Forms about the person who uses them: sign-in, second factor, password, preferences."""

from typing import Any

from django import forms
from django.contrib.auth import authenticate
from django.contrib.auth import forms as auth_forms
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from accounts import formats, tasks
from accounts.models import User

PASSWORD = forms.PasswordInput(attrs={"autocomplete": "current-password"})


class PasswordCheckForm(forms.Form):
    """Asks for a password, counting failures like sign-in does. One message, whatever was wrong."""

    wrong: Any = _("This password is not right.")
    locked: Any = _("There were too many failed attempts. Wait an hour, or reset your password.")

    def __init__(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        self.request = request
        self.user: User | None = None
        super().__init__(*args, **kwargs)

    def check_password(self, email: str, password: str) -> None:
        self.user = authenticate(self.request, email=email, password=password)
        if self.user is None:
            raise ValidationError(self.locked if getattr(self.request, "axes_locked_out", False) else self.wrong)


class SignInForm(PasswordCheckForm):
    """Email and password. What it answers and how long it takes tell nothing about who has an account."""

    email = forms.EmailField(
        label=_("Email"), max_length=254, widget=forms.EmailInput(attrs={"autocomplete": "username"})
    )
    password = forms.CharField(label=_("Password"), strip=False, max_length=1000, widget=PASSWORD)

    wrong = _("The email or the password is not right. Letters of the password count as capital or small.")

    def clean_email(self) -> str:
        return str(self.cleaned_data["email"]).strip().lower()

    def clean(self) -> dict[str, Any]:
        data = self.cleaned_data
        if data.get("email") and data.get("password"):
            self.check_password(data["email"], data["password"])
        return data


class ConfirmPasswordForm(PasswordCheckForm):
    """The password once more, before something that weakens an account."""

    password = forms.CharField(label=_("Your password"), strip=False, max_length=1000, widget=PASSWORD)

    def clean_password(self) -> str:
        password = str(self.cleaned_data["password"])
        self.check_password(self.request.user.email, password)  # type: ignore[union-attr]
        return password


class ChangePasswordForm(PasswordCheckForm, auth_forms.PasswordChangeForm):
    """A new password with the old one. Who found somebody's browser open can't guess on here without end."""

    user: Any

    def clean_old_password(self) -> str:
        password = str(self.cleaned_data["old_password"])
        self.check_password(self.request.user.email, password)  # type: ignore[union-attr]
        return password


CODE_WIDGET = forms.TextInput(attrs={"autocomplete": "one-time-code", "inputmode": "text", "dir": "ltr"})


class CodeForm(forms.Form):
    """The code of the phone, or a recovery code."""

    code = forms.CharField(
        label=_("Code"), max_length=20, widget=CODE_WIDGET,
        help_text=_("Six digits from your authenticator app, or one of your recovery codes."),
    )  # fmt: skip

    def clean_code(self) -> str:
        return "".join(str(self.cleaned_data["code"]).split())


class SetUpForm(forms.Form):
    """The first code of a new phone, with the signed secret that the page showed."""

    secret = forms.CharField(widget=forms.HiddenInput, max_length=500)
    code = forms.RegexField(
        r"\A[0-9]{6}\Z", label=_("Code"), help_text=_("Six digits that your authenticator app shows now."),
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "inputmode": "numeric", "dir": "ltr"}),
        error_messages={"invalid": _("Enter the six digits that your app shows.")},
    )  # fmt: skip


class PasswordResetForm(auth_forms.PasswordResetForm):
    """Asks for the email and answers the same for every address: the mail is looked after in the background."""

    def save(self, *, request: HttpRequest, **options: Any) -> None:  # type: ignore[override]
        tasks.ask_for_password_mail(
            str(self.cleaned_data["email"]), domain=request.get_host(), https=request.is_secure()
        )


class ProfileForm(forms.ModelForm):
    """The name under which others see the person. The email is their sign-in and changes only with the platform."""

    class Meta:
        model = User
        fields = ["full_name"]


class PreferencesForm(forms.ModelForm):
    """How a person wants the pages to look; empty choices follow the organization."""

    class Meta:
        model = User
        fields = ["language", "timezone", "number_style", "date_format", "page_size", "theme", "shortcuts"]
        help_texts = {
            "shortcuts": _("Single keys act on lists and open pages; ? shows them."),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        zones = [(zone, zone) for zone in formats.timezones()]
        self.fields["timezone"] = forms.ChoiceField(label=_("Time zone"), choices=[("", ""), *zones], required=False)
        for name in ("language", "timezone", "number_style", "date_format"):
            field: Any = self.fields[name]
            field.choices = [("", _("As in the organization")), *list(field.choices)[1:]]
