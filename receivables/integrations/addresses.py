"""Where calls may really go: a name is resolved once, every address of it has to be public, and the connection is made
to one of those addresses.

It happens where a connection is opened, beneath the names: certificate and Host stay those of the name, and a name
that changes its mind between the check and the call (DNS rebinding) leads nowhere else.
"""

import ipaddress
import socket
import ssl
from collections.abc import Iterable
from time import monotonic
from typing import Any

import httpcore
import httpx
from django.conf import settings

# Public by their own number, but a way into others: translated and tunnelled IPv4.
TUNNELS = [ipaddress.ip_network(each) for each in ("64:ff9b::/96", "64:ff9b:1::/48", "2002::/16", "2001::/32")]
MOST_TRIED = 3  # addresses of one name
LOOPBACK = "127.0.0.1"


class NotPublic(httpcore.ConnectError):
    """A name of this network, or one of which an address is. Nothing was sent."""


def is_public(address: str) -> bool:
    """Whether an IP address is one of the internet's own."""
    found = ipaddress.ip_address(address)
    if isinstance(found, ipaddress.IPv6Address) and found.ipv4_mapped is not None:
        found = found.ipv4_mapped
    if any(found.version == net.version and found in net for net in TUNNELS):
        return False
    return found.is_global and not found.is_multicast and not found.is_reserved


def is_loopback(host: str) -> bool:
    """Whether this is where stand-ins of tests listen, which only their settings allow."""
    return settings.ALLOW_LOOPBACK_SYSTEMS and host == LOOPBACK


def resolve(host: str, port: int) -> list[str]:
    """All addresses of a name, the one to be tried first at the head. Raises `OSError`."""
    return list(dict.fromkeys(str(each[4][0]) for each in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)))


def checked(host: str, port: int) -> list[str]:
    """The addresses that a connection to this name may go to. Raises `httpcore.ConnectError`."""
    if is_loopback(host):
        return [host]
    try:
        found = resolve(host, port)
    except (OSError, UnicodeError):
        raise httpcore.ConnectError("The name is not known.") from None
    if not found or not all(is_public(each) for each in found):
        raise NotPublic("The name leads into a private network.")
    return found[:MOST_TRIED]


class Patience(httpcore.NetworkStream):
    """A connection on which an answer, its head included, has to be there as a whole so many seconds after the last of
    the request was sent: nobody is kept waiting by one that comes in drops."""

    def __init__(self, stream: httpcore.NetworkStream, longest: float) -> None:
        self.stream, self.longest, self.until = stream, longest, monotonic() + longest

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        left = self.until - monotonic()
        if left <= 0:
            raise httpcore.ReadTimeout("The answer came too slowly.")
        return self.stream.read(max_bytes, left if timeout is None else min(timeout, left))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self.stream.write(buffer, timeout)
        self.until = monotonic() + self.longest

    def close(self) -> None:
        self.stream.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        return Patience(self.stream.start_tls(ssl_context, server_hostname, timeout), self.longest)

    def get_extra_info(self, info: str) -> Any:
        return self.stream.get_extra_info(info)


class PublicOnly(httpcore.NetworkBackend):
    """Opens connections to public addresses alone."""

    def __init__(self, longest: float) -> None:
        self.plain, self.longest = httpcore.SyncBackend(), longest

    def connect_tcp(
        self, host: str, port: int, timeout: float | None = None, local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:  # fmt: skip
        *others, last = checked(host, port)
        more = (timeout, local_address, socket_options)
        for address in others:
            try:
                return Patience(self.plain.connect_tcp(address, port, *more), self.longest)
            except (httpcore.ConnectError, httpcore.ConnectTimeout):
                continue
        return Patience(self.plain.connect_tcp(last, port, *more), self.longest)

    def sleep(self, seconds: float) -> None:
        self.plain.sleep(seconds)


class Transport(httpx.HTTPTransport):
    """httpx's own, but for where its connections go and how long an answer may take in all (seconds), which httpx has
    no setting for."""

    def __init__(self, trusted: ssl.SSLContext, longest: float) -> None:
        super().__init__(verify=trusted, trust_env=False)
        self._pool = httpcore.ConnectionPool(
            ssl_context=trusted, max_keepalive_connections=20, keepalive_expiry=5.0, network_backend=PublicOnly(longest)
        )
