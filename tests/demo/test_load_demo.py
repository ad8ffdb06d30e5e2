"""The demo data: complete, in the books to the cent, the same every time, and never mixed with anything."""

from collections import Counter

import pytest
from django.core.management import CommandError, call_command
from django.db.models import F, Sum
from django.test import Client

from accounts.demo import PASSWORD, accounts, platform_staff
from accounts.models import Membership, Organization
from accounts.roles import Role
from receivables.approvals.models import ApprovalRequest
from receivables.billing.delivery.models import Dispatch
from receivables.billing.einvoice.models import EInvoice
from receivables.billing.filters import listed_invoices
from receivables.billing.models import Accessorial, Invoice, Load, Revision
from receivables.billing.queries import load_states, out_of_date, revenue_account
from receivables.billing.status import invoice_status, load_status
from receivables.collections.models import Payment, PaymentReversal, PayOff, Recovery
from receivables.core.dates import today
from receivables.core.models import Event
from receivables.core.money import DEFAULT_FORMAT
from receivables.customers.models import Account, Agreement
from receivables.demo import load
from receivables.demo.load import PROFILES
from receivables.demo.sign_ins import sign_ins
from receivables.ledger.models import Allocation, GLAccount, JournalLine, OpenItem, Period
from receivables.ledger.queries import trial_balance
from receivables.ledger_exports.operations import export_ledger
from receivables.writeoffs.models import WriteOff
from tests.demo.conftest import AS_OF, load_demo
from tests.ledger_exports.checking import HLEDGER, by_beancount, by_hledger, kept, ours
from tests.support import stock

ORGANIZATIONS = [profile.slug for profile, _both_as in PROFILES]


@pytest.fixture(params=ORGANIZATIONS)
def admin(demo, request):
    """An Admin, once of each demo organization."""
    return Membership.objects.select_related("organization", "user").get(
        organization__slug=request.param, role=Role.ADMIN
    )


def status_of(invoice):
    item = invoice.open_item
    return invoice_status(
        total=item.amount, balance=item.balance, paid=item.paid, bad_debt=invoice.bad_debt,
        voided=invoice.voided_at is not None, due_date=invoice.due_date, today=AS_OF,
    ).code  # fmt: skip


def invoices(admin):
    return list(listed_invoices(admin).order_by("pk"))


def live_payments(admin):
    return Allocation.objects.of(admin).filter(kind="payment", reverses__isnull=True, reversed_by__isnull=True)


def test_invoices_are_in_every_state(admin):
    states = {status_of(invoice) for invoice in invoices(admin)}
    assert states >= {"open", "part_paid", "overdue", "paid", "settled_written_off", "void"}


def test_loads_are_in_every_state(admin):
    loads = Load.objects.of(admin).select_related("invoice__open_item")
    states = {
        load_status(
            has_invoice=load.invoice is not None,
            sent=bool(load.invoice and load.invoice.sent_at),
            settled=bool(load.invoice and load.invoice.open_item.balance == 0),
            tonu=load.tonu,
        ).code
        for load in loads
    }
    assert states == {"draft", "queued", "invoiced", "completed", "tonu"}


