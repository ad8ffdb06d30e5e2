"""Every page of the application as the URL table has it, and an organization with an object for each of them."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.urls import get_resolver, reverse

from accounts.models import Membership
from accounts.roles import Role
from receivables.approvals.models import ApprovalRequest, Delegation
from receivables.approvals.operations import ask
from receivables.audit.models import AuditRun
from receivables.billing.credit_notes.models import CreditNote
from receivables.billing.delivery.models import Dispatch
from receivables.billing.delivery.operations import send_invoice
from receivables.billing.einvoice.models import EInvoice
from receivables.billing.importing.models import ImportFile
from receivables.billing.models import AgreementCharge, BillingRun, LoadShare
from receivables.billing.summary.operations import generate_summary_invoice, split_by_load
from receivables.collections.attachments.operations import attach_file
from receivables.collections.excess.acting import put_into_income
from receivables.collections.models import (
    BankAccount,
    BounceFee,
    PaymentAttachment,
    PayOff,
    Recovery,
    Refund,
    Resolution,
    ShortPaymentNote,
    SmallExcess,
    TaxRelief,
    TaxReliefClaim,
)
from receivables.collections.operations import record_payment
from receivables.collections.short_payments.models import BatchResolution
from receivables.collections.short_payments.operations import resolve_short_payments
from receivables.collections.short_payments.planning import Choice, Selection
from receivables.collections.short_payments.rules import Limits
from receivables.collections.unapplied.acting import read_payment
from receivables.collections.unapplied.refunds import refund_unapplied
from receivables.collections.wizard.files import Evidence
from receivables.core.models import Job
from receivables.core.registry import Action
from receivables.credit_control.models import CollectionProcess, Dispute, MonitorRun, Plan, Reminder
from receivables.credit_control.operations import open_dispute
from receivables.integrations.incoming.models import IncomingChange
from receivables.integrations.models import Connection, Delivery, System
from receivables.integrations.webhooks.models import Endpoint, Message
from receivables.ledger.models import Allocation, ExchangeRate, GLAccount, JournalEntry, Period
from receivables.ledger_exports.models import LedgerExport
from receivables.writeoffs.automated.models import AutomatedRun, ProcessEvent, WriteDown, WriteOffProcess
from receivables.writeoffs.bulk.models import WriteOffBatch
from receivables.writeoffs.models import Bankruptcy, DebtTransfer, WriteOff
from tests.audit.rows import audit_something
from tests.billing.credit_notes import credit
from tests.billing.recurring import bill_something
from tests.builders import make_invoice, make_load, make_member, make_type, pay
from tests.collections.bounced import bounce_something
from tests.collections.tax_reliefs import lose_something
from tests.credit_control.support import remind_of_something
from tests.integrations.rows import connect_something
from tests.ledger_exports.checking import export_something
from tests.support.attack import Books, make_books
from tests.writeoffs.automation import automate_something
from tests.writeoffs.batches import planned, ticked
from tests.writeoffs.cast import bankruptcy, move_something, write_off

# Reached without signing in: the doors, the language of the doors, the load balancer's questions, and what
# a browser tells by itself.
OPEN = {
    "healthz", "readyz", "content_violation", "set_language", "sign_in", "password_reset", "password_reset_done",
    "password_reset_confirm", "password_reset_complete", "web_connector", "quickbooks_online_changes",
}  # fmt: skip
# About the person who is signed in, whatever their role.
PERSONAL = {
    "sign_out", "password_change", "second_factor", "second_factor_setup", "second_factor_settings", "recovery_codes",
    "second_factor_remove", "sessions", "end_session", "end_other_sessions", "extend_session", "choose_organization",
    "switch_organization", "profile", "preferences", "help",
}  # fmt: skip
# What its owner alone sees; for other members of the organization it does not exist.
OWNERS_ONLY = {"job", "job_progress"}
# The settings site asks by itself, row by row; see test_settings_pages.py.
SETTINGS = "settings/"


@dataclass(frozen=True)
class Page:
    """One line of the URL table. `verb` is the permission it declares, empty if it declares none."""

    path: str
    name: str
    verb: str
    action: Action | None
    arguments: tuple[str, ...]

    @property
    def is_open(self) -> bool:
        return self.name in OPEN

    @property
    def is_personal(self) -> bool:
        return self.name in PERSONAL

    def address(self, world: "World") -> str:
        """Where the page of this organization is."""
        known = {"pk": world.object_of(self).pk} if "pk" in self.arguments else {}
        rest = {name: FILLED[name] for name in self.arguments if name != "pk"}
        return reverse(self.name, kwargs={**known, **rest})


FILLED = {"step": "what", "number": 1, "uidb64": "MQ", "token": "set-password"}


def pages() -> list[Page]:
    """Every page except the settings site's, in the order of the table."""
    return [page for page in _walk(get_resolver()) if not page.path.startswith(SETTINGS)]


