"""sqlmap against the served application, signed in: lists with all that may be asked of them, and forms.

One scan is one test, and its outcome is kept in the folder that SCANNED names, so that a part that was stopped goes on
where it was. Each also shows sqlmap, with the same options, a page that can be injected, which is served by these tests
alone and which it has to find. sqlmap is no part of the project: its licence is GPL, and it wants nothing but an
environment of its own (docs/campaign.md).
"""

import json
import os
import shutil
import subprocess
import time
from pathlib import Path
from urllib.parse import urlencode

import httpx
import pytest
from django.conf import settings as configured
from django.core.signals import request_started
from django.db import connections
from django.test import Client
from django.urls import get_resolver

from receivables.billing.models import Invoice, Load
from receivables.core.listing import ListPage
from receivables.customers.models import Account
from tests.machine.visitors import own_form
from tests.support.attack import make_books

SQLMAP = shutil.which(os.environ.get("SQLMAP") or "sqlmap")
KEPT = os.environ.get("SCANNED", "")
FOUND, CLEAN, BROKEN = "identified the following injection point", "do not appear to be injectable", "500 (Internal"
# What a page shows tells, and so does an error: neither the clock of a busy machine nor messages that no page shows.
HOW = [
    "--batch", "--technique=B", "--level=1", "--risk=1", "--dbms=PostgreSQL", "--keep-alive", "--skip-waf",
    "--ignore-redirects", "--disable-coloring", "--retries=0",
]  # fmt: skip
TYPED = {"as_of": "2026-11-03", "sort": "number", "after": "x", "before": "x", "q": "blue"}
PLANTED = "/planted/?code=1200"
# Pages that take parameters and are no lists of rows.
REPORTS = {"search/": ["q"], "reports/ageing/": ["as_of", "known", "by", "currency", "sort", "compare", "page"]}
# Every kind of field that a form has: text, amounts, dates, choices, keys of rows, rows of a grid.
FORMS = [
    "/loads/new/?account={account}", "/customers/new/", "/approvals/delegations/new/", "/ledger-exports/new/",
    "/profile/", "/preferences/", "/loads/{load}/add-accessorial/", "/loads/{load}/void-invoice/",
    "/payments/new/{account}/", "/invoices/{invoice}/record-payment/", "/accounts/{account}/issue-credit-note/",
]  # fmt: skip

pytestmark = [
    pytest.mark.skipif(not KEPT, reason="make prove PARTS=injection"),
    pytest.mark.skipif(SQLMAP is None, reason="sqlmap is not installed; docs/campaign.md says how"),
]


@pytest.fixture
def tab(live_app, settings, monkeypatch):
    """The cookies of a signed-in browser, and the address."""
    settings.REQUIRE_SECOND_FACTOR = False
    settings.ROOT_URLCONF = "tests.support.planted"
    monkeypatch.setitem(connections.settings["default"], "CONN_MAX_AGE", None)  # as long as a scanner's connection
    client = Client()
    client.force_login(make_books().actor.user, backend="accounts.backends.MembershipBackend")
    cookies = {configured.SESSION_COOKIE_NAME: client.cookies[configured.SESSION_COOKIE_NAME].value}
    with httpx.Client(base_url=live_app, cookies=cookies) as http:
        yield http


@pytest.fixture
def judge(tab, tmp_path):
    """`judge(path)`: nothing is found there, and the planted page is found in the same way."""
    asked = []

    def count(**_signal):
        asked.append(1)

    def say(path, *more):
        cookies = "; ".join({f"{cookie.name}={cookie.value}" for cookie in tab.cookies.jar})
        address = f"{str(tab.base_url).rstrip('/')}{path}"
        command = [SQLMAP, "-u", address, "--cookie", cookies, "--output-dir", str(tmp_path), *HOW, *more]
        return subprocess.run(command, capture_output=True, text=True, check=False, timeout=500).stdout

    def scan(path, *more):
        started, before = time.monotonic(), len(asked)
        said = say(path, *more)
        return {"path": path, "said": said, "requests": len(asked) - before, "seconds": time.monotonic() - started}

    def judged(name, path, *more):
        file = Path(KEPT) / f"{name.strip('/').replace('/', '-')}.json"
        if not file.exists():
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(json.dumps([scan(PLANTED), scan(path, *more)]))
        planted, scanned = json.loads(file.read_text())
        assert FOUND in planted["said"], planted["said"]
        assert BROKEN in planted["said"], planted["said"]
        assert FOUND not in scanned["said"], scanned["said"]
        assert CLEAN in scanned["said"], scanned["said"]
        assert BROKEN not in scanned["said"], scanned["said"]

    request_started.connect(count, weak=False)
    yield judged
    request_started.disconnect(count)


def lists():
    """Address and parameters of each list without an object of its own."""
    yield from REPORTS.items()
    for pattern in get_resolver("receivables.urls").url_patterns:
        for each in getattr(pattern, "url_patterns", []):
            view = getattr(each.callback, "view_class", None)
            if view and issubclass(view, ListPage) and "<" not in str(each.pattern):
                named = view.filter_class.base_filters if view.filter_class else {}
                yield str(each.pattern), ["sort", "after", "before", *named]


LISTS = dict(lists()) if KEPT else {}


@pytest.mark.parametrize("path", LISTS)
def test_sqlmap_finds_nothing_in_a_list(judge, path):
    asked = {name: TYPED.get(name, "1") for name in LISTS[path]}
    judge(path, f"/{path}?{urlencode(asked)}")


@pytest.mark.parametrize("path", FORMS)
def test_sqlmap_finds_nothing_in_a_form(tab, judge, path):
    """Each request has a hidden key of its own: one that was used is refused before anything is read."""
    objects = {"load": Load, "invoice": Invoice, "account": Account}
    place = path.format(**{name: model.objects.earliest("pk").pk for name, model in objects.items()})
    address, form = own_form(place, tab.get(place).text)
    typed = {
        each.name: each.value or next(iter(each.options), "") or "1" for each in form.fields if each.kind != "file"
    }
    names = ",".join(name for name in typed if name not in ("csrfmiddlewaretoken", "_key"))
    fresh = ["--eval", "import uuid; _key = str(uuid.uuid4())"] if "_key" in typed else []
    judge(path.replace("{", "").replace("}", ""), address, "--data", urlencode(typed), "-p", names, *fresh)
