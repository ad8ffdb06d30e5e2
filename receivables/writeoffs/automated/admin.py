"""Settings of the automated write-off in the Django admin."""

from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.admin_forms import OrganizationForm
from accounts.admin_pages import SettingsAdmin, SettingsInline
from accounts.admin_site import receivables_admin
from receivables.customers.models import AgreementType
from receivables.writeoffs.automated.criteria import CRITERIA, FUNCTIONS
from receivables.writeoffs.automated.kinds import EventKind
from receivables.writeoffs.automated.models import (
    CollectionAgency,
    ProcessTemplate,
    TemplateEvent,
    WriteOffControl,
    WriteOffCriterion,
)


class CodeForm(OrganizationForm):
    """A setting known by a code."""

    unique = "code"


@admin.register(CollectionAgency, site=receivables_admin)
class CollectionAgencyAdmin(SettingsAdmin):
    form = CodeForm
    verb = "manage_write_off_controls"
    section, place = "write_off", 40
    about = gettext_lazy(
        "Who collects debt for you. An event that names no agency refers to the one with the least debt to collect."
    )
    list_display: Any = ["code", "name", "email", "phone", "active"]
    fields = ["code", "name", "email", "phone", "active"]
    ordering = ["code"]


class StepForm(forms.ModelForm):
    """An event of a template; what a kind needs is asked for here, not on its day."""

    function = forms.ChoiceField(label=gettext_lazy("function"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["function"].choices = [("", "—"), *((name, each.label) for name, each in FUNCTIONS.items())]  # type: ignore[attr-defined]
        types: Any = self.fields["to_type"]
        types.queryset = types.queryset.filter(special_role=AgreementType.SpecialRole.WRITE_OFF, active=True)

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or self.cleaned_data
        kind = data.get("kind")
        if kind == EventKind.TO_DO and not (data.get("text") or "").strip():
            self.add_error("text", _("Say what is to be done."))
        if kind == EventKind.WRITE_OFF_TO_TYPE and data.get("to_type") is None:
            self.add_error("to_type", _("Choose the write-off type."))
        if kind == EventKind.CREDIT_RATING and not (data.get("points") and data.get("months")):
            self.add_error("points", _("Enter by how many points the rating goes down, and for how many months."))
        if kind == EventKind.FUNCTION and not data.get("function"):
            self.add_error("function", _("Choose the function."))
        return data


class Steps(SettingsInline):
    model = TemplateEvent
    form = StepForm
    verb = "manage_templates"
    fields = [
        "sequence",
        "kind",
        "days",
        "text",
        "by_email",
        "agency",
        "to_type",
        "points",
        "months",
        "function",
        "active",
    ]
    ordering = ["days", "sequence"]

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest | None, **kwargs: Any) -> Any:
        if db_field.name == "text":
            kwargs["widget"] = forms.Textarea(attrs={"rows": 2, "cols": 30})
        return super().formfield_for_dbfield(db_field, request, **kwargs)


@admin.register(ProcessTemplate, site=receivables_admin)
class ProcessTemplateAdmin(SettingsAdmin):
    form = CodeForm
    verb = "manage_templates"
    section, place = "write_off", 30
    about = gettext_lazy(
        "What happens before debt is written off, and when: a referral, letters, to-dos, the write-off itself. "
        "Processes that have begun keep the events that they began with."
    )
    list_display: Any = ["code", "name", "active"]
    fields = ["code", "name", "active"]
    ordering = ["code"]
    inlines = [Steps]


class CriterionForm(forms.ModelForm):
    """A criterion, chosen from those that are registered."""

    test = forms.ChoiceField(label=gettext_lazy("criterion"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["test"].choices = [(name, each.label) for name, each in CRITERIA.items()]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or self.cleaned_data
        criterion = CRITERIA.get(data.get("test", ""))
        if criterion is not None and criterion.needs_amount and not data.get("amount"):
            self.add_error("amount", _("Enter an amount above zero."))
        return data


class Criteria(SettingsInline):
    model = WriteOffCriterion
    form = CriterionForm
    verb = "manage_write_off_controls"
    fields = ["priority", "test", "amount", "template", "active"]
    ordering = ["priority"]


class ControlForm(OrganizationForm):
    """A control: amounts that are none, and whom it concerns already."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance._state.adding and "currency" in self.fields:
            self.fields["currency"].initial = self.actor.organization.currency

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        for name in ("write_down_below", "write_up_below", "inactive_threshold", "maximum"):
            if (data.get(name) or 0) < 0:
                self.add_error(name, _("Enter zero or more."))
        return data


@admin.register(WriteOffControl, site=receivables_admin)
class WriteOffControlAdmin(SettingsAdmin):
    form = ControlForm
    verb = "manage_write_off_controls"
    section, place = "write_off", 20
    about = gettext_lazy(
        "What is done about debt of agreements whose service has ended, by the class of the account and of the debt. "
        "Without a control nothing is, and the monitor says so."
    )
    list_display: Any = [
        "collection_class", "write_off_debt_class", "currency", "grace_days", "write_down_below", "write_up_below",
        "maximum", "active",
    ]  # fmt: skip
    list_filter = ["collection_class", "write_off_debt_class", "active"]
    ordering = ["collection_class", "write_off_debt_class", "currency"]
    empty_words = {"maximum": gettext_lazy("No maximum")}
    fixed = ("currency",)
    fieldsets = [
        (gettext_lazy("For which debt"), {"fields": ["collection_class", "write_off_debt_class", "currency"]}),
        (
            gettext_lazy("First it is tried to close"),
            {
                "fields": [
                    "grace_days", "apply_money", "move_debt", "write_down_below", "write_up_below",
                    "difference_account", "refund_credit",
                ]
            },
        ),
        (gettext_lazy("Then a process begins"), {"fields": ["inactive_threshold", "maximum", "responsible", "active"]}),
    ]  # fmt: skip
    inlines = [Criteria]

    def save_formset(self, request: Any, form: Any, formset: Any, change: bool) -> None:
        """A criterion speaks in the currency of its control."""
        for row in formset.forms:
            row.instance.currency = form.instance.currency
        super().save_formset(request, form, formset, change)
