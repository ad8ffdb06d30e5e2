import contextlib
import signal
import socket
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from typing import Any

from django.conf import settings
from django.core.management import BaseCommand, CommandError, CommandParser

from receivables.core.processes import Processes

READY_SECONDS = 60
STARTS_A_MINUTE = 4


class Command(BaseCommand):
    """Web server and background workers as children of this process; all end with it."""

    help = "Serve the site and work off background jobs until Ctrl-C."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--host", default="127.0.0.1")
        parser.add_argument("--port", type=int, default=8000)

    def handle(self, *, host: str, port: int, **options: Any) -> None:
        processes = Processes(settings.DATA_DIR)
        self.make_room(processes, host, port)
        with ended_by_signals(), contextlib.suppress(KeyboardInterrupt):
            try:
                processes.remember_own()
                self.run(processes, host, port)
            finally:
                self.stdout.write("Stopping …")
                processes.stop()

    def make_room(self, processes: Processes, host: str, port: int) -> None:
        """Refuse to start twice; end what a killed start left behind; refuse a port that is not ours."""
        if processes.owner_alive():
            raise CommandError("The site is being served already; `make stop` stops it.")
        processes.stop()
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((host, port))
            except OSError as error:
                raise CommandError(
                    f"Port {port} of {host} is taken by another program. Stop it or choose another: make demo PORT=8001"
                ) from error

    def run(self, processes: Processes, host: str, port: int) -> None:
        children = [Child(processes, web_command(host, port), {"DATABASE_POOL": "true"})]
        children += [Child(processes, command, {}) for command in worker_commands()]
        address = f"http://{host}:{port}"
        wait_until_ready(address, children)
        self.greet(address)
        while True:
            for child in children:
                if not child.alive():
                    child.start_again()
            time.sleep(0.5)

    def greet(self, address: str) -> None:
        """Where to go and as whom. The demo data leaves its sign-ins in a file; they are nobody's secret."""
        sign_ins = settings.DATA_DIR / "sign-ins.txt"
        if sign_ins.exists():
            self.stdout.write(sign_ins.read_text())
        self.stdout.write(self.style.SUCCESS(f"Ready: {address}   (Ctrl-C stops it)"))
        self.stdout.flush()


class Child:
    """A process that is started again when it ends by itself, as the worker does when the database goes away.

    Its new start also starts an embedded database that was killed.
    """

    def __init__(self, processes: Processes, command: list[str], environment: dict[str, str]) -> None:
        self.processes, self.command, self.environment = processes, command, environment
        self.starts: list[float] = []
        self.start()

    def start(self) -> None:
        self.starts.append(time.monotonic())
        self.process = self.processes.start(self.command, self.environment)

    def alive(self) -> bool:
        return self.process.poll() is None

    def start_again(self) -> None:
        """Raises `CommandError` if it has ended too often of late to hope for better."""
        recent = [begun for begun in self.starts if begun > time.monotonic() - 60]
        if len(recent) >= STARTS_A_MINUTE:
            raise CommandError("The web server or the worker keeps ending by itself; its lines above say why.")
        time.sleep(len(recent))
        self.start()


def web_command(host: str, port: int) -> list[str]:
    server = [sys.executable, "-m", "granian", "--interface", "wsgi", "--no-ws", "--log-level", "error"]
    return [*server, "--blocking-threads", "8", "--host", host, "--port", str(port), "receivables.wsgi:application"]


def worker_commands() -> list[list[str]]:
    """One worker for everything, and one that is left to mail and to the watch over dead workers: neither waits behind
    an import of half an hour. Processes, not threads: reading a large file would starve its neighbours."""
    worker = [sys.executable, "manage.py", "procrastinate", "worker"]
    return [worker, [*worker, "--queues", "mail,watch"]]


def wait_until_ready(address: str, children: list[Child]) -> None:
    """Wait until the site answers; a child that ends before that ends the wait."""
    deadline = time.monotonic() + READY_SECONDS
    while time.monotonic() < deadline and all(child.alive() for child in children):
        with contextlib.suppress(urllib.error.URLError, ConnectionError):
            urllib.request.urlopen(f"{address}/readyz", timeout=5).close()  # noqa: S310 - our own address
            return
        time.sleep(0.1)
    raise CommandError("The web server did not come up; its last lines above say why.")


@contextlib.contextmanager
def ended_by_signals() -> Iterator[None]:
    """A closed terminal and a polite kill end us like Ctrl-C does."""

    def interrupt(*_: Any) -> None:
        raise KeyboardInterrupt

    for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
        signal.signal(number, interrupt)
    yield
