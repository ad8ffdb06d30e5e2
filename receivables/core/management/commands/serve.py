import contextlib
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from typing import Any

import psycopg
from django.conf import settings
from django.core.management import BaseCommand, CommandError, CommandParser

from receivables.core import provision
from receivables.core.children import Child, Web, listen, still_finishing, worker_commands
from receivables.core.processes import Processes


class Command(BaseCommand):
    """Web server and background workers as children of this process; all end with it.

    SIGUSR1 renews them without losing a request: the new web server is ready before the former one is told to finish.
    """

    help = "Serve the site and work off background jobs until Ctrl-C; SIGUSR1 takes up new code."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--host", default="127.0.0.1")
        parser.add_argument("--port", type=int, default=8000)
        parser.add_argument("--no-workers", action="store_true", help="pages alone: nothing that waits is sent")

    def handle(self, *, host: str, port: int, no_workers: bool, **options: Any) -> None:
        processes = Processes(settings.DATA_DIR)
        self.wanted = False
        listener = self.make_room(processes, host, port)
        with ended_by_signals(), contextlib.suppress(KeyboardInterrupt):
            signal.signal(signal.SIGUSR1, self.want)
            try:
                processes.remember_own()
                self.run(processes, listener, [] if no_workers else worker_commands())
            finally:
                self.stdout.write("Stopping …")
                processes.stop()

    def want(self, *_: Any) -> None:
        """Somebody wants new processes; the loop makes them, not the handler of a signal."""
        self.wanted = True

    def make_room(self, processes: Processes, host: str, port: int) -> socket.socket:
        """Refuse to start twice; end what a killed start left behind; refuse a port that is not ours."""
        if processes.owner_alive():
            raise CommandError("The site is being served already; `make stop` stops it.")
        processes.stop()
        try:
            return listen(host, port)
        except OSError as error:
            raise CommandError(
                f"Port {port} of {host} is taken by another program. Stop it or choose another: make demo PORT=8001"
            ) from error

    def run(self, processes: Processes, listener: socket.socket, workers: list[list[str]]) -> None:
        web = Web(processes, listener)
        children = [web, *(Child(processes, command) for command in workers)]
        if not web.ready():
            raise CommandError("The web server did not come up; its last lines above say why.")
        self.greet("http://{}:{}".format(*listener.getsockname()[:2]))
        finishing: list[subprocess.Popen[bytes]] = []
        while True:
            for child in children:
                if not child.alive():
                    self.start_again(child)
            if self.wanted:
                self.wanted = False
                finishing += self.renew(web, children)
            finishing = still_finishing(finishing)
            time.sleep(0.5)

    def start_again(self, child: Child) -> None:
        if child.hopeless() and database_answers():
            raise CommandError("The web server or the worker keeps ending by itself; its lines above say why.")
        child.start_again()

    def renew(self, web: Web, children: list[Child]) -> list[subprocess.Popen[bytes]]:
        """The former processes, which finish what they are at; none if the new web server did not become ready."""
        former = web.renew()
        if former is None:
            self.stderr.write("The new web server did not become ready; its last lines above say why. The old goes on.")
            return []
        self.stdout.write("Renewed.")
        self.stdout.flush()
        workers = [child.renew() for child in children if child is not web]
        return [process for process in (former, *workers) if process is not None]

    def greet(self, address: str) -> None:
        """Where to go and as whom. The demo data leaves its sign-ins in a file; they are nobody's secret."""
        sign_ins = settings.DATA_DIR / "sign-ins.txt"
        if sign_ins.exists():
            self.stdout.write(sign_ins.read_text())
        self.stdout.write(self.style.SUCCESS(f"Ready: {address}   (Ctrl-C stops it)"))
        self.stdout.flush()


def database_answers() -> bool:
    """Where it does not, that is why a worker ends, and it is tried for as long as it takes."""
    with contextlib.suppress(psycopg.Error):
        provision.connect("default", connect_timeout=3).close()
        return True
    return False


@contextlib.contextmanager
def ended_by_signals() -> Iterator[None]:
    """A closed terminal and a polite kill end us like Ctrl-C does."""

    def interrupt(*_: Any) -> None:
        raise KeyboardInterrupt

    for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
        signal.signal(number, interrupt)
    yield
