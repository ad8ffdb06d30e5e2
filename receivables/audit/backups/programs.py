"""PostgreSQL's own programs, of a version that fits the server."""

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import connections

from receivables.core import embedded
from receivables.core.provision import connect

INSTEAD = (
    "{name} of PostgreSQL {version} or newer was not found. On Debian: apt-get install postgresql-client-{version}; "
    "elsewhere put it on the PATH."
)


def run(name: str, *arguments: str, database: str) -> None:
    """Run `pg_dump` or `pg_restore` as the owner. Raises `ImproperlyConfigured` with what it complained about."""
    parameters = connections["owner"].get_connection_params()
    places = {"PGHOST": "host", "PGPORT": "port", "PGUSER": "user", "PGPASSWORD": "password", "PGSSLMODE": "sslmode"}
    environment = {name: str(parameters[key]) for name, key in places.items() if parameters.get(key)}
    command = [str(find(name, server_major())), *arguments, "--dbname", database]
    done = subprocess.run(  # noqa: S603 - PostgreSQL's own program
        command, env={**os.environ, **environment}, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
        check=False,
    )  # fmt: skip
    if done.returncode != 0:
        raise ImproperlyConfigured(f"{name} failed: {done.stderr.strip()[-2000:]}")


def server_major() -> int:
    """The major version of the owner's server."""
    with connect("owner") as connection:
        return connection.info.server_version // 10_000


def find(name: str, version: int) -> Path:
    """The program of the server's own version, else of the next newer one. Raises `ImproperlyConfigured`."""
    fitting = [(found, path) for path in candidates(name) if (found := major(path)) >= version]
    if not fitting:
        raise ImproperlyConfigured(INSTEAD.format(name=name, version=version))
    return min(fitting)[1]


def candidates(name: str) -> Iterator[Path]:
    """Where such a program may lie: on the PATH, where Debian keeps each version, in the embedded server's package."""
    on_path = shutil.which(name)
    folders = [*Path("/usr/lib/postgresql").glob("*/bin"), *Path("/usr").glob("pgsql-*/bin")]
    if settings.EMBEDDED:
        folders.insert(0, embedded.programs())
    yield from (path for folder in folders if (path := folder / name).exists())
    if on_path:
        yield Path(on_path)


def major(program: Path) -> int:
    """The major version of a program, 0 if it says none."""
    said: Any = subprocess.run([program, "--version"], capture_output=True, text=True, check=False)  # noqa: S603
    found = re.search(r"\(PostgreSQL\) (\d+)", said.stdout)
    return int(found[1]) if found else 0
