"""What `manage.py serve` keeps running: a web server on a listening socket that is held here, and workers."""

import os
import select
import socket
import subprocess
import sys
import time
from typing import IO

from receivables.core.processes import Processes

READY_SECONDS = 60
STARTS_A_MINUTE = 4
HANDED_DOWN = 3  # the number of the first file that systemd hands down (sd_listen_fds(3))


class Child:
    """A process that is started again when it ends by itself, as the worker does when the database goes away.

    Its new start also starts an embedded database that was killed.
    """

    def __init__(self, processes: Processes, command: list[str]) -> None:
        self.processes, self.command = processes, command
        self.starts: list[float] = []
        self.process = self.begin()

    def begin(self) -> subprocess.Popen[bytes]:
        self.starts.append(time.monotonic())
        return self.processes.start(self.command, {})

    def alive(self) -> bool:
        return self.process.poll() is None

    def hopeless(self) -> bool:
        """Whether it has ended too often of late to hope for better."""
        return len(self._recent()) >= STARTS_A_MINUTE

    def start_again(self) -> None:
        time.sleep(len(self._recent()))
        self.process = self.begin()

    def _recent(self) -> list[float]:
        return [begun for begun in self.starts if begun > time.monotonic() - 60]

    def renew(self) -> subprocess.Popen[bytes] | None:
        """Put a new process in the place of this one, which finishes what it is at and ends.

        Returns the former one; None if the new one did not become ready and the former one stays.
        """
        self.starts.clear()  # a wanted start says nothing about failing
        former, self.process = self.process, self.begin()
        if self.ready():
            former.terminate()
            return former
        self.process.terminate()
        self.process = former
        return None

    def ready(self) -> bool:
        """Whether it can take over. A worker can at once: the jobs wait."""
        return True


class Web(Child):
    """The web server. What is asked for while there is none waits in the queue of the socket."""

    def __init__(self, processes: Processes, listener: socket.socket) -> None:
        self.listener = listener
        self.news: IO[bytes] | None = None  # where it says that it is ready
        super().__init__(processes, [sys.executable, "-m", "receivables.core.web"])

    def begin(self) -> subprocess.Popen[bytes]:
        self.starts.append(time.monotonic())
        if self.news:
            self.news.close()
        news, told = os.pipe()
        self.news = os.fdopen(news, "rb")
        inherits = (self.listener.fileno(), told)
        process = self.processes.start([*self.command, *map(str, inherits)], {"DATABASE_POOL": "true"}, inherits)
        os.close(told)
        return process

    def ready(self) -> bool:
        """Wait until it says that it and its database answer; False after `READY_SECONDS`, or when it ended."""
        if self.news is None:
            return False
        heard, _, _ = select.select([self.news], [], [], READY_SECONDS)
        return bool(heard) and self.news.read(1) != b""


def worker_commands() -> list[list[str]]:
    """One worker for everything, and one that is left to mail and to the watch over dead workers: neither waits behind
    an import of half an hour. Processes, not threads: reading a large file would starve its neighbours."""
    worker = [sys.executable, "manage.py", "procrastinate", "worker"]
    return [worker, [*worker, "--queues", "mail,watch"]]


def listen(host: str, port: int) -> socket.socket:
    """A listening socket: the one that systemd holds and hands down (it stays open while we are restarted), else a new
    one of this address. Raises OSError if the address is taken."""
    if os.environ.get("LISTEN_PID") == str(os.getpid()) and os.environ.get("LISTEN_FDS") == "1":
        return socket.socket(fileno=HANDED_DOWN)
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    return socket.create_server((host, port), family=family, backlog=1024)


def still_finishing(former: list[subprocess.Popen[bytes]]) -> list[subprocess.Popen[bytes]]:
    """Those of the former processes that still run. Asking takes the others off the system's list."""
    return [process for process in former if process.poll() is None]
