"""Settings of write-offs: where debt goes that no transaction explains."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy

from accounts.admin_forms import OrganizationForm
from accounts.admin_pages import SettingsAdmin
from accounts.admin_site import receivables_admin
from receivables.customers.models import AgreementType
from receivables.writeoffs.models import WriteOffSettings


class WriteOffSettingsForm(OrganizationForm):
    """The default type; there is one row for each organization."""


@admin.register(WriteOffSettings, site=receivables_admin)
class WriteOffSettingsAdmin(SettingsAdmin):
    """One row an organization, made with it."""

    form = WriteOffSettingsForm
    verb = "manage_write_off_controls"
    section, place = "write_off", 5
    about = gettext_lazy(
        "Where written-off debt goes that no transaction explains, such as a balance that was taken over. Where other "
        "debt goes is set on the GL account that it was booked to."
    )
    list_display = ["__str__", "default_type", "automated"]
    fields = ["default_type", "automated"]

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "default_type":
            kwargs["queryset"] = AgreementType.objects.filter(
                special_role=AgreementType.SpecialRole.WRITE_OFF, active=True
            ).order_by("code")
        return super().formfield_for_foreignkey(db_field, request, **kwargs)
