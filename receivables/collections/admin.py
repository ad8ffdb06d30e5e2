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

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        fee = data.get("bounce_fee")
        if fee is not None and fee <= 0:
            self.add_error("bounce_fee", _("Enter an amount above zero."))
        if fee is not None and data.get("fee_account") is None and "fee_account" not in self.errors:
            self.add_error("fee_account", _("Say where the fee is booked."))
        return data


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
    fields = ["name", "currency", "gl_account", "active", "bounce_fee", "fee_account"]
    fixed = ("currency",)

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "gl_account":
            kwargs["queryset"] = GLAccount.objects.filter(kind=GLAccount.Kind.ASSET, role="").order_by("code")
        if db_field.name == "fee_account":
            kwargs["queryset"] = GLAccount.objects.filter(kind=GLAccount.Kind.INCOME).order_by("code")
        return super().formfield_for_foreignkey(db_field, request, **kwargs)
