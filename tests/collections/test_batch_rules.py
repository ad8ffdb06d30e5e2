"""Which short payments a batch resolves and which it passes over: a truth table without a database."""

from datetime import date
from decimal import Decimal

import pytest

from receivables.billing.models import Load
from receivables.billing.rules import InvoiceFacts
from receivables.collections.resolution_rules import ResolutionFacts, stale_amount_blocker
from receivables.collections.short_payments.rules import (
    MOST,
    ItemFacts,
    Limits,
    batch_item_blocker,
    load_that_is_short,
    resolve_short_payments_blocker,
    retry_batch_blocker,
    undo_batch_blocker,
)
from receivables.core.errors import Blocker
from receivables.core.money import DEFAULT_FORMAT

LATE, EARLY = date(2026, 11, 20), date(2026, 11, 10)


def facts(
    *, total=1000, new_total=None, balance=50, voided=False, currency="USD", loads=1, payments=1, asked=False, **more
):
    invoice = InvoiceFacts(
        currency=currency, fmt=DEFAULT_FORMAT, invoice_number="INV-1", voided=voided, current_total=Decimal(total),
        new_total=Decimal(total if new_total is None else new_total),
    )  # fmt: skip
    resolution = ResolutionFacts(invoice, Decimal(balance), amount=Decimal(balance), asked=asked)
    return ItemFacts(resolution, [Load(number=f"L-{n}") for n in range(loads)], payments, **more)


@pytest.mark.parametrize(
    ("given", "limits", "code"),
    [
        ({}, {}, None),
        ({"balance": 1000}, {}, None),
        ({"voided": True}, {}, "void"),
        ({"currency": "EUR"}, {}, "other_currency"),
        ({"loads": 0}, {}, "no_load"),
        ({"loads": 2}, {}, "which_load"),
        ({"payments": 0}, {}, "no_payment"),
        ({"new_total": 990}, {}, "out_of_date"),
        ({"asked": True}, {}, "already_asked"),
        ({"balance": 0}, {}, "nothing_short"),
        ({}, {"amount": Decimal("49.99")}, "above_amount"),
        ({}, {"amount": Decimal(50)}, None),
        ({}, {"percent": Decimal("4.99")}, "above_percent"),
        ({}, {"percent": Decimal(5)}, None),
        ({"paid_posted": LATE}, {"posting_date": EARLY}, "before_payment"),
        ({"paid_posted": EARLY}, {"posting_date": EARLY}, None),
        ({"revision_posted": LATE}, {"posting_date": EARLY}, "before_revision"),
        ({"revision_posted": LATE}, {}, None),
        ({"voided": True, "currency": "EUR", "loads": 0, "payments": 0}, {}, "void"),
    ],
)
def test_resolve_short_payments_passes_over(given, limits, code):
    blocker = batch_item_blocker(facts(**given), Limits("USD", **limits))
    assert (blocker and blocker.code) == code
    assert blocker is None or str(blocker.message)


def test_the_load_that_is_short_is_known_only_if_there_is_one():
    one, two = Load(number="L-1"), Load(number="L-2")
    assert load_that_is_short("INV-1", [one]) == (one, None)
    assert load_that_is_short("INV-1", [one, two])[0] is None


BAD_TYPE, BAD_DAY = Blocker("type_inactive", "No"), Blocker("period_closed", "No")


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"chosen": 0}, "nothing_selected"),
        ({"chosen": MOST + 1}, "too_many"),
        ({"chosen": MOST}, None),
        ({"type_blocker": BAD_TYPE, "day_blocker": BAD_DAY}, "type_inactive"),
        ({"day_blocker": BAD_DAY}, "period_closed"),
        ({"changes": 0}, "nothing_to_change"),
        ({"changes": 1}, None),
    ],
)
def test_resolve_short_payments_needs(given, code):
    blocker = resolve_short_payments_blocker(**{"chosen": 1, "type_blocker": None, "day_blocker": None, **given})
    assert (blocker and blocker.code) == code


@pytest.mark.parametrize(
    ("running", "n", "retry", "undo"),
    [
        (True, 1, "batch_running", "batch_running"),
        (False, 0, "nothing_left", "nothing_to_undo"),
        (False, 1, None, None),
    ],
)
def test_retry_batch_and_undo_batch_need_rest_and_something_to_do(running, n, retry, undo):
    again, back = retry_batch_blocker(running=running, left=n), undo_batch_blocker(running=running, undoable=n)
    assert (again and again.code, back and back.code) == (retry, undo)


def test_what_was_confirmed_is_what_happens():
    assert stale_amount_blocker(Decimal(50), Decimal("50.00")) is None
    assert stale_amount_blocker(Decimal(50), Decimal(40)).code == "stale"
