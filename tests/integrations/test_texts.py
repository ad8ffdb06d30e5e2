"""What systems say, read so that it can be kept: numbers digit for digit, texts without what the database refuses."""

from decimal import Decimal

from receivables.integrations.systems import texts


def test_what_is_read_can_be_kept():
    found = texts.read(r'{"Names": ["A\u0000cme", "lone \ud800"], "Amount": 1000.10, "Open": null}')
    assert found == {"Names": ["Acme", "lone ?"], "Amount": Decimal("1000.10"), "Open": None}
