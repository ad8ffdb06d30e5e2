"""The way out to an organization's own addresses: https, public, resolved once and held to that, no redirects."""

from dataclasses import dataclass
from urllib.parse import urlsplit

import httpx
from django.conf import settings

from receivables.integrations import egress
from receivables.integrations.addresses import is_loopback

TIMEOUT = httpx.Timeout(15.0, connect=5.0)
MOST_BYTES = 2_000  # of an answer; nobody needs more of it
LONGEST = 20.0  # seconds until an answer is there as a whole, its head included


@dataclass(frozen=True)
class Answered:
    """What came of a call: an HTTP status, or 0 where nothing came back."""

    status: int
    text: str

    @property
    def good(self) -> bool:
        return 200 <= self.status < 300


def address_problem(url: str) -> str:
    """Why an address can't be one of a webhook, as far as its text tells: "scheme", "host", "port", "user"; else ""."""
    try:
        parts = urlsplit(url)
        host, port = (parts.hostname or "").lower(), parts.port
    except ValueError:
        return "host"
    if is_loopback(host):
        return ""
    if parts.scheme != "https":
        return "scheme"
    if parts.username or parts.password:
        return "user"
    if port not in (None, 443):
        return "port"
    return "" if _is_name(host) and _is_allowed(host) else "host"


def _is_name(host: str) -> bool:
    """A name with a dot in it; bare addresses and names of this network are refused."""
    own = (".local", ".internal", ".localhost", ".home.arpa")
    return "." in host and not host.endswith(own) and not egress.is_number(host)


def _is_allowed(host: str) -> bool:
    return not settings.WEBHOOK_HOSTS or egress.is_one_of(host, settings.WEBHOOK_HOSTS)


def _guard(url: str) -> None:
    problem = address_problem(url)
    if problem:
        raise egress.Forbidden(problem)


def post(url: str, body: str, headers: dict[str, str]) -> Answered:
    """Send a message; whatever happens is an answer."""
    sent = {**headers, "Content-Type": "application/json", "User-Agent": "Receivables"}
    try:
        with (
            egress.guarded(_guard, TIMEOUT, LONGEST) as http,
            http.stream("POST", url, content=body.encode(), headers=sent) as response,
        ):
            return Answered(response.status_code, _beginning(response))
    except (httpx.HTTPError, httpx.InvalidURL, OSError) as error:
        return Answered(0, str(error)[:MOST_BYTES] or type(error).__name__)


def _beginning(response: httpx.Response) -> str:
    read = b""
    for chunk in response.iter_raw():
        read += chunk
        if len(read) >= MOST_BYTES:
            break
    return read[:MOST_BYTES].decode("utf-8", "replace").replace("\x00", "")
