"""The register: what moved between write-off agreements is told from what was written off, and totals have no limit."""

from decimal import Decimal as D

import pytest
from django.urls import reverse

from receivables.core import listing
from receivables.writeoffs.bankruptcy.withdrawing import withdraw_bankruptcy
from receivables.writeoffs.models import RegisterLine, RegisterTotal
from receivables.writeoffs.register.views import totals_of
from tests.builders import make_invoice
from tests.support.invariants import broken
from tests.writeoffs.cast import bankruptcy, bill_and_late_charge, write_off

pytestmark = pytest.mark.django_db


def sums(actor, code=None):
    """What happened and how much, without what did not; of one type, or of all."""
    rows = RegisterTotal.objects.of(actor)
    found = totals_of(rows if code is None else rows.filter(type__code=code))
    return {name: amount for name, amount in found[0].items() if name != "currency" and amount} if found else {}


def test_a_bankruptcy_moves_what_was_written_off_before_and_writes_off_the_rest(admin):
    """Of 1,050.00 a first write-off takes 50.00 to WO-STD. The bankruptcy writes off 1,000.00 and moves those 50.00:
    1,050.00 were written off, once."""
    account, _invoice, late = bill_and_late_charge(admin)
    write_off(admin, account, picks={(late.agreement_id, late.open_item_id): D(50)})
    filed = bankruptcy(admin, account)
    assert sums(admin) == {"written_off": 1050, "net": 1050}
    assert sums(admin, "WO-STD") == {"written_off": 50, "moved": -50}
    assert sums(admin, "WO-BKR") == {"written_off": 1000, "moved": 50, "net": 1050}
    withdraw_bankruptcy(actor=admin, bankruptcy=filed, reason="Another customer of that name")
    assert sums(admin) == {"written_off": 1050, "taken_back": -1000, "net": 50}
    assert sums(admin, "WO-STD") == {"written_off": 50, "net": 50}
    assert sums(admin, "WO-BKR") == {"written_off": 1000, "taken_back": -1000}
    assert broken() == {}


def test_totals_and_count_are_those_of_the_lines_in_view(admin, browser_of, monkeypatch):
    """Also beyond the length to which other lists are counted; only what typed text finds is counted to there."""
    monkeypatch.setattr(listing, "COUNT_LIMIT", 2)
    for amount in ("10", "20", "30"):
        last = make_invoice(admin, line_haul=amount)
        write_off(admin, last.account, reason=f"Owes {amount}")
    browser, address = browser_of(admin), reverse("write_offs")

    def shown(**filters):
        context = browser.get(address, filters).context
        figures = [str(each["value"]) for each in context["totals"]]
        return [row.record.amount for row in context["table"].rows], context["pager"]["text"], figures[:1]

    assert shown() == ([30, 20, 10], "3 rows", ["60.00\N{NO-BREAK SPACE}USD"])
    assert shown(reason="owes 2") == ([20], "1 row", ["20.00\N{NO-BREAK SPACE}USD"])
    assert shown(sort="amount", reason="owes") == ([10, 20, 30], "3 rows", ["60.00\N{NO-BREAK SPACE}USD"])
    assert shown(person=admin.user.pk, what="written_off") == ([30, 20, 10], "3 rows", ["60.00\N{NO-BREAK SPACE}USD"])
    assert shown(until="2001-01-01")[1:] == ("0 rows", [])
    assert shown(q=last.account.number) == ([30], "1 row", ["30.00\N{NO-BREAK SPACE}USD"])
    assert shown(q="WO-0")[1] == "More than 2 rows; filter them to see totals."
    assert shown(type="no type")[0] == [30, 20, 10]


def test_the_register_is_written_with_each_movement_alone(admin):
    """A sync has no entry, an entry of several accounts one line for each; nothing else has a line."""
    account, _invoice, _late = bill_and_late_charge(admin)
    write_off(admin, account)
    lines = RegisterLine.objects.order_by("agreement__type__code")
    assert [(line.agreement.type.code, line.amount) for line in lines] == [
        ("WO-2210", 80), ("WO-2220", 20), ("WO-STD", 950),
    ]  # fmt: skip
    assert RegisterTotal.objects.filter(line_count=1).count() == 3
