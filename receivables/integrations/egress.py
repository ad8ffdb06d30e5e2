"""The only way out to accounting systems: https, known hosts, no redirects, nothing private, bounded answers."""

import ipaddress
import ssl
from functools import cache
from time import monotonic
from typing import Any
from urllib.parse import urlsplit

import httpx
from django.conf import settings

TIMEOUT = httpx.Timeout(30.0, connect=10.0)
LONGEST = 60.0  # seconds until an answer is there as a whole
MOST_BYTES = 5_000_000
READ_AWAY = ("content-encoding", "content-length", "transfer-encoding")


class Forbidden(Exception):
    """An address that a connection may not call."""


def check(url: str, hosts: tuple[str, ...]) -> None:
    """Raise `Forbidden` unless the address is https on one of `hosts` ("example.com" or ".example.com" for all below).

    Stand-ins of tests listen on this machine, which only their settings allow.
    """
    parts = urlsplit(url)
    host = (parts.hostname or "").lower()
    if settings.ALLOW_LOOPBACK_SYSTEMS and host == "127.0.0.1":
        return
    if parts.scheme != "https" or parts.username or parts.port not in (None, 443) or _is_address(host):
        raise Forbidden(host)
    if not any(host == each or (each.startswith(".") and host.endswith(each)) for each in hosts):
        raise Forbidden(host)


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


class TooLong(httpx.TransportError):
    """The answer is longer than anything that an accounting system says."""


class TooSlow(httpx.TransportError):
    """An answer that comes in drops, and has not ended by now."""


@cache
def trusted() -> ssl.SSLContext:
    """The certificates that servers are held to; reading them takes longer than a call."""
    return httpx.create_ssl_context(trust_env=False)


def client(hosts: tuple[str, ...], **options: Any) -> httpx.Client:
    """An HTTP client that refuses every address but those of a system, and follows no redirect."""

    def guard(request: httpx.Request) -> None:
        check(str(request.url), hosts)

    return httpx.Client(
        timeout=TIMEOUT,
        follow_redirects=False,
        trust_env=False,
        verify=trusted(),
        event_hooks={"request": [guard]},
        **options,
    )


def fetch(http: httpx.Client, method: str, url: str, **options: Any) -> httpx.Response:
    """Make a call and read its answer, no further and no longer than anything that an accounting system says. Raises
    `httpx.HTTPError`."""
    until = monotonic() + LONGEST
    with http.stream(method, url, **options) as response:
        read = b""
        for chunk in response.iter_bytes():
            read += chunk
            if len(read) > MOST_BYTES:
                raise TooLong("answer too long")
            if monotonic() > until:
                raise TooSlow("answer too slow")
    headers = {
        name: value for name, value in response.headers.items() if name not in ("content-encoding", "content-length")
    }
    return httpx.Response(response.status_code, headers=headers, content=read, request=response.request)
