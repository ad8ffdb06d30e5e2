"""Writing and reading JSON with amounts as they are, digit for digit: never through a float."""

import json
from collections.abc import Iterable, Set
from decimal import Decimal
from typing import Any


def written(value: Any, numbers: Set[str], name: str = "") -> str:
    """The JSON of a body; what stands under one of the names `numbers` is a text here and a number there."""
    if isinstance(value, dict):
        return "{" + ",".join(f"{json.dumps(key)}:{written(each, numbers, key)}" for key, each in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ",".join(written(each, numbers) for each in value) + "]"
    if name in numbers:
        return f"{Decimal(value):f}"
    return json.dumps(value)


def read(text: str) -> Any:
    """What an answer says, numbers exact. Raises `ValueError` for anything that is no JSON."""
    return json.loads(text, parse_float=Decimal)


SHORTEST = 8  # what is shorter is no credential of theirs, and may well be part of a word


def long_enough(secrets: Iterable[str]) -> list[str]:
    """Those that can be taken out of any text without harm to its words."""
    return [each for each in secrets if len(each) >= SHORTEST]


def bare(text: str, secrets: Iterable[str]) -> str:
    """What a system said, without credentials of ours that it may repeat; of a key each line by itself."""
    for line in (line.strip() for secret in secrets for line in secret.splitlines()):
        text = text.replace(line, "…") if line else text
    return text