def test_every_ageing_bucket_is_filled(admin):
    late = [(AS_OF - each.due_date).days for each in invoices(admin) if each.open_item.balance]
    buckets = {min(max(-(-days // 30), 0), 4) for days in late}
    assert buckets == {0, 1, 2, 3, 4}


def test_short_payments_wait_with_the_customers_words(admin):
    short = live_payments(admin).filter(debit_item__balance__gt=0, amount__gt=0).values("credit_item__payment__note")
    assert all(row["credit_item__payment__note"] for row in short)
    assert short.count() >= 3


def test_all_that_may_happen_to_an_invoice_has_happened(admin):
    causes = set(Revision.objects.of(admin).values_list("cause", flat=True))
    assert causes >= {"generated", "regenerated", "reissued", "voided"}
    assert out_of_date(Load.objects.of(admin)).exists()
    current = Revision.objects.of(admin).filter(number=F("invoice__current_revision"))
    assert current.filter(total=0, bad_debt__gt=0).exists(), "a full write-off"
    assert current.filter(price_concession__gt=0, invoice__open_item__balance=0).exists(), "a price concession, paid"
    assert current.filter(number=2, invoice__sent_revision=1, cause="regenerated").exists(), "revision 2 not sent"
    billed = Load.objects.of(admin).filter(invoice__isnull=False, charges_total=F("billed_charges"))
    states = load_states(billed.select_related("agreement__type"), revenue_account(admin))
    facts = [state.facts(DEFAULT_FORMAT) for state in states]
    assert any(each.details_changed and each.new_total == each.current_total for each in facts)
    assert Accessorial.objects.of(admin).filter(entity="carrier").exists()


def test_all_that_may_happen_to_money_has_happened(admin):
    payments = Payment.objects.of(admin)
    assert payments.filter(amount=0).exists()
    assert payments.filter(open_item__balance=F("open_item__amount"), amount__gt=0).exists(), "all of it on account"
    rest = payments.filter(open_item__balance__lt=0, open_item__balance__gt=F("open_item__amount"))
    assert rest.exists(), "overpaid, the rest on account"
    assert PaymentReversal.objects.of(admin).exists()
    assert payments.exclude(currency=admin.organization.currency).exists(), "foreign currency"
    several = Counter(live_payments(admin).values_list("credit_item_id", flat=True)).most_common(1)[0][1]
    assert several >= 3, "one payment of several invoices"


def test_debt_was_given_up_written_off_and_came_after_all(admin):
    assert PayOff.objects.of(admin).filter(whole=True).exists()
    assert Recovery.objects.of(admin).exists()
    assert WriteOff.objects.of(admin).filter(reversals__isnull=True).exists()
    assert WriteOff.objects.of(admin).filter(reversals__isnull=False).exists()
    assert Allocation.objects.of(admin).filter(kind="payment", debit_item__kind="write_off").exists()


def test_invoices_were_mailed_with_every_outcome_and_one_left_as_an_e_invoice(admin):
    states = set(Dispatch.objects.of(admin).filter(method="email").values_list("state", flat=True))
    assert states == {"sent", "partly", "failed", "bounced"}
    assert EInvoice.objects.of(admin).count() == 1


def test_approvals_wait_and_were_decided(admin):
    states = set(ApprovalRequest.objects.of(admin).values_list("state", flat=True))
    assert states >= {"waiting", "approved", "rejected"}


def test_customers_have_accounts_and_agreements_of_all_kinds(admin):
    per_customer = Counter(Account.objects.of(admin).values_list("customer_id", flat=True))
    assert max(per_customer.values()) > 1
    assert Agreement.objects.of(admin).filter(state__in=["stopped", "closed"]).exists()
    assert Agreement.objects.of(admin).exclude(currency=admin.organization.currency).exists()
    assert Period.objects.of(admin).filter(closed_at__isnull=False).exists()
    assert Period.objects.of(admin).filter(closed_at__isnull=True).exists()


def test_the_books_balance(admin):
    rows = {row.code: row.balance for row in trial_balance(admin)}
    assert sum(rows.values()) == 0
    control = JournalLine.objects.of(admin).filter(gl_account__role=GLAccount.Role.RECEIVABLES)
    owed = OpenItem.objects.of(admin).filter(kind="invoice").aggregate(total=Sum("organization_balance"))["total"]
    assert control.aggregate(total=Sum("organization_amount"))["total"] == owed > 0
    on_account = OpenItem.objects.of(admin).filter(kind="payment").aggregate(total=Sum("organization_balance"))
    assert rows["2100"] == on_account["total"] < 0


def test_document_numbers_follow_the_calendar(admin):
    dates = list(Invoice.objects.of(admin).order_by("sequence_number").values_list("issue_date", flat=True))
    assert dates == sorted(dates)
    assert dates[-1] <= AS_OF
    assert (AS_OF - dates[0]).days > 90


def test_every_step_is_an_event_of_a_person(admin):
    events = Event.objects.of(admin).exclude(name="create_organization")
    assert not events.filter(actor_user__isnull=True).exists()
    made = events.filter(name__in=["generate_invoice", "generate_summary_invoice"])
    assert made.count() == Invoice.objects.of(admin).count()


def test_every_role_can_sign_in(demo, settings):
    settings.REQUIRE_SECOND_FACTOR = False
    roles = {(each.organization.slug, each.role) for each in accounts()}
    assert roles == {(slug, role) for slug in ORGANIZATIONS for role in Role.values}
    for user in {each.user for each in accounts()} | set(platform_staff()):
        assert user.email.endswith("demo.example")
        assert user.check_password(PASSWORD)
        assert user.email in sign_ins()
        answer = Client().post("/sign-in/", {"email": user.email, "password": PASSWORD})
        assert answer.status_code == 302, user.email


def test_one_person_works_for_both_organizations(demo):
    roles = {each.organization.slug: each.role for each in accounts() if each.user.full_name == "Jordan Sayegh"}
    assert roles == {"northway-freight": Role.BILLER, "najd-distribution": Role.AUDITOR}


def test_the_sign_ins_are_printed_and_left_for_serve(demo, settings):
    assert "biller@northway.demo.example" in demo
    assert (settings.DATA_DIR / "sign-ins.txt").read_text() == sign_ins()
    assert PASSWORD in demo
    call_command("demo_sign_ins")


def figures():
    return [
        list(loaded().order_by("slug").values_list("slug", "currency")),
        sorted(Invoice.objects.values_list("number", "issue_date", "open_item__amount", "open_item__balance", "rate")),
        sorted(Payment.objects.values_list("number", "date", "amount", "note", "open_item__balance")),
        sorted(JournalLine.objects.values_list("gl_account__code").annotate(total=Sum("organization_amount"))),
    ]


@pytest.fixture
def first_figures(demo):
    return figures()


def test_the_same_seed_and_day_make_the_same_figures(first_figures, committed_db):
    load_demo()
    assert figures() == first_figures
    assert len(first_figures[1]) > 50


def test_export_ledger_of_the_demo_is_accepted_to_the_cent(admin, tmp_path):
    """beancount and hledger read both organizations' ledgers without a complaint and come to our balances."""
    for kind in ("beancount", "hledger"):
        export_ledger(actor=admin, format=kind, through=today(admin.organization))
    foreign, home = ours(admin)
    assert "balance" in (main := kept(admin, "beancount", tmp_path)).with_name("EXP-000001.beancount").read_text()
    assert by_beancount(main, admin.organization.currency) == ([], foreign, home)
    if HLEDGER:
        assert by_hledger(kept(admin, "hledger", tmp_path)) == home


def test_a_second_run_changes_nothing(demo):
    before = figures(), Event.objects.count()
    with pytest.raises(CommandError, match="exist already"):
        load_demo()
    load_demo("--if-empty")
    assert (figures(), Event.objects.count()) == before


def loaded():
    """All organizations but those that every test's database has in stock."""
    return Organization.objects.exclude(slug__in=stock.SLUGS)


def test_a_real_site_is_left_alone(committed_db, settings):
    settings.REQUIRE_SECOND_FACTOR = True
    with pytest.raises(CommandError, match="second factor"):
        call_command("load_demo")
    assert not loaded().exists()
    with pytest.raises(CommandError, match="No demo data"):
        call_command("demo_sign_ins")


def test_an_organization_is_loaded_whole_or_not_at_all(committed_db, monkeypatch):
    def fail(*arguments):
        raise RuntimeError("the power went off")

    monkeypatch.setattr(load, "play", fail)
    with pytest.raises(RuntimeError):
        load_demo()
    assert not loaded().exists()
