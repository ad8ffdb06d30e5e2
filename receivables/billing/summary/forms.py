"""What people type about summary invoices."""

from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from receivables.billing.forms import posting_date_field, reason_field
from receivables.billing.models import Load
from receivables.billing.pages import amount_text
from receivables.billing.summary.models import Frequency
from receivables.billing.summary.parts import Part
from receivables.core.dates import today
from receivables.core.forms import DayField, FormWithFormat, MoneyFormField
from receivables.core.views import ActionForm

OFFERED = 200  # draft loads that are offered to join, the newest; more are billed on a summary of their own


class GenerateSummaryForm(FormWithFormat, forms.Form):
    """The dates of a summary invoice; its loads were chosen in the list."""

    issue_date = DayField(label=gettext_lazy("Issue date"))
    posting_date = DayField(
        label=gettext_lazy("Posting date"), required=False,
        help_text=gettext_lazy("Leave empty for the issue date, or for the first open day if that month is closed."),
    )  # fmt: skip
    reference = forms.CharField(
        label=gettext_lazy("Customer's reference"), max_length=80, required=False,
        help_text=gettext_lazy("Leave empty for the reference of the first load."),
    )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["issue_date"].initial = today(self.actor.organization)


class LoadsField(forms.ModelMultipleChoiceField):
    """Loads with what they bill."""

    widget = forms.CheckboxSelectMultiple
    actor: Any = None

    def label_from_instance(self, obj: Any) -> str:
        route = " → ".join(place for place in (obj.origin, obj.destination) if place)
        amount = amount_text(self.actor, obj.charges_total, obj.currency)
        return " · ".join(part for part in (obj.number, route, amount) if part)


class ChangeLoadsForm(ActionForm):
    """Which loads leave a summary invoice, and which draft loads of the same agreement join it."""

    leave = LoadsField(Load.objects.none(), label=gettext_lazy("Take off the invoice"), required=False)
    join = LoadsField(Load.objects.none(), label=gettext_lazy("Put on the invoice"), required=False)
    reason = reason_field(required=True)
    posting_date = posting_date_field()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        invoice, own = self.obj, Load.objects.of(self.actor).filter(account=self.obj.account_id).order_by("pk")
        drafts = own.filter(invoice__isnull=True) | own.filter(invoice__voided_at__isnull=False)
        fields: Any = self.fields
        fields["leave"].queryset = own.filter(invoice=invoice)
        found = drafts.filter(agreement=invoice.agreement_id, currency=invoice.currency).exclude(charges_total=0)
        fields["join"].queryset = own.filter(pk__in=found.order_by("-pk").values("pk")[:OFFERED])
        fields["join"].help_text = "" if found.exists() else _("There is no other draft load of this agreement.")
        fields["leave"].actor = fields["join"].actor = self.actor
        # The loads of a document move on together, so the first one's version tells of a change to any.
        self.fields["seen"].initial = own.filter(invoice=invoice).values_list("version", flat=True).first()

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or self.cleaned_data
        if "leave" in data and "join" in data and not data["leave"] and not data["join"]:
            self.add_error("leave", _("Choose at least one load that joins or leaves."))
        return data


class SplitForm(FormWithFormat, forms.Form):
    """For which loads a settlement is: one amount a load."""

    reason = reason_field(required=False)

    def __init__(
        self, *args: Any, loads: list[Load], parts: dict[int, Part], shares: dict[int, Decimal], currency: str,
        **kwargs: Any,
    ) -> None:  # fmt: skip
        self.loads, self.currency = loads, currency
        super().__init__(*args, **kwargs)
        for load in loads:
            open_now = parts[load.pk].billed - parts[load.pk].settled + shares.get(load.pk, Decimal(0))
            words = {"open": amount_text(self.actor, open_now, currency)}
            field = MoneyFormField(
                label=load.number, required=False, min_value=Decimal(0), currency=currency,
                help_text=_("Open without it: %(open)s") % words,
            )  # fmt: skip
            field.initial = shares.get(load.pk)
            self.fields[self.name(load)] = field
        self.order_fields([*(self.name(load) for load in loads), "reason"])
        self.fields["reason"].help_text = _("Kept in the invoice's history.")

    @staticmethod
    def name(load: Load) -> str:
        return f"load_{load.pk}"

    def shares(self) -> dict[int, Decimal]:
        """The amounts that were typed, by load."""
        return {load.pk: self.cleaned_data.get(self.name(load)) or Decimal(0) for load in self.loads}


class ScheduleForm(ActionForm):
    """When a customer's delivered loads are summed up."""

    OFF = "off"
    frequency = forms.ChoiceField(
        label=gettext_lazy("Make summary invoices"),
        choices=[(OFF, gettext_lazy("Not by a schedule")), *Frequency.choices],
    )
    next_date = DayField(
        label=gettext_lazy("Next on"), required=False,
        help_text=gettext_lazy("The loads delivered before that day are billed on it, and then again in turn."),
    )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        schedule = getattr(self.obj, "summary_schedule", None)
        if schedule is not None and schedule.active:
            self.fields["frequency"].initial, self.fields["next_date"].initial = schedule.frequency, schedule.next_date

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or self.cleaned_data
        if data.get("frequency") != self.OFF and not data.get("next_date") and "next_date" not in self.errors:
            self.add_error("next_date", _("Enter the day of the first summary invoice."))
        return data
