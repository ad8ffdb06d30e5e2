"""From where a request comes, as far as that can be known."""

from ipaddress import ip_address

from django.conf import settings
from django.http import HttpRequest


def client_address(request: HttpRequest) -> str | None:
    """The address of the browser, or None if there is none that can be read.

    What a client writes into X-Forwarded-For proves nothing. Only the entries that our own proxies appended count:
    with `TRUSTED_PROXY_COUNT` proxies in front, the address is that many entries from the end of the list.
    """
    address = request.META.get("REMOTE_ADDR", "")
    proxies = getattr(settings, "TRUSTED_PROXY_COUNT", 0)
    forwarded = [entry.strip() for entry in request.META.get("HTTP_X_FORWARDED_FOR", "").split(",")]
    if proxies and len(forwarded) >= proxies:
        address = forwarded[-proxies]
    try:
        return str(ip_address(address))
    except ValueError:
        return None
