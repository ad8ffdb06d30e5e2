"""Events: what is recorded, who reacts, and what a history shows."""

from decimal import Decimal

import pytest
from django.template.loader import render_to_string

from receivables.core.events import history, record
from receivables.core.history import timeline
from receivables.core.models import Event
from receivables.core.registry import reactions
from tests.builders import make_account, make_member, make_organization

pytestmark = pytest.mark.django_db


@pytest.fixture
def alice():
    return make_member(make_organization())


def test_an_event_keeps_who_what_why_and_plain_facts(alice):
    account = make_account(alice)
    event = record(alice, "tried", account, reason="To see", amount=Decimal("1.50"), before={"a": 1}, after={"a": 2})
    kept = Event.objects.get(pk=event.pk)
    assert (kept.actor_user, kept.actor_name, kept.reason) == (alice.user, alice.name, "To see")
    assert kept.data == {"amount": "1.50", "before": {"a": 1}, "after": {"a": 2}}


def test_a_history_shows_every_event_about_an_object_newest_first(alice):
    account, other = make_account(alice), make_account(alice, "Other Foods")
    record(alice, "first", account)
    record(alice, "second", other, about=[account, None])
    assert [event.name for event in history(alice, account)][:2] == ["second", "first"]
    assert "second" not in [event.name for event in history(alice, other, account).filter(name="first")]


def test_a_history_never_shows_another_organization(alice):
    charlie = make_member(make_organization("Rival"), name="Charlie")
    account = make_account(alice)
    record(alice, "tried", account)
    assert not history(charlie, account).exists()


def test_reactions_run_in_the_same_transaction_and_may_refuse(alice):
    account, seen = make_account(alice), []

    def react(*, actor, event, subject):
        seen.append((actor, event.name, subject))

    reactions.on("tried_once", react)
    try:
        record(alice, "tried_once", account)
    finally:
        reactions.by_event.pop("tried_once")
    assert seen == [(alice, "tried_once", account)]


def test_a_timeline_says_what_changed_from_what_to_what(alice):
    account = make_account(alice)
    record(
        alice, "edit_thing", account, reason="Typo", before={"name": "A", "city": "X"}, after={"name": "B", "city": "X"}
    )
    shown = timeline(alice, account)[0]
    assert (str(shown["what"]), shown["who"], shown["reason"]) == ("Edit thing", alice.name, "Typo")
    assert [(str(change["label"]), change["before"], change["after"]) for change in shown["changes"]] == [
        ("Name", "A", "B")
    ]


def test_activity_that_is_cut_says_so(alice, monkeypatch):
    account = make_account(alice)
    for _each in range(2):
        record(alice, "tried", account)
    assert not timeline(alice, account).more
    monkeypatch.setattr("receivables.core.history.PAGE", len(timeline(alice, account)) - 1)
    assert timeline(alice, account).more
    assert "Only the newest are shown" in render_to_string("core/history.html", {"history": timeline(alice, account)})
