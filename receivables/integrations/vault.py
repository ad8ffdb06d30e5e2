"""Credentials of accounting systems, encrypted at rest with keys derived from SECRET_KEY and its fallbacks."""

import base64
import json
from typing import Any

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings


def _key(secret: str) -> Fernet:
    derived = HKDF(algorithm=hashes.SHA256(), length=32, salt=None, info=b"accounting credentials").derive(
        secret.encode()
    )
    return Fernet(base64.urlsafe_b64encode(derived))


def _keys() -> MultiFernet:
    return MultiFernet([_key(secret) for secret in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)])


def sealed(values: dict[str, str]) -> str:
    """The encrypted form of credentials."""
    return _keys().encrypt(json.dumps(values, sort_keys=True).encode()).decode() if values else ""


class Unreadable(Exception):
    """The credentials were encrypted with a key that is gone; they have to be entered again."""


def opened(text: str) -> dict[str, str]:
    """The credentials behind their encrypted form. Raises `Unreadable`."""
    if not text:
        return {}
    try:
        found: Any = json.loads(_keys().decrypt(text.encode()))
    except InvalidToken:
        raise Unreadable from None
    return {str(name): str(value) for name, value in found.items()}
