"""People without any courtesy: they open whatever they are shown, send whatever they may type, twice, late, or wrong.

A client keeps its own log of what was acknowledged: what the site answered with "done" must be found in it afterwards,
whatever was killed meanwhile. It remembers the forms it was shown and sends them again and again, so that most of its
requests are attacks and not pages; what takes the site long it does less often.
"""

import contextlib
import http.client
import json
import random
import re
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import urlencode, urlsplit

import httpx

from tests.storm.log import Log, kind_of
from tests.storm.pages import Form, Page
from tests.storm.typist import Typist

# Ending one's own session, locking oneself or others out, or leaving for another language proves nothing about money.
LEFT_ALONE = re.compile(
    r"^/(sign-out|sign-in|password|preferences|profile|sessions|second-factor|i18n|organization|static|media|settings/password|healthz"
    r"|settings/accounts/(membership|user))"
)
REMEMBERED = 60  # instances kept of each kind of page
FORMS = 12  # and of each kind of form
LOOKING, AT_FIRST = 0.12, 0.5  # how often somebody opens a page rather than sends a form
ENOUGH = 30  # pages opened, for the first of these to hold
FINE = {200, 201, 204, 301, 302, 303, 304, 400, 403, 404, 405, 409, 413, 415, 422, 429}


class Costs:
    """How often each kind was chosen, and how long it took: what was rare is likely, what is dear is not."""

    def __init__(self, pick: random.Random) -> None:
        self.pick = pick
        self.times: Counter[str] = Counter()
        self.seconds: dict[str, float] = defaultdict(float)

    def choose(self, kinds: Sequence[str]) -> str:
        return self.pick.choices(kinds, [self.weight(kind) for kind in kinds])[0]

    def weight(self, kind: str) -> float:
        times = self.times[kind]
        mean = self.seconds[kind] / times if times else 0
        return float(1 / (1 + times) / (0.05 + mean))

    def add(self, kind: str, seconds: float) -> None:
        self.times[kind] += 1
        self.seconds[kind] += seconds


