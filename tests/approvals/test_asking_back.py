"""Asking back: the request waits on while a question goes to who asked; and several requests decided at once."""

from datetime import timedelta
from decimal import Decimal
from uuid import uuid4

import pytest
from django.core.cache import cache
from django.urls import reverse
from django.utils import timezone

from accounts.roles import Role
from receivables.approvals.bulk import MOST, BulkFacts, approve_requests, approve_requests_blocker
from receivables.approvals.models import ApprovalRequest
from receivables.approvals.operations import approve_request, ask
from receivables.approvals.queries import overdue_count, waiting_count
from receivables.approvals.questions import answer_question, ask_back
from receivables.core.events import history
from receivables.core.navigation import sections
from tests.approvals.conftest import limit
from tests.approvals.support import asked, refused, state_of
from tests.builders import make_load, make_member, make_organization, make_type


@pytest.fixture
def browser(browser_of):
    """Posts a form: `browser(member, where, **fields)`."""

    def post(member, where, **values):
        return browser_of(member).post(where, {"_key": str(uuid4()), **values})

    return post


@pytest.mark.django_db
class TestQuestions:
    def test_ask_back_and_answer_question(self, cast):
        request, row = asked(cast)
        ask_back(actor=cast.olivia, request=request, question=" Where are the photos? ")
        assert waiting_count(cast.bob) == 1
        answered = answer_question(actor=cast.bob, request=request, answer="On the load.")
        assert (answered.text, answered.answer, answered.answered_by) == (
            "Where are the photos?", "On the load.", cast.bob.user,
        )  # fmt: skip
        assert (waiting_count(cast.bob), state_of(row)) == (0, "waiting")
        names = [event.name for event in history(cast.alice, request)]
        assert names == ["answer_question", "ask_back", "ask_approval"]
        assert approve_request(actor=cast.olivia, request=request).state == "approved"

    def test_ask_back_is_refused(self, cast):
        request, _row = asked(cast)
        assert refused(ask_back, actor=cast.olivia, request=request, question="  ").field == "question"
        ask_back(actor=cast.olivia, request=request, question="Why?")
        assert refused(ask_back, actor=cast.alice, request=request, question="And?").code == "unanswered"
        own = make_member(cast.organization, Role.ADMIN, "Adam Admin")
        mine, _row = asked(type(cast)(**{**vars(cast), "bob": _limited(cast, own)}), load=make_load(cast.alice))
        assert refused(ask_back, actor=own, request=mine, question="Why?").code == "own_request"
        approve_request(actor=cast.olivia, request=request)
        assert refused(ask_back, actor=cast.alice, request=request, question="Late").code == "decided"

    def test_answer_question_is_refused(self, cast):
        request, _row = asked(cast)
        assert refused(answer_question, actor=cast.bob, request=request, answer="What?").code == "nothing_asked"
        ask_back(actor=cast.olivia, request=request, question="Why?")
        assert refused(answer_question, actor=cast.alice, request=request, answer="So").code == "not_yours"
        assert refused(answer_question, actor=cast.bob, request=request, answer=" ").field == "answer"

    def test_pages(self, cast, browser, browser_of):
        request, _row = asked(cast)
        page = browser_of(cast.olivia).get(request.get_absolute_url()).content.decode()
        assert 'data-shortcut="q"' in page
        assert browser(cast.olivia, reverse("ask_back", args=[request.pk]), question="Why?").status_code == 302
        assert "Asked back" in browser_of(cast.olivia).get("/approvals/").content.decode()
        bobs = browser_of(cast.bob).get(request.get_absolute_url()).content.decode()
        assert "Not answered yet" in bobs
        assert reverse("answer_question", args=[request.pk]) in bobs
        assert browser(cast.bob, reverse("answer_question", args=[request.pk]), answer="Because").status_code == 302
        assert "Because" in browser_of(cast.olivia).get(request.get_absolute_url()).content.decode()
        stranger = make_member(make_organization("Rival"), Role.ADMIN, "Charlie")
        assert browser(stranger, reverse("ask_back", args=[request.pk]), question="Mine?").status_code == 404


def _limited(cast, member):
    limit(cast.organization, "50", person=member)
    return member


