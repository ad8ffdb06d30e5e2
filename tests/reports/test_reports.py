"""What was given up without anybody being asked, who keeps coming close to the limit, and the register of bad debt."""

from decimal import Decimal

import pytest
from django.test import Client
from django.urls import reverse

from accounts.roles import Role
from receivables.approvals.models import ApprovalRequest, AuthorityLimit
from receivables.approvals.operations import approve_request
from receivables.billing.credit_notes.models import Reason
from receivables.billing.credit_notes.operations import issue_credit_note
from receivables.billing.operations import add_accessorial, generate_invoice, regenerate_invoice
from receivables.collections.excess.operations import book_small_excess, reverse_small_excess
from receivables.collections.models import PayOffPolicy
from receivables.collections.operations import delete_payment
from receivables.collections.payoff_simulation import Simulation, would_be_income
from receivables.core.dates import today
from receivables.customers.models import Customer
from receivables.ledger.models import GLAccount
from receivables.reports.bad_debt import loss_accounts, register
from receivables.reports.excesses import excesses
from receivables.reports.payoffs import months_ago, near, pay_offs, repeaters
from tests.builders import (
    balances,
    make_account,
    make_invoice,
    make_load,
    make_member,
    make_organization,
    make_type,
    pay,
)
from tests.collections.pay_offs import limited, paid_off

db = pytest.mark.django_db


@pytest.fixture
def alice():
    return make_member(make_organization(), Role.ADMIN, "Alice Owner")


@pytest.fixture
def bob(alice):
    return make_member(alice.organization, Role.BILLER, "Bob Biller")


def opened(member, settings):
    settings.REQUIRE_SECOND_FACTOR = False
    client = Client()
    client.force_login(member.user, backend="accounts.backends.MembershipBackend")
    return client


def short_by(actor, amount, account=None):
    """An invoice of 1,000.00 USD of which all but `amount` is paid, the rest given up with the payment."""
    invoice = make_invoice(actor, account) if account else make_invoice(actor)
    return paid_off(actor, invoice, str(1000 - Decimal(amount)))


def text_of(response):
    assert response.status_code == 200, response.status_code
    return response.content.decode().replace("\u00a0", " ")


def test_each_with_the_limit_that_held_then(committed_db):
    """The database notes when a limit was changed, to the transaction."""
    alice = make_member(make_organization(), Role.ADMIN, "Alice Owner")
    limited(alice, "50")
    short_by(alice, "49")
    limited(alice, "100")
    short_by(alice, "49")
    limited(alice, None)
    short_by(alice, "49")
    rows = list(pay_offs(alice).order_by("pk"))
    assert [(row.limit_then, row.share) for row in rows] == [(50, 98), (100, 49), (None, None)]
    assert [row.own_value for row in rows] == [49, 49, 49]


