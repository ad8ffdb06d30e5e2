"""What every accounting system offers to the deliverer, and what it is given.

A system turns two snapshots of a document, the one it has and the one that is wanted, into its own calls. Planning is
pure; only `send` and `find` talk to anybody.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, Protocol

from django.utils.translation import gettext as _

from receivables.integrations.systems.texts import storable

Snapshot = dict[str, Any]


@dataclass(frozen=True)
class Setting:
    """What an administrator enters for a connection to one system.

    A `secret` is encrypted and never shown again; of a `hashed` one only enough is kept to recognize it. A secret that
    is not `required` may also come from elsewhere, as a token does from a grant. The first of `choices` is the default.
    `only` is the name and the value of a choice without which nothing is needed here. A `lasting` one says whose books
    these are: what was delivered has keys of theirs, which name other people's documents in other books.
    """

    name: str
    label: Any
    help: Any = ""
    secret: bool = False
    hashed: bool = False
    required: bool = True
    choices: tuple[tuple[str, Any], ...] = ()
    shortest: int = 0
    longest: int = 200
    lines: int = 1
    only: tuple[str, str] | None = None
    lasting: bool = False


@dataclass(frozen=True)
class Grant:
    """How an administrator gives us access at the other system's own page.

    `address(connection, redirect, state)` is that page, `exchange(connection, code, redirect)` keeps the tokens that
    its answer is worth, `revoke(connection, token)` gives them back; the last two raise `Fault`. `company` names the
    parameter of the answer that says whose books they are, and the option that holds it.
    """

    address: Callable[[Any, str, str], str]
    exchange: Callable[[Any, str, str], None]
    revoke: Callable[[Any, str], None]
    company: tuple[str, str]
    needs: tuple[str, ...]
    tokens: tuple[str, ...]


@dataclass(frozen=True)
class Step:
    """One call to be made. `key` is the same for the same change of the same document, however often it is sent."""

    operation: str
    body: Any
    key: str = ""

    @property
    def only_reads(self) -> bool:
        """Whether it leaves everything over there as it is."""
        return self.operation.startswith("read_")


@dataclass(frozen=True)
class Answer:
    """What came back: the keys and versions to remember (merged into what is known), and the texts for the record."""

    remote: dict[str, Any] = field(default_factory=dict)
    request: str = ""
    response: str = ""
    status: str = ""


class Fault(Exception):
    """The system answered no. `trouble` is a `Delivery.Trouble`; `message` says it in plain words, `fix` what to do."""

    def __init__(
        self, trouble: str, message: str, *, system_text: str = "", fix: str = "", wait: int = 0, status: str = "",
        request: str = "", response: str = "", code: str = "",
    ) -> None:  # fmt: skip
        super().__init__(message)
        self.code, self.trouble, self.fix, self.wait = code, trouble, fix, wait
        self.message, self.system_text = storable(message), storable(system_text)
        self.status, self.request, self.response = status, request, response


class Silence(Exception):
    """Nothing, or nothing that can be read, came back after the call had left: nobody knows whether it was done."""

    def __init__(self, message: str, *, request: str = "", response: str = "", status: str = "") -> None:
        super().__init__(message)
        self.message, self.request, self.response, self.status = message, request, response, status


class Handed(Exception):
    """The call waits for a program over there, which fetches it and brings its answer in another request of its own.

    `request` is its text. The deliverer adds the key of the delivery, and whether it was asked for what is there.
    """

    def __init__(self, request: str) -> None:
        super().__init__(request)
        self.request = request
        self.delivery = 0
        self.asks = False


class Unmapped(Exception):
    """Ours has no counterpart on the connection yet: `keys` are the local keys that lack one."""

    def __init__(self, keys: Iterable[str]) -> None:
        self.keys = sorted(set(keys))
        super().__init__(", ".join(self.keys))


class Held(Exception):
    """Nothing can be done over there for now; `message` says why, and what changes it."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


