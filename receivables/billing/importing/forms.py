"""The forms of the import pages: the file, what its columns mean, all rows or the good ones."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from receivables.billing.importing.fields import DATE_ORDERS, FIELDS, NUMBER_STYLES, Choices
from receivables.core.uploads import UPLOAD_BYTES, Table
from receivables.customers.models import PaymentTerms

NOT_IN_FILE = _("— not in this file —")


class UploadForm(forms.Form):
    """The file. What it is gets found out by reading it."""

    file = forms.FileField(
        label=_("File"),
        help_text=_("CSV or Excel (.xlsx), at most 10 MB and 200,000 rows; the first row holds headings."),
        widget=forms.FileInput(attrs={"accept": ".csv,.txt,.tsv,.xlsx"}), max_length=200,
    )  # fmt: skip

    def __init__(self, *args: Any, actor: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        if file.size > UPLOAD_BYTES:
            raise ValidationError(_("The file is larger than 10 MB."))
        return file


class ColumnsForm(forms.Form):
    """Which column means what, and how dates and numbers are written."""

    def __init__(self, *args: Any, actor: Any, table: Table, choices: Choices, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        headings = [(heading, heading) for heading in table.headings]
        for each in FIELDS:
            self.fields[f"column_{each.name}"] = forms.ChoiceField(
                label=each.label, choices=[("", NOT_IN_FILE), *headings], required=each.required,
                initial=choices.columns.get(each.name, ""),
            )  # fmt: skip
        self.fields["date_order"] = forms.ChoiceField(
            label=_("Dates are written"), initial=choices.date_order,
            choices=[("", _("— choose —")), *DATE_ORDERS.items()],
        )  # fmt: skip
        self.fields["numbers"] = forms.ChoiceField(
            label=_("Amounts are written"), required=False, initial=choices.numbers, choices=list(NUMBER_STYLES.items())
        )
        terms = PaymentTerms.objects.of(actor).filter(active=True).order_by("days")
        self.fields["terms"] = forms.ChoiceField(
            label=_("Terms where no due date is given"), required=False,
            initial="" if choices.terms is None else str(choices.terms),
            choices=[("", _("The customer's own")), *((str(each.days), str(each)) for each in terms)],
        )  # fmt: skip
        self.fields["as_of"] = forms.DateField(
            label=_("Only what was open on"), required=False, initial=choices.as_of or None,
            widget=forms.DateInput(attrs={"type": "date"}),
            help_text=_("Leaves out rows settled by that day or issued later. Empty: every row is an open invoice."),
        )  # fmt: skip
        self.fields["complete"] = forms.BooleanField(
            label=_("A row with an empty cell is wrong"), required=False, initial=choices.complete
        )

    def column_fields(self) -> list[Any]:
        """The fields that say what a column means."""
        return [self[f"column_{each.name}"] for each in FIELDS]

    def other_fields(self) -> list[Any]:
        """The fields that say how the file is written."""
        return [self[name] for name in ("date_order", "numbers", "terms", "as_of", "complete")]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        chosen: dict[str, str] = {}
        for each in FIELDS:
            heading = data.get(f"column_{each.name}")
            if heading and heading in chosen:
                self.add_error(f"column_{each.name}", _("This column was already chosen above."))
            elif heading:
                chosen[heading] = each.name
        if data.get("as_of") and not data.get("column_settled"):
            self.add_error("as_of", _("Choose the column of the settled date as well."))
        return data


def choices_of(data: dict[str, Any]) -> Choices:
    """What was chosen in a valid `ColumnsForm`."""
    columns = {each.name: data[f"column_{each.name}"] for each in FIELDS if data[f"column_{each.name}"]}
    return Choices(
        columns=columns, date_order=data["date_order"], numbers=data["numbers"],
        terms=int(data["terms"]) if data["terms"] else None,
        as_of=data["as_of"].isoformat() if data["as_of"] else "", complete=data["complete"],
    )  # fmt: skip


class StartForm(forms.Form):
    """All rows or none, or the good rows only."""

    mode = forms.ChoiceField(
        label=_("Rows that are wrong"), widget=forms.RadioSelect, initial="all",
        choices=[
            ("all", _("All or nothing: import only if every row is right")),
            ("good", _("Import the good rows, leave out those that are wrong")),
        ],
    )  # fmt: skip

    def __init__(self, *args: Any, actor: Any, wrong: int, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not wrong:
            self.fields["mode"].widget = forms.HiddenInput()
