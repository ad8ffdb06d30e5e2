"""Tax relief: its rules, what is refused, its pages and who reaches them."""

from datetime import date, timedelta
from decimal import Decimal as D
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.roles import Role
from receivables.billing.models import Reason
from receivables.collections.models import TaxRelief, TaxReliefClaim
from receivables.collections.tax_relief.operations import claim_tax_relief, reverse_tax_relief
from receivables.collections.tax_relief.queries import worksheet
from receivables.collections.tax_relief.rules import claim_tax_relief_blocker, reverse_tax_relief_blocker
from receivables.core.dates import today
from receivables.core.errors import NotPermitted
from receivables.ledger.queries import next_month
from tests.billing.credit_notes import tax_code
from tests.builders import make_account, make_invoice, make_member
from tests.collections.pay_offs import paid_off
from tests.collections.recoveries import recover
from tests.collections.support import close_month, refused

DAY = date(2026, 11, 22)


class TestRules:
    ASK = {"wanted": 2, "eligible": 2, "as_of": DAY, "today": DAY}

    @pytest.mark.parametrize(
        ("change", "expected"),
        [
            ({}, None),
            ({"wanted": 0, "eligible": 0}, "nothing_chosen"),
            ({"as_of": date(2026, 11, 23)}, "future"),
            ({"eligible": 1}, "stale"),
            ({"given": [DAY], "posting_date": date(2026, 11, 21)}, "before_eligible"),
            ({"given": [DAY], "posting_date": DAY}, None),
        ],
    )
    def test_claim_tax_relief_blocker(self, change, expected):
        found = claim_tax_relief_blocker(**{**self.ASK, **change})
        assert (found.code if found else None) == expected

    def test_reverse_tax_relief_blocker(self):
        assert reverse_tax_relief_blocker(invoice="INV-1", reversed_already=False) is None
        assert reverse_tax_relief_blocker(invoice="INV-1", reversed_already=True).code == "already_reversed"
        late = reverse_tax_relief_blocker(invoice="INV-1", reversed_already=False, recovered_since="RCV-1")
        assert late.code == "recovered_since"
        days = {"posted": DAY, "posting_date": date(2026, 11, 21)}
        early = reverse_tax_relief_blocker(invoice="INV-1", reversed_already=False, **days)
        assert (early.code, early.field) == ("before_relief", "posting_date")


@pytest.fixture
def manager(db, biller):
    return make_member(biller.organization, Role.OPERATIONS_MANAGER, "Olga Manager")


@pytest.fixture
def given_up(manager):
    """Two invoices of 1,000.00 with 15 %; 80.00 and 40.00 are given up, their tax claimed later."""
    Reason.objects.of(manager).filter(kind="bad_debt").update(tax_rule="relief_later", relief_days=0)
    account = make_account(manager)
    made = [make_invoice(manager, account, "1000", tax_code=tax_code(manager, "15")) for _each in range(2)]
    for invoice, paid in zip(made, ("1070", "1110"), strict=True):
        paid_off(manager, invoice, paid)
    return made


def keys(actor):
    return [each.key for each in worksheet(actor, today(actor.organization))]


def claim(actor, chosen=None, **details):
    return claim_tax_relief(actor=actor, settlements=chosen or keys(actor), as_of=today(actor.organization), **details)


class TestOperations:
    def test_claim_tax_relief_for_some_or_all(self, manager, given_up):
        first, second = keys(manager)
        assert claim(manager, [first]).items.get().amount == D("10.43")
        assert keys(manager) == [second]
        assert (
            refused(claim_tax_relief, actor=manager, settlements=[first], as_of=today(manager.organization)).code
            == "stale"
        )

    def test_of_another_organization(self, manager, stranger, given_up):
        wanted = {"settlements": keys(manager), "as_of": today(manager.organization)}
        assert refused(claim_tax_relief, actor=stranger, **wanted).code == "stale"
        assert keys(stranger) == []
        relief = claim(manager).items.first()
        assert refused(reverse_tax_relief, actor=stranger, relief=relief, reason="Mine").code == "not_found"

    def test_a_closed_day(self, manager, given_up):
        day = today(manager.organization)
        closed = next_month(day)
        close_month(manager, closed)
        wanted = {"settlements": keys(manager), "as_of": day, "posting_date": closed.replace(day=3)}
        assert refused(claim_tax_relief, actor=manager, **wanted).code == "period_closed"
        assert not TaxReliefClaim.objects.exists()

    def test_reverse_tax_relief_not_under_a_later_recovery(self, manager, given_up):
        relief = claim(manager).items.order_by("pk")[0]
        recover(manager, given_up[0], "10")
        said = refused(reverse_tax_relief, actor=manager, relief=relief, reason="Wrong")
        assert said.code == "recovered_since"
        other = TaxRelief.objects.order_by("pk")[1]
        early = {"posting_date": other.claim.posting_date - timedelta(days=1)}
        assert refused(reverse_tax_relief, actor=manager, relief=other, reason="Wrong", **early).code == "before_relief"
        reverse_tax_relief(actor=manager, relief=other, reason="Wrong")
        assert refused(reverse_tax_relief, actor=manager, relief=other, reason="Wrong").code == "already_reversed"

    def test_by_whom(self, biller, given_up):
        with pytest.raises(NotPermitted):
            claim(biller, [1])