@db
class TestPayOffs:
    @pytest.mark.parametrize(("amount", "close"), [("39.99", 0), ("40", 1), ("49.99", 1), ("50", 1)])
    def test_near_is_from_eighty_percent_to_the_limit_itself(self, alice, amount, close):
        limited(alice, "50")
        short_by(alice, amount)
        assert near(pay_offs(alice), Decimal(80)).count() == close

    def test_who_keeps_paying_just_under_the_limit(self, alice):
        limited(alice, "50")
        often, seldom = make_account(alice), make_account(alice)
        for account, amounts in ((often, ("45", "48", "50", "10")), (seldom, ("45", "49", "12", "13"))):
            for amount in amounts:
                short_by(alice, amount, account)
        usual = {"low": Decimal(80), "high": Decimal(100), "months": 12}
        found = repeaters(alice, times=3, **usual)
        assert [(row.pk, row.times, row.closest) for row in found] == [(often.customer_id, 3, 100)]
        assert {row.pk for row in repeaters(alice, times=2, **usual)} == {often.customer_id, seldom.customer_id}
        assert not repeaters(alice, times=4, **usual)

    def test_what_was_taken_back_is_in_the_report_only_if_asked_for(self, alice, settings):
        limited(alice, "50")
        kept, gone = short_by(alice, "20"), short_by(alice, "30")
        delete_payment(actor=alice, payment=gone)
        page = opened(alice, settings)
        usual, everything = (page.get(reverse("pay_off_report") + query) for query in ("", "?state=all"))
        assert [len(each.context["table"].rows) for each in (usual, everything)] == [1, 2]
        assert kept.number in text_of(usual)
        assert gone.number not in text_of(usual)

    def test_added_up_and_down_to_the_rows(self, alice, bob, settings):
        limited(alice, "50")
        short_by(alice, "20")
        short_by(bob, "30")
        short_by(bob, "10")
        page = opened(alice, settings)
        shown = page.get(reverse("pay_off_report"))
        sums = [(each["group"].label, each["group"].count, each["group"].total) for each in shown.context["groups"]]
        assert sums == [("Bob Biller", 2, 40), ("Alice Owner", 1, 20)]
        assert "(credited)" in text_of(shown)
        assert "60.00 USD" in text_of(shown)
        down = page.get(shown.context["groups"][0]["group"].url)
        assert len(down.context["table"].rows) == 2
        lines = b"".join(page.get(reverse("pay_off_report") + "?export=csv")).decode("utf-8-sig").splitlines()
        assert len(lines) == 4
        by_reason = page.get(reverse("pay_off_report") + "?by=reason").context["groups"]
        assert [each["group"].total for each in by_reason] == [60]

    def test_the_page_of_repeaters(self, alice, settings):
        limited(alice, "50")
        account = make_account(alice)
        Customer.objects.filter(pk=account.customer_id).update(number="A&B #1")
        account.customer.refresh_from_db()
        for _each in range(3):
            short_by(alice, "45", account)
        page = opened(alice, settings)
        shown = text_of(page.get(reverse("pay_off_repeaters")))
        assert "From 80 to 100 % of the limit that held then, at least 3 × in 12 months." in shown
        assert account.customer.name in shown
        link = f"{reverse('pay_off_report')}?customer=A%26B+%231&amp;near=80&amp;state=all"
        assert link in shown
        assert account.customer.name not in text_of(page.get(reverse("pay_off_repeaters") + "?times=4"))
        assert len(page.get(link.replace("&amp;", "&")).context["table"].rows) == 3
        for hostile in ("low=1e-99999", "high=-1e99999", "low=-1&high=9e999", "times=1e-99999"):
            assert page.get(f"{reverse('pay_off_repeaters')}?{hostile}").status_code == 200, hostile
        assert page.get(f"{reverse('pay_off_report')}?near=1e-99999").status_code == 200


@db
class TestBadDebt:
    """Bob gives up with a payment, issues a credit note that Alice grants, and writes off on a load."""

    @pytest.fixture
    def books(self, alice, bob):
        limited(alice, "50")
        short_by(bob, "20")
        AuthorityLimit.objects.create(
            organization=alice.organization, role=Role.BILLER, kind="bad_debt", currency="USD", maximum=100
        )
        reason, invoice = Reason.objects.of(alice).get(kind="bad_debt"), make_invoice(alice)
        request = issue_credit_note(
            actor=bob, account=invoice.account, reason=reason, parts=[(invoice, Decimal(300))], text="Insolvent"
        )
        approve_request(actor=alice, request=request)
        load = make_load(alice)
        generate_invoice(actor=alice, load=load)
        write_off = make_type(alice, "Write-Off")
        add_accessorial(actor=bob, load=load, type=write_off, entity="customer", amount=Decimal(-150), note="Damaged")
        approve_request(actor=alice, request=ApprovalRequest.objects.get(state="waiting"))
        regenerate_invoice(actor=bob, load=load)
        return alice

    def test_adds_up_to_what_the_accounts_moved_by(self, books):
        codes = set(loss_accounts(books).values_list("code", flat=True))
        moved = sum(amount for code, amount in balances(books).items() if code in codes)
        assert sum(row.organization_amount for row in register(books)) == moved == Decimal(470)

    def test_says_why_who_and_who_approved(self, books):
        found = {
            row.organization_amount: (row.author_id, row.approver_id)
            for row in register(books).order_by("organization_amount")
        }
        people = {member.name: member.user_id for member in books.organization.memberships.select_related("user")}
        alice, bob = people["Alice Owner"], people["Bob Biller"]
        assert found == {Decimal(20): (bob, None), Decimal(150): (bob, alice), Decimal(300): (bob, alice)}

    def test_a_charge_of_an_invoice_is_called_by_its_type(self, books):
        assert set(register(books).values_list("reason", flat=True)) == {"Bad debt", "Write-Off"}

    def test_page_by_each_column(self, books, settings):
        page, totals = opened(books, settings), {}
        for name in ("reason", "customer", "approver", "user", "month"):
            shown = page.get(reverse("bad_debt_report") + f"?by={name}")
            totals[name] = sum(each["group"].total for each in shown.context["groups"])
            first = page.get(shown.context["groups"][0]["group"].url)
            assert first.context["table"].rows, name
        assert set(totals.values()) == {470}
        shown = text_of(page.get(reverse("bad_debt_report")))
        assert "Prepared by Alice Owner on" in shown
        assert "470.00 USD" in shown
        export = b"".join(page.get(reverse("bad_debt_report") + "?export=csv")).decode("utf-8-sig")
        assert ("Alice Owner" in export, len(export.splitlines())) == (True, 4)

    def test_queries_do_not_grow_with_rows(self, books, settings, django_assert_max_num_queries):
        page = opened(books, settings)
        page.get(reverse("bad_debt_report"))
        with django_assert_max_num_queries(40):
            page.get(reverse("bad_debt_report"))

    def test_the_request_shows_how_the_account_stands_and_what_was_given_before(self, books, settings):
        request = ApprovalRequest.objects.filter(verb="issue_credit_note").get()
        shown = text_of(opened(books, settings).get(request.get_absolute_url()))
        assert "What is owed" in shown
        assert "Given up in the last 12 months" in shown
        assert "3 entries, 470.00 USD" in shown


