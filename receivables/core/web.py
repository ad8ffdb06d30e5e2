"""The web server, as `manage.py serve` starts it: granian on a listening socket that its parent holds.

Told to end, it leaves the socket to whoever serves next, answers what it has accepted, and closes only then. Granian by
itself closes every connection on which no byte has arrived yet, and a request that is on its way is lost with it. Each
connection carries one request, so that none lies idle when the end comes.
"""

import contextlib
import gc
import multiprocessing
import os
import signal
import socket
import sys
import threading
import time
from functools import partial
from importlib import import_module
from typing import Any

import psutil
from django.http import HttpRequest
from django.urls import resolve
from granian.constants import HTTPModes, Interfaces
from granian.http import HTTP1Settings
from granian.log import LogLevels
from granian.net import SocketHolder
from granian.server.mp import MPServer

THREADS = 8
READ_SECONDS = 5  # from the connection to the end of the headers
READY_SECONDS = 20
ANSWER_SECONDS = 60  # longer than any request may take
GARBAGE = (20_000, 20, 50)  # new objects before a search among them, and such searches before a larger one
LEAVE, LEFT = signal.SIGUSR1, signal.SIGUSR2  # to the process that answers, and back


class Server(MPServer):
    """The parent of the one process that answers. SIGTERM and SIGINT have it leave first."""

    def __init__(self, listener: socket.socket) -> None:
        super().__init__(
            "receivables.wsgi:application",
            interface=Interfaces.WSGI,
            http=HTTPModes.http1,
            http1_settings=HTTP1Settings(keep_alive=False, header_read_timeout=READ_SECONDS * 1000),
            blocking_threads=THREADS,
            websockets=False,
            log_level=LogLevels.error,
        )
        self.listener = listener

    def _init_shared_socket(self) -> None:
        facts: list[Any] = [self.listener.fileno(), False]
        if sys.platform == "linux":  # where granian listens once more when the worker is there
            facts.append(self.backlog)
        holder: Any = SocketHolder(*facts)
        self._shd, self._sso = holder, self.listener

    def signal_handler_interrupt(self, *_: Any) -> None:
        for worker in self.wrks:
            with contextlib.suppress(ProcessLookupError):
                os.kill(worker._id(), LEAVE)
        if not self.wrks:
            self.stop()

    def stop(self, *_: Any) -> None:
        """End the process that answers, which has nothing left to answer."""
        super().signal_handler_interrupt()


def load(listener: socket.socket, ready: int) -> Any:
    """The application, in the process that answers; `ready` is written to when it and its database are."""
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, signal.SIG_DFL)  # not what was inherited; granian takes both when this has returned
    leaving = Leaving(listener, os.getppid())
    signal.signal(LEAVE, leaving.begin)
    threading.Thread(target=leaving.when_orphaned, daemon=True).start()
    application = import_module("receivables.wsgi").application  # not sooner: nothing of it is there to be forked
    deadline = time.monotonic() + READY_SECONDS
    while time.monotonic() < deadline:
        if works():
            keep_what_is_loaded()
            os.write(ready, b"1")
            break
        time.sleep(0.2)
    os.close(ready)
    return application


def works() -> bool:
    """Whether every page can be imported and the database answers."""
    return bool(resolve("/readyz").func(HttpRequest()).status_code == 200)


def keep_what_is_loaded() -> None:
    """No search for garbage looks through the program itself any more: that took a fifth of a second, every now and
    then, of the request that was being answered. Templates and addresses come later, with the first pages, so that a
    search through all is made rarely; what a request leaves behind is found by the small ones."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(*GARBAGE)


class Leaving:
    """How the process that answers ends: it accepts nothing more, answers what it has accepted, and tells its parent.

    The listening socket is shared with the next server, so it can neither be closed nor shut down for this one alone.
    Under its number another is put that nobody knows of: what waits in the queue of the first is the next one's.
    """

    def __init__(self, listener: socket.socket, parent: int) -> None:
        self.listener, self.parent = listener, parent
        self.port = listener.getsockname()[1]

    def begin(self, *_: Any) -> None:
        unknown = socket.create_server(("127.0.0.1", 0))
        unknown.setblocking(False)
        os.dup2(unknown.fileno(), self.listener.fileno())
        threading.Thread(target=self.end_when_answered, daemon=True).start()

    def end_when_answered(self) -> None:
        """End when no connection to the port is left, or after `ANSWER_SECONDS`."""
        deadline = time.monotonic() + ANSWER_SECONDS
        while time.monotonic() < deadline and connections(self.port):
            time.sleep(0.05)
        if os.getppid() == self.parent:
            os.kill(self.parent, LEFT)
        else:
            os._exit(1)

    def when_orphaned(self) -> None:
        """Leave when the parent was killed: nobody else would ever end this process."""
        while os.getppid() == self.parent:
            time.sleep(1)
        self.begin()


def connections(port: int) -> int:
    """How many connections to a port this process has."""
    known = psutil.Process().net_connections("tcp")
    return sum(1 for each in known if each.laddr and each.laddr.port == port and each.raddr)


def main(listener: int, ready: int) -> None:
    """Serve on a listening socket that was inherited, until told to end."""
    multiprocessing.set_start_method("fork")  # the socket and the pipe keep their numbers
    held = socket.socket(fileno=listener)
    server = Server(held)
    signal.signal(LEFT, server.stop)
    server.serve(target_loader=partial(load, held, ready), wrap_loader=False)


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
