"""A reason may have limits of its own, which count instead of those of its kind."""

from decimal import Decimal

import pytest
from django.db import DatabaseError, transaction

from accounts.roles import Role
from receivables.approvals.models import ApprovalRequest, AuthorityLimit
from receivables.approvals.operations import approve_request
from receivables.approvals.queries import authority_of, decidable, limits_hit
from receivables.approvals.reasons import authority_reasons
from receivables.billing.credit_notes.models import Reason
from receivables.core.events import ref
from receivables.core.transactions import sqlstate
from tests.approvals.conftest import limit
from tests.approvals.support import asked, refused
from tests.builders import make_member, make_organization, make_type

pytestmark = pytest.mark.django_db
LIMITS = "/settings/approvals/authoritylimit/"


def limit_of_reason(cast, reason, maximum, **whose):
    return AuthorityLimit.objects.create(
        organization=cast.organization, kind="bad_debt", currency="USD", reason_key=ref(reason),
        maximum=None if maximum is None else Decimal(maximum), **whose,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("kind_role", "kind_person", "reason_role", "reason_person", "expected"),
    [
        ("100", None, None, None, "100"),
        ("100", None, "20", None, "20"),  # the reason beats its kind, downwards
        ("100", None, "500", None, "500"),  # and upwards
        ("100", "200", "500", None, "500"),  # also what the person has for the kind
        ("100", "200", "500", "50", "50"),  # a person's own row of the reason beats all
        (None, "200", None, "50", "50"),
    ],
)
def test_the_truth_table(cast, kind_role, kind_person, reason_role, reason_person, expected):
    AuthorityLimit.objects.all().delete()
    if kind_role:
        limit(cast.organization, kind_role, role=Role.BILLER)
    if kind_person:
        limit(cast.organization, kind_person, person=cast.bob)
    if reason_role:
        limit_of_reason(cast, cast.write_off, reason_role, role=Role.BILLER)
    if reason_person:
        limit_of_reason(cast, cast.write_off, reason_person, membership=cast.bob)
    other = ref(make_type(cast.alice, "Other"))
    assert authority_of(cast.bob, "bad_debt", "USD", ref(cast.write_off)).maximum == Decimal(expected)
    assert authority_of(cast.bob, "bad_debt", "USD", other) == authority_of(cast.bob, "bad_debt", "USD")


def test_asking_and_deciding_look_at_the_reasons_limits(cast):
    limit_of_reason(cast, cast.write_off, "250", role=Role.BILLER)
    limit_of_reason(cast, cast.write_off, "400", role=Role.OPERATIONS_MANAGER)
    request, _row = asked(cast, "300")
    assert request.reason_key == ref(cast.write_off)
    said = limits_hit(cast.alice, [request])[request.pk].replace("\u00a0", " ")
    assert said == "Bob Biller (Biller) may give away up to 250.00 USD for “Write-Off” alone."
    big, _row = asked(cast, "450")
    assert set(decidable(cast.olivia)) == {request}
    assert refused(approve_request, actor=cast.olivia, request=big).code == "above_limit"
    assert approve_request(actor=cast.olivia, request=request).state == "approved"


def test_below_its_own_limit_nobody_is_asked(cast):
    limit_of_reason(cast, cast.write_off, "350", role=Role.BILLER)
    with pytest.raises(ApprovalRequest.DoesNotExist):
        asked(cast, "300")


def test_reasons_and_types_that_give_something_away_may_have_limits(cast):
    make_type(cast.alice, "Detention", "charge")
    known = {reason.key for reason in authority_reasons(cast.alice)}
    bad_debt = Reason.objects.of(cast.alice).get(kind="bad_debt")
    assert {ref(bad_debt), ref(cast.write_off)} <= known
    assert not any("Detention" in reason.label for reason in authority_reasons(cast.alice))


class TestSettings:
    def form(self, **changes):
        form = {"role": "biller", "kind": "bad_debt", "currency": "USD", "minimum": "0", "maximum": "20"}
        return {**form, **changes}

    def test_a_limit_of_a_reason_stands_beside_that_of_its_kind(self, cast, browser_of):
        alice, key = browser_of(cast.alice), ref(cast.write_off)
        assert alice.post(f"{LIMITS}add/", self.form(reason_key=key)).status_code == 302
        again = alice.post(f"{LIMITS}add/", self.form(reason_key=key))
        assert list(again.context["adminform"].form.errors) == ["kind"]
        kept = AuthorityLimit.objects.get(reason_key=key)
        assert "Write-Off" in alice.get(LIMITS).content.decode()
        page = alice.get(f"{LIMITS}{kept.pk}/change/").content.decode()
        assert "Write-Off" in page
        assert key not in page
        assert alice.post(f"{LIMITS}{kept.pk}/change/", {"minimum": "0", "maximum": "30"}).status_code == 302
        assert authority_of(cast.bob, "bad_debt", "USD", key).maximum == 30

    def test_a_reason_of_another_kind_or_organization_is_refused(self, cast, browser_of):
        alice = browser_of(cast.alice)
        wrong = alice.post(f"{LIMITS}add/", self.form(kind="refund", reason_key=ref(cast.write_off)))
        assert list(wrong.context["adminform"].form.errors) == ["reason_key"]
        theirs = make_type(make_member(make_organization("Rival")), "Theirs")
        wrong = alice.post(f"{LIMITS}add/", self.form(reason_key=ref(theirs)))
        assert list(wrong.context["adminform"].form.errors) == ["reason_key"]

    def test_a_reason_is_no_way_around_ones_own_limit(self, cast, browser_of):
        limit(cast.organization, "100", person=cast.alice)
        form = self.form(role="", membership=cast.alice.pk, reason_key=ref(cast.write_off), maximum="5000")
        shown = browser_of(cast.alice).post(f"{LIMITS}add/", form)
        assert list(shown.context["adminform"].form.errors) == ["maximum"]


@pytest.mark.parametrize("key", ["billing.accessorialtype:theirs", "billing.nothing:1", "nonsense", "a:b;--"])
def test_the_database_knows_reasons_of_the_organization_only(cast, key):
    theirs = make_type(make_member(make_organization("Rival")), "Theirs")
    with pytest.raises(DatabaseError) as caught, transaction.atomic():
        AuthorityLimit.objects.create(
            organization=cast.organization, role=Role.COLLECTOR, kind="bad_debt", currency="USD",
            reason_key=key.replace("theirs", str(theirs.pk)),
        )  # fmt: skip
    assert sqlstate(caught.value) == "RV007"
