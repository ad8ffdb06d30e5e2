"""Settings of billing: accessorial types and tax codes."""

from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.admin_forms import OrganizationForm
from accounts.admin_pages import SettingsAdmin
from accounts.admin_site import receivables_admin
from receivables.billing.credit_notes import admin as credit_notes  # noqa: F401  registers its settings
from receivables.billing.delivery import admin as delivery  # noqa: F401  registers its own pages
from receivables.billing.einvoice.categories import TaxCategory
from receivables.billing.models import (
    Accessorial,
    AccessorialType,
    ChargeKind,
    Entity,
    TaxCode,
    TaxTreatment,
)
from receivables.billing.posted_to import chargeable
from receivables.ledger.models import GLAccount
from receivables.ledger.write_off_types import give_own_write_off_type

KINDS = [
    (ChargeKind.CHARGE, gettext_lazy("Charge: the customer owes more, or less for a correction. It is revenue.")),
    (ChargeKind.BAD_DEBT, gettext_lazy(
        "Bad debt: the customer owes it and will not pay. Always a minus; the invoice reads Settled – written off."
    )),
    (ChargeKind.PRICE_CONCESSION, gettext_lazy(
        "Price concession: we agree that it is not owed. Always a minus; the invoice reads Paid, shown as credited."
    )),
    (ChargeKind.OTHER, gettext_lazy("Other: anything else on the invoice, for example a cost that is passed on.")),
]  # fmt: skip
GIVEN_UP = (ChargeKind.BAD_DEBT, ChargeKind.PRICE_CONCESSION)
CHARGED = (ChargeKind.CHARGE, ChargeKind.OTHER)
AS_USUAL = gettext_lazy("As usual: a price concession includes the tax, everything else has none")


