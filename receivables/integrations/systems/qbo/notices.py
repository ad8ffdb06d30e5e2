"""What QuickBooks Online sends by itself when something changes: who may have sent it, and whose books it is about.

A notice is never believed beyond that: it only makes us look sooner, and what changed is asked for. Pure.
"""

import base64
import hashlib
import hmac
import json
from typing import Any

ENTITIES = frozenset({"payment", "invoice"})  # what is looked for; notices of anything else change nothing
LONGEST_COMPANY = 40


def signature_of(token: str, body: bytes) -> str:
    """The signature of a body, made with a verifier token."""
    return base64.b64encode(hmac.new(token.encode(), body, hashlib.sha256).digest()).decode()


def companies_of(body: bytes) -> set[str]:
    """The companies of which a payment or an invoice changed, in the older form or as CloudEvents; none where it is
    neither of them."""
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        return set()
    told = _older(found) if isinstance(found, dict) else _events(found)
    return {company for company, entity in told if entity in ENTITIES and _is_company(company)}


def _rows(value: Any) -> list[dict[str, Any]]:
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []


def _older(found: dict[str, Any]) -> list[tuple[Any, str]]:
    """`{"eventNotifications": [{"realmId", "dataChangeEvent": {"entities": [{"name"}]}}]}`"""
    told = []
    for notice in _rows(found.get("eventNotifications")):
        change = notice.get("dataChangeEvent")
        entities = _rows(change.get("entities")) if isinstance(change, dict) else []
        told += [(notice.get("realmId"), str(each.get("name")).lower()) for each in entities]
    return told


def _events(found: Any) -> list[tuple[Any, str]]:
    """`[{"type": "qbo.invoice.updated.v1", "intuitaccountid"}]`"""
    told = []
    for event in _rows(found):
        system, _dot, rest = str(event.get("type")).partition(".")
        if system == "qbo":
            told.append((event.get("intuitaccountid"), rest.partition(".")[0]))
    return told


def _is_company(company: Any) -> bool:
    return isinstance(company, str) and 0 < len(company) <= LONGEST_COMPANY and company.isascii() and company.isalnum()
