"""Members at their browsers: they open a page, fill in its form and send it, with session, token and hidden key."""

import ssl
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

import httpx

from tests.machine.reading import Shown
from tests.storm.pages import Form, Page

ACCEPTED, REFUSALS = {302}, {409, 422}
NO_FILE = ("", b"", "application/octet-stream")
TRUSTED = ssl.create_default_context()  # read once: each client would take longer over it than over a page


@dataclass
class Tally:
    """What all examples of a run came to."""

    counts: Counter[str] = field(default_factory=Counter)
    verbs: Counter[str] = field(default_factory=Counter)
    found: int = 0  # the first example that came out otherwise than the model says


@dataclass
class Sent:
    """A form as it was sent, and what came of it."""

    path: str
    body: dict[str, str]
    answer: httpx.Response
    files: dict[str, Any] = field(default_factory=dict)

    @property
    def accepted(self) -> bool:
        return self.answer.status_code in ACCEPTED

    @property
    def page(self) -> Shown:
        return Shown(self.answer.text)


class Visitor:
    """One member, who signs in once; a copy of the site knows the session as well."""

    def __init__(self, address: str, tally: Tally, cookies: Any = None, token: str = "") -> None:
        self.tally, self.token = tally, token
        self.http = httpx.Client(base_url=address, timeout=60, cookies=cookies, verify=TRUSTED)

    def sign_in(self, email: str, password: str) -> None:
        page = Page("/sign-in/", self.ask("GET", "/sign-in/").text)
        form = next(form for form in page.forms if any(each.name == "password" for each in form.fields))
        answer = self.ask("POST", "/sign-in/", {**filled(form), "email": email, "password": password})
        assert answer.status_code == 302, f"{email} can't sign in"
        self.token = filled(self.open("/invoices/")[1])["csrfmiddlewaretoken"]

    def ask(
        self, method: str, path: str, body: dict[str, str] | None = None, files: dict[str, Any] | None = None
    ) -> httpx.Response:
        answer = self.http.request(method, path, data=body, files=files or None)
        self.tally.counts["requests"] += 1
        assert answer.status_code < 500, f"{method} {path} answered {answer.status_code}"
        return answer

    def see(self, path: str) -> Shown:
        answer = self.ask("GET", path)
        assert answer.status_code == 200, f"{path} answered {answer.status_code}"
        return Shown(answer.text)

    def open(self, path: str) -> tuple[str, Form]:
        """The form of a dialog, and where it is sent."""
        answer = self.ask("GET", path)
        assert answer.status_code == 200, f"{path} answered {answer.status_code}"
        return own_form(path, answer.text)

    def send(self, address: str, form: Form, typed: dict[str, str]) -> Sent:
        files = {each.name: NO_FILE for each in form.fields if each.kind == "file"}
        body = {**filled(form), **typed}
        return Sent(address, body, self.ask("POST", address, body, files), files)

    def again(self, sent: Sent, **changed: str) -> httpx.Response:
        return self.ask("POST", sent.path, {**sent.body, **changed}, sent.files)

    def forge(self, sent: Sent) -> httpx.Response:
        """Somebody else's form, sent with the token of one's own session."""
        return self.ask("POST", sent.path, {**sent.body, "csrfmiddlewaretoken": self.token}, sent.files)

    def close(self) -> None:
        self.http.close()


def own_form(path: str, html: str) -> tuple[str, Form]:
    """The form that a page is there for: the one with a key of its own, or with the most to fill in; not the menu of
    languages, which every page has."""
    forms = [form for form in Page(path, html).forms if form.actions[0] != "/i18n/setlang/"]
    keyed = [form for form in forms if any(each.name == "_key" for each in form.fields)]
    form = max(keyed or forms, key=lambda form: len(form.fields))
    return form.actions[0], form


def filled(form: Form) -> dict[str, str]:
    """What a browser sends of a form in which nothing was touched."""
    body = {}
    for each in form.fields:
        if each.kind in ("button", "submit", "file") or (each.kind in ("radio", "checkbox") and not each.value):
            continue
        first = each.options[0] if each.kind == "select" and each.options else ""
        body[each.name] = each.value.removeprefix("\n") or first
    return body
