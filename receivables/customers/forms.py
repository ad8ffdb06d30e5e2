"""What people type about customers, accounts and agreements."""

from typing import Any

from django import forms
from django.core.validators import RegexValidator
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from accounts.formats import Language
from receivables.core.countries import country_code
from receivables.core.dates import today
from receivables.core.forms import DayField, FormWithFormat
from receivables.core.views import ActionForm
from receivables.customers.models import AgreementType, CollectionClass, Customer, PaymentTerms
from receivables.customers.operations import default_terms

NEXT_NUMBER = _("Leave empty to get the next number.")
OWN_FIELDS = ("email", "phone", "tax_id", "address", "city", "region", "postal_code", "country", "language", "note")


def day_field(label: Any, help_text: Any = "") -> DayField:
    return DayField(label=label, help_text=help_text, required=False)


def currency_field(help_text: Any) -> forms.CharField:
    return forms.CharField(
        label=_("Currency"), required=False, max_length=3, help_text=help_text,
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "characters", "size": 4}),
    )  # fmt: skip


def choose_from(form: forms.BaseForm, name: str, rows: QuerySet) -> None:
    """Let the choice field `name` of a form offer these rows, which only its actor tells."""
    field = form.fields[name]
    if isinstance(field, forms.ModelChoiceField):
        field.queryset = rows


class CustomerFields(forms.Form):
    """The master data of a customer, in the order in which a person has it before them."""

    name = forms.CharField(label=_("Name"), max_length=200)
    number = forms.CharField(label=_("Number"), max_length=40, required=False, help_text=NEXT_NUMBER)
    terms = forms.ModelChoiceField(PaymentTerms.objects.none(), label=_("Payment terms"))
    email = forms.EmailField(label=_("E-mail"), required=False)
    phone = forms.CharField(label=_("Phone"), max_length=40, required=False)
    tax_id = forms.CharField(label=_("Tax number"), max_length=40, required=False)
    address = forms.CharField(
        label=_("Address"), max_length=500, required=False, widget=forms.Textarea(attrs={"rows": 2})
    )
    city = forms.CharField(label=_("City"), max_length=100, required=False)
    region = forms.CharField(label=_("State or region"), max_length=100, required=False)
    postal_code = forms.CharField(label=_("Postal code"), max_length=20, required=False)
    country = forms.CharField(
        label=_("Country"), max_length=2, required=False, help_text=_("Two letters, such as US."),
        validators=[RegexValidator(r"\A[A-Za-z]{2}\Z", _("Enter the two letters of a country, such as US."))],
    )  # fmt: skip
    language = forms.ChoiceField(
        label=_("Language of documents"), required=False,
        choices=[("", _("As in the organization")), *Language.choices],
    )  # fmt: skip
    note = forms.CharField(label=_("Note"), max_length=2000, required=False, widget=forms.Textarea(attrs={"rows": 2}))

    def clean_country(self) -> str:
        typed = str(self.cleaned_data["country"])
        code = country_code(typed)
        if typed and not code:
            raise forms.ValidationError(_("No country has these letters. Germany is DE, the United Kingdom GB."))
        return code


class CreateCustomerForm(FormWithFormat, CustomerFields):
    """A customer with the first account."""

    account_number = forms.CharField(label=_("Account number"), max_length=40, required=False, help_text=NEXT_NUMBER)
    currency = currency_field(_("Leave empty for the organization's currency. It stays for good."))
    field_order = ("name", "terms", "currency", "number", "account_number")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choose_from(self, "terms", PaymentTerms.objects.of(self.actor).filter(active=True))
        self.fields["terms"].initial = default_terms(self.actor)
        self.fields["currency"].widget.attrs["placeholder"] = self.actor.organization.currency


class EditCustomerForm(ActionForm, CustomerFields):
    """Everything about a customer but the currency."""

    active = forms.BooleanField(label=_("Active"), required=False, help_text=_("New accounts need an active customer."))
    obj: Customer

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choose_from(self, "terms", PaymentTerms.objects.of(self.actor))
        self.fields["number"].help_text = ""
        for name in ("name", "number", "terms", "active", *OWN_FIELDS):
            self.fields[name].initial = getattr(self.obj, name)


class CreateAccountForm(ActionForm):
    """A further account of a customer."""

    name = forms.CharField(label=_("Name"), max_length=200, required=False, help_text=_("Empty: the customer's name."))
    number = forms.CharField(label=_("Number"), max_length=40, required=False, help_text=NEXT_NUMBER)
    currency = currency_field(_("Leave empty for the customer's currency."))


class EditAccountForm(ActionForm):
    """What is said about an account, and whether it is chased."""

    name = forms.CharField(label=_("Name"), max_length=200, required=False)
    alert = forms.CharField(
        label=_("Alert"), max_length=200, required=False, help_text=_("Shown on top of the account's page.")
    )
    collection_class = forms.ModelChoiceField(CollectionClass.objects.none(), label=_("Collection class"))
    postpone_until = day_field(_("No chasing until"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choose_from(self, "collection_class", CollectionClass.objects.of(self.actor))
        for name in ("name", "alert", "collection_class", "postpone_until"):
            self.fields[name].initial = getattr(self.obj, name)


class CreateAgreementForm(ActionForm):
    """A further agreement. Types with a special role are made by the acts that need them."""

    type = forms.ModelChoiceField(AgreementType.objects.none(), label=_("Type"), empty_label=None)
    currency = currency_field(_("Leave empty for the customer's currency. It stays for good."))
    number = forms.CharField(label=_("Number"), max_length=40, required=False, help_text=NEXT_NUMBER)
    start_date = day_field(_("Start date"), _("Leave empty for today."))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        normal = AgreementType.objects.of(self.actor).filter(special_role=AgreementType.SpecialRole.NONE, active=True)
        choose_from(self, "type", normal.order_by("payment_priority", "pk"))


class StopAgreementForm(ActionForm):
    """When service ends."""

    stop_date = day_field(_("Stop date"), _("A day to come leaves the agreement pending until then."))
    reason = forms.CharField(
        label=_("Reason"), required=False, max_length=500, widget=forms.Textarea(attrs={"rows": 2})
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["stop_date"].initial = today(self.actor.organization)


class CancelAgreementForm(ActionForm):
    """Why an agreement is taken back."""

    reason = forms.CharField(label=_("Reason"), max_length=500, widget=forms.Textarea(attrs={"rows": 2}))


class NothingForm(FormWithFormat, forms.Form):
    """There is nothing to choose."""
