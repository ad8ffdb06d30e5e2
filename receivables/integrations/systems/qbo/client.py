"""Calls to QuickBooks Online, and what its answers mean in plain words."""

from typing import Any

import httpx
from django.utils.translation import gettext as _

from receivables.integrations import egress
from receivables.integrations.models import Connection, Delivery
from receivables.integrations.systems.base import Fault, Silence, unreachable
from receivables.integrations.systems.qbo import connection as signing
from receivables.integrations.systems.qbo.mapping import SYSTEM
from receivables.integrations.systems.qbo.refusals import plain
from receivables.integrations.systems.qbo.texts import read, written
from receivables.integrations.systems.texts import bare, long_enough, seconds_to_wait
from receivables.integrations.vault import Unreadable, opened

MINOR_VERSION = "75"
Trouble = Delivery.Trouble


class Client:
    """One company's books. Every call answers with what is read, or raises `Fault` or `Silence`."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self.http = egress.client(signing.HOSTS)
        try:
            self.secrets = opened(connection.secrets)
        except Unreadable:
            self.secrets = {}  # said when a token is asked for
        self.base = f"{signing.base_url(connection)}/v3/company/{connection.options['company']}"

    def call(self, method: str, path: str, body: Any = None, **query: str) -> tuple[dict[str, Any], httpx.Response]:
        text = written(body) if body is not None else ""
        response = self._sent(method, path, text, query)
        if response.status_code == 401:
            response = self._sent(method, path, text, query, refused=_carried(response))
        found = self._read(response, text, method)
        kept = httpx.Response(response.status_code, text=self._bare(response), request=response.request)
        return found, kept

    def _sent(self, method: str, path: str, text: str, query: dict[str, str], refused: str = "") -> httpx.Response:
        token = signing.access_token(self.connection, refused=refused)
        headers = {"Authorization": f"Bearer {token}", "Accept": "application/json", "Content-Type": "application/json"}
        try:
            return egress.fetch(
                self.http, method, f"{self.base}/{path}", content=text or None, headers=headers,
                params={**query, "minorversion": MINOR_VERSION},
            )  # fmt: skip
        except (httpx.ConnectError, httpx.ConnectTimeout):
            raise unreachable(SYSTEM, text) from None
        except httpx.HTTPError as error:
            raise Silence(type(error).__name__, request=text) from None

    def _read(self, response: httpx.Response, text: str, method: str) -> dict[str, Any]:
        said = self._bare(response)
        told: dict[str, Any] = {"request": text, "response": said, "status": str(response.status_code)}
        if response.status_code == 429:
            words = _("QuickBooks Online takes no more calls for a minute.")
            raise Fault(Trouble.RETRYABLE, words, wait=seconds_to_wait(response.headers.get("Retry-After")), **told)
        if response.status_code in (401, 403):
            raise Fault(Trouble.CREDENTIALS, _("QuickBooks Online refuses our access."), fix="connection", **told)
        try:
            found = read(said)
        except ValueError:
            found = None
        if not isinstance(found, dict):
            raise self._unclear(method, told)
        errors = (found.get("Fault") or {}).get("Error") or []
        if errors:  # also under a status of 200
            raise self._fault(errors[0], told)
        if not response.is_success:
            raise self._unclear(method, told)
        return found

    def _bare(self, response: httpx.Response) -> str:
        """An answer without our credentials, also the token that its call carried."""
        return bare(response.text, [_carried(response), *long_enough(self.secrets.values())])

    def _fault(self, error: dict[str, Any], told: dict[str, Any]) -> Fault:
        said = " ".join(str(error.get(name, "")) for name in ("Message", "Detail")).strip()
        code = str(error.get("code", ""))
        trouble, message, fix = plain(code, said)
        return Fault(trouble, message, system_text=said, fix=fix, code=code, **told)

    def _unclear(self, method: str, told: dict[str, Any]) -> Exception:
        """An answer that says neither yes nor no: after a write nobody knows, a question may be asked again."""
        if method == "GET":
            return Fault(Trouble.RETRYABLE, _("QuickBooks Online answered something that cannot be read."), **told)
        return Silence(told["status"], **told)


def _carried(response: httpx.Response) -> str:
    """The token that a call carried."""
    return str(response.request.headers.get("Authorization", "")).partition(" ")[2]
