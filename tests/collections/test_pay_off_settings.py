"""The pay-off limit in the settings: who sees and sets it, in words, with its example, history and simulation."""

from copy import deepcopy
from datetime import timedelta

import pytest

from accounts.models import Organization, User
from accounts.roles import Role
from receivables.collections.models import PayOffExclusion, PayOffPolicy
from receivables.collections.payoff_queries import policy_of
from receivables.core.dates import today
from tests.accounts.conftest import signed_in
from tests.builders import PASSWORD, make_account, make_invoice, make_member, make_organization, pay
from tests.collections.pay_offs import limited, paid_off

pytestmark = pytest.mark.django_db
LIST = "/settings/collections/payoffpolicy/"


@pytest.fixture(scope="module")
def kept_alice(keep):
    return keep(lambda: make_member(make_organization("Najd Freight", "SAR")))


@pytest.fixture
def alice(kept_alice, settings, db):
    settings.REQUIRE_SECOND_FACTOR = False
    return deepcopy(kept_alice)


@pytest.fixture
def granted(alice):
    Organization.objects.filter(pk=alice.organization_id).update(pay_off_policy_granted=True)
    return alice


def lately(actor):
    """A day of the year that a limit is tried on."""
    return today(actor.organization) - timedelta(days=3)


def page(actor):
    return f"{LIST}{PayOffPolicy.objects.of(actor).get().pk}/change/"


def form(actor, **changed):
    policy = PayOffPolicy.objects.of(actor).get()
    return {
        "maximum": "", "percent": "", "cap": "", "reason": policy.reason_id, "excluded": "", "why": "New policy",
        **changed,
    }  # fmt: skip


def text(response):
    return response.content.decode().replace("\u00a0", " ").replace("&nbsp;", " ")


@pytest.mark.parametrize(
    ("role", "looks"), [(Role.ADMIN, True), (Role.AUDITOR, True), (Role.BILLER, False), (Role.COLLECTOR, False)]
)
def test_who_looks_and_that_nobody_sets_it_ungranted(alice, role, looks):
    member = make_member(alice.organization, role)
    client = signed_in(member.user)
    assert client.get(page(alice)).status_code == (200 if looks else 403)
    client.post(page(alice), form(alice, maximum="50"))
    assert PayOffPolicy.objects.of(alice).get().maximum is None


def test_an_admin_sets_it_where_it_was_granted_and_it_is_kept_with_who_and_why(granted):
    client = signed_in(granted.user)
    assert client.post(page(granted), form(granted, maximum="50.00", why="Audit of March")).status_code == 302
    assert PayOffPolicy.objects.of(granted).get().maximum == 50
    history = text(client.get(page(granted).replace("change", "history")))
    assert "Audit of March" in history
    assert granted.user.full_name in history


def test_the_platform_sets_it(alice):
    staff = User.objects.create_superuser("sue@platform.test", PASSWORD, full_name="Sue")
    client = signed_in(staff, alice.organization)
    assert client.post(page(alice), form(alice, maximum="0")).status_code == 302
    assert PayOffPolicy.objects.of(alice).get().maximum == 0


@pytest.mark.parametrize(
    ("maximum", "said"),
    [
        (None, ["No maximum", "all of the remaining 80.00 SAR will be recorded as bad debt"]),
        ("0", ["Nothing may be given up", "stays open, since by the pay off limit nothing may be given up."]),
        ("50", ["up to 50.00 SAR", "the pending balance of 80.00 SAR exceeds the pay off limit of 50.00 SAR."]),
        ("80", ["up to 80.00 SAR", "80.00 SAR will be recorded as bad debt and the invoice paid off."]),
    ],
)
def test_the_limit_is_in_words_with_the_published_example(alice, maximum, said):
    limited(alice, maximum)
    shown = text(signed_in(alice.user).get(page(alice))) + text(signed_in(alice.user).get(LIST))
    for sentence in said:
        assert sentence in shown


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"maximum": "-1"}, "Enter zero or more."),
        ({"percent": "101"}, "Enter 100 or less."),
        ({"excluded": "NOBODY"}, "There is no customer with the number NOBODY."),
        ({"why": ""}, "This field is required."),
        ({"maximum": "1.234"}, "SAR has 2 decimals."),
    ],
)
def test_what_is_wrong_is_said_beside_its_field(granted, changed, said):
    assert said in text(signed_in(granted.user).post(page(granted), form(granted, **changed)))