class Client:
    """One member at one browser. `calm()` says whether nothing is being killed just now."""

    def __init__(self, address: str, log: Log, seed: int, calm: Callable[[], bool], foreign: Sequence[int]) -> None:
        self.http = httpx.Client(base_url=address, timeout=60, follow_redirects=False)
        self.place = urlsplit(address).netloc
        self.log, self.random, self.calm, self.foreign = log, random.Random(seed), calm, foreign
        self.typist = Typist(self.random, foreign)
        self.known: dict[str, list[str]] = defaultdict(list)
        self.forms: dict[str, list[tuple[str, Form]]] = defaultdict(list)
        self.costs = Costs(self.random)
        self.sent: list[tuple[str, dict[str, Any]]] = []
        self.name = self.password = ""
        self.looks = 0

    def sign_in(self, email: str, password: str) -> None:
        self.name, self.password = email, password
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

    def learn_forms(self, forms: list[Form]) -> None:
        for form in forms:
            for action in form.actions:
                if not LEFT_ALONE.match(action):
                    known = self.forms[kind_of(action)]
                    known.append((action, form))
                    del known[:-FORMS]

    def step(self) -> None:
        """Open a page, or send a form that was shown at some time: anew, twice, once more, or without listening."""
        looking = LOOKING if self.looks >= ENOUGH else AT_FIRST
        if not self.forms or self.random.random() < looking:
            self.look()
            return
        chance = self.random.random()
        if self.sent and chance < 0.06:
            self.send(*self.random.choice(self.sent[-20:]), how="late")
            return
        action, form = self.random.choice(self.forms[self.costs.choose(list(self.forms))])
        body = self.typist.fill(form)
        if chance < 0.1:
            self.send(self.elsewhere(action), body, how="foreign")
        elif chance < 0.2:
            self.twice(action, body)
        elif chance < 0.25:
            self.without_listening(action, body)
        else:
            self.send(action, body, how="once")

    def look(self) -> None:
        self.looks += 1
        path = self.random.choice(self.known[self.costs.choose(list(self.known))])
        if self.random.random() < 0.03:
            path = self.elsewhere(path)
        answer = self.ask("GET", path)
        if answer is None or "html" not in answer.headers.get("content-type", "") or answer.status_code != 200:
            return
        page = Page(path, answer.text)
        self.learn(page.links)
        self.learn_forms(page.forms)
        fresh = [(action, form) for form in page.forms for action in form.actions if not LEFT_ALONE.match(action)]
        if fresh:  # before anybody else changes what it says
            action, form = self.random.choice(fresh)
            self.send(action, self.typist.fill(form), how="once")

    def elsewhere(self, path: str) -> str:
        """The same page of something else, likely another organization's."""
        return re.sub(r"\d+", lambda _found: str(self.random.choice(self.foreign)), path)

    def twice(self, path: str, body: dict[str, Any]) -> None:
        """The same form from two tabs at the same instant: one effect, and the same answer."""
        with ThreadPoolExecutor(2) as tabs:
            answers = list(tabs.map(lambda _tab: self.send(path, body, how="twice"), range(2)))
        places = {answer.headers.get("location") for answer in answers if answer is not None and moved(answer)}
        if body.get("_key") and len(places) > 1:
            self.log.violation(f"{path}: two answers to one form: {places}")

    def without_listening(self, path: str, body: dict[str, Any]) -> None:
        """The connection goes before the answer comes, or halfway through what is sent; then the form is sent again."""
        content = urlencode(body, doseq=True).encode()
        self.log.attack("no listening")
        self.log.step(who=self.name, method="POST", path=path, how="no listening", key=body.get("_key", ""))
        with contextlib.suppress(OSError, http.client.HTTPException):
            line = http.client.HTTPConnection(self.place, timeout=10)
            line.putrequest("POST", path)
            cookies = "; ".join(f"{name}={value}" for name, value in self.http.cookies.items())
            for name, value in (
                ("Content-Type", "application/x-www-form-urlencoded"), ("Content-Length", str(len(content))),
                ("Cookie", cookies), ("Referer", str(self.http.base_url)),
            ):  # fmt: skip
                line.putheader(name, value)
            line.endheaders(content if self.random.random() < 0.7 else content[: len(content) // 2])
            threading.Event().wait(self.random.uniform(0, 0.05))
            line.close()
        self.send(path, body, how="again")

    def send(self, path: str, body: dict[str, Any], how: str) -> httpx.Response | None:
        self.log.attack(how)
        answer = self.ask("POST", path, body, how)
        if answer is not None and leads_on(answer, path):
            self.log.count("led on", path=path)
        elif answer is not None and moved(answer):
            self.sent.append((path, body))
            self.log.count("done", path=path, key=str(body.get("_key", "")))
            self.learn([answer.headers.get("location", "")])
        elif answer is not None:
            shown = "at the door" if answer.status_code in (302, 303) else "shown again"
            self.log.count("refused" if answer.status_code >= 400 else shown, path=path)
        return answer

    def ask(
        self, method: str, path: str, body: Mapping[str, Any] | None = None, how: str = ""
    ) -> httpx.Response | None:
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
        self.costs.add(kind_of(path), seconds)
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
        elif method == "POST" and answer.status_code in (400, 409, 422) and not says_something(answer.text):
            self.log.violation(f"{method} {path}: refused with {answer.status_code} and no sentence")


def says_something(html: str) -> bool:
    """Whether a refusal has a sentence; the first of it is enough, and pages are long."""
    return len(re.sub(r"<[^>]*>|\s+", " ", html[-20_000:]).strip()) >= 20


def leads_on(answer: httpx.Response, path: str) -> bool:
    """Whether a form was only its page's first step: it leads to the same page with what was chosen."""
    return answer.headers.get("location", "").startswith(path.partition("?")[0] + "?")


def moved(answer: httpx.Response) -> bool:
    """Whether a form was taken: it leads on, and not to the door."""
    return answer.status_code in (302, 303) and not answer.headers.get("location", "").startswith("/sign-in/")
