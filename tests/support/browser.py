"""A real browser on the real application: finds Chromium, starts it quietly, remembers what it complains about."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest
from django.conf import settings
from django.contrib.staticfiles.handlers import StaticFilesHandler
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.test import Client
from django.test.testcases import LiveServerThread
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

PROGRAMS = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
# Chromium otherwise looks for its makers' hosts at every start, which a closed network answers slowly.
ARGUMENTS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
MISSING = "No Chromium found. Install it (Debian, Ubuntu: apt-get install chromium) or set CHROMIUM to its path."


@dataclass
class Visitor:
    """Browser windows of one test. Whatever their consoles complain about fails the test at its end."""

    browser: Browser
    address: str
    complaints: list[str] = field(default_factory=list)
    contexts: list[BrowserContext] = field(default_factory=list)

    def open(self, user: Any = None, **options: Any) -> Page:
        """A page in a window of its own, signed in as `user` if one is given; `options` as for a browser context."""
        context = self.browser.new_context(base_url=self.address, **options)
        context.set_default_timeout(10_000)
        self.contexts.append(context)
        if user is not None:
            context.add_cookies([self._session_of(user)])
        page = context.new_page()
        page.on("console", lambda line: self._note(line.text) if line.type == "error" else None)
        page.on("pageerror", lambda error: self._note(str(error)))
        return page

    def _note(self, complaint: str) -> None:
        self.complaints.append(complaint)

    def _session_of(self, user: Any) -> Any:
        client = Client()
        client.force_login(user, backend="accounts.backends.MembershipBackend")
        name = settings.SESSION_COOKIE_NAME
        return {"name": name, "value": client.cookies[name].value, "url": self.address}

    def close(self) -> None:
        for context in self.contexts:
            context.close()


def chromium() -> str:
    """The path of a Chromium. Without one the test is skipped, and fails where CI is set."""
    path = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, PROGRAMS)), None)
    if path:
        return path
    if os.environ.get("CI"):
        pytest.fail(MISSING)
    pytest.skip(MISSING)


@contextmanager
def launched() -> Iterator[Browser]:
    path = chromium()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        try:
            yield browser
        finally:
            browser.close()


class KeptFiles(StaticFilesHandler):
    """Static files that the browser keeps, as it keeps those with a hash in their name: they stay while a test runs."""

    def serve(self, request: HttpRequest) -> HttpResponseBase:
        answer = super().serve(request)
        answer["Cache-Control"] = "max-age=3600"
        return answer


@contextmanager
def serving() -> Iterator[str]:
    """The application and its static files on a free port, a thread for each request. Yields its address."""
    server = LiveServerThread("127.0.0.1", KeptFiles)
    server.daemon = True
    server.start()
    server.is_ready.wait()
    if server.error:
        raise server.error
    try:
        yield f"http://127.0.0.1:{server.port}"
    finally:
        server.terminate()
        server.join()
