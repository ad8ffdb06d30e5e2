"""A site of its own: PostgreSQL, web server and workers as `make demo` starts them, to be killed at will."""

import contextlib
import os
import random
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import psycopg

from receivables.core import embedded
from receivables.core.processes import Processes

ROOT = Path(__file__).parents[2]
PATIENCE = 120
PASSWORD = "demo demo demo demo"
KILLED = ("web worker", "worker", "postgres", "web server", "worker")


def copy(folder: Path, into: Path) -> None:
    """All of a folder with its owners, as PostgreSQL wants it."""
    subprocess.run(["cp", "-a", f"{folder}/.", str(into)], check=True)


class Site:
    """Prepared with demo data, served on a port, watched; `calm` while nothing was killed and all answers."""

    def __init__(self, scale: float, model: Path | None = None) -> None:
        """`model` is a folder to keep the prepared data in: what is there is copied, not prepared again."""
        self.folder = Path(tempfile.mkdtemp(prefix="rv-storm-"))
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.address = f"http://127.0.0.1:{self.port}"
        self.kills: Counter[str] = Counter()
        self._restless = threading.Event()
        if model is None or not model.exists():
            self._prepare(scale, model)
        else:
            copy(model, self.folder)
        self.server = self._serve()

    def _prepare(self, scale: float, model: Path | None) -> None:
        self._manage("prepare_database", "--verbosity", "0")
        self._manage("load_demo", "--scale", str(scale))
        if model is not None:
            embedded.stop(self.folder / "postgres")
            half = model.with_name(f"{model.name}.half")
            shutil.rmtree(half, ignore_errors=True)
            half.mkdir(parents=True)
            copy(self.folder, half)
            half.rename(model)

    def _environment(self) -> dict[str, str]:
        kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
        return {**kept, "RECEIVABLES_DATA": str(self.folder), "PYTHONUNBUFFERED": "1"}

    def _manage(self, *arguments: str) -> None:
        command = [sys.executable, "manage.py", *arguments]
        subprocess.run(command, cwd=ROOT, env=self._environment(), check=True, stdout=subprocess.DEVNULL)

    def audited(self) -> list[str]:
        """What `audit_ledger` finds, as it says it."""
        command = [sys.executable, "manage.py", "audit_ledger"]
        done = subprocess.run(command, cwd=ROOT, env=self._environment(), capture_output=True, text=True, check=False)
        return [] if done.returncode == 0 else [done.stdout[-3000:] + done.stderr[-1000:]]

    def _serve(self) -> subprocess.Popen[bytes]:
        command = [sys.executable, "manage.py", "serve", "--port", str(self.port)]
        with (self.folder / "serve.log").open("ab") as log:
            server = subprocess.Popen(command, cwd=ROOT, env=self._environment(), stdout=log, stderr=log)
        self._wait()
        return server

    def _wait(self) -> None:
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            with contextlib.suppress(OSError, urllib.error.URLError):
                urllib.request.urlopen(f"{self.address}/readyz", timeout=5).close()
                return
            time.sleep(0.1)
        raise AssertionError(f"the site does not answer:\n{(self.folder / 'serve.log').read_text()[-2000:]}")

    def calm(self) -> bool:
        return not self._restless.is_set()

    def faults(self) -> str:
        """What the site logged of the errors that it answered with 500."""
        lines = (self.folder / "serve.log").read_text(errors="replace").splitlines()
        return "\n".join(line[-4000:] for line in lines if '"traceback"' in line)[-20_000:]

    def members(self) -> list[str]:
        """The e-mail addresses of the demo's people, of both organizations."""
        return sorted(set(re.findall(r"\S+@\S+\.example", (self.folder / "sign-ins.txt").read_text())))

    def kill_next(self, pick: random.Random) -> None:
        """SIGKILL to one of ours, each kind in turn, and wait until the site answers again."""
        what = KILLED[self.kills.total() % len(KILLED)]
        deadline = time.monotonic() + PATIENCE
        victim = self._victim(what, pick)
        while victim is None and time.monotonic() < deadline:  # the one of the last round is not back yet
            time.sleep(0.2)
            victim = self._victim(what, pick)
        assert victim is not None, f"there is no {what} to kill"
        self._restless.set()
        with contextlib.suppress(psutil.Error):
            victim.kill()
            self.kills[what] += 1
        time.sleep(0.5)
        if self.server.poll() is not None:  # it gives up where its children die too often
            self.server = self._serve()
        self._wait()
        self._wait()  # by the next process of the web server as well
        self._restless.clear()

    def _victim(self, what: str, pick: random.Random) -> psutil.Process | None:
        if what == "postgres":
            running = embedded.running(self.folder / "postgres")
            return psutil.Process(running.pid) if running else None
        found = []
        for process in Processes(self.folder).alive():
            with contextlib.suppress(psutil.Error):
                command = process.cmdline()
                if what == "worker" and "worker" in command:
                    found.append(process)
                if what.startswith("web") and "receivables.core.web" in command:
                    found += [process] if what == "web server" else process.children(recursive=True)
        return pick.choice(found) if found else None

    @contextlib.contextmanager
    def database(self) -> Iterator[psycopg.Connection[Any]]:
        """A connection as the superuser of the site's own cluster."""
        running = embedded.running(self.folder / "postgres")
        assert running is not None
        with psycopg.connect(**running.conninfo("receivables"), autocommit=True) as connection:
            yield connection

    def close(self) -> None:
        with contextlib.suppress(ProcessLookupError):
            self.server.send_signal(signal.SIGTERM)
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.server.wait(PATIENCE)
        Processes(self.folder).stop()
        embedded.stop(self.folder / "postgres")
        shutil.rmtree(self.folder, ignore_errors=True)
