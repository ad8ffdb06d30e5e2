"""The only way out to an organization's own addresses: https, public, resolved once and held to that, no redirects.

The name is resolved here, every address of it has to be public, and the call goes to one of those addresses, so that a
name that changes its mind between the check and the call leads nowhere else.
"""

import ipaddress
import socket
from dataclasses import dataclass
from urllib.parse import urlsplit, urlunsplit

import httpx
from django.conf import settings

from receivables.integrations.egress import trusted

TIMEOUT = httpx.Timeout(15.0, connect=5.0)
MOST_BYTES = 2_000  # of an answer; nobody needs more of it
# Public by their own number, but a way into others: translated and tunnelled IPv4.
TUNNELS = [ipaddress.ip_network(each) for each in ("64:ff9b::/96", "64:ff9b:1::/48", "2002::/16", "2001::/32")]


class Forbidden(Exception):
    """An address that no webhook may go to; the text says why."""


@dataclass(frozen=True)
class Answered:
    """What came of a call: an HTTP status, or 0 where nothing came back."""

    status: int
    text: str

    @property
    def good(self) -> bool:
        return 200 <= self.status < 300


def is_public(address: str) -> bool:
    """Whether an IP address is one of the internet's own."""
    found = ipaddress.ip_address(address)
    if isinstance(found, ipaddress.IPv6Address) and found.ipv4_mapped is not None:
        found = found.ipv4_mapped
    if any(found.version == net.version and found in net for net in TUNNELS):
        return False
    return found.is_global and not found.is_multicast and not found.is_reserved


def resolve(host: str) -> list[str]:
    """All addresses of a name."""
    return sorted({str(each[4][0]) for each in socket.getaddrinfo(host, 443, type=socket.SOCK_STREAM)})


def address_problem(url: str) -> str:
    """Why an address can't be one of a webhook, as far as its text tells: "scheme", "host", "port", "user"; else ""."""
    try:
        parts = urlsplit(url)
        host, port = (parts.hostname or "").lower(), parts.port
    except ValueError:
        return "host"
    if settings.ALLOW_LOOPBACK_SYSTEMS and host == "127.0.0.1":
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
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return "." in host and not host.endswith((".local", ".internal", ".localhost", ".home.arpa"))
    return False


def _is_allowed(host: str) -> bool:
    allowed = settings.WEBHOOK_HOSTS
    return not allowed or any(host == each or (each.startswith(".") and host.endswith(each)) for each in allowed)


def pinned(url: str) -> tuple[str, str]:
    """The address with its name replaced by one of its numbers, and the name. Raises `Forbidden`."""
    problem = address_problem(url)
    if problem:
        raise Forbidden(problem)
    parts = urlsplit(url)
    host = (parts.hostname or "").lower()
    if settings.ALLOW_LOOPBACK_SYSTEMS and host == "127.0.0.1":
        return url, host
    try:
        found = resolve(host)
    except OSError:
        raise Forbidden("unknown") from None
    if not found or not all(is_public(each) for each in found):
        raise Forbidden("private")
    number = f"[{found[0]}]" if ":" in found[0] else found[0]
    return urlunsplit((parts.scheme, number, parts.path, parts.query, "")), host


def post(url: str, body: str, headers: dict[str, str]) -> Answered:
    """Send a message; whatever happens is an answer."""
    try:
        address, host = pinned(url)
    except Forbidden as forbidden:
        return Answered(0, f"forbidden: {forbidden}")
    sent = {**headers, "Host": urlsplit(url).netloc, "Content-Type": "application/json", "User-Agent": "Receivables"}
    try:
        with (
            httpx.Client(timeout=TIMEOUT, follow_redirects=False, trust_env=False, verify=trusted()) as http,
            http.stream(
                "POST", address, content=body.encode(), headers=sent, extensions={"sni_hostname": host}
            ) as response,
        ):
            return Answered(response.status_code, _beginning(response))
    except (httpx.HTTPError, httpx.InvalidURL, OSError) as error:
        return Answered(0, type(error).__name__)


def _beginning(response: httpx.Response) -> str:
    read = b""
    for chunk in response.iter_raw():
        read += chunk
        if len(read) >= MOST_BYTES:
            break
    return read[:MOST_BYTES].decode("utf-8", "replace").replace("\x00", "")
