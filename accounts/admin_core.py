"""Settings of what every package builds on: numbering, and the audit trail to look at."""

import json
from typing import Any

from django import forms
from django.contrib import admin
from django.core.validators import RegexValidator
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from accounts.admin_forms import OrganizationForm
from accounts.admin_pages import LookAdmin, SettingsAdmin
from accounts.admin_site import receivables_admin
from receivables.core import history
from receivables.core.models import Event, Sequence

# A number stays readable in files and addresses, and no prefix can run into the digits that follow it.
PREFIX = RegexValidator(
    r"\A(?:[A-Za-z0-9][A-Za-z0-9./-]*)?(?<![0-9])\Z",
    _("Use letters, digits, “.”, “/” and “-”; begin with a letter or digit and don't end with a digit."),
)
KINDS = {
    "account": _("Accounts"),
    "agreement": _("Service agreements"),
    "bounce_fee": _("Fees for bounced payments"),
    "credit_note": _("Credit notes"),
    "customer": _("Customers"),
    "debt_transfer": _("Debt transfers"),
    "einvoice_correction": _("Corrections of e-invoices"),
    "invoice": _("Invoices"),
    "ledger_export": _("Ledger exports"),
    "load": _("Loads"),
    "payment": _("Payments"),
    "recovery": _("Recoveries of bad debt"),
    "refund": _("Refunds"),
    "tax_relief": _("Claims of tax relief"),
    "write_off": _("Write-offs"),
}
# Documents that leave as e-invoices: the customer's books tell them apart by their numbers alone.
E_INVOICED = ("credit_note", "einvoice_correction", "invoice")


class SequenceForm(OrganizationForm):
    """How the next numbers are written; which number is next is nobody's to choose."""

    prefix: Any = forms.CharField(label=_("Prefix"), max_length=12, required=False, validators=[PREFIX])
    width = forms.IntegerField(
        label=_("Digits"), min_value=1, max_value=12, help_text=_("Shorter numbers are filled up with zeros.")
    )

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        if self.instance.kind in E_INVOICED and "prefix" in data:
            others = self.same_prefix(data["prefix"]).exclude(pk=self.instance.pk)
            for kind in others.values_list("kind", flat=True)[:1]:
                message = _("%(documents)s begin like this already, and all of them leave under one list of numbers.")
                self.add_error("prefix", message % {"documents": KINDS[kind]})
        return data

    def same_prefix(self, prefix: str) -> Any:
        """The numbers of e-invoices that begin like this."""
        rows = Sequence.objects.filter(organization_id=self.actor.organization_id, kind__in=E_INVOICED)
        return rows.filter(prefix__iexact=prefix)


@admin.register(Sequence, site=receivables_admin)
class SequenceAdmin(SettingsAdmin):
    form = SequenceForm
    verb = "manage_sequences"
    section, place = "organization", 20
    about = _(
        "Documents are numbered without a gap. Prefix and digits may change; numbers given already stay as they are."
    )
    list_display = ["what", "last_number", "next_number"]
    ordering = ["kind"]
    fields = ["what", "prefix", "width", "last_number", "next_number"]
    readonly_fields = ["what", "last_number", "next_number"]

    @admin.display(description=_("documents"), ordering="kind")
    def what(self, sequence: Sequence) -> str:
        return str(KINDS.get(sequence.kind, sequence.kind))

    @admin.display(description=_("last number"))
    def last_number(self, sequence: Sequence) -> str:
        return written_number(sequence, sequence.last) if sequence.last else ""

    @admin.display(description=_("next number"))
    def next_number(self, sequence: Sequence) -> str:
        return written_number(sequence, sequence.last + 1)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


def written_number(sequence: Sequence, number: int) -> str:
    return format_html("<bdi>{}{}</bdi>", sequence.prefix, f"{number:0{sequence.width}d}")


@admin.register(Event, site=receivables_admin)
class EventAdmin(LookAdmin):
    """Everything that happened, denied attempts included."""

    section, place = "organization", 30
    about = _(
        "Everything that happened and who did it, denied attempts included; nothing here is ever changed. Search by a "
        "person's full name, or by the reference that the page of a failed request shows."
    )
    list_display = ["at", "what", "actor_name", "subject_type", "subject_id", "reason"]
    search_fields = ["=actor_name", "=request_id", "=name"]
    ordering = ["-id"]
    fields = ["at", "what", "actor_name", "subject_type", "subject_id", "reason", "facts", "request_id"]

    @admin.display(description=_("what"), ordering="name")
    def what(self, event: Event) -> str:
        return str(history.words(event.name))

    @admin.display(description=_("facts"))
    def facts(self, event: Event) -> str:
        return format_html("<pre dir=ltr>{}</pre>", json.dumps(event.data, indent=2, ensure_ascii=False))
