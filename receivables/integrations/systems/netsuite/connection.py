"""How a connection to NetSuite signs in: machine to machine, with a signed assertion in place of a password.

The account's administrator uploads the certificate; we hold its private key, encrypted, and sign with it.
"""

import base64
import json
import time
from typing import Any

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from django.utils.translation import gettext_lazy

from receivables.integrations.models import Connection
from receivables.integrations.systems import money
from receivables.integrations.systems.base import Setting

HOSTS = (".suitetalk.api.netsuite.com",)
TOKEN_PATH = "auth/oauth2/v1/token"  # noqa: S105  an address
ASSERTION = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
SCOPE = "rest_webservices"
LIFE = 300  # seconds that an assertion is good for; an hour is the most they take
CURVES: dict[str, tuple[str, hashes.HashAlgorithm]] = {
    "secp256r1": ("ES256", hashes.SHA256()), "secp384r1": ("ES384", hashes.SHA384()),
    "secp521r1": ("ES512", hashes.SHA512()),
}  # fmt: skip
SETTINGS = (
    Setting(
        "account", gettext_lazy("Account"), gettext_lazy("Its id, such as 1234567 or 1234567_SB1."), longest=40,
        lasting=True,
    ),
    Setting(
        "receivables_account", gettext_lazy("Accounts receivable"),
        gettext_lazy("The internal id of the receivables account over there."), longest=40,
    ),
    Setting(
        "subsidiary", gettext_lazy("Subsidiary"),
        gettext_lazy("The internal id of the subsidiary that new customers belong to; empty in an account without."),
        required=False, longest=40,
    ),
    money.setting(
        gettext_lazy(
            "One a line, with its internal id over there, such as EUR=4. Empty: nothing but the organization's own "
            "currency is sent, which has to be the base currency over there."
        )
    ),
    Setting("client_id", gettext_lazy("Client id"), secret=True),
    Setting("certificate_id", gettext_lazy("Certificate id"), secret=True),
    Setting("private_key", gettext_lazy("Private key (PEM)"), secret=True, longest=10000, lines=6),
)  # fmt: skip


def base_url(connection: Connection) -> str:
    """The address of the account's REST services; a stand-in of the tests names its own."""
    host = str(connection.options["account"]).strip().lower().replace("_", "-")
    return str(connection.options.get("base_url") or f"https://{host}.suitetalk.api.netsuite.com/services/rest")


def assertion(secrets: dict[str, str], audience: str) -> str:
    """The signed statement (JWT) that we are the application they know. Raises `ValueError` for a key of no use."""
    try:
        key: Any = load_pem_private_key(secrets["private_key"].encode(), password=None)
    except (TypeError, UnsupportedAlgorithm) as error:
        raise ValueError(str(error)) from None
    if not isinstance(key, rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey):
        raise ValueError("neither RSA nor EC")
    now = int(time.time())
    name = "PS256" if isinstance(key, rsa.RSAPrivateKey) else CURVES[key.curve.name][0]
    header = {"typ": "JWT", "alg": name, "kid": secrets["certificate_id"]}
    claims = {"iss": secrets["client_id"], "scope": SCOPE, "aud": audience, "iat": now, "exp": now + LIFE}
    text = f"{_encoded(json.dumps(header).encode())}.{_encoded(json.dumps(claims).encode())}"
    return f"{text}.{_encoded(_signature(key, text.encode()))}"


def _encoded(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _signature(key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey, data: bytes) -> bytes:
    if isinstance(key, rsa.RSAPrivateKey):
        pss = padding.PSS(mgf=padding.MGF1(hashes.SHA256()), salt_length=hashes.SHA256.digest_size)
        return key.sign(data, pss, hashes.SHA256())
    numbers = decode_dss_signature(key.sign(data, ec.ECDSA(CURVES[key.curve.name][1])))
    size = (key.curve.key_size + 7) // 8
    return b"".join(number.to_bytes(size, "big") for number in numbers)
