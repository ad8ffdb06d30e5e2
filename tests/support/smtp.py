"""A mail server on this machine that takes mails and, where a test wants it, refuses somebody or never says so."""

import contextlib
import socketserver
import threading
from collections.abc import Iterator, Sequence
from typing import Any


class _Talk(socketserver.StreamRequestHandler):
    def say(self, line: str) -> None:
        self.wfile.write(f"{line}\r\n".encode())

    def handle(self) -> None:
        server: Any = self.server
        self.say("220 here")
        for line in self.rfile:
            word = line[:4].upper().strip()
            if word == b"DATA":
                self.say("354 go on")
                server.mails.append(b"".join(iter(self.rfile.readline, b".\r\n")))
                server.taken.set()
                if server.silent:
                    server.over.wait(60)
                    return
            refused = word == b"RCPT" and any(f"<{each}>".encode() in line for each in server.refusing)
            self.say("221 bye" if word == b"QUIT" else "550 no such user" if refused else "250 fine")
            if word == b"QUIT":
                return


class MailServer(socketserver.ThreadingTCPServer):
    """`mails` are those that were taken; `taken` is set with the first. `silent`: no answer after that. `refusing`:
    recipients that are unknown here."""

    daemon_threads = True
    block_on_close = False

    def __init__(self, *, silent: bool, refusing: Sequence[str]) -> None:
        self.refusing = refusing
        self.mails: list[bytes] = []
        self.taken, self.over, self.silent = threading.Event(), threading.Event(), silent
        super().__init__(("127.0.0.1", 0), _Talk)

    @property
    def url(self) -> str:
        return f"smtp://127.0.0.1:{self.server_address[1]}"


@contextlib.contextmanager
def mail_server(*, silent: bool = False, refusing: Sequence[str] = ()) -> Iterator[MailServer]:
    with MailServer(silent=silent, refusing=refusing) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield server
        finally:
            server.over.set()
            server.shutdown()
