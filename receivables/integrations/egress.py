"""The only way out: https, known hosts, no redirects, nothing private (`addresses`), bounded answers."""

import ipaddress
import ssl
from collections.abc import Callable
from functools import cache
from typing import Any
from urllib.parse import urlsplit

import httpx

from receivables.integrations.addresses import Transport, is_loopback

TIMEOUT = httpx.Timeout(30.0, connect=10.0)
LONGEST = 60.0  # seconds until an answer is there as a whole, its head included
MOST_BYTES = 5_000_000
READ_AWAY = ("content-encoding", "content-length", "transfer-encoding")


class Forbidden(httpx.ConnectError):
    """An address that a connection may not call. Nothing was sent."""


def check(url: str, hosts: tuple[str, ...]) -> None:
    """Raise `Forbidden` unless it is https on one of `hosts` ("example.com", or ".example.com" for all below it)."""
    parts = urlsplit(url)
    host = (parts.hostname or "").lower()
    if is_loopback(host):
        return
    if parts.scheme != "https" or parts.username or parts.port not in (None, 443) or is_number(host):
        raise Forbidden(f"Not an address of this system: {host}")
    if not is_one_of(host, hosts):
        raise Forbidden(f"Not an address of this system: {host}")


def is_one_of(host: str, hosts: tuple[str, ...]) -> bool:
    """Whether a name is one of `hosts`; one that begins with a dot is all below it."""
    return any(host == each or (each.startswith(".") and host.endswith(each)) for each in hosts)


def is_number(host: str) -> bool:
    """Whether this is an IP address instead of a name."""
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


class TooLong(httpx.TransportError):
    """The answer is longer than anything that an accounting system says."""


@cache
def trusted() -> ssl.SSLContext:
    """The certificates that servers are held to; reading them takes longer than a call."""
    return httpx.create_ssl_context(trust_env=False)


def client(hosts: tuple[str, ...]) -> httpx.Client:
    """An HTTP client that refuses every address but those of a system, and follows no redirect."""
    return guarded(lambda url: check(url, hosts), TIMEOUT, LONGEST)


def guarded(guard: Callable[[str], None], timeout: httpx.Timeout, longest: float) -> httpx.Client:
    """An HTTP client that calls no address for which `guard` raises, nothing private, follows no redirect, and waits
    `longest` seconds for an answer as a whole."""
    return httpx.Client(
        timeout=timeout,
        follow_redirects=False,
        trust_env=False,
        transport=Transport(trusted(), longest),
        event_hooks={"request": [lambda request: guard(str(request.url))]},
    )


def fetch(http: httpx.Client, method: str, url: str, **options: Any) -> httpx.Response:
    """Make a call and read its answer, no further than anything that an accounting system says. Raises
    `httpx.HTTPError`."""
    with http.stream(method, url, **options) as response:
        read = b""
        for chunk in response.iter_bytes():
            read += chunk
            if len(read) > MOST_BYTES:
                raise TooLong("answer too long")
    headers = {
        name: value for name, value in response.headers.items() if name not in ("content-encoding", "content-length")
    }
    return httpx.Response(response.status_code, headers=headers, content=read, request=response.request)
