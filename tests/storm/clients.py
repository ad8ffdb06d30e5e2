"""People without any courtesy: they open whatever they are shown, send whatever they may type, twice, late, or wrong.

A client keeps its own log of what was acknowledged: what the site answered with "done" must be found in it afterwards,
whatever was killed meanwhile.
"""

import json
import random
import re
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import IO, Any

import httpx

from tests.storm.pages import Field, Form, Page

HOSTILE = [
    "NaN", "1e2", "1_000", "１２", "-0", "-1", "9" * 30, "1.23456", "0.001", "Infinity", "0x10", "\x00", "a\x00b", "",
    " ", "<script>alert(1)</script>", "' OR 1=1 --", "{{7*7}}", "../../etc/passwd", "=1+1", "\u202e", "x" * 10_000,
    "9999-12-31", "0001-01-01", "2026-02-30", "-1,5", "1.000,50", "2147483648", "9223372036854775808", "[]", "null",
]  # fmt: skip
AMOUNTS = ["0.01", "1.00", "5", "10.00", "49.99", "50.00", "50.01", "100", "950.00", "1000.00", "0", "25"]
# Ending one's own session, locking oneself out, or leaving for another language proves nothing about money.
LEFT_ALONE = re.compile(
    r"^/(sign-out|sign-in|password|sessions|second-factor|i18n|organization|static|media|settings/password|healthz)"
)
REMEMBERED = 60  # instances kept of each kind of page
FINE = {200, 201, 204, 301, 302, 303, 304, 400, 403, 404, 405, 409, 413, 415, 422, 429}


@dataclass
class Log:
    """What all clients did, one JSON line a step, and what was acknowledged to them."""

    file: IO[str]
    counts: Counter[str] = field(default_factory=Counter)
    verbs: Counter[str] = field(default_factory=Counter)
    acknowledged: set[str] = field(default_factory=set)
    wrong: list[str] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def step(self, **said: Any) -> None:
        with self._lock:
            self.file.write(json.dumps(said, default=str) + "\n")

    def count(self, outcome: str, *, path: str = "", key: str = "") -> None:
        with self._lock:
            self.counts[outcome] += 1
            if outcome == "done":
                self.verbs[kind_of(path)] += 1
                self.acknowledged.add(key) if key else None

    def violation(self, what: str) -> None:
        with self._lock:
            self.wrong.append(what)


def kind_of(path: str) -> str:
    """A path without what tells its instances apart."""
    return re.sub(r"\d+", "#", path.partition("?")[0])