@dataclass(frozen=True)
class Book:
    """What is known on a connection: mappings by local key, and what it calls documents that it already has.

    `document` is our own key of what is planned ("app.model:id"): the same for ever, another for every document.
    `home` is the organization's own currency.
    """

    mappings: dict[str, str]
    remotes: dict[str, dict[str, Any]]
    options: dict[str, Any]
    document: str = ""
    home: str = ""

    def mapped(self, key: str) -> str:
        """The other system's key of an account, charge, tax or terms. Raises `Unmapped`."""
        if key not in self.mappings:
            raise Unmapped([key])
        return self.mappings[key]

    def known(self, ref: str) -> dict[str, Any]:
        """What the system calls a document that was delivered before; empty if it has none."""
        return self.remotes.get(ref, {})


def lookalike(system: str, theirs: str, system_text: str = "") -> Fault:
    """Somebody like a customer of ours is there already: a person says whether they are the same."""
    words = _(
        "%(system)s has a customer like this one already: %(theirs)s. Link them, or say that it is somebody else."
    )  # fmt: skip
    message = words % {"system": system, "theirs": theirs}
    return Fault("conflict", message, fix="customer", system_text=system_text or theirs)


def changed_there(system: str, theirs: Any, ours: Any, **told: Any) -> Fault:
    """Somebody over there changed what we sent: it is not written over."""
    message = _(
        "It was changed in %(system)s: it says %(theirs)s there, we sent %(ours)s. Put it right there and retry, or "
        "settle it there and mark it here as handled outside."
    ) % {"system": system, "theirs": theirs, "ours": ours}  # fmt: skip
    return Fault("conflict", message, fix="remote", **told)


def deleted_there(system: str, **told: Any) -> Fault:
    """Somebody over there took away what we sent: it is not made again."""
    message = _("It was deleted in %(system)s. Settle there what it should be, then mark it here as handled outside.")
    return Fault("conflict", message % {"system": system}, fix="remote", **told)


UNREACHABLE = "unreachable"  # our code for a call that did not leave, whatever it was about


def unreachable(system: str, request: str = "") -> Fault:
    """Nothing of theirs is to be reached for now: the connection waits, and no document is blamed for it."""
    words = _("%(system)s cannot be reached.") % {"system": system}
    return Fault("retryable", words, wait=60, code=UNREACHABLE, request=request)


# What reading an answer raises that is not what their contract says.
GARBLED = (ValueError, ArithmeticError, LookupError, TypeError, AttributeError, RecursionError)
MOST_PAGES = 1000  # of one list


def garbled(system: str) -> str:
    """What is said of such an answer."""
    words = _("%(system)s answered something that cannot be read. If that stays so, tell your administrator.")
    return words % {"system": system}


def pages(system: str, most: int = MOST_PAGES) -> Iterator[int]:
    """The numbers of the pages of a list, from 0. Raises `Fault` where it has no end."""
    yield from range(most)
    words = _("%(system)s tells page after page without an end. Look there what makes the list so long.")
    raise Fault("needs_person", words % {"system": system}, fix="remote")


class Adapter(Protocol):
    """One accounting system."""

    system: str

    def plan(
        self, kind: str, last: Snapshot | None, wanted: Snapshot, remote: dict[str, Any], book: Book
    ) -> list[Step]:
        """The calls that turn what the system has into what is wanted. Raises `Unmapped`, `Held` or `Fault`."""

    def send(self, link: Any, step: Step, remote: dict[str, Any]) -> Answer:
        """Make one call. `remote` is what is known by now, earlier steps included.

        Raises `Fault` (it said no), `Silence` (nobody knows) or `Handed` (it is fetched later).
        """

    def find(self, link: Any, step: Step, remote: dict[str, Any]) -> Answer | None:
        """Whether a call whose answer is not known was done; None if it was not. Raises `Fault` or `Silence`."""

    def takes_over(self, kind: str, wanted: Snapshot, remote: dict[str, Any]) -> bool:
        """Whether what the system has of another document, undone here and not to be undone there, stands for this one
        as it is."""
