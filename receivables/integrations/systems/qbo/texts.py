"""Writing and reading the JSON of QuickBooks Online: amounts as they are, digit for digit."""

import json
from decimal import Decimal
from typing import Any

# Where its schema has a number we keep a text until here.
NUMBERS = frozenset({"Amount", "UnitPrice", "Qty", "TotalAmt", "TotalTax"})


def written(value: Any, name: str = "") -> str:
    """The JSON of a body."""
    if isinstance(value, dict):
        return "{" + ",".join(f"{json.dumps(key)}:{written(each, key)}" for key, each in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ",".join(written(each) for each in value) + "]"
    if name in NUMBERS:
        return f"{Decimal(value):f}"
    return json.dumps(value)


def read(text: str) -> Any:
    """What an answer says, numbers exact. Raises `ValueError` for anything that is no JSON."""
    return json.loads(text, parse_float=Decimal)
