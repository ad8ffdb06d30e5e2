"""Settings of accounting systems: connections with their credentials, which are never shown again."""

from typing import Any

from django import forms
from django.contrib import admin
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.admin_forms import OrganizationForm
from accounts.admin_pages import SettingsAdmin
from accounts.admin_site import receivables_admin
from receivables.integrations.models import Connection
from receivables.integrations.registry import ADAPTERS
from receivables.integrations.systems.qbo.connection import BASES
from receivables.integrations.vault import Unreadable, opened, sealed

OPTIONS = ("company", "environment", "receivables_account")
SECRETS = ("client_id", "client_secret", "refresh_token")


class ConnectionForm(OrganizationForm):
    """A connection; credentials are typed in and only ever replaced. Empty fields keep what is there."""

    unique = "name"
    company = forms.CharField(label=gettext_lazy("Company"), max_length=40, help_text=gettext_lazy("Its realm id."))
    environment = forms.ChoiceField(
        label=gettext_lazy("Environment"),
        choices=[("production", gettext_lazy("Production")), ("sandbox", gettext_lazy("Sandbox"))],
    )
    receivables_account = forms.CharField(
        label=gettext_lazy("Accounts receivable"), max_length=40,
        help_text=gettext_lazy("The key of the receivables account over there, for journal entries."),
    )  # fmt: skip
    client_id = forms.CharField(label=gettext_lazy("Client id"), max_length=200, required=False)
    client_secret = forms.CharField(
        label=gettext_lazy("Client secret"), max_length=200, required=False, widget=forms.PasswordInput
    )
    refresh_token = forms.CharField(
        label=gettext_lazy("Refresh token"), max_length=2000, required=False, widget=forms.PasswordInput,
        help_text=gettext_lazy("Kept encrypted and never shown again; leave it empty to keep the present one."),
    )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in OPTIONS:
            if name in self.fields and name in self.instance.options:
                self.initial[name] = self.instance.options[name]
        if "system" in self.fields:
            system: Any = self.fields["system"]
            system.choices = [(key, label) for key, label in system.choices if key in ADAPTERS]

    def clean_environment(self) -> str:
        value = str(self.cleaned_data["environment"])
        if value not in BASES:
            raise forms.ValidationError(_("Choose one of the environments."))
        return value

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        if not self.errors:
            self.instance.options = {**self.instance.options, **{name: data[name] for name in OPTIONS}}
            given = {name: data[name].strip() for name in SECRETS if data.get(name, "").strip()}
            if given:
                self.instance.secrets = sealed({**self._known(given), **given})
        return data

    def _known(self, given: dict[str, str]) -> dict[str, str]:
        """The credentials that stay; a token belongs to the grant that it came with."""
        try:
            known = opened(self.instance.secrets)
        except Unreadable:
            return {}
        return {name: value for name, value in known.items() if name in SECRETS or "refresh_token" not in given}


@admin.register(Connection, site=receivables_admin)
class ConnectionAdmin(SettingsAdmin):
    """Connections begin paused: what is not mapped yet is shown on their page before anything is sent."""

    form = ConnectionForm
    verb = "manage_connections"
    section, place = "accounting", 60
    about = gettext_lazy("Accounting systems that invoices, payments and credit notes are delivered to.")
    list_display = ["name", "system", "state", "start_date"]
    ordering = ["name"]
    fields = [
        "name", "system", "start_date", "company", "environment", "receivables_account", "client_id", "client_secret",
        "refresh_token",
    ]  # fmt: skip
    fixed = ("system",)

    def save_model(self, request: Any, obj: Any, form: Any, change: bool) -> None:
        if not change:
            obj.save(force_insert=True)
            return
        obj.save(update_fields=["name", "start_date", "options", "secrets"])
