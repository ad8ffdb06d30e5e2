"""Exchange rates: which one counts, which is too old, how it is corrected, and what the database keeps of it."""

from datetime import date
from decimal import Decimal

import pytest
from django.db import DatabaseError, connection, transaction

from accounts.roles import Role
from receivables.billing.operations import generate_invoice
from receivables.core.errors import NotPermitted, Refused
from receivables.core.models import Event
from receivables.core.money import DEFAULT_FORMAT
from receivables.ledger.models import ExchangeRate
from receivables.ledger.rates.operations import (
    Quote,
    add_exchange_rate,
    correct_exchange_rate,
    import_exchange_rates,
)
from receivables.ledger.rates.queries import known_rate, old_rate_text, overview, rate_on
from receivables.ledger.rates.rules import (
    KnownRate,
    RateFacts,
    add_exchange_rate_blocker,
    deviation,
    direct,
    number_text,
    old_rate_warning,
    rate_too_old_blocker,
)
from tests.builders import make_account, make_load, make_member, make_organization

FIRST, THIRD = date(2026, 11, 1), date(2026, 11, 3)


@pytest.fixture
def alice(db):
    return make_member(make_organization())


def refusal(verb, **arguments):
    with pytest.raises(Refused) as caught:
        verb(**arguments)
    return caught.value


@pytest.mark.parametrize(
    ("quoted", "inverse", "rate"),
    [("1.0875", False, "1.0875"), ("3.75", True, "0.2666666667"), ("0.92", True, "1.0869565217"), ("1", True, "1")],
)
def test_a_quotation_means_one_rate(quoted, inverse, rate):
    assert direct(Decimal(quoted), inverse=inverse) == Decimal(rate)


@pytest.mark.parametrize("quoted", ["100000000000", "1e-16"])
def test_a_quotation_that_is_worth_nothing_or_beyond_all_is_none(quoted):
    with pytest.raises(ValueError, match="usable"):
        direct(Decimal(quoted), inverse=True)


@pytest.mark.parametrize(
    ("before", "rate", "tolerance", "sure", "code"),
    [
        (None, "1.09", "10", False, None),
        ("1.09", "1.19", "10", False, None),
        ("1.00", "1.10", "10", False, None),  # equal is allowed
        ("1.00", "1.11", "10", False, "leap"),
        ("3.75", "0.2667", "10", False, "leap"),  # quoted the other way round
        ("1.00", "1.11", "10", True, None),
        ("1.00", "9", None, False, None),
    ],
)
def test_add_exchange_rate_asks_about_a_leap(before, rate, tolerance, sure, code):
    facts = RateFacts(
        "EUR", "USD", Decimal(rate), DEFAULT_FORMAT, Decimal(before) if before else None,
        Decimal(tolerance) if tolerance else None, sure,
    )  # fmt: skip
    blocker = add_exchange_rate_blocker(facts, known=False)
    assert (blocker.code if blocker else None) == code


def test_how_old_a_rate_may_be():
    week = KnownRate(Decimal(1), FIRST, 7)
    assert old_rate_warning(week, currency="EUR", warn=7) == ""
    assert old_rate_warning(week, currency="EUR", warn=6) == "The exchange rate for EUR is 7 days old."
    assert rate_too_old_blocker(week, currency="EUR", day="8 Nov 2026", oldest=7) is None
    assert rate_too_old_blocker(week, currency="EUR", day="8 Nov 2026", oldest=6).code == "rate_too_old"
    assert rate_too_old_blocker(week, currency="EUR", day="8 Nov 2026", oldest=None) is None


def test_numbers_of_rates_keep_their_decimals():
    assert number_text(Decimal("3.75000"), DEFAULT_FORMAT) == "3.75"
    assert number_text(Decimal("1"), DEFAULT_FORMAT) == "1.00"
    assert deviation(Decimal("0.5"), Decimal(2)) == 75


def test_add_exchange_rate_and_the_newest_day_counts(alice):
    add_exchange_rate(actor=alice, currency="EUR", date=FIRST, rate=Decimal("1.10"))
    add_exchange_rate(actor=alice, currency="EUR", date=THIRD, rate=Decimal("0.8"), inverse=True, sure=True)
    assert rate_on(alice, "EUR", date(2026, 11, 2)) == Decimal("1.10")
    assert rate_on(alice, "EUR", THIRD) == Decimal("1.25")
    assert known_rate(alice, "EUR", date(2026, 11, 9)) == KnownRate(Decimal("1.25"), THIRD, 6)
    assert rate_on(alice, "USD", FIRST) == 1
    assert Event.objects.of(alice).filter(name="add_exchange_rate").count() == 2
    kept = ExchangeRate.objects.get(date=THIRD)
    assert (kept.quoted, kept.inverse, kept.created_by) == (Decimal("0.8"), True, alice.user)


def test_add_exchange_rate_refuses(alice):
    wanted = {"actor": alice, "currency": "EUR", "date": FIRST, "rate": Decimal("1.1")}
    add_exchange_rate(**wanted)
    assert (refusal(add_exchange_rate, **wanted).code, refusal(add_exchange_rate, **wanted).field) == ("known", "date")
    assert refusal(add_exchange_rate, **{**wanted, "currency": "USD"}).code == "own_currency"
    assert refusal(add_exchange_rate, **{**wanted, "rate": Decimal(0)}).code == "not_positive"
    leap = refusal(add_exchange_rate, **{**wanted, "date": THIRD, "rate": Decimal("0.909")})
    assert (leap.code, leap.field) == ("leap", "sure")
    with pytest.raises(NotPermitted):
        add_exchange_rate(**{**wanted, "actor": make_member(alice.organization, Role.BILLER, "Bob")})


