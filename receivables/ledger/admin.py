"""Settings of the books: chart of accounts and exchange rates; and a look at the journal."""

from typing import Any

from django.contrib import admin
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.admin_forms import OrganizationForm
from accounts.admin_pages import LookAdmin, LookInline, SettingsAdmin
from accounts.admin_site import receivables_admin
from receivables.customers.models import AgreementType
from receivables.ledger.models import ExchangeRate, GLAccount, JournalEntry, JournalLine
from receivables.ledger.words import kind_words
from receivables.ledger.write_off_types import share_liabilities_type


class GLAccountForm(OrganizationForm):
    """An account of the chart; one that the system posts to by itself stays active."""

    unique = "code"

    def clean_active(self) -> bool:
        active = bool(self.cleaned_data["active"])
        if not active and self.instance.role:
            message = _("The system posts to this account by itself (%(role)s), so it stays active.")
            raise ValidationError(message % {"role": self.instance.get_role_display()})
        return active

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        if data.get("write_off_override") and not data.get("write_off_type") and "write_off_type" in self.fields:
            self.add_error("write_off_type", _("Choose the agreement type that holds what is written off."))
        return data


@admin.register(GLAccount, site=receivables_admin)
class GLAccountAdmin(SettingsAdmin):
    """The chart of accounts. What an account is (its kind) is fixed: statements of closed months rest on it."""

    form = GLAccountForm
    verb = "manage_gl_accounts"
    section, place = "accounting", 10
    about = gettext_lazy(
        "The chart of accounts. As a distribution code, an account says where debt goes that was booked to it and is "
        "written off."
    )
    list_display = ["code", "name", "kind", "role", "write_off_type", "write_off_override", "active"]
    list_filter = ["kind", "active"]
    search_fields = ["code", "name"]
    ordering = ["code"]
    fieldsets = [
        (None, {"fields": ["code", "name", "kind", "role", "active"]}),
        (gettext_lazy("Write-off"), {"fields": ["write_off_type", "write_off_override"]}),
    ]
    readonly_fields = ["role"]
    fixed = ("kind",)

    def save_model(self, request: Any, obj: Any, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        if not change:
            share_liabilities_type(obj)

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "write_off_type":
            kwargs["queryset"] = AgreementType.objects.filter(special_role=AgreementType.SpecialRole.WRITE_OFF)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)


@admin.register(ExchangeRate, site=receivables_admin)
class ExchangeRateAdmin(LookAdmin):
    """Exchange rates, to look at: they are written on their own pages, by whoever may."""

    section, place = "accounting", 20
    about = gettext_lazy(
        "Every exchange rate that was ever written. Rates are added, corrected and imported in the ledger; how old one"
        " may be is a setting of the organization."
    )
    list_display = ["currency", "date", "version", "rate", "source", "created_by"]
    list_filter = ["currency"]
    ordering = ["currency", "-date", "-version"]
    fields = ["currency", "date", "version", "rate", "quoted", "inverse", "source", "reason", "created_by"]


class JournalLines(LookInline):
    """The lines of an entry, to look at."""

    model = JournalLine
    fields = ["gl_account", "memo", "amount", "organization_amount"]

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).select_related("gl_account").order_by("line_no")


@admin.register(JournalEntry, site=receivables_admin)
class JournalEntryAdmin(LookAdmin):
    """The journal, to look at: entries come from operations alone."""

    section, place = "accounting", 40
    about = gettext_lazy("Every posting, as it stands. Nothing is changed here: a correction is a reversal.")
    list_display = ["posting_date", "what", "memo", "total", "posted_by"]
    search_fields = ["=memo"]
    ordering = ["-posting_date", "-id"]
    fields = ["posting_date", "document_date", "what", "memo", "total", "posted_by", "posted_at"]
    inlines = [JournalLines]

    @admin.display(description=gettext_lazy("kind"), ordering="kind")
    def what(self, entry: JournalEntry) -> str:
        return str(kind_words(entry.kind))
