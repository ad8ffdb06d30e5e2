"""What adapters report of customers, products and accounts that a system has, the same for every system."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

CUSTOMER, ITEM, ACCOUNT = "customer", "item", "account"
KINDS = (CUSTOMER, ITEM, ACCOUNT)


@dataclass(frozen=True)
class Theirs:
    """One of theirs. `key` is what calls and mappings name it by; `currency` is empty where they do not say."""

    what: str
    key: str
    name: str
    number: str = ""
    email: str = ""
    tax_id: str = ""
    currency: str = ""


@dataclass(frozen=True)
class Listing:
    """How a system tells what it has.

    `read(link, kind)` gives all of a kind, page by page, and raises `Fault` or `Silence`; None where a program over
    there brings it instead. `remote(key)` is what a delivery of ours remembers of a customer that is linked with it.
    """

    read: Callable[[Any, str], Iterator[Theirs]] | None
    remote: Callable[[str], dict[str, Any]]