def test_no_rate_names_currency_and_day_and_leads_to_adding_it(alice):
    missing = refusal(rate_on, actor=alice, currency="EUR", day=THIRD)
    assert str(missing.blocker.message) == "There is no exchange rate for EUR on or before 3 Nov 2026. Add one first."
    assert missing.blocker.link == "/ledger/rates/add/?currency=EUR&date=2026-11-03"
    bob = make_member(alice.organization, Role.BILLER, "Bob")
    assert refusal(rate_on, actor=bob, currency="EUR", day=THIRD).blocker.link == ""


def test_a_rate_beyond_the_age_that_is_allowed_is_not_used(alice):
    add_exchange_rate(actor=alice, currency="EUR", date=FIRST, rate=Decimal("1.10"))
    assert old_rate_text(alice, "EUR", date(2026, 11, 9)) == "The exchange rate for EUR is 8 days old."
    alice.organization.exchange_refuse_days = 7
    assert rate_on(alice, "EUR", date(2026, 11, 8)) == Decimal("1.10")
    assert refusal(rate_on, actor=alice, currency="EUR", day=date(2026, 11, 9)).code == "rate_too_old"


def test_correct_exchange_rate_keeps_what_was_there(alice):
    wrong = add_exchange_rate(actor=alice, currency="EUR", date=FIRST, rate=Decimal("1.10"))
    right = correct_exchange_rate(actor=alice, exchange_rate=wrong, rate=Decimal("1.12"), reason="Typing error")
    assert [(row.version, row.rate) for row in ExchangeRate.objects.of(alice).order_by("version")] == [
        (1, Decimal("1.10")), (2, Decimal("1.12")),
    ]  # fmt: skip
    assert rate_on(alice, "EUR", THIRD) == Decimal("1.12")
    again = {"actor": alice, "exchange_rate": wrong, "rate": Decimal("1.13"), "reason": "Late"}
    assert refusal(correct_exchange_rate, **again).code == "superseded"
    again["exchange_rate"] = right
    assert refusal(correct_exchange_rate, **{**again, "reason": " "}).field == "reason"
    assert refusal(correct_exchange_rate, **{**again, "rate": Decimal("1.12")}).code == "same_rate"
    assert [line.history[0].rate for line in overview(alice)] == [Decimal("1.12")]


def test_a_correction_is_compared_with_the_day_before_and_not_with_what_was_corrected(alice):
    add_exchange_rate(actor=alice, currency="EUR", date=FIRST, rate=Decimal("1.10"))
    slip = add_exchange_rate(actor=alice, currency="EUR", date=THIRD, rate=Decimal("11.2"), sure=True)
    right = correct_exchange_rate(actor=alice, exchange_rate=slip, rate=Decimal("1.12"), reason="Typing error")
    assert correct_exchange_rate(actor=alice, exchange_rate=right, rate=Decimal("1.13"), reason="Newer").version == 3


def test_what_is_too_big_at_a_rate_is_refused_in_words(alice):
    add_exchange_rate(actor=alice, currency="KWD", date=FIRST, rate=Decimal("3.25"))
    load = make_load(alice, make_account(alice, currency="KWD"), line_haul="900000000000000")
    assert refusal(generate_invoice, actor=alice, load=load, issue_date=THIRD).code == "too_big"


def test_import_exchange_rates_again_writes_nothing_and_corrects_only_if_asked(alice):
    quotes = [Quote("EUR", FIRST, Decimal("1.10")), Quote("SAR", FIRST, Decimal("3.75"), inverse=True)]
    assert len(import_exchange_rates(actor=alice, quotes=quotes)) == 2
    assert refusal(import_exchange_rates, actor=alice, quotes=quotes).code == "nothing_new"
    changed = [Quote("EUR", FIRST, Decimal("1.11")), quotes[1]]
    assert refusal(import_exchange_rates, actor=alice, quotes=changed).code == "nothing_new"
    assert refusal(import_exchange_rates, actor=alice, quotes=changed, replace=True).field == "reason"
    import_exchange_rates(actor=alice, quotes=changed, replace=True, reason="The bank corrected it")
    assert rate_on(alice, "EUR", FIRST) == Decimal("1.11")
    assert rate_on(alice, "SAR", FIRST) == Decimal("0.2666666667")
    far = [Quote("EUR", THIRD, Decimal("0.9"))]
    assert refusal(import_exchange_rates, actor=alice, quotes=far).code == "leap"
    assert len(import_exchange_rates(actor=alice, quotes=far, sure=True)) == 1


def test_the_database_keeps_every_rate(alice):
    row = add_exchange_rate(actor=alice, currency="EUR", date=FIRST, rate=Decimal("1.10"))
    attacks = [
        ("UPDATE ledger_exchangerate SET rate = 9 WHERE id = %s", [row.pk]),
        ("DELETE FROM ledger_exchangerate WHERE id = %s", [row.pk]),
    ]
    for sql, values in attacks:
        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(sql, values)
    for changes in ({"version": 3, "reason": "Skipped"}, {"version": 1}, {"currency": "USD"}):
        with pytest.raises(DatabaseError), transaction.atomic():
            values = {"currency": "EUR", "date": FIRST, "rate": Decimal(1), "version": 2, **changes}
            ExchangeRate.objects.create(organization=alice.organization, **values)
