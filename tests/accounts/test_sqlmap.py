"""sqlmap against the served application, signed in: lists with all that may be asked of them, and a form.

It is shown a page that can be injected as well, which is served by this test alone and which it has to find. sqlmap is
no part of the project: its licence is GPL, and it wants nothing but an environment of its own (docs/campaign.md).
"""

import os
import shutil
import subprocess
from urllib.parse import urlencode

import httpx
import pytest
from django.conf import settings as configured
from django.test import Client
from django.urls import get_resolver

from receivables.core.listing import ListPage
from tests.storm.pages import Page
from tests.support.attack import make_books

SQLMAP = shutil.which(os.environ.get("SQLMAP") or "sqlmap")
WANTED = bool(os.environ.get("SCANNED"))
FOUND, CLEAN = "identified the following injection point", "do not appear to be injectable"
# Boolean, error and union: what a page shows tells; the clock of a busy machine does not.
HOW = ["--batch", "--technique=BEU", "--level=1", "--risk=1", "--dbms=PostgreSQL", "--disable-coloring", "--retries=0"]
TYPED = {"sort": "number", "after": "x", "before": "x", "q": "blue"}

pytestmark = [
    pytest.mark.skipif(not WANTED, reason="make prove PARTS=injection"),
    pytest.mark.skipif(SQLMAP is None, reason="sqlmap is not installed; docs/campaign.md says how"),
]


@pytest.fixture
def tab(live_app, settings):
    """The cookies of a signed-in browser, and the address."""
    settings.REQUIRE_SECOND_FACTOR = False
    settings.ROOT_URLCONF = "tests.support.planted"
    client = Client()
    client.force_login(make_books().actor.user, backend="accounts.backends.MembershipBackend")
    cookies = {configured.SESSION_COOKIE_NAME: client.cookies[configured.SESSION_COOKIE_NAME].value}
    with httpx.Client(base_url=live_app, cookies=cookies) as http:
        yield http


@pytest.fixture
def scan(tab, tmp_path):
    """`scan(path)`: what sqlmap says of it."""

    def say(path, *more):
        cookies = "; ".join({f"{cookie.name}={cookie.value}" for cookie in tab.cookies.jar})
        command = [
            SQLMAP,
            "-u",
            f"{str(tab.base_url).rstrip('/')}{path}",
            "--cookie",
            cookies,
            "--output-dir",
            str(tmp_path),
            *HOW,
            *more,
        ]
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=900)
        return done.stdout

    return say


def lists():
    """Address and parameters of each list without an object of its own."""
    for pattern in get_resolver("receivables.urls").url_patterns:
        for each in getattr(pattern, "url_patterns", []):
            view = getattr(each.callback, "view_class", None)
            if view and issubclass(view, ListPage) and "<" not in str(each.pattern):
                named = view.filter_class.base_filters if view.filter_class else {}
                yield str(each.pattern), ["sort", "after", "before", *named]


def test_sqlmap_finds_what_was_planted_and_nothing_else(tab, scan):
    assert FOUND in scan("/planted/?code=1200")
    for path, names in lists():
        said = scan(f"/{path}?{urlencode({name: TYPED.get(name, '1') for name in names})}")
        assert FOUND not in said, said
        assert CLEAN in said, said
        assert "500 (Internal Server Error)" not in said, said


def test_sqlmap_finds_nothing_in_a_form(tab, scan):
    path = "/loads/new/"
    form = max(Page(path, tab.get(path).text).forms, key=lambda form: len(form.fields))
    typed = {each.name: each.value or "1" for each in form.fields}
    names = ",".join(name for name in typed if name not in ("csrfmiddlewaretoken", "_key"))
    said = scan(form.actions[0], "--data", urlencode(typed), "-p", names)
    assert FOUND not in said, said
    assert CLEAN in said, said
    assert "500 (Internal Server Error)" not in said, said
