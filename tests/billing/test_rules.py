"""Every rule as a truth table: the first fact that stands in the way, in the order that people are told."""

from dataclasses import replace
from decimal import Decimal
from types import SimpleNamespace

import pytest

from receivables.billing.operations.accessorials import remove_accessorial_blocker
from receivables.billing.operations.loads import create_load_blocker
from receivables.billing.rules import (
    AccessorialFacts,
    InvoiceFacts,
    LivePayment,
    add_accessorial_blocker,
    change_accessorial_blocker,
    edit_load_blocker,
    generate_invoice_blocker,
    needs_authority,
    regenerate_checks,
    regenerate_invoice_blocker,
    reissue_invoice_blocker,
    void_invoice_blocker,
)
from receivables.core.money import DEFAULT_FORMAT

D = Decimal
PAYMENT = LivePayment("PMT-000123", D(950), "/payments/123/")
ZERO_PAYMENT = LivePayment("PMT-000124", D(0))


def facts(**changes):
    """An invoice INV-1 of 1,000.00 whose charges now add up to 950.00 and that nothing stands on."""
    ready = InvoiceFacts("USD", DEFAULT_FORMAT, invoice_number="INV-1", current_total=D(1000), new_total=D(950))
    return replace(ready, **changes)


def code(blocker):
    return blocker.code if blocker else None


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, None),
        ({"new_total": D(1200)}, None),
        ({"new_total": D(0)}, None),
        ({"has_invoice": False}, "draft"),
        ({"voided": True}, "void"),
        ({"payments": [PAYMENT]}, "payment_exists"),
        ({"payments": [ZERO_PAYMENT]}, "payment_exists"),
        ({"new_total": D("-0.01")}, "negative_total"),
        ({"settled": D(951)}, "below_settled"),
        ({"settled": D(950)}, None),
        ({"new_total": D(1000)}, "total_unchanged"),
        ({"new_total": D(1000), "details_changed": True}, "total_unchanged"),
        # the order, when several hold
        ({"has_invoice": False, "voided": True}, "draft"),
        ({"voided": True, "payments": [PAYMENT]}, "void"),
        ({"payments": [PAYMENT], "new_total": D(1000)}, "payment_exists"),
        ({"payments": [PAYMENT], "new_total": D(-1)}, "payment_exists"),
        ({"new_total": D(-1), "settled": D(10)}, "negative_total"),
    ],
)
def test_regenerate_invoice_only_without_payment_and_with_another_total(changes, expected):
    assert code(regenerate_invoice_blocker(facts(**changes))) == expected


def test_regenerate_invoice_names_the_payment_and_leads_to_it():
    blocker = regenerate_invoice_blocker(facts(payments=[PAYMENT, ZERO_PAYMENT]))
    assert blocker.message == (
        "Delete payment PMT-000123 first: an invoice can't be regenerated while a payment exists on it."
    )
    assert blocker.link == "/payments/123/"
    assert [check.ok for check in blocker.checks] == [True, False, False]


@pytest.mark.parametrize(
    ("changes", "ticks"),
    [
        ({}, [True, True]),
        ({"payments": [PAYMENT]}, [True, False]),
        ({"new_total": D(1000)}, [False, True]),
        ({"new_total": D(1000), "payments": [PAYMENT]}, [False, False]),
    ],
)
def test_regenerate_invoice_shows_both_conditions(changes, ticks):
    assert [check.ok for check in regenerate_checks(facts(**changes))] == ticks


def test_regenerate_invoice_says_what_may_still_be_taken_off():
    blocker = regenerate_invoice_blocker(facts(new_total=D(100), settled=D(200), settled_by="CN-000012"))
    message = str(blocker.message).replace("\u00a0", " ")
    assert "is already credited by CN-000012" in message
    assert "800.00" in message


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"new_total": D(1000), "details_changed": True}, None),
        ({"new_total": D(1000)}, "nothing_changed"),
        ({"details_changed": True}, "total_changed"),
        ({"has_invoice": False}, "draft"),
        ({"voided": True}, "void"),
        ({"new_total": D(1000), "details_changed": True, "payments": [ZERO_PAYMENT]}, "payment_exists"),
    ],
)
def test_reissue_invoice_only_with_the_same_total(changes, expected):
    assert code(reissue_invoice_blocker(facts(**changes))) == expected


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"has_invoice": False}, None),
        ({"voided": True}, None),
        ({}, "already_invoiced"),
        ({"has_invoice": False, "agreement_state": "closed"}, "agreement_closed"),
        ({"has_invoice": False, "agreement_state": "cancelled"}, "agreement_closed"),
        ({"has_invoice": False, "agreement_state": "stopped"}, None),
        ({"has_invoice": False, "has_charges": False}, "no_charges"),
        ({"has_invoice": False, "new_total": D(-1)}, "negative_total"),
    ],
)
def test_generate_invoice_once(changes, expected):
    assert code(generate_invoice_blocker(facts(**changes))) == expected


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, None),
        ({"has_invoice": False}, "draft"),
        ({"voided": True}, "void"),
        ({"payments": [ZERO_PAYMENT]}, "payment_exists"),
        ({"settled": D(1)}, "settled"),
    ],
)
def test_void_invoice_only_with_nothing_on_it(changes, expected):
    assert code(void_invoice_blocker(facts(**changes))) == expected