class TestPages:
    URL = "/tax-relief/"

    def sent(self, chosen, **more):
        day = timezone.localdate()
        return {"_key": str(uuid4()), "as_of": day.isoformat(), "posting_date": "", "selected": chosen, **more}

    def test_the_worksheet_lists_exports_and_claims(self, browser_of, manager, given_up):
        tab = browser_of(manager)
        assert self.URL in tab.get(reverse("payments")).content.decode()
        page = tab.get(self.URL)
        assert [row["item"].tax for row in page.context["rows"]] == [D("10.43"), D("5.22")]
        exported = tab.get(f"{self.URL}?export=csv").content.decode("utf-8-sig").splitlines()
        assert exported[0].split(",")[-2:] == ["Bad debt", "Tax inside"]
        assert [line.split(",")[-1] for line in exported[1:]] == ["10.43", "5.22"]
        assert tab.get(f"{self.URL}?export=xlsx").status_code == 200
        answer = tab.post(self.URL, self.sent(keys(manager)[1:]), follow=True)
        assert "TR-000001" in answer.content.decode()
        assert [row["item"].tax for row in tab.get(self.URL).context["rows"]] == [D("10.43")]

    def test_the_worksheet_asks_as_often_for_many_as_for_few(self, manager, given_up):
        code, counts = tax_code(manager, "15"), []
        for more in (0, 4):
            for _each in range(more):
                paid_off(manager, make_invoice(manager, given_up[0].account, "1000", tax_code=code), "1070")
            with CaptureQueriesContext(connection) as asked:
                assert len(keys(manager)) == 2 + more
            counts.append(len(asked))
        assert counts[0] == counts[1]

    def test_what_is_wrong_is_said_and_nothing_posted(self, browser_of, manager, given_up):
        tab = browser_of(manager)
        later = (timezone.localdate() + timedelta(days=2)).isoformat()
        for sent in (self.sent([]), self.sent(["x", "9" * 30]), self.sent(keys(manager), as_of=later)):
            assert tab.post(self.URL, sent).status_code == 422
        assert tab.get(f"{self.URL}?as_of=nonsense").status_code == 200
        assert not TaxReliefClaim.objects.exists()

    def test_taken_back_from_the_claim(self, browser_of, manager, given_up):
        made = claim(manager)
        tab, relief = browser_of(manager), made.items.order_by("pk")[0]
        url = reverse("reverse_tax_relief", args=[relief.pk])
        assert url in tab.get(made.get_absolute_url()).content.decode()
        assert "Posted to the journal" in tab.get(url).content.decode()
        sent = {"_key": str(uuid4()), "reason": "Wrong rate", "posting_date": ""}
        assert tab.post(url, sent).url == made.get_absolute_url()
        assert "Wrong rate" in tab.get(made.get_absolute_url()).content.decode()

    def test_a_claim_asks_as_often_for_many_as_for_few(self, browser_of, manager, given_up):
        code, tab, counts = tax_code(manager, "15"), browser_of(manager), []
        for more in (0, 3):
            for _each in range(more):
                paid_off(manager, make_invoice(manager, given_up[0].account, "1000", tax_code=code), "1070")
            address = claim(manager).get_absolute_url()
            tab.get(address)
            with CaptureQueriesContext(connection) as asked:
                assert len(tab.get(address).context["items"]) == (more or 2)
            counts.append(len(asked))
        assert counts[0] == counts[1]

    def test_by_whom_and_never_of_another_organization(self, browser_of, biller, stranger, manager, given_up):
        made = claim(manager, keys(manager)[:1])
        relief = made.items.get()
        urls = [self.URL, made.get_absolute_url(), reverse("reverse_tax_relief", args=[relief.pk])]
        for role, last in ((Role.ADMIN, 200), (Role.BILLER, 403), (Role.COLLECTOR, 403), (Role.AUDITOR, 403)):
            tab = browser_of(make_member(biller.organization, role, "Somebody"))
            assert [tab.get(url).status_code for url in urls] == [200, 200, last], role
            if last == 403:
                assert tab.post(self.URL, self.sent(keys(manager))).status_code == 403
        tab = browser_of(stranger)
        assert [tab.get(url).status_code for url in urls] == [200, 404, 404]
        assert tab.get(self.URL).context["rows"] == []
