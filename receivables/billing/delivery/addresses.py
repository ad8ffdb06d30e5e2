"""Typed e-mail addresses: several in one field, each checked, none able to bring a header of its own."""

import re
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import EmailValidator
from django.utils.translation import gettext_lazy as _

LONGEST_ADDRESS = 254
MOST_ADDRESSES = 20
SEPARATORS = re.compile(r"[ \t\r\n,;]+")

_valid = EmailValidator()


def split_addresses(text: str) -> list[str]:
    """The addresses in a typed text, separated by commas, semicolons or blanks; each once, in their order.

    Raises `ValidationError` naming the first that is none, or if there are more than `MOST_ADDRESSES`.
    """
    found: dict[str, str] = {}
    for part in filter(None, SEPARATORS.split(text)):
        check_address(part)
        found.setdefault(part.lower(), part)
    if len(found) > MOST_ADDRESSES:
        raise ValidationError(
            _("Enter at most %(n)s addresses."), code="too_many", params={"n": MOST_ADDRESSES}
        )  # fmt: skip
    return list(found.values())


def check_address(address: str) -> None:
    """Raises `ValidationError` unless this is one plain address without any control character."""
    try:
        if len(address) > LONGEST_ADDRESS or not address.isprintable():
            raise ValidationError("")
        _valid(address)
    except ValidationError:
        raise ValidationError(
            _("“%(address)s” is not an e-mail address."), code="address", params={"address": address[:80]}
        ) from None


class AddressesField(forms.CharField):
    """Several addresses in one field, separated by commas."""

    def __init__(self, **kwargs: Any) -> None:
        attributes = {"rows": 2, "dir": "ltr", "autocomplete": "off", "spellcheck": "false", "inputmode": "email"}
        super().__init__(**{"max_length": 4_000, "widget": forms.Textarea(attrs=attributes), **kwargs})

    def prepare_value(self, value: Any) -> Any:
        return ", ".join(value) if isinstance(value, list | tuple) else value

    def clean(self, value: Any) -> Any:
        return split_addresses(str(super().clean(value)))


class OneLineField(forms.CharField):
    """Text that becomes a header of a mail: a new line or another control character in it is refused."""

    def to_python(self, value: Any) -> Any:
        text = super().to_python(value)
        if not str(text).isprintable():
            raise ValidationError(_("Write this in one line, without special characters."), code="one_line")
        return text
