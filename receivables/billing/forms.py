"""What people type about loads, charges and invoices; errors stand beside the field they belong to."""

from typing import Any

from django import forms
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from receivables.billing.charges import amount_of
from receivables.billing.models import Accessorial, AccessorialType, Entity, Load, TaxCode
from receivables.billing.pages import amount_text, number_format, suggestions
from receivables.core.dates import today
from receivables.core.forms import DayField, FormWithFormat, MoneyFormField, RateFormField
from receivables.core.money import decimals, format_number
from receivables.core.views import ActionForm
from receivables.customers.behaviour import OVER
from receivables.customers.models import Account, Agreement
from receivables.ledger.rates.forms import OverrideFields

REASON_LENGTH = 500


def reason_field(*, required: bool) -> forms.CharField:
    """Why something is done; kept with the event."""
    return forms.CharField(
        label=gettext_lazy("Reason"),
        required=required,
        max_length=REASON_LENGTH,
        widget=forms.Textarea(attrs={"rows": 2}),
    )


def posting_date_field() -> DayField:
    help_text = gettext_lazy("Leave empty for today, or for the first open day if this month is closed.")
    return DayField(label=gettext_lazy("Posting date"), required=False, help_text=help_text)


class GenerateForm(OverrideFields, ActionForm):
    """The two dates of an invoice, the document's and the ledger's, and in a foreign currency perhaps its own rate."""

    issue_date = DayField(label=gettext_lazy("Issue date"))
    posting_date = DayField(
        label=gettext_lazy("Posting date"),
        required=False,
        help_text=gettext_lazy("Leave empty for the issue date, or for the first open day if that month is closed."),
    )
    field_order = ("issue_date", "posting_date", *OverrideFields.OVERRIDE, "seen")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["issue_date"].initial = today(self.actor.organization)
        self.offer_override(foreign=self.obj.currency != self.actor.organization.currency)


class RegenerateForm(ActionForm):
    """Regenerating needs nothing typed; a date and a reason may be given."""

    posting_date = posting_date_field()
    reason = reason_field(required=False)


class ReasonForm(ActionForm):
    """What is reissued or voided needs its reason."""

    posting_date = posting_date_field()
    reason = reason_field(required=True)


class AmountFields(ActionForm):
    """Either an amount, or a quantity and a rate."""

    amount = MoneyFormField(label=gettext_lazy("Amount"), required=False)
    quantity = RateFormField(label=gettext_lazy("Quantity"), required=False)
    rate = RateFormField(
        label=pgettext_lazy("of a charge", "Rate"),
        required=False,
        help_text=gettext_lazy("Instead of an amount: quantity × rate."),
    )
    note = forms.CharField(label=gettext_lazy("Note"), required=False, max_length=200)

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or self.cleaned_data
        if self.errors.keys() & {"amount", "quantity", "rate"}:
            return data
        amount, quantity, rate = (data.get(name) for name in ("amount", "quantity", "rate"))
        if amount is not None and (quantity is not None or rate is not None):
            self.add_error("amount", _("Enter either an amount, or a quantity and a rate, not both."))
        elif amount is None and quantity is None and rate is None:
            self.add_error("amount", _("Enter an amount, or a quantity and a rate."))
        elif amount is None and (quantity is None or rate is None):
            self.add_error("quantity" if quantity is None else "rate", _("Quantity and rate belong together."))
        elif amount is None:
            self._check_product(quantity, rate)
        return data

    def _check_product(self, quantity: Any, rate: Any) -> None:
        try:
            product = amount_of(quantity, rate, self.get_currency())
        except ValueError:
            self.add_error("rate", _("Quantity × rate is too big an amount."))
            return
        if product == 0:
            self.add_error("rate", _("Quantity × rate rounds to zero."))


class AddAccessorialForm(AmountFields):
    """A charge, or a reduction, on a load."""

    entity = forms.ChoiceField(label=gettext_lazy("Entity"), choices=Entity.choices, initial=Entity.CUSTOMER)
    type = forms.ModelChoiceField(
        label=gettext_lazy("Type"),
        queryset=AccessorialType.objects.none(),
        error_messages={
            "invalid_choice": gettext_lazy("This accessorial type does not exist or is not active."),
            "required": gettext_lazy("Choose a type."),
        },
    )
    field_order = ("entity", "type", "amount", "quantity", "rate", "note", "seen")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        types = AccessorialType.objects.of(self.actor).filter(active=True).order_by("name")
        field = self.fields["type"]
        field.queryset = types  # type: ignore[attr-defined]
        field.choices = type_choices(types)  # type: ignore[attr-defined]
        self.fields["amount"].help_text = self._amount_help()

    def _amount_help(self) -> Any:
        """How the sign works, and amounts that a click fills in; the links work without scripts."""
        sign = _("Adjustments always take off: 50 and −50 mean the same.")
        fmt = number_format(self.actor).ungrouped()
        links = format_html_join(
            "",
            '<br>{}: {} – <a href="?entity=customer&amp;amount={}">{}<span class="visually-hidden"> ({})</span></a>',
            (
                (
                    each.label,
                    amount_text(self.actor, each.amount, self.obj.currency),
                    format_number(each.amount, decimals(self.obj.currency), fmt),
                    _("use this amount"),
                    each.label,
                )
                for each in suggestions(self.obj, self.actor)
            ),
        )
        return format_html("{}{}", sign, links)


