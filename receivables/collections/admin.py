"""Settings of money received: bank accounts."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from accounts.admin_forms import OrganizationForm
from accounts.admin_pages import SettingsAdmin
from accounts.admin_site import receivables_admin
from receivables.collections.models import BankAccount
from receivables.collections.payoff_admin import PayOffPolicyAdmin  # noqa: F401  registers itself
from receivables.ledger.models import GLAccount


class BankAccountForm(OrganizationForm):
    unique = "name"


@admin.register(BankAccount, site=receivables_admin)
class BankAccountAdmin(SettingsAdmin):
    """Where money arrives. The currency is fixed: payments were recorded in it."""

    form = BankAccountForm
    verb = "manage_bank_accounts"
    section, place = "accounting", 30
    about = _("Where payments arrive, and the GL account that stands for each.")
    list_display = ["name", "currency", "gl_account", "active"]
    list_filter = ["active"]
    search_fields = ["name"]
    ordering = ["name"]
    fields = ["name", "currency", "gl_account", "active"]
    fixed = ("currency",)

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "gl_account":
            kwargs["queryset"] = GLAccount.objects.filter(kind=GLAccount.Kind.ASSET, role="").order_by("code")
        return super().formfield_for_foreignkey(db_field, request, **kwargs)
