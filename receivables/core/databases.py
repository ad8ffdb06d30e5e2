"""Which database, as whom: two logins from the first day.

`default` is the application: it reads and writes rows and owns nothing. `owner` serves migrations and nothing else;
a process that only has DATABASE_APP_URL has no `owner` at all.
"""

import hashlib
import hmac
import warnings
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import environ
from django.core.exceptions import ImproperlyConfigured

from receivables.core import embedded

NAME = "receivables"
OWNER = "receivables_owner"
APPLICATION = "receivables_app"

# Nobody waits long behind a lock in a back office, and a forgotten transaction must not hold one for hours. To compile
# a plan takes longer than it saves; servers that can do it do so by a guess of the cost.
SESSION = "-c statement_timeout=15000 -c lock_timeout=5000 -c idle_in_transaction_session_timeout=30000 -c jit=off"


def configure(env: environ.Env, data_folder: Path, secret: str) -> dict[str, dict[str, Any]]:
    """The DATABASES setting for what the environment names; without a name the embedded server is started.

    Raises `ImproperlyConfigured` with a sentence if a URL is unusable or the embedded server cannot run.
    """
    owner_url, app_url = env.str("DATABASE_URL", ""), env.str("DATABASE_APP_URL", "")
    if not owner_url and not app_url:
        server = embedded.ensure_running(data_folder / "postgres")
        place = {"HOST": server.host, "PORT": str(server.port), "NAME": NAME}
        return {
            "default": _alias({**place, "USER": APPLICATION}, SESSION),
            "owner": _alias({**place, "USER": OWNER}),
        }
    if not owner_url:
        return {"default": _alias(_parse(env, "DATABASE_APP_URL"), SESSION)}
    owner = _parse(env, "DATABASE_URL")
    if app_url:
        app = _parse(env, "DATABASE_APP_URL")
    else:
        login = f"{owner['NAME']}_app"
        app = {**owner, "USER": login, "PASSWORD": application_password(secret, login)}
    return {"default": _alias(app, SESSION), "owner": _alias(owner)}


def application_password(secret: str, login: str) -> str:
    """The password of the application login where only DATABASE_URL is given; changes with the secret key."""
    return hmac.new(secret.encode(), f"database login {login}".encode(), hashlib.sha256).hexdigest()


def _parse(env: environ.Env, variable: str) -> dict[str, Any]:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about the same URL that the sentence below is about
            parsed = dict(env.db_url(variable))
    except ValueError:
        parsed = {}
    if parsed.get("ENGINE") != "django.db.backends.postgresql" or not parsed.get("NAME"):
        raise ImproperlyConfigured(
            f"{variable} must name a PostgreSQL database, for example postgres://user:password@localhost/receivables"
        )
    return {**parsed, "HOST": unquote(parsed["HOST"])}  # a socket's folder is written with %2F for its slashes


def _alias(place: dict[str, Any], options: str = "") -> dict[str, Any]:
    database = {
        **place,
        "ENGINE": "django.db.backends.postgresql",
        "CONN_HEALTH_CHECKS": True,
        # Only what core/statements.py runs can be prepared: Django's own statements carry their values in them.
        "OPTIONS": {**place.get("OPTIONS", {}), "application_name": "receivables", "prepare_threshold": 5},
    }
    if options:
        database["OPTIONS"]["options"] = options
    return database


class OwnerMigrates:
    """Tables are made by the owner; everything else goes to the application's own login, Django's default."""

    def allow_migrate(self, db: str, app_label: str, **hints: Any) -> bool:
        return db == "owner"
