"""Form fields for amounts and rates, read and shown in the organization's format, and forms that know that format."""

from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from receivables.core.money import (
    DEFAULT_FORMAT,
    MAX_DECIMALS,
    NumberFormat,
    currencies,
    decimals,
    format_money,
    format_number,
    parse_money,
    parse_number,
)

TOO_LOW = _("Enter {limit} or more.")
TOO_HIGH = _("Enter {limit} or less.")
FIRST_DAY = date(2000, 1, 1)
DAYS_AHEAD = 366
KEY_DIGITS = 18  # more than any key that was given out, fewer than a bigint overflows with


def key_of(text: Any) -> int | None:
    """The key of a row as a form sends it; None for whatever else is sent in its place."""
    found = str(text)
    return int(found) if found.isascii() and found.isdigit() and len(found) <= KEY_DIGITS else None


def keys_of(texts: Iterable[Any]) -> list[int]:
    """The keys among what was sent, each once, in their order."""
    return list(dict.fromkeys(key for text in texts if (key := key_of(text)) is not None))


def keys_typed(data: Mapping[str, str], word: str) -> list[int]:
    """The keys of the rows beside which something is typed: in fields that are called `word` and the key."""
    start = f"{word}_"
    return keys_of(name.removeprefix(start) for name, text in data.items() if name.startswith(start) and text.strip())


class DayField(forms.DateField):
    """A calendar day in this century and not further ahead than a year: anything else is a slip of the keys."""

    widget = forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})

    def clean(self, value: Any) -> date | None:
        day: date | None = super().clean(value)
        if day is not None and not FIRST_DAY <= day <= date.today() + timedelta(days=DAYS_AHEAD):  # noqa: DTZ011
            raise ValidationError(_("Enter a day between 2000 and a year from now."), code="day")
        return day


class NumberFormField(forms.Field):
    """A typed number. Text that is refused stays in the input as it was typed.

    `fmt` is how the organization writes numbers; a form made from `FormWithFormat` sets it.
    `min_value` and `max_value` are inclusive.
    """

    widget = forms.TextInput
    max_places = 6

    def __init__(
        self,
        *,
        fmt: NumberFormat = DEFAULT_FORMAT,
        max_places: int | None = None,
        min_value: Decimal | None = None,
        max_value: Decimal | None = None,
        **kwargs: Any,
    ) -> None:
        self.fmt, self.min_value, self.max_value = fmt, min_value, max_value
        if max_places is not None:
            self.max_places = max_places
        super().__init__(**kwargs)

    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:
        """Digits on a phone's keyboard, never a number input: browsers round those and read marks their own way."""
        if widget.is_hidden:
            return {}
        classes = f"{widget.attrs.get('class', '')} amount".strip()
        return {"inputmode": "decimal", "dir": "ltr", "autocomplete": "off", "class": classes}

    def read(self, text: str) -> Decimal:
        """The number that `text` means; AmountError if it has no single meaning."""
        return parse_number(text, self.fmt, self.max_places)

    def show(self, value: Decimal) -> str:
        """`value` as messages name it."""
        return format_number(value, None, self.fmt)

    def input_text(self, value: Decimal | int) -> str:
        """`value` as it stands in the input: without group marks, which editing would break."""
        return format_number(value, None, self.fmt.ungrouped())

    def to_python(self, value: Any) -> Decimal | None:
        if isinstance(value, Decimal):
            return value
        text = "" if value in self.empty_values else str(value)
        return self.read(text) if text.strip() else None

    def validate(self, value: Decimal | None) -> None:
        super().validate(value)
        if value is None:
            return
        if self.min_value is not None and value < self.min_value:
            raise ValidationError(format_lazy(TOO_LOW, limit=self.show(self.min_value)), code="min_value")
        if self.max_value is not None and value > self.max_value:
            raise ValidationError(format_lazy(TOO_HIGH, limit=self.show(self.max_value)), code="max_value")

    def prepare_value(self, value: Any) -> Any:
        """Numbers in the organization's format; typed text exactly as it was typed."""
        if isinstance(value, Decimal | int) and not isinstance(value, bool):
            return self.input_text(value)
        return value


class RateFormField(NumberFormField):
    """A unit rate, quantity or percentage: up to 6 decimals."""


class ExchangeRateFormField(NumberFormField):
    """An exchange rate: up to 10 decimals."""

    max_places = 10


class MoneyFormField(NumberFormField):
    """An amount in `currency`, with at most its decimals.

    Without a currency (a form whose rows name their own) up to 4 decimals pass here, and the database holds the
    amount to the currency beside it.
    """

    max_places = MAX_DECIMALS

    def __init__(self, *, currency: str = "", **kwargs: Any) -> None:
        self.currency = currency
        super().__init__(**kwargs)

    def read(self, text: str) -> Decimal:
        if self.currency:
            return parse_money(text, self.currency, self.fmt)
        return super().read(text)

    def show(self, value: Decimal) -> str:
        if self.currency:
            return format_money(value, self.currency, self.fmt, with_code=True)
        return super().show(value)

    def input_text(self, value: Decimal | int) -> str:
        places = decimals(self.currency) if self.currency else None
        return format_number(value, places, self.fmt.ungrouped())


class CurrencyFormField(forms.CharField):
    """A currency code; small letters are taken as capitals."""

    def to_python(self, value: Any) -> str:
        return (super().to_python(value) or "").upper()

    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:
        return {**super().widget_attrs(widget), "dir": "ltr", "autocomplete": "off"}


class FormWithFormat(forms.BaseForm):
    """Mixin named before the form class: takes `actor`; number fields get the format its person or organization chose.

    Money fields that name no currency take the one typed beside them, else that of the form's row, else the
    organization's.
    """

    def __init__(self, *args: Any, actor: Any, **kwargs: Any) -> None:
        self.actor = actor
        super().__init__(*args, **kwargs)
        set_format(self, NumberFormat.of(actor.organization, actor.user), self.get_currency())

    def get_currency(self) -> str:
        """The currency of money fields that name none."""
        posted = self.data.get(self.add_prefix("currency")) if "currency" in self.fields else ""
        typed = str(posted).upper()
        if typed in currencies():
            return typed
        row = getattr(self, "instance", None)
        return getattr(row, "currency", "") or self.actor.organization.currency


def set_format(form: Any, fmt: NumberFormat, currency: str) -> None:
    """Give all number fields of `form` a format, and its money fields the currency if they have none."""
    for field in form.fields.values():
        if isinstance(field, NumberFormField):
            field.fmt = fmt
        if isinstance(field, MoneyFormField) and not field.currency:
            field.currency = currency
