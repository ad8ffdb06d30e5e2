"""What people type when they send an invoice, note what came back, or say how a customer wants invoices."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.formats import Language
from receivables.billing.delivery.addresses import AddressesField, OneLineField
from receivables.billing.delivery.models import BODY_LENGTH, SUBJECT_LENGTH, Method
from receivables.billing.delivery.operations import Letter, suggested_letter
from receivables.billing.delivery.queries import Sending, delivery_of, sending_of
from receivables.billing.einvoice.billed import einvoice_saying
from receivables.core.dates import today
from receivables.core.forms import DayField
from receivables.core.views import ActionForm
from receivables.customers.models import Customer

WAYS = [
    (Method.EMAIL, gettext_lazy("E-mail it now")),
    (Method.POST, gettext_lazy("It was printed and posted")),
    (Method.PORTAL, gettext_lazy("It was put on the customer's portal")),
]


class LetterForm(ActionForm):
    """An e-mail, filled with what the customer's settings and the organization's text say; all for this one time."""

    to = AddressesField(
        label=gettext_lazy("To"), required=False, help_text=gettext_lazy("Several addresses are separated by commas.")
    )
    cc = AddressesField(label=gettext_lazy("Copy to"), required=False)
    subject = OneLineField(label=gettext_lazy("Subject"), max_length=SUBJECT_LENGTH, required=False)
    body = forms.CharField(
        label=gettext_lazy("Text"), max_length=BODY_LENGTH, required=False, widget=forms.Textarea(attrs={"rows": 8})
    )
    attach_pdf = forms.BooleanField(label=gettext_lazy("Attach the invoice as PDF"), required=False)
    attach_xml = forms.BooleanField(label=gettext_lazy("Attach the e-invoice"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.sending: Sending = sending_of(self.actor, self.obj.pk)
        self.suggested = suggested_letter(self.actor, self.sending)
        self.fields["seen"].initial = self.sending.revision.number
        for name in ("to", "cc", "subject", "body", "attach_pdf", "attach_xml"):
            self.fields[name].initial = getattr(self.suggested, name)
        if einvoice_saying(self.sending.invoice, self.sending.revision) is None:
            self.fields["attach_xml"].disabled = True
            self.fields["attach_xml"].help_text = _("This revision was not exported as an e-invoice: there is none.")

    def by_mail(self) -> bool:
        return True

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or self.cleaned_data
        if not self.by_mail():
            return data
        missing = {
            "to": _("Enter at least one address."),
            "subject": _("Enter the subject of the e-mail."),
            "body": _("Enter the text of the e-mail."),
        }
        for name, words in missing.items():
            if not data.get(name) and name not in self.errors:
                self.add_error(name, words)
        data["letter"] = None if self.errors else self.letter(data)
        return data

    def letter(self, data: dict[str, Any]) -> Letter:
        return Letter(
            to=data["to"], cc=data["cc"], subject=data["subject"], body=data["body"], attach_pdf=data["attach_pdf"],
            attach_xml=data["attach_xml"],
            sender_name=self.suggested.sender_name, reply_to=self.suggested.reply_to, language=self.suggested.language,
        )  # fmt: skip


class SendForm(LetterForm):
    """By e-mail, or the note that it went out another way."""

    method = forms.ChoiceField(label=gettext_lazy("How"), choices=WAYS, widget=forms.RadioSelect)
    internal_too = forms.BooleanField(
        label=gettext_lazy("Send it although it differs by bad debt only"), required=False
    )
    field_order = ("method", "to", "cc", "subject", "body", "attach_pdf", "attach_xml", "internal_too")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        wanted = delivery_of(self.sending.invoice.account.customer).method
        self.fields["method"].initial = wanted
        if not self.sending.revision.internal:
            del self.fields["internal_too"]

    def by_mail(self) -> bool:
        return bool(self.cleaned_data.get("method") == Method.EMAIL)


class BounceForm(ActionForm):
    """When the mail came back, and what it says."""

    bounced_on = DayField(label=gettext_lazy("Came back on"))
    reason = forms.CharField(
        label=gettext_lazy("What the returned mail says"), max_length=500, widget=forms.Textarea(attrs={"rows": 2})
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["bounced_on"].initial = today(self.actor.organization)


class DeliveryForm(ActionForm):
    """How a customer wants invoices."""

    method = forms.ChoiceField(label=gettext_lazy("Invoices go by"), choices=Method.choices)
    to = AddressesField(
        label=gettext_lazy("To"), required=False, help_text=gettext_lazy("Several addresses are separated by commas.")
    )
    cc = AddressesField(label=gettext_lazy("Copy to"), required=False)
    language = forms.ChoiceField(
        label=gettext_lazy("Language of the mail"), required=False,
        choices=[("", gettext_lazy("As the customer's documents")), *Language.choices],
    )  # fmt: skip
    attach_pdf = forms.BooleanField(label=gettext_lazy("Attach the invoice as PDF"), required=False)
    attach_xml = forms.BooleanField(
        label=gettext_lazy("Attach the e-invoice"), required=False,
        help_text=gettext_lazy("Where it was exported before the invoice is sent."),
    )  # fmt: skip
    automatic = forms.BooleanField(
        label=gettext_lazy("Send at once when an invoice is generated"), required=False,
        help_text=gettext_lazy("Only by e-mail. A regenerated invoice always waits for a person."),
    )  # fmt: skip
    obj: Customer

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        delivery = delivery_of(self.obj)
        self.fields["seen"].initial = delivery.version
        for name in ("method", "to", "cc", "language", "attach_pdf", "attach_xml", "automatic"):
            self.fields[name].initial = getattr(delivery, name)
