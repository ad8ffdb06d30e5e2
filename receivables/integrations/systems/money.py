"""Documents in another currency than the books over there are kept in: what has to be said of them, or why they are not
sent. A currency is sent only where an administrator has said that the company over there keeps it.
"""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from receivables.integrations.models import Delivery
from receivables.integrations.systems.base import Fault, Setting, Snapshot

NAME = "currencies"


@dataclass(frozen=True)
class Foreign:
    """A currency that has to be named, since document or customer are not in home's: its code, how many units of home
    one of it was booked at, and what the settings say of it."""

    code: str
    home: str
    rate: str
    names: tuple[str, ...] = ()

    def named(self, place: int, system: str) -> str:
        """What stands at this place behind the code in the settings. Raises `Fault` where nothing does."""
        if len(self.names) <= place or not self.names[place]:
            raise _not_set_up(self.code, system)
        return self.names[place]


def setting(help_text: Any) -> Setting:
    """The setting that names the currencies of a connection, one a line."""
    return Setting(NAME, gettext_lazy("Other currencies"), help_text, required=False, longest=2000, lines=3)


def kept(options: dict[str, Any]) -> dict[str, tuple[str, ...]]:
    """The currencies that the settings name, with what stands behind each: "EUR=Euro=Receivables EUR"."""
    found = {}
    for line in str(options.get(NAME) or "").splitlines():
        code, *names = (part.strip() for part in line.split("="))
        if code:
            found[code.upper()] = tuple(names)
    return found


def foreign(wanted: Snapshot, options: dict[str, Any], system: str, *, one_each: bool = False) -> Foreign | None:
    """What is said of the currency of a document; None for one that is all in home's.

    `one_each`: a customer has one currency over there, for all documents. Raises `Fault` for what cannot be sent there
    without its amounts coming out wrong.
    """
    money = wanted.get("money")
    if money is None:
        return None
    code, home = money["currency"], money["home"]
    if money["other"]:
        raise _person(
            _(
                "This money is in %(currency)s and settles a debt in %(other)s. Enter it in %(system)s by hand and "
                "mark it here as handled outside."
            ) % {"currency": code, "other": money["other"], "system": system}
        )  # fmt: skip
    if one_each and money["customer"] != code:
        raise _person(
            _(
                "%(system)s keeps a customer in one currency, and this one in %(theirs)s; the document is in "
                "%(currency)s. Enter it there by hand for another customer and mark it here as handled outside."
            ) % {"currency": code, "theirs": money["customer"], "system": system}
        )  # fmt: skip
    known = kept(options)
    if code not in known and code != home:
        raise _not_set_up(code, system)
    return Foreign(code, home, money["rate"], known.get(code, ()))


def two_decimals(amount: str | Decimal, system: str) -> str:
    """An amount as systems take it that know no more decimals. Raises `Fault` where it would be rounded."""
    told = f"{Decimal(amount):.2f}"
    if Decimal(told) != Decimal(amount):
        words = {"system": system, "amount": f"{Decimal(amount):f}"}
        raise _person(
            _(
                "%(system)s takes amounts of two decimals, and %(amount)s has more. Enter this there by hand and mark "
                "it here as handled outside."
            ) % words
        )  # fmt: skip
    return told


def _not_set_up(code: str, system: str) -> Fault:
    words = _(
        "Nothing is said of %(currency)s in the settings of this connection. If the company keeps it in %(system)s, "
        "enter it there; else enter the document over there by hand and mark it here as handled outside."
    )  # fmt: skip
    return Fault(Delivery.Trouble.NEEDS_PERSON, words % {"currency": code, "system": system}, fix="connection")


def _person(words: str) -> Fault:
    return Fault(Delivery.Trouble.NEEDS_PERSON, words)
