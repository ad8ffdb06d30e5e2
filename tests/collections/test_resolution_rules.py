"""May a short payment be resolved in one step, and undone? The rules, line by line."""

from datetime import date
from decimal import Decimal

import pytest

from receivables.billing.rules import InvoiceFacts
from receivables.collections.resolution_rules import (
    ResolutionFacts,
    button_blocker,
    posting_day_blocker,
    resolve_short_payment_blocker,
    undo_resolution_blocker,
)
from receivables.core.money import DEFAULT_FORMAT

D = Decimal


def facts(balance="50", amount="50", new="1000", asked=False, **details):
    invoice = InvoiceFacts(
        "USD", DEFAULT_FORMAT, current_total=D(1000), new_total=D(new), invoice_number="INV-1", **details
    )
    return ResolutionFacts(invoice, D(balance), D(amount), asked)


def code(blocker):
    return blocker.code if blocker else None


# What differs from an invoice of 1,000.00 with 50.00 open of which 50.00 are taken off; with a type or without.
TABLE = [
    ({}, True, None),
    ({"amount": "0.01"}, True, None),
    ({"has_invoice": False}, True, "draft"),
    ({"voided": True}, True, "void"),
    ({"balance": "0"}, True, "nothing_short"),
    ({"asked": True}, True, "already_asked"),
    ({"amount": "0"}, True, "zero_amount"),
    ({"amount": "-1"}, True, "zero_amount"),
    ({"amount": "50.01"}, True, "more_than_open"),
    ({"new": "980", "amount": "30"}, True, None),
    ({"new": "980", "amount": "30.01"}, True, "more_than_open"),
    ({"new": "1020", "amount": "70"}, True, None),
    ({"amount": "0"}, False, "no_type"),
    ({"new": "950", "amount": "0"}, False, None),
    ({"new": "949.99", "amount": "0"}, False, "below_paid"),
    ({"new": "1020", "amount": "0"}, False, None),
    ({"has_invoice": False, "amount": "0"}, False, "draft"),
    ({"voided": True, "new": "950", "amount": "0"}, False, "void"),
]


@pytest.mark.parametrize(("changed", "has_type", "expected"), TABLE)
def test_resolve_short_payment_rule(changed, has_type, expected):
    assert code(resolve_short_payment_blocker(facts(**changed), has_type=has_type)) == expected


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({}, None),
        ({"balance": "0"}, "nothing_short"),
        ({"new": "950"}, None),
        ({"new": "949"}, "below_paid"),
        ({"new": "980"}, None),
        ({"asked": True}, "already_asked"),
        ({"has_invoice": False}, "draft"),
    ],
)
def test_the_button_asks_for_the_most_that_can_be_taken_off(changed, expected):
    assert code(button_blocker(facts(**changed))) == expected


@pytest.mark.parametrize(
    ("balance", "new", "most"), [("50", "1000", 50), ("50", "980", 30), ("50", "900", 0), ("50", "1020", 70)]
)
def test_the_most_is_what_is_open_less_what_waits(balance, new, most):
    assert facts(balance=balance, new=new).most == most


FINE = {"undone": False, "newest": True, "has_accessorial": True, "changed": False}


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({}, None),
        ({"undone": True}, "already_undone"),
        ({"newest": False}, "not_newest"),
        ({"has_accessorial": False}, "by_hand"),
        ({"changed": True}, "charges_changed"),
    ],
)
def test_undo_resolution_rule(changed, expected):
    assert code(undo_resolution_blocker(**{**FINE, **changed})) == expected


@pytest.mark.parametrize(
    ("posted", "chosen", "expected"),
    [(3, 2, "before_payment"), (3, 3, None), (3, 4, None), (None, 2, None), (3, None, None)],
)
def test_money_moves_on_no_day_before_it_was_there(posted, chosen, expected):
    days = {"posted": posted and date(2026, 11, posted), "chosen": chosen and date(2026, 11, chosen)}
    assert code(posting_day_blocker(**days)) == expected
