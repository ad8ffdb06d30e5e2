"""The processes that `manage.py serve` starts: remembered in a file, so that none is ever lost or mistaken.

Run as a program (`make stop`) it ends them and the embedded PostgreSQL, without loading the settings, which would
start it.
"""

import contextlib
import json
import os
import subprocess
from collections.abc import Sequence
from pathlib import Path

import psutil

from receivables.core import embedded

PATIENCE = 10  # seconds between asking a process to end and ending it


class Processes:
    """Processes named in a file by id and start time: an id alone may be another program's by now."""

    def __init__(self, data_folder: Path) -> None:
        self.file = data_folder / "serve.json"

    def remember_own(self) -> None:
        """Be the process that the others belong to."""
        self.file.unlink(missing_ok=True)
        self.remember(os.getpid())

    def owner_alive(self) -> bool:
        """Whether the process that started the others still runs."""
        entries = self._entries()
        return bool(entries) and any(process.pid == entries[0][0] for process in self.alive())

    def start(
        self, command: Sequence[str], environment: dict[str, str], inherits: Sequence[int] = ()
    ) -> subprocess.Popen[bytes]:
        """Start a process and remember it; `inherits` are the open files it gets. A session of its own keeps Ctrl-C
        for whoever started it."""
        given = {**os.environ, **environment}
        child = subprocess.Popen(command, env=given, start_new_session=True, pass_fds=inherits)  # noqa: S603
        self.remember(child.pid)
        return child

    def remember(self, pid: int) -> None:
        self.file.parent.mkdir(parents=True, exist_ok=True)
        entry = [pid, psutil.Process(pid).create_time()]
        self.file.write_text(json.dumps([*self._entries(), entry]))

    def alive(self) -> list[psutil.Process]:
        """Those of the remembered processes that still run, this one excepted."""
        found = []
        for pid, started in self._entries():
            with contextlib.suppress(psutil.Error):
                process = psutil.Process(pid)
                if process.create_time() == started and pid != os.getpid():
                    found.append(process)
        return found

    def stop(self) -> int:
        """End the remembered processes, gently first, with the processes they started. Returns how many there were."""
        processes = self.alive()
        family = [child for process in processes for child in process.children(recursive=True)]
        for process in processes:
            with contextlib.suppress(psutil.Error):
                process.terminate()
        _, stubborn = psutil.wait_procs([*processes, *family], timeout=PATIENCE)
        for process in stubborn:
            with contextlib.suppress(psutil.Error):
                process.kill()
        self.file.unlink(missing_ok=True)
        return len(processes)

    def _entries(self) -> list[tuple[int, float]]:
        try:
            return [(int(pid), float(started)) for pid, started in json.loads(self.file.read_text())]
        except (FileNotFoundError, ValueError):
            return []


def stop_all() -> str:
    """Stop web, worker and embedded servers of this checkout, and say what was stopped."""
    folder = embedded.data_folder()
    stopped = ["web and worker"] if Processes(folder).stop() else []
    for cluster, name in (("postgres", "the embedded PostgreSQL"), ("test/postgres", "the PostgreSQL of the tests")):
        if embedded.stop(folder / cluster):
            stopped.append(name)
    return f"Stopped {', '.join(stopped)}." if stopped else "Nothing was running."


if __name__ == "__main__":
    print(stop_all())
