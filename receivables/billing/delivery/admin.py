"""Settings of the e-mails that carry invoices."""

from typing import Any

from django import forms
from django.contrib import admin
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.admin_forms import OrganizationForm
from accounts.admin_pages import SettingsAdmin
from accounts.admin_site import receivables_admin
from receivables.billing.delivery.addresses import OneLineField
from receivables.billing.delivery.models import BODY_LENGTH, SUBJECT_LENGTH, InvoiceMailText
from receivables.billing.delivery.texts import PLACES, check_places


class InvoiceMailForm(OrganizationForm):
    """What the e-mail says in one language; places in braces are checked, so that no mail shows a brace."""

    unique = "language"
    taken = gettext_lazy("There is a text in this language already. Change that one.")
    sender_name = OneLineField(
        label=gettext_lazy("Sender name"), max_length=100, required=False,
        help_text=gettext_lazy("Empty: the organization's name."),
    )  # fmt: skip
    subject = OneLineField(
        label=gettext_lazy("Subject"), max_length=SUBJECT_LENGTH, widget=forms.TextInput(attrs={"size": 60})
    )
    body = forms.CharField(
        label=gettext_lazy("Text"), max_length=BODY_LENGTH, widget=forms.Textarea(attrs={"rows": 12})
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "body" in self.fields:
            places = ", ".join(f"{{{name}}} {words}" for name, words in PLACES.items())
            self.fields["body"].help_text = _("Places that are filled for each invoice: %(places)s.") % {
                "places": places
            }

    def clean_subject(self) -> str:
        check_places(self.cleaned_data["subject"])
        return str(self.cleaned_data["subject"])

    def clean_body(self) -> str:
        check_places(self.cleaned_data["body"])
        return str(self.cleaned_data["body"])


@admin.register(InvoiceMailText, site=receivables_admin)
class InvoiceMailAdmin(SettingsAdmin):
    form = InvoiceMailForm
    verb = "manage_organization"
    section, place = "organization", 20
    about = gettext_lazy(
        "What the e-mail with an invoice says, one text for each language, whom it comes from and where answers go."
    )
    list_display = ["language", "subject", "sender_name", "reply_to"]
    ordering = ["language"]
    fields = ["language", "sender_name", "reply_to", "subject", "body"]
