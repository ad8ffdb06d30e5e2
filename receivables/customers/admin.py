"""Settings of agreements and terms: how debt behaves, when it is due, who is chased by which rules."""

from typing import Any

from django.contrib import admin
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.admin_forms import OrganizationForm
from accounts.admin_pages import SettingsAdmin
from accounts.admin_site import receivables_admin
from receivables.customers.models import (
    Agreement,
    AgreementType,
    CollectionClass,
    DebtClass,
    Division,
    PaymentTerms,
    WriteOffDebtClass,
)


class CodeForm(OrganizationForm):
    """A setting known by a code."""

    unique = "code"


class NamedAdmin(SettingsAdmin):
    """A page of settings with code and name."""

    form = CodeForm
    list_display: Any = ["code", "name"]
    search_fields = ["code", "name"]
    ordering = ["code"]


@admin.register(PaymentTerms, site=receivables_admin)
class PaymentTermsAdmin(NamedAdmin):
    verb = "manage_payment_terms"
    section, place = "billing", 30
    about = gettext_lazy("When an invoice is due, in days after its issue date. Issued invoices keep their due date.")
    list_display = ["code", "name", "days", "active"]
    fields = ["code", "name", "days", "active"]


@admin.register(Division, site=receivables_admin)
class DivisionAdmin(NamedAdmin):
    verb = "manage_agreement_types"
    section, place = "write_off", 50
    about = gettext_lazy("Jurisdictions or lines of business. With a code, a division names an agreement type.")
    fields = ["code", "name"]


@admin.register(DebtClass, site=receivables_admin)
class DebtClassAdmin(NamedAdmin):
    verb = "manage_debt_classes"
    section, place = "collections", 20
    about = gettext_lazy("Debt of a class that is not eligible for collection raises no reminder and no late fee.")
    list_display = ["code", "name", "eligible_for_collection"]
    fields = ["code", "name", "eligible_for_collection"]


@admin.register(WriteOffDebtClass, site=receivables_admin)
class WriteOffDebtClassAdmin(NamedAdmin):
    verb = "manage_debt_classes"
    section, place = "write_off", 30
    about = gettext_lazy("Debt of a class that is not eligible for write-off is tried to be closed, never written off.")
    list_display = ["code", "name", "eligible_for_write_off"]
    fields = ["code", "name", "eligible_for_write_off"]


@admin.register(CollectionClass, site=receivables_admin)
class CollectionClassAdmin(NamedAdmin):
    verb = "manage_debt_classes"
    section, place = "collections", 10
    about = gettext_lazy("Accounts of one class are chased and written off by the same rules.")
    fields = ["code", "name"]


class AgreementTypeForm(CodeForm):
    """Debt that was written off is neither billed nor chased."""

    def same(self, value: Any) -> Any:
        return super().same(value).filter(division=self.cleaned_data.get("division", self.instance.division_id))

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        if self.value("special_role") == AgreementType.SpecialRole.WRITE_OFF:
            if self.value("eligible_for_billing"):
                self.add_error("eligible_for_billing", _("Agreements that hold written-off debt are never billed."))
            debt_class = self.value("debt_class")
            if debt_class is not None and debt_class.eligible_for_collection:
                self.add_error("debt_class", _("Choose a class that is not eligible for collection."))
        return data

    def value(self, name: str) -> Any:
        """What the form says, or where a field is read-only what the row says."""
        return self.cleaned_data.get(name) if name in self.fields else getattr(self.instance, name)


@admin.register(AgreementType, site=receivables_admin)
class AgreementTypeAdmin(NamedAdmin):
    """What an agreement is keeps its meaning: role, division and whether it takes payments are fixed once an agreement
    has the type."""

    form = AgreementTypeForm
    verb = "manage_agreement_types"
    section, place = "write_off", 10
    about = gettext_lazy(
        "How agreements of a type behave: which account they stand on, whether they are billed, paid and chased."
    )
    list_display = ["code", "name", "division", "gl_account", "special_role", "eligible_for_billing", "active"]
    list_filter = ["special_role", "active"]
    fieldsets = [
        (None, {"fields": ["division", "code", "name", "gl_account", "special_role", "active"]}),
        (gettext_lazy("Billing and payment"), {"fields": [
            "eligible_for_billing", "payment_segment_type", "payment_priority", "do_not_overpay", "one_time_charge",
        ]}),
        (gettext_lazy("Chasing and write-off"), {"fields": ["debt_class", "write_off_debt_class", "alert_while_open"]}),
    ]  # fmt: skip

    def get_readonly_fields(self, request: Any, obj: Any = None) -> Any:
        names = list(super().get_readonly_fields(request, obj))
        used = obj is not None and Agreement.objects.filter(type=obj).exists()
        return [*names, "division", "special_role", "payment_segment_type"] if used else names