def _walk(resolver: Any, prefix: str = "") -> Iterator[Page]:
    for pattern in resolver.url_patterns:
        path = prefix + str(pattern.pattern)
        if hasattr(pattern, "url_patterns"):
            yield from _walk(pattern, path)
            continue
        view = pattern.callback
        shown = getattr(view, "view_class", view)
        action = getattr(shown, "action", None)
        verb = action.verb if action else getattr(view, "verb", "") or getattr(shown, "verb", "")
        yield Page(path, pattern.name or "", verb, action, tuple(pattern.pattern.converters))


@dataclass
class World:
    """An organization in which each page has something to show."""

    books: Books

    @property
    def admin(self) -> Membership:
        return self.books.actor

    def object_of(self, page: Page) -> Any:
        """The object that a page with a key is about. A page of a new kind names it in OBJECTS."""
        start = max((start for start in OBJECTS if page.path.startswith(start)), key=len, default=None)
        assert start is not None, f"{page.path} has a key: name its object in tests/support/url_table.py"
        return OBJECTS[start](self)


def make_world(name: str = "Blue Freight") -> World:
    """Books with one of everything, and what only pages need: a request, a job, an uploaded file, a month."""
    books = make_books(name)
    own = {"organization": books.actor.organization}
    bad_debt = make_type(books.actor, "Write-Off", "bad_debt")
    make_load(books.actor, books.account)
    credit(books.actor, make_invoice(books.actor, books.account), "10")
    biller = make_member(books.actor.organization, Role.BILLER, f"Bill of {name}")
    ask(
        biller, verb="add_accessorial", kind="bad_debt", subject=_charge(World(books)), title="Bad debt 10.00 USD",
        currency="USD", amount=Decimal(10),
    )  # fmt: skip
    send_invoice(actor=books.actor, invoice=books.part_paid)
    _pay_summary(books)
    Job.objects.create(kind="test", title="Counting", created_by=books.actor.user, **own)
    csv = b"customer number,customer name,invoice number,amount\n1,Acme,A-1,10.00\n"
    ImportFile.objects.create(name="open.csv", content=csv, created_by=books.actor.user, **own)
    Period.objects.get_or_create(month=date(2026, 10, 1), **own)
    ExchangeRate.objects.create(currency="EUR", date=date(2026, 10, 1), rate=Decimal("1.1"), **own)
    ShortPaymentNote.objects.create(
        load=books.unpaid.loads.get(), invoice=books.unpaid, why="damage", outcome="resolve_short_payment",
        currency="USD", short=Decimal(5), file_name="letter.pdf", content=b"%PDF-1.7", **own,
    )  # fmt: skip
    choice = Choice(bad_debt, Limits(books.part_paid.currency))
    resolve_short_payments(actor=books.actor, selection=Selection(everything=True), choice=choice)
    open_dispute(actor=books.actor, invoice=books.unpaid, amount=Decimal(5), why="damage")
    give_back_something(books)
    keep_something(books)
    bill_something(books)
    remind_of_something(books)
    automate_something(books.actor)
    write_off(books.actor, make_invoice(books.actor).account)
    connect_something(books)
    lose_something(books.actor)
    bounce_something(books.actor)
    bankruptcy(books.actor, make_invoice(books.actor).account)
    export_something(books.actor)
    audit_something(books.actor)
    planned(books.actor, ticked(make_invoice(books.actor)))
    move_something(books.actor)
    return World(books)


def _pay_summary(books: Books) -> None:
    """A summary invoice that is paid in part, for one of its loads."""
    loads = [make_load(books.actor, books.account) for _number in range(2)]
    paid = pay(books.actor, generate_summary_invoice(actor=books.actor, loads=loads), "100")
    allocation = Allocation.objects.get(credit_item=paid.open_item)
    split_by_load(actor=books.actor, allocation=allocation, shares={loads[0].pk: Decimal(60)})


def give_back_something(books: Books) -> Refund:
    """A refund of money that was on account."""
    bank, day = BankAccount.objects.of(books.actor).first(), date(2026, 11, 3)
    details: dict[str, Any] = {"bank_account": bank, "date": day, "method": "ach", "amount": Decimal(20)}
    kept = record_payment(actor=books.actor, account=books.account, **details)
    made = refund_unapplied(actor=books.actor, payment=kept, reason="Paid twice", **details)
    assert isinstance(made, Refund)
    return made