def type_choices(types: Any) -> list[Any]:
    """Types in two groups; one that is not for customers says for whom it is."""
    adjustments: list[tuple[int, str]] = []
    charges: list[tuple[int, str]] = []
    for each in types:
        words = each.name
        if Entity.CUSTOMER not in each.entities:
            words = _("%(type)s (only for %(entities)s)") % {
                "type": each.name,
                "entities": ", ".join(str(Entity(entity).label) for entity in each.entities),
            }
        (adjustments if each.is_adjustment else charges).append((each.pk, words))
    groups = [(_("Adjustments: they reduce the invoice"), adjustments), (_("Charges"), charges)]
    return [("", "---------"), *((label, rows) for label, rows in groups if rows)]


class ChangeAccessorialForm(AmountFields):
    """Another amount or note for an accessorial; what it is stays."""

    field_order = ("amount", "quantity", "rate", "note", "seen")

    def __init__(self, *args: Any, obj: Accessorial, **kwargs: Any) -> None:
        given = kwargs.pop("initial", {})
        typed = {"quantity": obj.quantity, "rate": obj.rate} if obj.quantity is not None else {"amount": obj.amount}
        super().__init__(*args, obj=obj, initial={"note": obj.note, **typed, **given}, **kwargs)


class LoadFields(FormWithFormat, forms.ModelForm):
    """What is known of a load; dates in order, amounts in the load's currency."""

    line_haul = MoneyFormField(label=gettext_lazy("Line haul"), min_value=0)
    pickup_date = DayField(label=gettext_lazy("Pickup date"), required=False)
    delivery_date = DayField(label=gettext_lazy("Delivery date"), required=False)

    class Meta:
        model = Load
        fields = (
            "reference", "origin", "destination", "pickup_date", "delivery_date", "line_haul", "tax_code", "weight",
            "distance", "volume", "hours", "tonu",
        )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        codes = TaxCode.objects.of(self.actor).filter(active=True).order_by("name")
        if self.instance.tax_code_id:
            codes = codes | TaxCode.objects.of(self.actor).filter(pk=self.instance.tax_code_id)
        self.fields["tax_code"].queryset = codes  # type: ignore[attr-defined]
        for name in ("weight", "distance", "volume", "hours"):
            self.fields[name].min_value = 0  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or self.cleaned_data
        pickup, delivery = data.get("pickup_date"), data.get("delivery_date")
        if pickup and delivery and delivery < pickup:
            self.add_error("delivery_date", _("A load can't be delivered before it is picked up."))
        return data

    def _post_clean(self) -> None:
        """The operation writes and checks the row; the form only reads what was typed."""


class EditLoadForm(LoadFields):
    """The details of a load, as they were when the form was shown."""

    seen = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, obj: Load, **kwargs: Any) -> None:
        self.obj = obj
        super().__init__(*args, instance=obj, **kwargs)
        self.fields["seen"].initial = obj.version


class CreateLoadForm(LoadFields):
    """A new load for an account that was chosen before."""

    number = forms.CharField(
        label=gettext_lazy("Load number"),
        required=False,
        max_length=40,
        help_text=gettext_lazy("Leave empty for the next number."),
    )
    agreement = forms.ModelChoiceField(label=gettext_lazy("Service agreement"), queryset=Agreement.objects.none())
    field_order = ("number", "agreement")

    def __init__(self, *args: Any, account: Account, **kwargs: Any) -> None:
        self.account = account
        self.agreements = billable_agreements(account)
        super().__init__(*args, **kwargs)
        field: Any = self.fields["agreement"]
        field.queryset = account.agreements.filter(pk__in=[each.pk for each in self.agreements])
        field.choices = [(each.pk, f"{each.number} · {each.type.name} · {each.currency}") for each in self.agreements]
        if self.agreements:
            field.initial = self.agreements[0].pk

    def get_currency(self) -> str:
        chosen = str(self.data.get(self.add_prefix("agreement"), ""))
        named = [each for each in self.agreements if str(each.pk) == chosen]
        first = (named or self.agreements)[:1]
        return first[0].currency if first else super().get_currency()


def billable_agreements(account: Account) -> list[Agreement]:
    """The agreements that a load may be billed on; the freight agreement comes first, then the oldest."""
    rows = (
        account.agreements.filter(type__eligible_for_billing=True)
        .exclude(state__in=OVER)
        .select_related("type")
        .order_by("pk")[:50]
    )
    return sorted(rows, key=lambda agreement: (agreement.type.code != "FREIGHT", agreement.pk))
