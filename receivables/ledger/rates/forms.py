"""What people type about exchange rates."""

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django import forms
from django.core import signing
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from receivables.core.dates import today
from receivables.core.forms import CurrencyFormField, DayField, ExchangeRateFormField, FormWithFormat
from receivables.core.money import FORMATS, NumberFormat, currencies
from receivables.core.views import ActionForm
from receivables.ledger.rates.files import UPLOAD_BYTES, Choices
from receivables.ledger.rates.operations import Quote
from receivables.ledger.rates.overriding import Override

DIRECT, INVERSE = "direct", "inverse"
DAYS_AHEAD = 366


class QuotedField(forms.ChoiceField):
    """Which way round a rate is quoted, in words with both currencies."""

    widget = forms.RadioSelect

    def name_currencies(self, own: str, other: str) -> None:
        words = {"own": own, "other": other or _("foreign currency")}
        self.choices = [
            (DIRECT, _("%(own)s for 1 %(other)s") % words),
            (INVERSE, _("%(other)s for 1 %(own)s") % words),
        ]


class RateFields(FormWithFormat, forms.Form):
    """A rate and which way round it is quoted; `sure` is asked for only where it leaps."""

    rate = ExchangeRateFormField(label=gettext_lazy("Rate"))
    quoted = QuotedField(label=gettext_lazy("Quoted as"), initial=DIRECT)
    sure = forms.BooleanField(
        label=gettext_lazy("This rate is right"), required=False,
        help_text=gettext_lazy("Asked for where it differs much from the rate before."),
    )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["quoted"]
        field.name_currencies(self.actor.organization.currency, self.other())

    def other(self) -> str:
        """The foreign currency, where it is known beforehand."""
        return ""

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or self.cleaned_data
        data["inverse"] = data.get("quoted") == INVERSE
        return data


class AddRateForm(RateFields):
    """A rate of a day that has none."""

    currency = CurrencyFormField(
        label=gettext_lazy("Currency"), max_length=3, help_text=gettext_lazy("Three letters, for example EUR.")
    )
    date = DayField(
        label=gettext_lazy("From"), help_text=gettext_lazy("It counts from this day on, until a newer one.")
    )
    field_order = ("currency", "date", "rate", "quoted", "sure")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["date"].initial = today(self.actor.organization)

    def other(self) -> str:
        typed = str(self.data.get("currency") or self.initial.get("currency") or "").upper()
        return typed if typed in currencies() else ""

    def clean_currency(self) -> str:
        code: str = self.cleaned_data["currency"]
        if code not in currencies():
            raise forms.ValidationError(_("This is no currency code like EUR."))
        return code


class CorrectRateForm(RateFields, ActionForm):
    """Another rate for the same day, and why."""

    reason = forms.CharField(
        label=gettext_lazy("Reason"), max_length=500, widget=forms.Textarea(attrs={"rows": 2}), required=True
    )
    field_order = ("rate", "quoted", "reason", "sure", "seen")

    def other(self) -> str:
        return str(self.obj.currency)


class OverrideFields(FormWithFormat, forms.Form):
    """Fields of a document's own rate, for those who may, where the document can be in a foreign currency.

    `cleaned_data["override"]` is the rate with its reason, or None.
    """

    own_rate = ExchangeRateFormField(
        label=gettext_lazy("Own exchange rate"), required=False,
        help_text=gettext_lazy("Instead of the table's: what one unit is worth in the organization's currency."),
    )  # fmt: skip
    rate_reason = forms.CharField(label=gettext_lazy("Reason of the own rate"), max_length=200, required=False)
    rate_sure = forms.BooleanField(
        label=gettext_lazy("The own rate is right"), required=False,
        help_text=gettext_lazy("Asked for where it differs much from the table's."),
    )  # fmt: skip
    OVERRIDE = ("own_rate", "rate_reason", "rate_sure")

    def offer_override(self, *, foreign: bool) -> None:
        """Leave the fields out where nothing is foreign, or the person may not."""
        if not foreign or not self.actor.can("override_exchange_rate"):
            for name in self.OVERRIDE:
                del self.fields[name]

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or self.cleaned_data
        rate = data.get("own_rate")
        data["override"] = Override(rate, data.get("rate_reason", ""), data.get("rate_sure", False)) if rate else None
        return data