def test_customers_are_excluded_and_let_in_again(granted):
    customer = make_account(granted).customer
    client = signed_in(granted.user)
    client.post(page(granted), form(granted, excluded=f"{customer.number}\n{customer.number}"))
    assert PayOffExclusion.objects.get().customer == customer
    assert customer.number in text(client.get(page(granted)))
    client.post(page(granted), form(granted, why="Let in again"))
    assert not PayOffExclusion.objects.exists()


def test_another_organizations_policy_is_not_there(granted, settings):
    rival = make_member(make_organization("Rival Lines"))
    assert signed_in(granted.user).get(page(rival)).status_code == 404


def test_what_a_limit_would_have_given_up(alice):
    assert "nothing to try limits on" in text(signed_in(alice.user).get(page(alice)))
    for left in ("10", "50", "60"):
        pay(alice, make_invoice(alice, line_haul="1000"), str(1000 - int(left)), date=lately(alice))
    make_invoice(alice)
    limited(alice, "50")
    said = text(signed_in(alice.user).get(page(alice)))
    assert (
        "With the limit “up to 50.00 SAR”, 2 of the last year&#x27;s 3 shortfalls, 60.00 SAR in all, would have been"
        " given up."
    ) in said


def test_what_was_given_up_is_a_shortfall_too(alice):
    """Before a limit is set everything is given up, which is when one wants to know what a limit would change."""
    limited(alice, None)
    for left in ("10", "60"):
        paid_off(alice, make_invoice(alice, line_haul="1000"), str(1000 - int(left)), date=lately(alice))
    said = text(signed_in(alice.user).get(page(alice), {"try": "50"}))
    assert "With the limit “up to 50.00 SAR”, 1 of the last year&#x27;s 2 shortfalls, 10.00 SAR in all" in said


def test_excluded_customers_and_the_cap_count_for_what_a_limit_would_have_given_up(alice):
    """The cap is used up by the oldest shortfall first, as it would have been."""
    barred, other = make_account(alice), make_account(alice, "Other Foods")
    PayOffExclusion.objects.create(organization=alice.organization, customer=barred.customer)
    for account, left in ((barred, "10"), (other, "30"), (other, "40")):
        pay(alice, make_invoice(alice, account, "1000"), str(1000 - int(left)), date=lately(alice))
    limited(alice, "50", cap="50")
    said = text(signed_in(alice.user).get(page(alice)))
    assert "1 of the last year&#x27;s 3 shortfalls, 30.00 SAR in all" in said


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("60", "With the limit “up to 60.00 SAR”, 2 of the last year&#x27;s 2 shortfalls, 70.00 SAR in all"),
        ("59.99", "With the limit “up to 59.99 SAR”, 1 of the last year&#x27;s 2 shortfalls, 10.00 SAR in all"),
        ("0", "With the limit “Nothing may be given up”, 0 of the last year&#x27;s 2 shortfalls, 0.00 SAR in all"),
        ("", "With the limit “No maximum”, 2 of the last year&#x27;s 2 shortfalls, 70.00 SAR in all"),
        ("-1", "Enter zero or more."),
        ("59.999", "SAR has 2 decimals."),
        ("NaN", "Enter an amount like"),
        ("1000000000000000", "at most 15 digits"),
    ],
)
@pytest.mark.parametrize("role", [Role.ADMIN, Role.AUDITOR])
def test_a_limit_of_ones_own_is_tried_and_not_set(alice, role, typed, said):
    for left in ("10", "60"):
        pay(alice, make_invoice(alice, line_haul="1000"), str(1000 - int(left)), date=lately(alice))
    limited(alice, "50")
    shown = text(signed_in(make_member(alice.organization, role).user).get(page(alice), {"try": typed}))
    assert said in shown[shown.index('id="tried"') :][:400]
    assert policy_of(alice).maximum == 50
