"""The platform's page for a new organization."""

from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts import organizations, tasks
from accounts.middleware import without_organization
from accounts.models import Organization, User
from accounts.organizations import PlatformDesk
from accounts.views.sign_in import form_page
from receivables.core.errors import Refused
from receivables.core.money import currencies
from receivables.core.operations import authorize


class OrganizationForm(forms.ModelForm):
    """What an organization is from its first day: the currency never changes. And who is its first Admin."""

    admin_email = forms.EmailField(label=gettext_lazy("Email of the first Admin"), max_length=254)
    admin_name = forms.CharField(
        label=gettext_lazy("Full name of the first Admin"),
        max_length=150,
        help_text=gettext_lazy("Used if this person is new here; a mail then says how to set a password."),
    )

    class Meta:
        model = Organization
        fields = ["name", "slug", "currency", "country", "timezone", "language"]
        help_texts = {
            "slug": gettext_lazy("Small letters, digits and hyphens; it never changes."),
            "currency": gettext_lazy("Three letters, for example USD. It never changes: every balance is in it."),
        }

    def clean_currency(self) -> str:
        code = str(self.cleaned_data["currency"]).upper()
        if code not in currencies():
            raise ValidationError(_("“%(code)s” is not a currency code like SAR or USD.") % {"code": code})
        return code


@without_organization
def create_organization(request: Any) -> HttpResponse:
    """Create an organization, make its first Admin a member, and invite them."""
    actor = PlatformDesk(request.user) if request.user.is_platform_staff else request.actor
    if actor is None:
        actor = PlatformDesk(request.user)
    authorize(actor, "create_organization")
    form = OrganizationForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            organization = organizations.create_organization(actor=actor, **form.cleaned_data)
        except Refused as refused:
            form.add_error(refused.field or None, str(refused.blocker.message))
        else:
            admin = User.objects.get(email=form.cleaned_data["admin_email"].lower())
            tasks.invite(admin, domain=request.get_host(), https=request.is_secure())
            messages.success(request, _("%(name)s is ready. Its first Admin can sign in.") % {"name": organization})
            return redirect("choose_organization")
    return form_page(request, "accounts/create_organization.html", form, _("Create an organization"))


create_organization.verb = "create_organization"
