"""What `manage.py check --deploy` asks of an installation beside what Django asks."""

from typing import Any

from django.conf import settings
from django.core import checks

OWN_MACHINE = ("", "localhost", "127.0.0.1", "::1")


def check_tls(app_configs: Any, **_: Any) -> list[checks.CheckMessage]:
    """For `check --deploy`: a database on another machine is called over TLS, and by its certificate's name.

    libpq's own default takes an unencrypted connection, and any certificate (ASVS 12.3.1).
    """
    found: list[checks.CheckMessage] = []
    for alias, database in settings.DATABASES.items():
        host, mode = database.get("HOST", ""), database.get("OPTIONS", {}).get("sslmode", "")
        if host not in OWN_MACHINE and not host.startswith("/") and mode != "verify-full":
            found.append(
                checks.Warning(
                    f"The database {alias!r} is on another machine, and its name is not checked.",
                    hint="Write ?sslmode=verify-full&sslrootcert=… in its URL.",
                    id="receivables.W001",
                )
            )
    return found