@pytest.mark.parametrize(
    ("facts", "code"),
    [
        (BulkFacts(2, 1, 1, Decimal(5)), None),
        (BulkFacts(0, 0, 0, Decimal(0)), "nothing_chosen"),
        (BulkFacts(MOST, 1, 1, Decimal(5)), None),
        (BulkFacts(MOST + 1, 1, 1, Decimal(5)), "too_many"),
        (BulkFacts(2, 2, 1, Decimal(5)), "mixed_verbs"),
        (BulkFacts(2, 1, 2, Decimal(5)), "mixed_currencies"),
        (BulkFacts(2, 1, 1, Decimal(5), Decimal(4)), "stale"),
        (BulkFacts(2, 1, 1, Decimal(5), Decimal(5)), None),
    ],
)
def test_approve_requests_rule(facts, code):
    found = approve_requests_blocker(facts)
    assert (found and found.code) == code


@pytest.mark.django_db
class TestSeveralAtOnce:
    def two(self, cast, first="200", second="300"):
        return [asked(cast, amount, load=make_load(cast.alice)) for amount in (first, second)]

    def test_approve_requests_all(self, cast):
        pairs = self.two(cast)
        done = approve_requests(actor=cast.olivia, requests=[request for request, _row in pairs], total=Decimal(500))
        assert [each.state for each in done] == ["approved", "approved"]
        assert [state_of(row) for _request, row in pairs] == ["active", "active"]

    def test_approve_requests_or_none(self, cast):
        """Each is judged by the limit for one: 501 is above Olivia's, though 200 is not."""
        pairs = self.two(cast, "200", "501")
        refusal = refused(approve_requests, actor=cast.olivia, requests=[request for request, _row in pairs])
        assert refusal.code == "above_limit"
        assert pairs[1][0].title in str(refusal)
        assert [state_of(row) for _request, row in pairs] == ["waiting", "waiting"]

    def test_approve_requests_of_one_kind(self, cast):
        first, _row = asked(cast)
        claim = make_type(cast.alice, "Claim", "price_concession")
        second = ask(
            cast.bob, verb="add_accessorial", kind="price_concession", subject=claim, title="Claim", currency="USD",
            amount=Decimal(5),
        )  # fmt: skip
        assert refused(approve_requests, actor=cast.alice, requests=[first, second]).code == "mixed_verbs"

    def test_approve_requests_that_were_decided_meanwhile(self, cast):
        pairs = self.two(cast)
        approve_request(actor=cast.alice, request=pairs[0][0])
        refusal = refused(approve_requests, actor=cast.olivia, requests=[request for request, _row in pairs])
        assert (refusal.code, state_of(pairs[1][1])) == ("stale", "waiting")

    def test_the_page_shows_the_sum(self, cast, browser, browser_of):
        pairs = self.two(cast)
        keys = [str(request.pk) for request, _row in pairs]
        page = browser_of(cast.olivia).post(reverse("approve_requests"), {"selected": keys})
        text = page.content.decode().replace("\u00a0", " ")
        assert (page.status_code, "500.00 USD" in text, "2 requests" in text) == (200, True, True)
        assert browser(cast.olivia, reverse("approve_requests"), keys=",".join(keys), total="500").status_code == 302
        assert ApprovalRequest.objects.filter(state="approved").count() == 2
        assert browser(cast.bob, reverse("approve_requests"), selected=keys).status_code == 403
        stranger = make_member(make_organization("Rival"), Role.ADMIN, "Charlie")
        assert pairs[0][0].title not in browser(stranger, reverse("approve_requests"), selected=keys).content.decode()


@pytest.mark.django_db
def test_what_waits_too_long_is_said_in_the_menu_and_the_list(cast, browser_of):
    old, _row = asked(cast)
    asked(cast, load=make_load(cast.alice))
    ask_long_ago(cast, old)
    assert (overdue_count(cast.olivia), waiting_count(cast.olivia)) == (1, 3)
    cache.clear()
    item = next(each for each in sections(cast.olivia, "/") if each["name"] == "approvals")
    assert (item["count"], item["overdue"]) == (3, 1)
    page = browser_of(cast.olivia).get("/approvals/?view=overdue")
    assert len(page.context["table"].rows) == 1
    assert "Overdue" in page.content.decode()


def ask_long_ago(cast, like):
    """The same request as it would stand had it been made ten days ago; when it was asked never changes."""
    return ApprovalRequest.objects.create(
        organization=cast.organization, verb="add_accessorial", kind="bad_debt", title="Old", currency="USD",
        amount=Decimal(5), subject_type=like.subject_type, subject_id=0, requested_by=cast.bob.user,
        requested_at=timezone.now() - timedelta(days=10),
    )  # fmt: skip