@db
def test_over_payments_that_became_income_with_the_limit_of_then(alice, settings):
    """1.20 and 3.00 USD were paid too much and booked; 8.00 is too much for the limit and stays on account."""
    income = GLAccount.objects.of(alice).get(code="4100")
    PayOffPolicy.objects.of(alice).update(over_maximum=5, over_account=income)
    payments = [
        pay(alice, make_invoice(alice), str(1000 + Decimal(more)), "1000", date=today(alice.organization))
        for more in ("1.20", "3", "8")
    ]
    booked, back = (book_small_excess(actor=alice, payment=each) for each in payments[:2])
    reverse_small_excess(actor=alice, excess=back, reason="The customer wants it")
    found = {row.pk: row.own_value for row in excesses(alice)}
    assert found == {booked.pk: Decimal("1.20"), back.pk: 3}
    page = opened(alice, settings)
    shown = page.get(reverse("excess_report"))
    [group] = [row["group"] for row in shown.context["groups"]]
    assert (str(group.label), group.count, group.total) == ("Alice Owner", 1, Decimal("1.20"))
    assert "4100" in text_of(shown)
    assert "Taken back" in text_of(page.get(reverse("excess_report") + "?state=all&by=customer"))
    since = months_ago(alice, 12)
    assert would_be_income(alice, Decimal(5), "USD", since) == Simulation(2, 3, Decimal("4.20"))
    assert would_be_income(alice, None, "USD", since) == Simulation(0, 3, Decimal(0))
    tried = f"/settings/collections/payoffpolicy/{PayOffPolicy.objects.of(alice).get().pk}/change/?try=8"
    assert "3 of the last year&#x27;s 3 payments that brought too much, 12.20 USD in all" in text_of(page.get(tried))


@db
def test_reports_are_for_who_may_see_them_and_of_one_organization(alice, settings):
    limited(alice, "50")
    payment = short_by(alice, "20")
    names = ("reports", "pay_off_report", "pay_off_repeaters", "excess_report", "bad_debt_report")
    pages = [reverse(name) for name in names]
    auditor = make_member(alice.organization, Role.AUDITOR, "Ada Auditor")
    barred = make_member(alice.organization, Role.BILLER, "Ben", denied=["view_reports"])
    stranger = make_member(make_organization("Rival"), Role.ADMIN, "Charlie")
    assert [opened(auditor, settings).get(page).status_code for page in pages] == [200] * 5
    assert [opened(barred, settings).get(page).status_code for page in pages] == [403] * 5
    for page in pages:
        assert payment.number not in text_of(opened(stranger, settings).get(page))


@db
def test_months_ago_ends_with_the_month(alice):
    assert months_ago(alice, 12).year == today(alice.organization).year - 1
    assert (today(alice.organization) - months_ago(alice, 1)).days in (28, 29, 30, 31)
