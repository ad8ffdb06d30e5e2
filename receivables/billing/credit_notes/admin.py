"""Settings of credit notes: the reasons of differences."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.admin_forms import OrganizationForm
from accounts.admin_pages import SettingsAdmin
from accounts.admin_site import receivables_admin
from receivables.billing.credit_notes.models import Reason
from receivables.billing.posted_to import chargeable
from receivables.ledger.models import GLAccount

KINDS = [
    (Reason.Kind.BAD_DEBT, gettext_lazy("Bad debt: it is owed and will not be paid. Reads Settled – written off.")),
    (Reason.Kind.PRICE_CONCESSION, gettext_lazy("Price concession: we agree that it is not owed. Reads Paid.")),
    (Reason.Kind.DISCOUNT, gettext_lazy("Discount: given for paying early or much. Reads Paid.")),
    (
        Reason.Kind.SMALL_DIFFERENCE,
        gettext_lazy("Small difference: not worth asking for. Reads Settled – written off."),
    ),
    (Reason.Kind.BANK_FEE, gettext_lazy("Bank fee: a bank kept it. Reads Paid.")),
    (Reason.Kind.WITHHOLDING_TAX, gettext_lazy("Withholding tax: the customer paid it to the state. Reads Paid.")),
    (Reason.Kind.OTHER, gettext_lazy("Other: anything else. Reads Paid.")),
]
TAX_RULES = [
    (Reason.TaxRule.NONE, gettext_lazy("No tax: the whole amount goes to the account.")),
    (Reason.TaxRule.AT_ONCE, gettext_lazy("At once: the tax inside the amount is taken back from the tax account.")),
    (Reason.TaxRule.RELIEF_LATER, gettext_lazy("Later: as no tax now; the tax is claimed back after the days below.")),
]


class ReasonForm(OrganizationForm):
    """A reason; relief that is claimed later says after how many days."""

    unique = "code"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance._state.adding:
            self.instance.currency = self.actor.organization.currency
        if "kind" in self.fields:
            self.fields["kind"].choices = KINDS  # type: ignore[attr-defined]
        if "tax_rule" in self.fields:
            self.fields["tax_rule"].choices = TAX_RULES  # type: ignore[attr-defined]
        if "relief_from" in self.fields:
            self.fields["relief_from"].required = False  # only where the tax is claimed later it says anything

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        later, days = data.get("tax_rule") == Reason.TaxRule.RELIEF_LATER, data.get("relief_days")
        if later and days is None and "relief_days" not in self.errors:
            self.add_error("relief_days", _("Say after how many days the tax may be claimed back."))
        if not later and days is not None:
            self.add_error("relief_days", _("Leave this empty unless the tax is claimed back later."))
        data["relief_from"] = data.get("relief_from") or Reason.ReliefFrom.WRITE_OFF
        limit = data.get("maximum")
        if limit is not None and limit < 0:
            self.add_error("maximum", _("Enter zero or more."))
        return data


@admin.register(Reason, site=receivables_admin)
class ReasonAdmin(SettingsAdmin):
    form = ReasonForm
    verb = "manage_reasons"
    section, place = "billing", 30
    about = gettext_lazy(
        "Why something is taken off what a customer owes. The kind says how the invoice reads afterwards and never "
        "changes; make a new reason for another kind."
    )
    list_display = ["name", "code", "kind", "gl_account", "document", "tax_rule", "maximum", "active"]
    list_filter = ["kind", "document", "active"]
    search_fields = ["code", "name"]
    ordering = ["name"]
    radio_fields = {"kind": admin.VERTICAL, "tax_rule": admin.VERTICAL}
    fieldsets = [
        (None, {"fields": ["code", "name", "kind", "active"]}),
        (
            gettext_lazy("Accounting"),
            {"fields": ["gl_account", "document", "tax_rule", "relief_days", "relief_from", "maximum"]},
        ),
    ]
    fixed = ("kind",)
    empty_words = {"maximum": gettext_lazy("no limit")}

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "gl_account":
            kwargs["queryset"] = chargeable(GLAccount.objects.order_by("code"))
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def formfield_for_dbfield(self, db_field: Any, request: Any, **kwargs: Any) -> Any:
        found: Any = super().formfield_for_dbfield(db_field, request, **kwargs)
        if db_field.name == "maximum":
            words = {"currency": request.actor.organization.currency}
            found.help_text = (
                _("The most that this reason may take off one invoice, in %(currency)s. Empty: no limit of its own.")
                % words
            )
        if db_field.name == "document":
            found.help_text = _("Whether the customer gets a credit note, or only the journal an entry.")
        return found
