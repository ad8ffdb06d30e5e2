"""What is kept of pages after they were shown, and what browsers tell us of themselves."""

import json
import logging

import pytest
from django.test import Client

from receivables.core import violations
from tests.accounts.conftest import signed_in
from tests.builders import make_member, make_organization

REPORT = {"csp-report": {"document-uri": "https://rv.example/invoices/", "blocked-uri": "x" * 5000, "other": "no"}}


@pytest.mark.django_db
def test_pages_are_kept_by_nobody_and_forms_by_the_browser_alone():
    client = signed_in(make_member(make_organization()).user)
    assert client.get("/sessions/")["Cache-Control"] == "private, no-store"
    assert client.get("/customers/")["Cache-Control"] == "private, no-store"
    form = client.get("/customers/new/")
    assert b'name="_key"' in form.content
    assert form["Cache-Control"] == "private, no-cache"
    assert Client().get("/healthz").has_header("Cache-Control") is False


def test_signing_out_has_the_browser_forget_the_forms(cast):
    assert signed_in(cast.alice.user).post("/sign-out/")["Clear-Site-Data"] == '"cache"'


@pytest.mark.django_db
def test_a_content_violation_is_logged_and_cut_to_size(caplog):
    page = Client().get("/sign-in/")
    assert "report-uri /content-violations" in page["Content-Security-Policy"]
    with caplog.at_level(logging.WARNING, violations.log.name):
        answer = Client(enforce_csrf_checks=True).post(
            "/content-violations", json.dumps(REPORT), "application/csp-report"
        )
    assert answer.status_code == 204
    assert "https://rv.example/invoices/" in caplog.text
    assert "xxx" in caplog.text
    assert "x" * 201 not in caplog.text
    assert "other" not in caplog.text


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"7", b'{"csp-report": 7}', b"[" * 10_000, b"\xff", b"x" * 100_000])
def test_what_is_no_content_violation_is_refused(body):
    assert Client().post("/content-violations", body, "application/csp-report").status_code == 400
