"""Settings of the debt monitor: whom it chases, from when on, and how."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.admin_forms import OrganizationForm
from accounts.admin_pages import SettingsAdmin
from accounts.admin_site import receivables_admin
from receivables.billing.models import AccessorialType, Entity
from receivables.billing.recurring.rules import KINDS
from receivables.credit_control.monitor.models import CollectionCriterion


class CriterionForm(OrganizationForm):
    """A criterion; debt that is not subject to collection has none."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance._state.adding and "currency" in self.fields:
            self.fields["currency"].initial = self.actor.organization.currency

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        debt_class, least, age = data.get("debt_class"), data.get("minimum_amount"), data.get("minimum_age")
        if debt_class is not None and not debt_class.eligible_for_collection:
            self.add_error("debt_class", _("Choose a class that is eligible for collection."))
        if least is not None and least <= 0:
            self.add_error("minimum_amount", _("Enter an amount above zero."))
        fee, charge = data.get("late_fee"), data.get("late_fee_type")
        if fee is not None and fee <= 0:
            self.add_error("late_fee", _("Enter an amount above zero, or leave it empty."))
        if (fee is None) != (charge is None) and "late_fee" not in self.errors:
            self.add_error("late_fee_type", _("A late fee needs an amount and what it is charged as."))
        if age == 0:
            self.add_error("minimum_age", _("Enter one day or more: what is not overdue is never chased."))
        return data


@admin.register(CollectionCriterion, site=receivables_admin)
class CriterionAdmin(SettingsAdmin):
    form = CriterionForm
    verb = "manage_debt_classes"
    section, place = "collections", 30
    about = gettext_lazy(
        "When the debt monitor begins to chase, by collection class and debt class. Of several criteria the first that "
        "is met wins."
    )
    list_display: Any = [
        "step", "collection_class", "debt_class", "currency", "minimum_amount", "minimum_age", "late_fee",
        "priority", "active",
    ]  # fmt: skip
    empty_words = {"late_fee": gettext_lazy("none")}
    list_filter = ["collection_class", "debt_class", "active"]
    ordering = ["collection_class", "debt_class", "currency", "priority"]
    fieldsets = [
        (gettext_lazy("For which debt"), {"fields": ["collection_class", "debt_class", "currency"]}),
        (gettext_lazy("When"), {"fields": ["priority", "minimum_amount", "minimum_age"]}),
        (gettext_lazy("What"), {"fields": ["step", "late_fee", "late_fee_type", "active"]}),
    ]

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "late_fee_type":
            charging = AccessorialType.objects.filter(kind__in=KINDS, entities__contains=[Entity.CUSTOMER])
            kwargs["queryset"] = charging.order_by("name")
        return super().formfield_for_foreignkey(db_field, request, **kwargs)
