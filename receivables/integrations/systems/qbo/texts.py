"""The JSON of QuickBooks Online."""

from typing import Any

from receivables.integrations.systems import texts

# Where its schema has a number we keep a text until here.
NUMBERS = frozenset({"Amount", "UnitPrice", "Qty", "TotalAmt", "TotalTax", "ExchangeRate"})
read = texts.read


def written(value: Any) -> str:
    """The JSON of a body."""
    return texts.written(value, NUMBERS)
