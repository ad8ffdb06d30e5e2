"""Amounts and rates in the settings' tables, written as the organization writes numbers everywhere else."""

from collections.abc import Callable, Sequence
from typing import Any

from django.db import models

from receivables.core.fields import ExactDecimalField, MoneyField
from receivables.core.money import NumberFormat, format_money, format_number


def written(model: type[models.Model], columns: Sequence[Any], request: Any) -> list[Any]:
    """The columns of a table, those of numbers replaced by what writes them in the reader's format."""
    numbers = {field.name: field for field in model._meta.fields if isinstance(field, ExactDecimalField)}
    fmt = NumberFormat.of(request.organization, request.user)
    return [_column(numbers[name], fmt) if name in numbers else name for name in columns]


def _column(field: Any, fmt: NumberFormat) -> Callable[[Any], str]:
    def text(row: Any) -> str:
        value = getattr(row, field.name)
        if value is None:
            return ""
        if isinstance(field, MoneyField):
            return format_money(value, row.currency, fmt, with_code=True)
        return format_number(value, None, fmt)

    text.short_description = field.verbose_name  # type: ignore[attr-defined]
    text.admin_order_field = field.name  # type: ignore[attr-defined]
    text.__name__ = field.name
    return text
