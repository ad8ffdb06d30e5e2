"""What people type about write-off processes."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from receivables.core.forms import DayField
from receivables.core.views import ActionForm
from receivables.customers.models import Agreement, AgreementType
from receivables.writeoffs.automated.criteria import FUNCTIONS
from receivables.writeoffs.automated.kinds import EventKind
from receivables.writeoffs.automated.models import CollectionAgency, ProcessTemplate
from receivables.writeoffs.automated.reading import IN_PROCESS, OVER

MAX_TEXT = 2000


def offer(form: forms.Form, name: str, rows: Any) -> None:
    """Let the choice field `name` of a form offer these rows."""
    field: Any = form.fields[name]
    field.queryset = rows


def words_field() -> forms.CharField:
    return forms.CharField(
        label=_("Text"), max_length=MAX_TEXT, required=False, widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("The words of a letter, what is to be done, or why debt is written off."),
    )  # fmt: skip


class CreateProcessForm(ActionForm):
    """Which agreements of the account go into the process, and what happens in it."""

    agreements = forms.ModelMultipleChoiceField(
        Agreement.objects.none(), label=_("Agreements"), widget=forms.CheckboxSelectMultiple
    )
    template = forms.ModelChoiceField(ProcessTemplate.objects.none(), label=_("Template"), empty_label=None)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields.pop("seen")
        offer(self, "agreements", candidates(self.actor, self.obj))
        offer(self, "template", ProcessTemplate.objects.of(self.actor).filter(active=True).order_by("name"))


def candidates(actor: Any, account: Any) -> Any:
    """The agreements of an account that may go into a process."""
    rows = Agreement.objects.of(actor).filter(account=account, state__in=OVER, payoff_balance__gt=0)
    rows = rows.exclude(type__special_role=AgreementType.SpecialRole.WRITE_OFF)
    return rows.exclude(IN_PROCESS).order_by("pk")


class ReasonForm(ActionForm):
    """Why."""

    reason = forms.CharField(
        label=_("Reason"), max_length=500, widget=forms.Textarea(attrs={"rows": 2}),
        error_messages={"required": _("Say why.")},
    )  # fmt: skip


class AddEventForm(ActionForm):
    """An event that the template does not have."""

    kind = forms.ChoiceField(label=_("Event"), choices=EventKind.choices)
    due_on = DayField(label=_("Day"), required=False, help_text=_("Leave empty for today."))
    text = words_field()
    agency = forms.ModelChoiceField(
        CollectionAgency.objects.none(), label=_("Agency"), required=False,
        help_text=_("Empty: the one that has the least debt to collect."),
    )  # fmt: skip
    to_type = forms.ModelChoiceField(AgreementType.objects.none(), label=_("Write-off type"), required=False)
    points = forms.IntegerField(
        label=_("Points"), required=False, min_value=1, max_value=1000,
        help_text=_("By how much the credit rating goes down."),
    )  # fmt: skip
    months = forms.IntegerField(
        label=_("Months"), required=False, min_value=1, max_value=120, help_text=_("For how long it does.")
    )
    by_email = forms.BooleanField(
        label=_("A letter goes by e-mail where the customer has an address"), required=False
    )  # fmt: skip
    function = forms.ChoiceField(label=_("Function"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer(self, "agency", CollectionAgency.objects.of(self.actor).filter(active=True).order_by("name"))
        types = AgreementType.objects.of(self.actor).filter(special_role="write_off", active=True)
        offer(self, "to_type", types.order_by("code"))
        functions: Any = self.fields["function"]
        functions.choices = [("", "—"), *((name, each.label) for name, each in FUNCTIONS.items())]


class ChangeEventForm(ActionForm):
    """When an event happens, and its words."""

    due_on = DayField(label=_("Day"))
    text = words_field()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["due_on"].initial, self.fields["text"].initial = self.obj.due_on, self.obj.text
