"""Amounts and rates in the settings, written as the organization writes numbers everywhere else."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import models

from receivables.core.fields import ExactDecimalField, MoneyField
from receivables.core.money import NumberFormat, format_money, format_number


@dataclass(frozen=True)
class NumberColumn:
    """What the admin calls to show one number of a row; `empty` is the word where there is none."""

    field: Any
    fmt: NumberFormat
    empty: Any = ""

    @property
    def __name__(self) -> str:
        return str(self.field.name)

    @property
    def short_description(self) -> Any:
        return self.field.verbose_name

    @property
    def admin_order_field(self) -> str:
        return str(self.field.name)

    def __call__(self, row: Any) -> Any:
        value = getattr(row, self.field.name)
        if value is None:
            return self.empty
        if isinstance(self.field, MoneyField):
            return format_money(value, row.currency, self.fmt, with_code=True)
        return format_number(value, None, self.fmt)


def written(
    model: type[models.Model], columns: Sequence[Any], request: Any, empty: Mapping[str, Any] | None = None
) -> list[Any]:
    """The columns of a table, those of numbers replaced by what writes them in the reader's format."""
    numbers = {field.name: field for field in model._meta.fields if isinstance(field, ExactDecimalField)}
    fmt = NumberFormat.of(request.organization, request.user)
    words = empty or {}
    return [NumberColumn(numbers[name], fmt, words.get(name, "")) if name in numbers else name for name in columns]
