"""How mail leaves, from the environment. A bad value stops the start with a sentence that does not repeat it."""

from email.utils import parseaddr
from pathlib import Path
from typing import Any

from django.core.exceptions import ImproperlyConfigured, ValidationError
from django.core.validators import EmailValidator

NO_SERVER = "receivables.core.mail.NoServerBackend"
SERVER = "receivables.core.mail.ServerBackend"
SCHEMES = "smtp, smtp+tls, smtp+ssl, filemail or consolemail"


def configure(env: Any, data_folder: Path, local: bool) -> dict[str, Any]:
    """Django's settings of mail.

    EMAIL_URL: smtp+tls://user:password@host:587 and the like. Without it mails are written to files in the data folder
    on one's own machine, and refused everywhere else. EMAIL_TIMEOUT in seconds. Raises `ImproperlyConfigured`.
    """
    found = _server(env, data_folder, local)
    return {**found, "EMAIL_TIMEOUT": _timeout(env), "DEFAULT_FROM_EMAIL": _sender(env)}


def _server(env: Any, data_folder: Path, local: bool) -> dict[str, Any]:
    given = env.str("EMAIL_URL", "").strip()
    if not given and local:
        return {
            "EMAIL_BACKEND": "django.core.mail.backends.filebased.EmailBackend",
            "EMAIL_FILE_PATH": str(data_folder / "mail"),
        }
    if not given:
        return {"EMAIL_BACKEND": NO_SERVER}
    try:
        found: dict[str, Any] = env.email_url("EMAIL_URL")
        int(found.get("EMAIL_PORT") or 25)
    except (ImproperlyConfigured, ValueError, KeyError):
        raise ImproperlyConfigured(
            f"EMAIL_URL must begin with {SCHEMES}, as in smtp+tls://user:password@host:587."
        ) from None
    if given.startswith("smtp") and not found.get("EMAIL_HOST"):
        raise ImproperlyConfigured(
            "EMAIL_URL must name the host of the mail server, as in smtp+tls://user:password@host:587."
        )
    if given.startswith("smtp"):
        found["EMAIL_BACKEND"] = SERVER
    if given.startswith("filemail"):
        found["EMAIL_FILE_PATH"] = found.get("EMAIL_FILE_PATH") or str(data_folder / "mail")
    return found


def _timeout(env: Any) -> int:
    text = env.str("EMAIL_TIMEOUT", "20").strip()
    if not (text.isascii() and text.isdigit() and 1 <= int(text) <= 600):
        raise ImproperlyConfigured(f"EMAIL_TIMEOUT is {text!r}; write seconds from 1 to 600.")
    return int(text)


def _sender(env: Any) -> str:
    text = str(env.str("DEFAULT_FROM_EMAIL", "receivables@localhost"))
    try:
        if not text.isprintable():
            raise ValidationError("")
        EmailValidator(allowlist=["localhost"])(parseaddr(text)[1])
    except ValidationError:
        raise ImproperlyConfigured(f"DEFAULT_FROM_EMAIL is {text!r}; write an e-mail address.") from None
    return text
