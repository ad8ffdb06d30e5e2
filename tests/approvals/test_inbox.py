"""The inbox and the page of a request: who sees what, in which words, with which buttons."""

from uuid import uuid4

import pytest
from django.contrib.messages import get_messages
from django.core.cache import cache
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.roles import Role
from receivables.approvals.models import ApprovalRequest
from receivables.approvals.operations import approve_request, reject_request
from receivables.core.navigation import sections
from tests.approvals.support import asked, state_of
from tests.builders import make_load, make_member, make_organization

pytestmark = pytest.mark.django_db


def text_of(response):
    return response.content.decode().replace("\u00a0", " ")


def rows_of(response):
    return [row.record for row in response.context["table"].rows]


def queries(browser, where):
    browser.get(where)
    with CaptureQueriesContext(connection) as seen:
        assert browser.get(where).status_code == 200
    return len(seen)


class TestInbox:
    def test_tabs(self, cast, browser_of):
        waiting, _row = asked(cast)
        done, _row = asked(cast, "200")
        approve_request(actor=cast.alice, request=done)
        olivia, bob = browser_of(cast.olivia), browser_of(cast.bob)
        assert rows_of(olivia.get("/approvals/")) == [waiting]
        assert rows_of(olivia.get("/approvals/?view=decided")) == [done]
        assert rows_of(olivia.get("/approvals/?view=mine")) == []
        assert rows_of(bob.get("/approvals/?view=mine")) == [done, waiting]

    def test_what_waits_longest_comes_first(self, cast, browser_of):
        first, second = asked(cast)[0], asked(cast, "200")[0]
        assert rows_of(browser_of(cast.alice).get("/approvals/")) == [first, second]

    def test_a_row_says_what_why_and_which_limit(self, cast, browser_of):
        _request, row = asked(cast)
        page = text_of(browser_of(cast.olivia).get("/approvals/"))
        assert "Bob Biller (Biller) may give away up to 100.00 USD alone." in page
        assert "Damaged goods" in page
        assert row.load.get_absolute_url() in page
        assert f"Account <bdi>{row.load.account}</bdi>" in page

    def test_filters(self, cast, browser_of):
        request, row = asked(cast)
        browser = browser_of(cast.olivia)
        assert rows_of(browser.get("/approvals/", {"q": row.load.number})) == [request]
        assert rows_of(browser.get("/approvals/", {"kind": "refund"})) == []

    def test_queries_do_not_grow_with_rows(self, cast, browser_of):
        asked(cast)
        browser = browser_of(cast.olivia)
        few = queries(browser, "/approvals/")
        for _each in range(5):
            asked(cast, load=make_load(cast.alice))
        assert queries(browser, "/approvals/") == few

    def test_never_another_organizations(self, cast, browser_of):
        request, _row = asked(cast)
        stranger = browser_of(make_member(make_organization("Rival"), Role.ADMIN, "Charlie"))
        assert rows_of(stranger.get("/approvals/")) == []
        assert stranger.get(request.get_absolute_url()).status_code == 404
        for verb in ("approve_request", "reject_request", "withdraw_request"):
            assert stranger.get(reverse(verb, args=[request.pk])).status_code == 404

    def test_export(self, cast, browser_of):
        asked(cast)
        lines = b"".join(browser_of(cast.olivia).get("/approvals/?export=csv")).decode("utf-8-sig").splitlines()
        assert len(lines) == 2
        assert "Load L-" in lines[1]

    def test_the_menu_counts_what_the_member_may_decide(self, cast):
        asked(cast, "501")
        cache.clear()
        counts = {
            member: next(item["count"] for item in sections(member, "/") if item["name"] == "approvals")
            for member in (cast.alice, cast.olivia, cast.bob)
        }
        assert counts == {cast.alice: 1, cast.olivia: 0, cast.bob: 0}


class TestRequestPage:
    def test_for_who_may_decide(self, cast, browser_of):
        request, row = asked(cast)
        page = text_of(browser_of(cast.olivia).get(request.get_absolute_url()))
        assert 'data-shortcut="a"' in page
        assert 'data-shortcut="r"' in page
        assert "The charges of the load will add up to 700.00 USD." in page
        assert "Alice Owner may decide it as well." in page
        assert row.load.get_absolute_url() in page
        assert reverse("withdraw_request", args=[request.pk]) not in page

    def test_for_who_asked(self, cast, browser_of):
        request, _row = asked(cast)
        page = text_of(browser_of(cast.bob).get(request.get_absolute_url()))
        assert reverse("withdraw_request", args=[request.pk]) in page
        assert reverse("approve_request", args=[request.pk]) not in page
        assert "It waits for Alice Owner or Olivia Operations." in page

    def test_for_who_has_too_small_a_limit(self, cast, browser_of):
        request, _row = asked(cast, "501")
        page = text_of(browser_of(cast.olivia).get(request.get_absolute_url()))
        assert "501.00 USD is above your limit of 500.00 USD. It waits for Alice Owner." in page
        assert reverse("approve_request", args=[request.pk]) not in page
        assert reverse("reject_request", args=[request.pk]) in page

    def test_decided(self, cast, browser_of):
        request, _row = asked(cast)
        reject_request(actor=cast.olivia, request=request, reason="No photos")
        page = text_of(browser_of(cast.bob).get(request.get_absolute_url()))
        assert "No photos" in page
        assert "Olivia Operations" in page
        assert reverse("approve_request", args=[request.pk]) not in page


class TestDeciding:
    def post(self, browser, verb, request, **values):
        return browser.post(reverse(verb, args=[request.pk]), {"_key": str(uuid4()), **values})

    def said(self, response):
        return " ".join(map(str, get_messages(response.wsgi_request))).replace("\u00a0", " ")

    def test_approve(self, cast, browser_of):
        request, row = asked(cast)
        response = self.post(browser_of(cast.olivia), "approve_request", request, note="")
        assert response.url == request.get_absolute_url()
        assert self.said(response).startswith("Approved and done: Write-Off of 300.00 USD on load")
        assert state_of(row) == "active"

    def test_reject_needs_a_reason_beside_its_field(self, cast, browser_of):
        request, row = asked(cast)
        browser = browser_of(cast.olivia)
        response = self.post(browser, "reject_request", request, reason=" ")
        assert (response.status_code, list(response.context["form"].errors)) == (422, ["reason"])
        response = self.post(browser, "reject_request", request, reason="No photos")
        assert "Nothing was changed; Bob Biller can read your reason." in self.said(response)
        assert state_of(row) == "rejected"

    def test_withdraw(self, cast, browser_of):
        request, _row = asked(cast)
        assert self.post(browser_of(cast.bob), "withdraw_request", request, reason="").status_code == 302
        assert ApprovalRequest.objects.get(pk=request.pk).state == "withdrawn"

    def test_a_decision_too_late_says_why(self, cast, browser_of):
        request, _row = asked(cast)
        approve_request(actor=cast.alice, request=request)
        response = self.post(browser_of(cast.olivia), "approve_request", request, note="")
        assert response.status_code == 422
        assert "This request was already decided." in text_of(response)

    def test_above_the_limit_by_a_direct_post(self, cast, browser_of):
        request, row = asked(cast, "501")
        assert self.post(browser_of(cast.olivia), "approve_request", request, note="").status_code == 422
        assert state_of(row) == "waiting"
