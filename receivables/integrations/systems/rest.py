"""What calls to systems that speak JSON to a bearer token have in common."""

import hashlib
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from time import monotonic
from typing import Any

import httpx
from django.utils.translation import gettext as _

from receivables.integrations import egress
from receivables.integrations.models import Connection, Delivery
from receivables.integrations.systems import texts
from receivables.integrations.systems.base import UNREACHABLE, Fault, Silence, unreachable
from receivables.integrations.vault import Unreadable, opened

Trouble = Delivery.Trouble
MARGIN = 300  # seconds; a token that ends sooner is renewed before the call


@dataclass(frozen=True)
class Said:
    """An answer that was read: what it says, its headers, and the texts to be kept of it."""

    found: dict[str, Any]
    headers: dict[str, str]
    request: str
    response: str
    status: str


# Access tokens by the credentials that they were given for. They are cheap to get again and never leave the process.
_TOKENS: dict[str, tuple[str, float]] = {}


def kept_token(credentials: str, ask: Callable[[], tuple[str, float]], *, renew: bool) -> str:
    """A token for these credentials; `ask` gets a new one with its seconds, where none is kept or it was refused."""
    key = hashlib.sha256(credentials.encode()).hexdigest()
    known = _TOKENS.get(key)
    if known and not renew and known[1] > monotonic():
        return known[0]
    token, seconds = ask()
    _TOKENS[key] = (token, monotonic() + max(0.0, seconds - MARGIN))
    return token


class Rest(ABC):
    """One company's books in one system; each system says how it signs in and what its refusals mean."""

    name = ""
    hosts: tuple[str, ...] = ()
    numbers: frozenset[str] = frozenset()
    headers: dict[str, str] = {}
    waits: tuple[str, ...] = ("Retry-After",)  # where it says how long to wait

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self.http = egress.client(self.hosts)
        self.base = self.base_of(connection)
        try:
            self.secrets = opened(connection.secrets)
        except Unreadable:
            self.secrets = {}  # said when a token is asked for

    @abstractmethod
    def base_of(self, connection: Connection) -> str:
        """The address that all paths begin with."""

    @abstractmethod
    def token_form(self, secrets: dict[str, str]) -> tuple[str, dict[str, str]]:
        """Where a token is asked for, and with which form."""

    @abstractmethod
    def refusal(self, found: dict[str, Any], status: int, told: dict[str, Any]) -> Fault | None:
        """The refusal in an answer, also in one that says yes."""

    def call(
        self, method: str, path: str, body: Any = None, *, headers: dict[str, str] | None = None, read: bool = False,
        query: dict[str, str] | None = None, numbers: frozenset[str] | None = None,
    ) -> Said:  # fmt: skip
        """Make a call. `read`: nothing is changed by it, so that it may be asked again; `numbers` are the names of
        numbers in this body, where they differ. Raises `Fault`, `Silence`."""
        text = texts.written(body, self.numbers if numbers is None else numbers) if body is not None else ""
        answer = self._sent(method, path, text, headers or {}, query or {}, renew=False)
        if answer.status_code == 401:
            answer = self._sent(method, path, text, headers or {}, query or {}, renew=True)
        return self._read(answer, text, only_read=read or method == "GET")

    def _sent(
        self, method: str, path: str, text: str, headers: dict[str, str], query: dict[str, str], *, renew: bool
    ) -> httpx.Response:
        sent = {"Authorization": f"Bearer {self._token(renew)}", "Accept": "application/json", **self.headers}
        if text:
            sent["Content-Type"] = "application/json"
        try:
            return egress.fetch(
                self.http, method, f"{self.base}/{path}", content=text or None, headers={**sent, **headers},
                params=query or None,
            )  # fmt: skip
        except (httpx.ConnectError, httpx.ConnectTimeout):
            raise unreachable(self.name, text) from None
        except httpx.HTTPError as error:
            raise Silence(type(error).__name__, request=text) from None

    def _read(self, answer: httpx.Response, text: str, *, only_read: bool) -> Said:
        status = answer.status_code
        told: dict[str, Any] = {"request": text, "response": self._bare(answer), "status": str(status)}
        if status == 429:
            message = self._words(_("%(system)s takes no more calls for a while."))
            raise Fault(Trouble.RETRYABLE, message, wait=self._seconds(answer), **told)
        if status in (401, 403):
            raise Fault(Trouble.CREDENTIALS, self._words(_("%(system)s refuses our access.")), fix="connection", **told)
        found = self._found(told["response"])
        fault = self.refusal(found, status, told) if found is not None else None
        if fault is not None:
            raise fault
        if found is None or status >= 400 or answer.is_redirect:
            raise self._unclear(only_read, told)
        return Said(found, dict(answer.headers), **told)

    def _seconds(self, answer: httpx.Response) -> int:
        return texts.seconds_to_wait(
            next((answer.headers[each] for each in self.waits if each in answer.headers), None)
        )

    def _bare(self, answer: httpx.Response) -> str:
        """An answer without our credentials, also those that the call carried."""
        carried = answer.request.headers.get("Authorization", "").partition(" ")[2]
        return texts.bare(answer.text, [carried, *texts.long_enough(self.secrets.values())])

    @staticmethod
    def _found(text: str) -> dict[str, Any] | None:
        if not text:
            return {}
        try:
            found = texts.read(text)
        except ValueError:
            return None
        return found if isinstance(found, dict) else None

    def _unclear(self, only_read: bool, told: dict[str, Any]) -> Exception:
        """An answer that says neither yes nor no: after a change nobody knows, a question may be asked again."""
        if only_read:
            return Fault(Trouble.RETRYABLE, self._words(_("%(system)s did not answer a question.")), **told)
        return Silence(told["status"], **told)

    def _words(self, text: str) -> str:
        return text % {"system": self.name}

    # Signing in --------------------------------------------------------------------------------------------------

    def _token(self, renew: bool) -> str:
        return kept_token(f"{self.base} {self.connection.secrets}", self._ask, renew=renew)

    def _ask(self) -> tuple[str, float]:
        try:
            url, form = self.token_form(opened(self.connection.secrets))
        except (Unreadable, KeyError, ValueError):
            raise self._lapsed() from None
        try:
            answer = egress.fetch(self.http, "POST", url, data=form, headers={"Accept": "application/json"})
        except httpx.HTTPError:
            raise self._no_sign_in() from None
        if answer.status_code >= 500 or answer.status_code == 429:
            raise self._no_sign_in()
        try:
            found = answer.json()
            return str(found["access_token"]), float(found.get("expires_in", 3600))
        except (ValueError, KeyError, TypeError, AttributeError):
            raise self._lapsed() from None

    def _no_sign_in(self) -> Fault:
        words = self._words(_("The sign-in of %(system)s does not answer."))
        return Fault(Trouble.RETRYABLE, words, wait=60, code=UNREACHABLE)

    def _lapsed(self) -> Fault:
        message = self._words(_("%(system)s does not accept our credentials. An administrator has to enter them anew."))
        return Fault(Trouble.CREDENTIALS, message, fix="connection")
