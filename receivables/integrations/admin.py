"""Settings of accounting systems: connections with their credentials, which are never shown again."""

from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.auth.hashers import make_password
from django.http import HttpRequest, HttpResponse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.admin_forms import OrganizationForm
from accounts.admin_pages import SettingsAdmin
from accounts.admin_site import receivables_admin
from receivables.integrations.models import Connection, Delivery
from receivables.integrations.registry import ADAPTERS
from receivables.integrations.systems.base import Setting
from receivables.integrations.vault import Unreadable, opened, sealed

KEEPS = gettext_lazy("Kept encrypted and never shown again; leave it empty to keep the present one.")
OTHER_BOOKS = gettext_lazy(
    "Documents were delivered to the books that are entered here. Add another connection for other books."
)


class ConnectionForm(OrganizationForm):
    """A connection; credentials are typed in and only ever replaced. Empty fields keep what is there."""

    unique = "name"
    settings: tuple[Setting, ...] = ()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for each in self.settings:
            if not each.secret and each.name in self.instance.options:
                self.initial[each.name] = self.instance.options[each.name]
        if "system" in self.fields:
            system: Any = self.fields["system"]
            system.choices = [(key, label) for key, label in system.choices if key in ADAPTERS]

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        for each in self.settings:
            if each.lasting and self._leads_elsewhere(each, data):
                self.add_error(each.name, OTHER_BOOKS)
        if not self.errors:
            options = {each.name: data.get(each.name) or "" for each in self.settings if not each.secret}
            self.instance.options = {**self.instance.options, **options}
            given = {each.name: _kept(each, data[each.name]) for each in self.settings if self._is_given(each, data)}
            if given:
                self.instance.secrets = sealed({**self._known(), **given})
        return data

    def _leads_elsewhere(self, setting: Setting, data: dict[str, Any]) -> bool:
        """Whether this would take what was delivered to some books for documents of others."""
        before = self.instance.options.get(setting.name) or (setting.choices[0][0] if setting.choices else "")
        delivered = Delivery.objects.filter(connection=self.instance.pk).exclude(remote={})
        return bool(before) and data.get(setting.name) not in (None, before) and delivered.exists()

    def _is_given(self, setting: Setting, data: dict[str, Any]) -> bool:
        return setting.secret and bool((data.get(setting.name) or "").strip())

    def _known(self) -> dict[str, str]:
        """The credentials that stay; tokens belong to the credentials that they came from."""
        try:
            known = opened(self.instance.secrets)
        except Unreadable:
            return {}
        names = {each.name for each in self.settings}
        return {name: value for name, value in known.items() if name in names}


def _kept(setting: Setting, value: str) -> str:
    return make_password(value.strip()) if setting.hashed else value.strip()


def field_of(setting: Setting) -> forms.Field:
    """The form field of a setting."""
    common: dict[str, Any] = {"label": setting.label, "help_text": setting.help or (KEEPS if setting.secret else "")}
    if setting.choices:
        return forms.ChoiceField(choices=setting.choices, required=setting.required, **common)
    widget: Any = forms.PasswordInput(attrs={"autocomplete": "new-password"}) if setting.secret else forms.TextInput()
    if setting.lines > 1:
        widget = forms.Textarea(attrs={"rows": setting.lines, "spellcheck": "false"})
    required = setting.required and not setting.secret
    lengths = {"min_length": setting.shortest or None, "max_length": setting.longest}
    return forms.CharField(**lengths, required=required, widget=widget, **common)


@admin.register(Connection, site=receivables_admin)
class ConnectionAdmin(SettingsAdmin):
    """Connections begin paused: what is not mapped yet is shown on their page before anything is sent.

    The system is chosen first; what it needs is asked on the page that follows.
    """

    form = ConnectionForm
    verb = "manage_connections"
    section, place = "accounting", 60
    about = gettext_lazy("Accounting systems that invoices, payments and credit notes are delivered to.")
    list_display = ["name", "system", "state", "start_date", "page"]
    ordering = ["name"]
    fixed = ("system",)

    @admin.display(description=gettext_lazy("Mappings, pause and resume"))
    def page(self, connection: Connection) -> Any:
        """Where it is used, for those who may see that page."""
        return format_html('<a href="{}">{}</a>', connection.get_absolute_url(), _("Open the connection"))

    def get_form(self, request: Any, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        settings = settings_of(obj)
        added = {each.name: field_of(each) for each in settings}
        kwargs["form"] = type("ConnectionForm", (ConnectionForm,), {**added, "settings": settings})
        return super().get_form(request, obj, change=change, **kwargs)

    def get_fields(self, request: Any, obj: Any = None) -> Any:
        return ["name", "system", "start_date", *(each.name for each in settings_of(obj))]

    def response_add(self, request: HttpRequest, obj: Any, post_url_continue: Any = None) -> HttpResponse:
        request.POST = request.POST.copy()  # type: ignore[assignment]
        request.POST["_continue"] = "1"
        return super().response_add(request, obj, post_url_continue)

    def save_model(self, request: Any, obj: Any, form: Any, change: bool) -> None:
        if not change:
            obj.save(force_insert=True)
            return
        obj.save(update_fields=["name", "start_date", "options", "secrets"])


def settings_of(connection: Connection | None) -> tuple[Setting, ...]:
    """What has to be entered for this connection; nothing before its system is chosen."""
    registered = ADAPTERS.get(connection.system) if connection is not None else None
    return registered.settings if registered else ()
