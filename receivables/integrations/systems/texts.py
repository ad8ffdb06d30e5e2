"""What systems are told and say: JSON with amounts as they are, digit for digit, never through a float; texts that may
be kept; how long they want us to wait."""

import json
import re
from collections.abc import Iterable, Set
from decimal import Decimal
from email.utils import parsedate_to_datetime
from typing import Any

from django.utils import timezone

A_WHILE, LONGEST_WAIT = 60, 3600  # seconds


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
    """What an answer says, numbers exact and texts as they can be kept. Raises `ValueError` for what is no JSON."""
    return _storable(json.loads(text, parse_float=Decimal))


def _storable(found: Any) -> Any:
    if isinstance(found, str):
        return storable(found)
    if isinstance(found, dict):
        return {name: _storable(each) for name, each in found.items()}
    return [_storable(each) for each in found] if isinstance(found, list) else found


SHORTEST = 8  # what is shorter is no credential of theirs, and may well be part of a word


def long_enough(secrets: Iterable[str]) -> list[str]:
    """Those that can be taken out of any text without harm to its words."""
    return [each for each in secrets if len(each) >= SHORTEST]


def bare(text: str, secrets: Iterable[str]) -> str:
    """What a system said, without credentials of ours that it may repeat; of a key each line by itself."""
    for line in (line.strip() for secret in secrets for line in secret.splitlines()):
        text = text.replace(line, "…") if line else text
    return text


def storable(text: str) -> str:
    """A text from outside as the database takes it: without what is no character, nor NUL."""
    return text.encode("utf-8", "replace").decode().replace("\x00", "")


def seconds_to_wait(asked: str | None) -> int:
    """How long a system that is busy asks us to wait (Retry-After, RFC 9110: seconds or a date): an hour at most, and a
    minute where it says nothing that can be understood."""
    asked = (asked or "").strip()
    if re.fullmatch(r"[0-9]{1,9}", asked):
        return min(int(asked), LONGEST_WAIT)
    try:
        left = (parsedate_to_datetime(asked) - timezone.now()).total_seconds()
    except (ValueError, TypeError, OverflowError):
        return A_WHILE
    return min(max(int(left), 1), LONGEST_WAIT)
