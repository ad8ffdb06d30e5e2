"""One effect per form: double click, back and resend, two tabs, a changed body, a refusal."""

from functools import partial
from uuid import uuid4

import pytest
from django.contrib.messages.storage.fallback import FallbackStorage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import RequestFactory

from receivables.core.errors import Blocker, Refused
from receivables.core.events import record
from receivables.core.idempotency import post_once
from receivables.core.models import Event, IdempotencyKey
from tests.builders import make_account, make_member, make_organization
from tests.support.races import race


def form(actor, key, path="/somewhere/", **fields):
    request = RequestFactory().post(path, {"_key": str(key), "csrfmiddlewaretoken": uuid4().hex, **fields})
    request.actor, request.user, request.session = actor, actor.user, {}
    request._messages = FallbackStorage(request)
    return request


@pytest.fixture
def alice(db):
    return make_member(make_organization())


def post_click(actor, key, work):
    return post_once(form(actor, key), work).url


def work_of(actor, done):
    def work():
        make_account(actor)
        done.append(1)
        return "/done/", "It is done."

    return work


def test_the_same_form_twice_has_one_effect_and_one_answer(alice):
    key, done = uuid4(), []
    first = post_once(form(alice, key, amount="5"), work_of(alice, done))
    second = post_once(form(alice, key, amount="5"), work_of(alice, done))
    assert (first.url, second.url, len(done)) == ("/done/", "/done/", 1)


def test_another_body_under_the_same_key_is_refused(alice):
    key, done = uuid4(), []
    post_once(form(alice, key, amount="5"), work_of(alice, done))
    with pytest.raises(Refused) as refused:
        post_once(form(alice, key, amount="6"), work_of(alice, done))
    assert (refused.value.code, len(done)) == ("key_reused", 1)


def test_another_file_under_the_same_key_is_refused(alice):
    key, done = uuid4(), []
    for content in (b"one", b"one", b"two"):
        sent = form(alice, key, file=SimpleUploadedFile("rows.csv", content))
        if content == b"two":
            with pytest.raises(Refused, match="sent with other values"):
                post_once(sent, work_of(alice, done))
        else:
            post_once(sent, work_of(alice, done))
    assert len(done) == 1


@pytest.mark.parametrize("key", ["", "not-a-key"])
def test_a_form_without_its_key_is_refused(alice, key):
    with pytest.raises(Refused) as refused:
        post_once(form(alice, key), work_of(alice, []))
    assert refused.value.code == "no_key"


def test_what_is_refused_leaves_its_key_free_to_try_again(alice):
    key, done = uuid4(), []

    def refuse_it():
        raise Refused(Blocker("no", "No."))

    with pytest.raises(Refused):
        post_once(form(alice, key), refuse_it)
    assert not IdempotencyKey.objects.exists()
    post_once(form(alice, key), work_of(alice, done))
    assert len(done) == 1


def test_two_people_may_use_the_same_key(alice):
    bob = make_member(alice.organization, name="Bob")
    key, done = uuid4(), []
    for actor in (alice, bob):
        post_once(form(actor, key), work_of(actor, done))
    assert len(done) == 2


def test_events_carry_the_key_of_their_form(alice):
    key, account = uuid4(), make_account(alice)

    def work():
        record(alice, "tried", account)
        return "/done/", ""

    post_once(form(alice, key), work)
    assert Event.objects.get(name="tried").idempotency_key == key


def test_a_double_click_at_the_same_moment_has_one_effect(committed_db):
    actor = make_member(make_organization())
    for _ in range(20):
        key, done = uuid4(), []
        work = work_of(actor, done)
        outcomes = race(*[partial(post_click, actor, key, work)] * 2)
        assert (len(done), outcomes) == (1, ["/done/", "/done/"])