def keep_something(books: Books) -> None:
    """A little that was paid too much and booked as income, and a file of a payment."""
    bank = BankAccount.objects.of(books.actor).first()
    details: dict[str, Any] = {"bank_account": bank, "date": date(2026, 11, 3), "method": "ach", "amount": Decimal(2)}
    kept = read_payment(books.actor, record_payment(actor=books.actor, account=books.account, **details).pk)
    put_into_income(
        books.actor, kept, Decimal(1), GLAccount.objects.of(books.actor).get(code="4100").pk, kept.posting_date
    )
    attach_file(actor=books.actor, payment=kept, file=Evidence("advice.pdf", b"%PDF-1.7"))


def _charge(world: World) -> Any:
    return world.books.unpaid.loads.get().accessorials.first()


def _event(world: World, **which: str) -> Any:
    return ProcessEvent.objects.of(world.admin).filter(**which).order_by("pk").first()


def _first(model: Any) -> Callable[[World], Any]:
    return lambda world: model.objects.of(world.admin).order_by("pk").first()


# Start of a path -> the object whose key stands in it; the longest start counts.
OBJECTS: dict[str, Callable[[World], Any]] = {
    "jobs/": _first(Job),
    "dispatches/": _first(Dispatch),
    "approvals/": lambda world: ApprovalRequest.objects.of(world.admin).filter(state="waiting").first(),
    "delegations/": _first(Delegation),
    "customers/": lambda world: world.books.account.customer,
    "accounts/": lambda world: world.books.account,
    "agreements/": lambda world: world.books.agreement,
    "items/": lambda world: world.books.unpaid.open_item,
    "reports/ageing/": lambda world: world.books.account.customer,
    "ledger/entries/": _first(JournalEntry),
    "ledger/accounts/": lambda world: world.books.account.open_items.first().gl_account,
    "ledger/periods/": _first(Period),
    "ledger/rates/": _first(ExchangeRate),
    "loads/": lambda world: world.books.unpaid.loads.get(),
    "invoices/": lambda world: world.books.unpaid,
    "invoices/splits/": lambda world: LoadShare.objects.of(world.admin).get().allocation,
    "credit-notes/": _first(CreditNote),
    "einvoices/": _first(EInvoice),
    "write-offs/": _first(WriteOff),
    "write-offs/batches/": _first(WriteOffBatch),
    "bankruptcies/": _first(Bankruptcy),
    "write-downs/": lambda world: WriteDown.objects.of(world.admin).order_by("pk").last(),
    "debt-transfers/": lambda world: DebtTransfer.objects.of(world.admin).order_by("pk").last(),
    "import/": _first(ImportFile),
    "evidence/": _first(ShortPaymentNote),
    "agreement-charges/": _first(AgreementCharge),
    "billing-runs/": _first(BillingRun),
    "disputes/": _first(Dispute),
    "plans/": _first(Plan),
    "worklist/": _first(CollectionProcess),
    "worklist/reviews/": _first(MonitorRun),
    "reminders/": _first(Reminder),
    "write-off-processes/": _first(WriteOffProcess),
    "write-off-processes/runs/": _first(AutomatedRun),
    "write-off-processes/letters/": lambda world: _event(world, kind="letter"),
    "write-off-processes/events/": lambda world: _event(world, state="pending"),
    "payments/": lambda world: world.books.payment,
    "assignments/": lambda world: world.books.payment.open_item.uses.first(),
    "refunds/": _first(Refund),
    "resolutions/": _first(Resolution),
    "short-payments/batches/": _first(BatchResolution),
    "payments/new/": lambda world: world.books.account,
    "accessorials/": _charge,
    "bounce-fees/": _first(BounceFee),
    "differences/": _first(PayOff),
    "recoveries/": _first(Recovery),
    "over-payments/": _first(SmallExcess),
    "attachments/": _first(PaymentAttachment),
    "tax-relief/": _first(TaxRelief),
    "tax-relief/claims/": _first(TaxReliefClaim),
    "connections/": _first(Connection),
    "connections/<int:pk>/web-connector.qwc": lambda world: Connection.objects.get_or_create(
        organization=world.admin.organization,
        system=System.QUICKBOOKS_DESKTOP,
        name="Desktop",
        start_date=date(2026, 1, 1),
    )[0],
    "webhooks/": _first(Endpoint),
    "webhooks/messages/": _first(Message),
    "incoming-changes/": _first(IncomingChange),
    "error-transactions/": _first(Delivery),
    "ledger-exports/": _first(LedgerExport),
    "audits/": _first(AuditRun),
    "sessions/": lambda world: world.admin.user,
}
