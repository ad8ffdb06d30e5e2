"""Rows written and read by statements that stay the same: as the ORM would, and with what it would refuse."""

from datetime import date

import pghistory
import pytest
from django.db import DatabaseError, connection, transaction
from django.test.utils import CaptureQueriesContext

from receivables.core.compiled import Arg, Compiled, remember
from receivables.core.models import Event
from receivables.core.rows import insert, update
from receivables.core.statements import run
from receivables.customers.models import Account, Agreement, PaymentTerms
from receivables.ledger.models import Period
from tests.builders import make_account, make_member, make_organization

pytestmark = pytest.mark.django_db
AGREEMENTS = Compiled(
    lambda: (
        Agreement.objects.filter(organization_id=Arg("organization"), account_id__any=Arg("accounts"))
        .select_related("account__customer")
        .order_by("pk")
    )
)
NAMES = Compiled(lambda: Account.objects.filter(pk__any=Arg("keys")).order_by("pk").values_list("pk", "customer__name"))


@pytest.fixture
def alice():
    return make_member(make_organization())


def event(actor, **details):
    return Event(organization=actor.organization, name="tried", subject_type="a.b", subject_id=1, **details)


def test_rows_are_read_with_what_they_are_joined_to(alice):
    accounts = [make_account(alice), make_account(alice, "Beta Foods")]
    keys = [account.pk for account in accounts]
    for _time in range(7):  # from the sixth on it is prepared
        rows = AGREEMENTS.fetch(organization=alice.organization_id, accounts=keys)
    assert rows == list(Agreement.objects.filter(account__in=accounts).order_by("pk"))
    with CaptureQueriesContext(connection) as asked:
        assert [row.account.customer.name for row in rows] == ["Acme Foods", "Beta Foods"]
        remember(accounts[0], "agreements", [rows[0]])
        assert list(accounts[0].agreements.all()) == [rows[0]]
    assert not asked.captured_queries
    assert NAMES.fetch(keys=keys[1:]) == [(keys[1], "Beta Foods")]
    assert AGREEMENTS.fetch(organization=alice.organization_id, accounts=[]) == []


def test_rows_are_written_as_the_orm_writes_them(alice):
    values = {"refs": ["a.b:1"], "data": {"amount": "1.00"}, "reason": "Ünïcode", "actor_user": alice.user}
    made = insert([event(alice, **values), event(alice, actor_name="Alice")])
    by_orm = event(alice, **values, at=made[0].at)
    by_orm.save()
    first, second = ({**row, "id": None} for row in Event.objects.filter(pk__in=[made[0].pk, by_orm.pk]).values())
    assert first == second
    assert insert([]) == []
    update([], ["reason"])


def test_columns_are_updated_for_many_and_never_cut(alice):
    accounts = [make_account(alice), make_account(alice)]
    for number, account in enumerate(accounts):
        account.alert, account.version = f"Call {number}", number + 5
    update(accounts, ["alert", "version"])
    assert [Account.objects.get(pk=each.pk).version for each in accounts] == [5, 6]
    accounts[1].alert = "x" * 201
    with pytest.raises(DatabaseError, match="too long"), transaction.atomic():
        update(accounts, ["alert"])
    gone = Account(pk=0)
    with pytest.raises(RuntimeError, match="0 of 1 rows of Account"):
        update([gone], ["alert"])


def test_what_has_a_history_is_left_to_the_orm(alice):
    with pytest.raises(TypeError, match="PaymentTerms has a history"):
        insert([PaymentTerms(organization=alice.organization)])


def test_within_a_request_statements_are_prepared_all_the_same(alice):
    with pghistory.context(user=alice.user_id):
        for _time in range(7):
            insert([event(alice), event(alice)])
        Period.objects.get_or_create(organization=alice.organization, month=date(2026, 11, 1))
    assert Event.objects.filter(name="tried").count() == 14
    assert run("SELECT 1 WHERE %s", [False]) == ([], 0)