def test_edit_load_at_any_time_but_never_below_zero():
    assert edit_load_blocker(facts(has_invoice=False)) is None
    assert edit_load_blocker(facts(payments=[PAYMENT])) is None
    assert edit_load_blocker(facts(voided=True)) is None
    assert code(edit_load_blocker(facts(new_total=D(-1)))) == "negative_total"


def kind(**changes):
    plain = {"active": True, "entities": ["customer"], "tax_treatment": "none", "name": "Write-Off", "kind": "bad_debt"}
    return SimpleNamespace(**{**plain, **changes})


@pytest.mark.parametrize(
    ("chosen", "entity", "amount", "changes", "expected"),
    [
        (kind(), "customer", "-50", {}, None),
        (kind(), "customer", "50", {}, None),
        (None, "customer", "-50", {}, "type_inactive"),
        (kind(active=False), "customer", "-50", {}, "type_inactive"),
        (kind(), "carrier", "-50", {}, "wrong_entity"),
        (kind(), "nobody", "-50", {}, "wrong_entity"),
        (kind(), "customer", "0", {}, "zero_amount"),
        (kind(tax_treatment="added"), "customer", "-50", {}, "reduction_adds_tax"),
        (kind(tax_treatment="added"), "customer", "50", {}, None),
        (kind(), "customer", "-50", {"voided": True}, None),
        (kind(entities=["carrier"]), "carrier", "-50", {"voided": True, "new_total": D(-1)}, None),
        (kind(), "customer", "-2000", {"new_total": D(-1000)}, "negative_total"),
        (kind(), "customer", "-900", {"new_total": D(100), "settled": D(200)}, "below_settled"),
        (kind(), "customer", "-50", {"payments": [PAYMENT]}, None),
    ],
)
def test_add_accessorial_rules(chosen, entity, amount, changes, expected):
    assert code(add_accessorial_blocker(AccessorialFacts(chosen, entity, D(amount), facts(**changes)))) == expected


def test_change_accessorial_of_a_charge_never_below_its_reductions():
    lowered = AccessorialFacts(kind(kind="charge"), "customer", D(10), facts(new_total=D(-40)))
    assert code(change_accessorial_blocker(lowered)) == "negative_total"


def test_change_accessorial_of_a_type_out_of_use():
    wanted = AccessorialFacts(kind(active=False), "customer", D(-50), facts())
    assert change_accessorial_blocker(wanted) is None
    assert code(change_accessorial_blocker(replace(wanted, amount=D(0)))) == "zero_amount"


@pytest.mark.parametrize(
    ("amount", "changes", "most"),
    [
        ("-2000", {"new_total": D(-1000)}, "1,000.00"),
        ("-900", {"new_total": D(100), "settled": D(200)}, "800.00"),
        # what was taken off since the last revision counts
        ("-800", {"new_total": D(100), "settled": D(200)}, "700.00"),
        ("-1", {"new_total": D(100), "settled": D(200)}, "0.00"),
    ],
)
def test_add_accessorial_says_the_most_that_can_be_taken_off(amount, changes, most):
    blocker = add_accessorial_blocker(AccessorialFacts(kind(), "customer", D(amount), facts(**changes)))
    assert f"most you can take off is {most}" in blocker.message
    assert blocker.field == "amount"


@pytest.mark.parametrize(("total", "expected"), [(0, None), (-1, "negative_total"), (5, None)])
def test_remove_accessorial_rules(total, expected):
    assert code(remove_accessorial_blocker(D(total))) == expected


@pytest.mark.parametrize(
    ("taken", "state", "same", "expected"),
    [
        (False, "active", True, None),
        (True, "active", True, "number_taken"),
        (False, "active", False, "other_account"),
        (False, "closed", True, "agreement_closed"),
        (False, "cancelled", True, "agreement_closed"),
        (False, "pending_stop", True, None),
    ],
)
def test_create_load_rules(taken, state, same, expected):
    assert code(create_load_blocker(number_taken=taken, agreement_state=state, same_account=same)) == expected


@pytest.mark.parametrize(
    ("chosen", "entity", "amount", "expected"),
    [
        ("bad_debt", "customer", "-1", True),
        ("price_concession", "customer", "-1", True),
        ("charge", "customer", "-1", False),
        ("bad_debt", "carrier", "-1", False),
        ("bad_debt", "customer", "1", False),
    ],
)
def test_giving_to_a_customer_needs_authority(chosen, entity, amount, expected):
    assert needs_authority(chosen, entity, D(amount)) is expected
