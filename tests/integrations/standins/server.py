"""A real HTTP server on this machine that plays an accounting system: it keeps state, and fails when told to."""

import json
import threading
from abc import ABC, abstractmethod
from contextlib import contextmanager
from decimal import Decimal
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, urlsplit


class Cut(Exception):
    """The connection is cut without an answer."""


class Hang(Exception):
    """Nothing is said until the caller hangs up."""


class Reply:
    def __init__(self, status, body, headers=()):
        self.status, self.body, self.headers = status, body, dict(headers)
        self.halved = False


class StandIn(ABC):
    """Answers requests one at a time. `faults` are taken in turn: what each does happens to the next write.

    "cut_before": the connection ends before anything was done; "cut_after": after it was done; "cut_middle": in the
    middle of the answer; "never_answers": it is done and nothing is said; any other is a reply.
    """

    def __init__(self):
        self.lock = threading.Lock()
        self.faults = []
        self.requests = []
        self.address = ""

    @abstractmethod
    def handle(self, method, path, query, headers, body):
        """Do what the system would, and say what it would say."""

    def answer(self, method, target, headers, body):
        parts = urlsplit(target)
        query = dict(parse_qsl(parts.query))
        with self.lock:
            self.requests.append((method, parts.path, query, body))
            fault = self.faults.pop(0) if self.faults and self.is_write(method, parts.path, query, body) else None
            if fault == "cut_before":
                raise Cut
            if isinstance(fault, Reply):
                return fault
            reply = self.handle(method, parts.path, query, headers, body)
            if fault == "cut_after":
                raise Cut
            if fault == "never_answers":
                raise Hang
            reply.halved = fault == "cut_middle"
            return reply

    def is_write(self, method, path, query, body):
        return method != "GET"


def _handler(stand_in):
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _any(self):
            length = int(self.headers.get("Content-Length") or 0)
            body = self.rfile.read(length).decode()
            try:
                reply = stand_in.answer(self.command, self.path, self.headers, body)
            except (Cut, Hang) as ended:
                if isinstance(ended, Hang):
                    self.connection.recv(1)
                self.close_connection = True
                self.connection.close()
                return
            text = reply.body if isinstance(reply.body, str) else json.dumps(reply.body, default=_number)
            data = text.encode("utf-8", "surrogatepass")
            self.send_response(reply.status)
            for name, value in reply.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data[: len(data) // 2] if reply.halved else data)
            if reply.halved:
                self.close_connection = True
                self.connection.close()

        do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = _any

        def log_message(self, *args):
            pass

    return Handler


def _number(value):
    if isinstance(value, Decimal):
        return float(value)
    raise TypeError(type(value))


@contextmanager
def running(stand_in):
    """The stand-in on a port of this machine; `address` says where."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(stand_in))
    server.daemon_threads = True
    stand_in.address = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield stand_in
    finally:
        server.shutdown()
        server.server_close()
