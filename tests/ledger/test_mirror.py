"""A reversal mirrors its entry whatever order the lines were read in: PostgreSQL promises none."""

from datetime import date
from decimal import Decimal

from receivables.ledger.models import JournalEntry, JournalLine
from receivables.ledger.posting import mirror


def test_lines_read_in_any_order_are_mirrored_by_their_number():
    amounts = [Decimal(70), Decimal(30), Decimal(-100)]
    lines = [
        JournalLine(line_no=number, gl_account_id=number, amount=amount, organization_amount=amount)
        for number, amount in enumerate(amounts, start=1)
    ]
    entry = JournalEntry(pk=1, currency="USD")
    draft = mirror(entry, [lines[2], lines[0], lines[1]], kind="undone", source=entry, posting_date=date(2026, 11, 3))
    assert [(line.gl_account_id, line.amount) for line in draft.lines] == [(1, -70), (2, -30), (3, 100)]
    assert draft.reverses_id == 1