class Client:
    """One member at one browser. `calm()` says whether nothing is being killed just now."""

    def __init__(self, address: str, log: Log, seed: int, calm: Callable[[], bool], foreign: list[int]) -> None:
        self.http = httpx.Client(base_url=address, timeout=60, follow_redirects=False)
        self.log, self.random, self.calm, self.foreign = log, random.Random(seed), calm, foreign
        self.known: dict[str, list[str]] = defaultdict(list)
        self.visits: Counter[str] = Counter()
        self.sent: list[tuple[str, dict[str, Any]]] = []
        self.name = ""

    def sign_in(self, email: str, password: str) -> None:
        self.name = email
        page = Page("/sign-in/", self.http.get("/sign-in/").text)
        form = next(form for form in page.forms if any(each.name == "password" for each in form.fields))
        body = {each.name: each.value for each in form.fields} | {"email": email, "password": password}
        answer = self.http.post("/sign-in/", data=body, headers={"Referer": str(self.http.base_url)})
        assert answer.status_code == 302, f"{email} cannot sign in: {answer.status_code}"
        self.learn(["/"])

    def learn(self, links: list[str]) -> None:
        for link in links:
            path = link.partition("#")[0]
            if path and not LEFT_ALONE.match(path) and "export=" not in path:
                found = self.known[kind_of(path)]
                if path not in found:
                    found.append(path)
                    del found[:-REMEMBERED]

    def choose(self) -> str:
        """A page, each kind about as often as the others."""
        kinds = list(self.known)
        weights = [1 / (1 + self.visits[kind]) ** 1.5 for kind in kinds]
        kind = self.random.choices(kinds, weights)[0]
        self.visits[kind] += 1
        return self.random.choice(self.known[kind])

    def step(self) -> None:
        """Open a page, and send one of its forms if it has any; sometimes an old one once more."""
        if self.sent and self.random.random() < 0.05:
            self.send(*self.random.choice(self.sent[-20:]), how="late")
            return
        path = self.choose()
        if self.foreign and self.random.random() < 0.03:
            path = re.sub(r"\d+", lambda _found: str(self.random.choice(self.foreign)), path)
        answer = self.ask("GET", path)
        if answer is None or "html" not in answer.headers.get("content-type", ""):
            return
        page = Page(path, answer.text)
        if answer.status_code == 200:
            self.learn(page.links)
        forms = [(action, form) for form in page.forms for action in form.actions if not LEFT_ALONE.match(action)]
        if not forms:
            return
        action, form = self.random.choice(forms)
        body = self.fill(form)
        if self.random.random() < 0.1:
            self.twice(action, body)
        else:
            self.send(action, body)

    def fill(self, form: Form) -> dict[str, Any]:
        body: dict[str, Any] = {}
        for each in form.fields:
            value = self.typed(each)
            if value is not None:
                body[each.name] = value
        if self.random.random() < 0.15 and (names := [name for name in body if name not in ("csrfmiddlewaretoken",)]):
            name = self.random.choice(names)
            choice = self.random.random()
            if choice < 0.15:
                del body[name]
            elif choice < 0.3 and self.foreign:
                body[name] = str(self.random.choice(self.foreign))
            else:
                body[name] = self.random.choice(HOSTILE)
        return body

    def typed(self, each: Field) -> Any:
        """What somebody enters here; None for what is left out."""
        pick = self.random
        if each.kind in ("hidden", "button", "submit"):
            return each.value if each.kind == "hidden" else None
        if each.kind == "checkbox":
            chosen = [option for option in each.options if pick.random() < 0.4]
            return chosen or None
        if each.kind in ("select", "radio"):
            filled = [option for option in each.options if option] or each.options
            return pick.choice(filled) if filled and pick.random() < 0.9 else each.value
        if each.kind == "date":
            day = date.today() - timedelta(days=pick.randrange(-3, 60))
            return each.value if each.value and pick.random() < 0.5 else day.isoformat()
        if each.kind == "file":
            return None
        if each.decimal or each.kind == "number":
            return each.value if each.value and pick.random() < 0.6 else pick.choice(AMOUNTS)
        return each.value if each.value and pick.random() < 0.7 else f"Storm {pick.randrange(1000)}"

    def twice(self, path: str, body: dict[str, Any]) -> None:
        """The same form from two tabs at the same instant: one effect, and the same answer."""
        with ThreadPoolExecutor(2) as tabs:
            answers = list(tabs.map(lambda _tab: self.send(path, body, how="twice"), range(2)))
        places = {answer.headers.get("location") for answer in answers if answer is not None and moved(answer)}
        if body.get("_key") and len(places) > 1:
            self.log.violation(f"{path}: two answers to one form: {places}")

    def send(self, path: str, body: dict[str, Any], how: str = "once") -> httpx.Response | None:
        answer = self.ask("POST", path, body, how)
        if answer is not None and moved(answer):
            self.sent.append((path, body))
            self.log.count("done", path=path, key=str(body.get("_key", "")))
            self.learn([answer.headers.get("location", "")])
        elif answer is not None:
            self.log.count("refused" if answer.status_code >= 400 else "shown again", path=path)
        return answer

    def ask(self, method: str, path: str, body: dict[str, Any] | None = None, how: str = "") -> httpx.Response | None:
        """One request; None where something that was killed did not answer."""
        started, quiet = time.monotonic(), self.calm()
        try:
            headers = {"Referer": str(self.http.base_url)} if body is not None else {}
            answer = self.http.request(method, path, data=body, headers=headers)
        except httpx.HTTPError as error:
            self.log.count("no answer")
            self.log.step(who=self.name, method=method, path=path, how=how, error=type(error).__name__)
            if quiet and self.calm():
                self.log.violation(f"{method} {path}: {type(error).__name__} though nothing was killed")
            threading.Event().wait(self.random.uniform(0.2, 1))  # as somebody does who sees an error
            return None
        seconds = round(time.monotonic() - started, 3)
        self.log.count(method)
        self.log.step(
            who=self.name, method=method, path=path, how=how, status=answer.status_code, seconds=seconds,
            key=(body or {}).get("_key", ""),
        )  # fmt: skip
        self.judge(method, path, body, answer, quiet=quiet and self.calm())
        return answer

    def judge(self, method: str, path: str, body: Any, answer: httpx.Response, *, quiet: bool) -> None:
        if answer.status_code >= 500:
            self.log.count("5xx by a kill" if not quiet else "5xx")
            if quiet:
                self.log.violation(f"{method} {path} {json.dumps(body, default=str)[:600]}: {answer.status_code}")
        elif answer.status_code not in FINE:
            self.log.violation(f"{method} {path}: {answer.status_code}")
        elif (
            method == "POST"
            and answer.status_code in (400, 409, 422)
            and len(re.sub(r"<[^>]*>|\s+", " ", answer.text)) < 20
        ):
            self.log.violation(f"{method} {path}: refused with {answer.status_code} and no sentence")


def moved(answer: httpx.Response) -> bool:
    """Whether a form was taken: it leads on, and not to the door."""
    return answer.status_code in (302, 303) and not answer.headers.get("location", "").startswith("/sign-in/")
