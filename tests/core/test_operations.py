"""What every operation promises: permission first, all or nothing, guards explained, deadlocks tried again."""

import pytest
from django.db import connection, transaction

from receivables.core.errors import Blocker, NotPermitted, Refused, refuse, stale_blocker
from receivables.core.models import Event
from receivables.core.operations import OPERATIONS, SystemActor, operation
from receivables.core.transactions import run_atomic
from tests.builders import make_account, make_member, make_organization


@pytest.fixture
def verbs():
    """Operations defined in a test leave the register as it was."""
    before = dict(OPERATIONS)
    yield
    OPERATIONS.clear()
    OPERATIONS.update(before)


def test_an_operation_asks_for_the_permission_of_its_own_name(verbs):
    @operation
    def jump(*, actor):
        return "jumped"

    with pytest.raises(NotPermitted) as denied:
        jump(actor=SystemActor(None, "nobody", frozenset()))
    assert denied.value.verb == "jump"


def test_two_operations_never_share_a_verb(verbs):
    @operation
    def jump(*, actor):
        return None

    with pytest.raises(ValueError, match="twice"):
        operation(jump)


@pytest.mark.django_db
def test_an_operation_that_is_refused_half_way_leaves_nothing(verbs):
    organization = make_organization()
    actor = SystemActor(organization, "test", frozenset({"half"}))

    @operation
    def half(*, actor):
        make_account(actor)
        refuse(Blocker("no", "No."))

    before = Event.objects.count()
    with pytest.raises(Refused):
        half(actor=actor)
    assert Event.objects.count() == before
    assert not organization._state.adding


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("code", "meaning"), [("RV003", "period_closed"), ("RV006", "live_payment"), ("55P03", "busy")]
)
def test_what_a_guard_refuses_is_a_refusal_with_a_sentence(code, meaning):
    def work():
        with connection.cursor() as cursor:
            cursor.execute(f"DO $$ BEGIN RAISE EXCEPTION 'no' USING ERRCODE = '{code}'; END $$")

    with pytest.raises(Refused) as refused:
        run_atomic(work)
    assert refused.value.code == meaning
    assert str(refused.value)


def test_an_outermost_deadlock_is_tried_again_as_a_whole(committed_db):
    tries = []

    def work():
        tries.append(1)
        if len(tries) < 3:
            with connection.cursor() as cursor:
                cursor.execute("DO $$ BEGIN RAISE EXCEPTION 'deadlock' USING ERRCODE = '40P01'; END $$")
        return "done"

    assert run_atomic(work) == "done"
    assert len(tries) == 3


@pytest.mark.django_db
def test_within_another_transaction_nothing_is_tried_again():
    tries = []

    def work():
        tries.append(1)
        with connection.cursor() as cursor:
            cursor.execute("DO $$ BEGIN RAISE EXCEPTION 'deadlock' USING ERRCODE = '40P01'; END $$")

    with transaction.atomic(), pytest.raises(Refused):
        run_atomic(work)
    assert len(tries) == 1


@pytest.mark.parametrize(("current", "seen", "stale"), [(3, 3, False), (3, None, False), (4, 3, True)])
def test_a_form_shown_before_a_change_is_stale(current, seen, stale):
    assert (stale_blocker(current, seen) is not None) is stale


@pytest.mark.django_db
def test_a_member_acts_for_one_organization():
    alice = make_member(make_organization())
    assert alice.organization_id == alice.organization.pk
    assert not alice.can("no_such_verb")
