"""Secrets and signatures as Standard Webhooks 1.0 writes them: HMAC-SHA256 over "id.timestamp.body"."""

import base64
import hashlib
import hmac
import secrets
from datetime import datetime

PREFIX = "whsec_"
BYTES = 32  # the standard wants 24 to 64


def new_secret() -> str:
    return PREFIX + base64.b64encode(secrets.token_bytes(BYTES)).decode()


def signature(secret: str, webhook_id: str, timestamp: int, body: str) -> str:
    """One signature, "v1,…"."""
    key = base64.b64decode(secret.removeprefix(PREFIX))
    signed = hmac.new(key, f"{webhook_id}.{timestamp}.{body}".encode(), hashlib.sha256).digest()
    return f"v1,{base64.b64encode(signed).decode()}"


def headers(secrets_in_use: list[str], webhook_id: str, moment: datetime, body: str) -> dict[str, str]:
    """The headers of a message; with a secret being replaced, both sign."""
    timestamp = int(moment.timestamp())
    signed = " ".join(signature(secret, webhook_id, timestamp, body) for secret in secrets_in_use)
    return {"webhook-id": webhook_id, "webhook-timestamp": str(timestamp), "webhook-signature": signed}
