"""Model fields for amounts, rates and currencies: exact decimals that refuse before the database has to.

The columns are `numeric` without a scale, since a scale would round silently before any CHECK sees the value. How
many decimals an amount may have depends on the currency beside it: the field refuses what fits no currency, the
guard `money_check` holds the row to its own.
"""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _

from receivables.core.forms import CurrencyFormField, ExchangeRateFormField, MoneyFormField, RateFormField
from receivables.core.money import MAX_DECIMALS, currencies, exact_decimal, quantize

NO_NUMBER = _("This is not an exact number below 10¹⁵.")
TOO_MANY = _("This number has more than %(places)s decimals.")
NO_CURRENCY = _("“%(code)s” is not a currency code like SAR or USD.")


class ExactDecimalField(models.DecimalField):
    """A bounded decimal number with at most `places` decimals. ValidationError for floats, NaN and surplus decimals."""

    places: int
    form_class: type[forms.Field]

    def check(self, **kwargs: Any) -> list[Any]:
        # The parent demands max_digits and decimal_places, which an unscaled column does not have.
        return super(models.DecimalField, self).check(**kwargs)

    def db_type(self, connection: Any) -> str:
        return "numeric"

    def to_python(self, value: Any) -> Decimal | None:
        if value is None:
            return None
        try:
            exact = exact_decimal(value)
        except ValueError:
            raise ValidationError(NO_NUMBER, code="invalid") from None
        if quantize(exact, self.places) != exact:
            raise ValidationError(TOO_MANY, code="surplus_decimals", params={"places": self.places})
        return exact

    def formfield(self, **kwargs: Any) -> forms.Field | None:
        return super(models.DecimalField, self).formfield(**{"form_class": self.form_class, **kwargs})


class MoneyField(ExactDecimalField):
    """An amount in the currency that stands beside it, in major units."""

    places = MAX_DECIMALS
    form_class = MoneyFormField


class RateField(ExactDecimalField):
    """A unit rate, quantity or percentage: no money, up to 6 decimals."""

    places = 6
    form_class = RateFormField


class ExchangeRateField(ExactDecimalField):
    """Units of one currency for one unit of another, up to 10 decimals."""

    places = 10
    form_class = ExchangeRateFormField


def validate_currency(code: str) -> None:
    """ValidationError unless `code` is a known currency code (ISO 4217)."""
    if code not in currencies():
        raise ValidationError(NO_CURRENCY, code="currency", params={"code": code})


class CurrencyField(models.CharField):
    """A currency code (ISO 4217), always three letters."""

    default_validators = [validate_currency]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{**kwargs, "max_length": 3})

    def deconstruct(self) -> tuple[str, str, Sequence[Any], dict[str, Any]]:
        name, path, args, kwargs = super().deconstruct()
        del kwargs["max_length"]
        return name, path, args, kwargs

    def formfield(self, **kwargs: Any) -> forms.Field | None:
        return super().formfield(**{"form_class": CurrencyFormField, **kwargs})