class AccessorialTypeForm(OrganizationForm):
    """An accessorial type. What loads already carry keeps its kind and its tax."""

    unique = "name"
    taken = gettext_lazy("There is an accessorial type “%(value)s” already. Choose another name.")
    entities = forms.MultipleChoiceField(
        label=gettext_lazy("Entities"),
        choices=Entity,
        widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy("On whose side of a load it may stand. Only the customer's reaches the invoice."),
        error_messages={"required": gettext_lazy("Choose at least one.")},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "kind" in self.fields:
            self.fields["kind"].choices = KINDS  # type: ignore[attr-defined]
            self.fields["tax_treatment"].help_text = _(
                "A reduction (bad debt or price concession) is never “added on top”: what is typed is the whole of it."
            )
            if self.instance._state.adding:
                treatment: Any = self.fields["tax_treatment"]
                treatment.choices, treatment.required = [("", AS_USUAL), *TaxTreatment.choices], False
                self.initial["tax_treatment"] = ""

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        if "kind" not in self.fields:
            return data
        if self.came_into_use():
            self.add_error("kind", _("A load has just got a charge of this type: its kind can't change any more."))
        if "tax_treatment" in data and not data["tax_treatment"]:
            conceded = data.get("kind") == ChargeKind.PRICE_CONCESSION
            data["tax_treatment"] = TaxTreatment.INCLUDED if conceded else TaxTreatment.NONE
        treatment = data.get("tax_treatment")
        if treatment == TaxTreatment.ADDED and data.get("kind") in GIVEN_UP:
            self.add_error("tax_treatment", _("Choose “No tax” or “included”: a reduction never adds tax on top."))
        elif treatment == TaxTreatment.ADDED and not data.get("tax_code") and "tax_code" not in self.errors:
            self.add_error("tax_code", _("Choose the tax that is added."))
        elif treatment == TaxTreatment.INCLUDED and data.get("kind") in CHARGED and not data.get("tax_code"):
            self.add_error("tax_code", _("Choose the tax that is included, or “No tax”: it would be billed without."))
        return data

    def came_into_use(self) -> bool:
        """Whether a charge of this type appeared since the form was opened; none can appear while this saves."""
        if self.instance.pk is None:
            return False
        AccessorialType.objects.select_for_update().get(pk=self.instance.pk)
        return bool({"kind", "tax_treatment", "tax_code"} & set(self.changed_data)) and is_used(self.instance)


def is_used(kind: AccessorialType) -> bool:
    return Accessorial.objects.filter(type=kind).exists()


@admin.register(AccessorialType, site=receivables_admin)
class AccessorialTypeAdmin(SettingsAdmin):
    form = AccessorialTypeForm
    verb = "manage_accessorial_types"
    section, place = "billing", 10
    about = gettext_lazy(
        "What may be added to a load besides the line haul, and the adjustments that take something off an invoice, "
        "such as “Write-Off” or “Balance Adjustment”."
    )
    list_display = ["name", "kind", "rate_type", "entity_words", "gl_account", "tax_treatment", "active"]
    list_filter = ["kind", "active"]
    search_fields = ["name"]
    ordering = ["name"]
    radio_fields = {"kind": admin.VERTICAL}
    fieldsets = [
        (None, {"fields": ["name", "kind", "entities", "rate_type", "active"]}),
        (gettext_lazy("Accounting"), {"fields": ["gl_account", "tax_treatment", "tax_code"]}),
    ]

    @admin.display(description=gettext_lazy("entities"))
    def entity_words(self, kind: AccessorialType) -> str:
        return ", ".join(str(Entity(name).label) for name in kind.entities)

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        if self.has_change_permission(request, obj):
            return super().get_fieldsets(request, obj)
        first, second = self.fieldsets
        words = ["entity_words" if name == "entities" else name for name in first[1]["fields"]]
        return [(first[0], {"fields": words}), second]

    def get_readonly_fields(self, request: Any, obj: Any = None) -> Any:
        names = list(super().get_readonly_fields(request, obj))
        return [*names, "kind", "tax_treatment", "tax_code"] if obj is not None and is_used(obj) else names

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "gl_account":
            kwargs["queryset"] = chargeable(GLAccount.objects.order_by("code"))
        return super().formfield_for_foreignkey(db_field, request, **kwargs)


class TaxCodeForm(OrganizationForm):
    """A tax code; a rate is between 0 and 100 percent."""

    unique = "code"

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        rate = data.get("rate")
        if rate is not None and not 0 <= rate <= 100:
            self.add_error("rate", _("Enter a percentage from 0 to 100."))
        problem = category_problem(
            rate if rate is not None else self.instance.rate, data.get("category"), data.get("exemption_reason", "")
        )
        if problem:
            self.add_error(*problem)
        return data


def category_problem(rate: Any, category: str | None, reason: str) -> tuple[str, str] | None:
    """The field at fault and what to do: only the standard category has a rate, and an exemption says why.

    Source: EN 16931, rules BR-S-05 to BR-O-10.
    """
    if not category or rate is None:
        return None
    if category == TaxCategory.STANDARD and rate == 0:
        return "category", _("A rate of 0 % is no standard rate: choose why there is no tax.")
    if category != TaxCategory.STANDARD and rate != 0:
        return "category", _("Only “standard or reduced rate” goes with a rate above 0 %.")
    if category == TaxCategory.EXEMPT and not reason:
        return "exemption_reason", _("Say why it is exempt, for example the paragraph of the law.")
    return None


@admin.register(TaxCode, site=receivables_admin)
class TaxCodeAdmin(SettingsAdmin):
    form = TaxCodeForm
    verb = "manage_tax_codes"
    section, place = "billing", 20
    about = gettext_lazy("Tax rates in percent. A rate never changes: make a new code and switch the old one off.")
    list_display = ["code", "name", "rate", "category", "gl_account", "active"]
    list_filter = ["active"]
    search_fields = ["code", "name"]
    ordering = ["code"]
    fields = ["code", "name", "rate", "category", "exemption_reason", "gl_account", "active"]
    fixed = ("rate",)

    def save_model(self, request: Any, obj: Any, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        give_own_write_off_type(obj.gl_account)

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "gl_account":
            kwargs["queryset"] = GLAccount.objects.filter(kind=GLAccount.Kind.LIABILITY, role="").order_by("code")
        return super().formfield_for_foreignkey(db_field, request, **kwargs)
