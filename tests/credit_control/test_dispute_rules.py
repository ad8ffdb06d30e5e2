"""May something be disputed, and a dispute be closed? Line by line, without a database."""

from decimal import Decimal

import pytest

from receivables.core.money import DEFAULT_FORMAT
from receivables.credit_control.rules import DisputeFacts, open_dispute_blocker, resolve_dispute_blocker

D = Decimal


@pytest.mark.parametrize(
    ("balance", "disputed", "voided", "amount", "code"),
    [
        ("120", "0", False, "120", None), ("120", "0", False, "120.01", "more_than_open"),
        ("120", "100", False, "20", None), ("120", "100", False, "20.01", "more_than_open"),
        ("120", "120", False, "1", "disputed_already"), ("120", "150", False, "1", "disputed_already"),
        ("0", "0", False, "1", "nothing_open"), ("120", "0", True, "1", "void"),
        ("120", "0", False, "0", "zero_amount"), ("120", "0", False, "-1", "zero_amount"),
        ("120", "0", False, None, None), ("120", "120", False, None, "disputed_already"),
    ],
)  # fmt: skip
def test_open_dispute_blocker(balance, disputed, voided, amount, code):
    facts = DisputeFacts("INV-1", "USD", DEFAULT_FORMAT, D(balance), D(disputed), voided)
    blocker = open_dispute_blocker(facts, None if amount is None else D(amount))
    assert (blocker.code if blocker else None) == code


def test_the_most_that_can_be_added_is_named():
    facts = DisputeFacts("INV-1", "USD", DEFAULT_FORMAT, D(120), D(100))
    blocker = open_dispute_blocker(facts, D(50))
    said = "120.00 USD is open and 100.00 USD disputed already: the most you can add is 20.00 USD."
    assert str(blocker.message).replace("\u00a0", " ") == said
    assert blocker.field == "amount"


def test_resolve_dispute_blocker():
    assert resolve_dispute_blocker(is_open=True) is None
    assert resolve_dispute_blocker(is_open=False).code == "already_closed"