class UploadRatesForm(FormWithFormat, forms.Form):
    """The file, and how it is read."""

    file = forms.FileField(
        label=gettext_lazy("File"), max_length=200,
        help_text=gettext_lazy(
            "CSV or Excel with the columns Currency, Date and Rate, or eurofxref.csv or .xml of the European Central"
            " Bank; at most 4 MB."
        ),
        widget=forms.FileInput(attrs={"accept": ".csv,.txt,.xlsx,.xml"}),
    )  # fmt: skip
    quoted = QuotedField(
        label=gettext_lazy("Quoted as"), initial=DIRECT,
        help_text=gettext_lazy("Of files of the European Central Bank it is known."),
    )  # fmt: skip
    numbers = forms.ChoiceField(
        label=gettext_lazy("Numbers are written"), required=False,
        choices=[("", gettext_lazy("As the organization writes numbers")), ("point", "1.0875"), ("comma", "1,0875")],
    )  # fmt: skip
    since = DayField(label=gettext_lazy("Not before"), required=False)
    only_used = forms.BooleanField(
        label=gettext_lazy("Only currencies in use"), required=False, initial=True,
        help_text=gettext_lazy("Those of customers and agreements, and those that have a rate already."),
    )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["quoted"]
        field.name_currencies(self.actor.organization.currency, "")

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        if file.size > UPLOAD_BYTES:
            raise forms.ValidationError(_("The file is larger than %(n)s MB.") % {"n": UPLOAD_BYTES // (1024 * 1024)})
        return file

    def choices(self, used: frozenset[str]) -> Choices:
        """How the file is to be read; `used` are the currencies in use."""
        data, organization = self.cleaned_data, self.actor.organization
        fmt = FORMATS.get(data["numbers"]) or NumberFormat.of(organization, self.actor.user)
        return Choices(
            organization.currency, fmt, inverse=data["quoted"] == INVERSE,
            only=used if data["only_used"] else frozenset(), since=data["since"],
            until=today(organization) + timedelta(days=DAYS_AHEAD),
        )  # fmt: skip


class ConfirmRatesForm(FormWithFormat, forms.Form):
    """What was read travels with the page, signed, so that a dry run leaves nothing behind."""

    rates = forms.CharField(widget=forms.HiddenInput)
    replace = forms.BooleanField(
        label=gettext_lazy("Correct the rates that differ"), required=False,
        help_text=gettext_lazy("The rates of now stay in the history. What is posted keeps its rate."),
    )  # fmt: skip
    reason = forms.CharField(label=gettext_lazy("Reason of the corrections"), max_length=500, required=False)
    sure = forms.BooleanField(label=gettext_lazy("The marked rates are right"), required=False)

    def ask_only(self, *, changed: bool, leaps: bool) -> "ConfirmRatesForm":
        """Without the questions that this file does not raise."""
        unasked = ([] if changed else ["replace", "reason"]) + ([] if leaps else ["sure"])
        for name in unasked:
            del self.fields[name]
        return self

    def clean_rates(self) -> tuple[str, list[Quote]]:
        try:
            return unpacked(self.actor, self.cleaned_data["rates"])
        except signing.BadSignature:
            raise forms.ValidationError(_("This page is too old. Read the file again.")) from None


def packed(actor: Any, source: str, quotes: Sequence[Quote]) -> str:
    """Quotes as a signed text that a page of this organization can carry."""
    rows = [[each.currency, each.date.isoformat(), str(each.quoted), int(each.inverse)] for each in quotes]
    return signing.dumps([source, rows], salt=_salt(actor), compress=True)


def unpacked(actor: Any, text: str) -> tuple[str, list[Quote]]:
    """Source and quotes out of such a text. Raises `BadSignature` for one that is not ours, or from yesterday."""
    source, rows = signing.loads(text, salt=_salt(actor), max_age=24 * 3600)
    return source, [
        Quote(code, date.fromisoformat(on), Decimal(quoted), bool(inverse)) for code, on, quoted, inverse in rows
    ]


def _salt(actor: Any) -> str:
    return f"exchange-rates {actor.organization_id}"
