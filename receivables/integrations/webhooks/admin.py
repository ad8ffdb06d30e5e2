"""Webhooks as settings: address and events. Secrets are made here, and shown once on the webhook's own page."""

from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.admin_forms import OrganizationForm
from accounts.admin_pages import SettingsAdmin
from accounts.admin_site import receivables_admin
from receivables.integrations.vault import sealed
from receivables.integrations.webhooks.models import Endpoint
from receivables.integrations.webhooks.payloads import TYPES
from receivables.integrations.webhooks.sending import address_problem
from receivables.integrations.webhooks.signing import new_secret

PROBLEMS = {
    "scheme": gettext_lazy("The address must begin with https://."),
    "user": gettext_lazy("The address must not hold a user name or password."),
    "port": gettext_lazy("Only the ordinary port of https is called."),
    "host": gettext_lazy("Enter the public name of a server that this installation may call."),
}


class EndpointForm(OrganizationForm):
    """A name, an address and what is to be told there."""

    unique = "name"
    url = forms.CharField(label=gettext_lazy("Address"), max_length=500, widget=forms.URLInput)
    types = forms.MultipleChoiceField(
        label=gettext_lazy("Events"), choices=[(each, each) for each in TYPES], required=False,
        widget=forms.CheckboxSelectMultiple, help_text=gettext_lazy("None chosen: all of them."),
    )  # fmt: skip

    def clean_url(self) -> str:
        url = str(self.cleaned_data["url"]).strip()
        problem = address_problem(url)
        if problem:
            raise forms.ValidationError(PROBLEMS[problem], code=problem)
        return url


@admin.register(Endpoint, site=receivables_admin)
class EndpointAdmin(SettingsAdmin):
    """Where other programs are told what happens. Sending, its log and the secret are on the webhook's page."""

    form = EndpointForm
    verb = "manage_webhooks"
    section, place = "accounting", 70
    about = gettext_lazy("Addresses of other programs that are told, signed, what becomes of documents.")
    list_display = ["name", "url", "state"]
    fields = ["name", "url", "types"]
    ordering = ["name"]

    def save_model(self, request: Any, obj: Any, form: Any, change: bool) -> None:
        if not change:
            obj.secrets = sealed({"current": new_secret()})
        super().save_model(request, obj, form, change)

    def response_add(self, request: HttpRequest, obj: Any, post_url_continue: Any = None) -> HttpResponse:
        self.message_user(request, _("%(name)s was added. Take its secret from this page.") % {"name": obj.name})
        return HttpResponseRedirect(reverse("webhook", args=[obj.pk]))
