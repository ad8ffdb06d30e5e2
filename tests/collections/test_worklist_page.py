"""The list of short payments asks the same however long it is, and says of a batch what the batch then does."""

from decimal import Decimal

from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from receivables.approvals.models import AuthorityLimit
from receivables.collections.short_payments.planning import Selection
from tests.billing.credit_notes import credit
from tests.builders import make_member, make_type
from tests.collections import batch_support as batches
from tests.collections.batch_support import short


def test_its_queries_do_not_grow_with_rows(biller, browser_of):
    browser, address = browser_of(biller), reverse("short_payments")

    def count():
        with CaptureQueriesContext(connection) as asked:
            assert browser.get(address).status_code == 200
        return len(asked)

    short(biller), short(biller), short(biller)
    count()  # the first page of a session asks more
    before = count()
    for _n in range(7):
        short(biller)
    assert count() == before


def test_a_number_of_days_is_none_below_zero(biller, browser_of):
    """A number with a million zeros would keep the server busy for minutes."""
    shown = browser_of(biller).get(reverse("short_payments"), {"days_from": "-1e1000000", "days_to": "-1"})
    assert sorted(shown.context["filter"].form.errors) == ["days_from", "days_to"]


def test_a_filter_that_cannot_be_read_chooses_nothing(biller):
    """It would be left out, and everything that is short be resolved."""
    invoice = short(biller)
    for query, chosen in (("short_to=50", [invoice.open_item_id]), ("short_to=5O", []), ("customer=%00", [])):
        found = Selection(everything=True, query=query).items(biller)
        assert list(found.values_list("pk", flat=True)) == chosen, query


def test_the_dry_run_counts_what_credit_notes_gave_already(biller):
    """Up to 60 may be given alone; 20 were by a credit note, so 30 more go to approval only beyond 60 in all."""
    admin, write_off = make_member(biller.organization), make_type(biller)
    AuthorityLimit.objects.create(
        organization=biller.organization, membership=biller, kind="bad_debt", currency="USD", maximum=Decimal(60)
    )
    below, above = short(biller), short(biller, paid="930")
    credit(admin, above, "20")
    plan = batches.planned(biller, write_off)
    assert {line.invoice.pk: line.asks for line in plan.lines} == {below.pk: False, above.pk: True}
    batch = batches.resolved(biller, write_off)
    assert batches.states(batch) == {"done": 1, "asked": 1}
