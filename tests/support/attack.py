"""Raw SQL as the application's login, against books that hold one of everything."""

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from receivables.approvals.delegating import delegate_approvals
from receivables.approvals.models import AuthorityLimit
from receivables.approvals.operations import ask, reject_request
from receivables.approvals.questions import ask_back
from receivables.billing.models import Invoice, Load, TaxCode
from receivables.billing.operations import add_accessorial, generate_invoice, regenerate_invoice, void_invoice
from receivables.collections.models import BankAccount, Payment
from receivables.collections.operations import delete_payment
from receivables.collections.resolution import resolve_short_payment
from receivables.core.dates import today
from receivables.core.transactions import sqlstate
from receivables.customers.models import Account, Agreement
from receivables.ledger.models import GLAccount
from tests.builders import make_account, make_invoice, make_load, make_member, make_organization, make_type, pay
from tests.support.einvoices import keep_einvoice

DAY = date(2026, 11, 3)
NO_RIGHT = "42501"
NO_PARENT = "23503"
TWICE = "23505"
CHECK = "23514"

# What no attack may change by a single character.
KEPT = [
    "ledger_journalentry", "ledger_journalline", "ledger_openitem", "ledger_allocation", "ledger_agreementtransaction",
    "ledger_period", "customers_agreement", "customers_account", "billing_invoice", "billing_revision",
    "billing_revisionline", "billing_revisiontax", "billing_einvoice", "collections_payment",
    "collections_paymentreversal", "core_sequence", "core_event", "approvals_approvalrequest",
    "approvals_authoritylimit",
    "billing_creditnote", "billing_creditnoteline", "billing_creditnotereversal",
    "billing_agreementcharge", "billing_billedperiod", "billing_billingrunitem",
    "credit_control_collectionprocess", "credit_control_monitorresult", "credit_control_reminder",
]  # fmt: skip


def sql(statement: str, *values: Any) -> list[tuple[Any, ...]]:
    """Run a statement as the application; its rows, if it returns any."""
    with connection.cursor() as cursor:
        cursor.execute(statement, values or None)
        return cursor.fetchall() if cursor.description else []


def insert(table: str, **values: Any) -> int:
    """Insert one row; its id."""
    columns = ", ".join(values)
    marks = ", ".join(["%s"] * len(values))
    return int(sql(f"INSERT INTO {table} ({columns}) VALUES ({marks}) RETURNING id", *values.values())[0][0])


def snapshot() -> list[tuple[Any, ...]]:
    """A fingerprint of every kept table."""
    each = "SELECT '{0}', count(*), md5(string_agg(t::text, '|' ORDER BY t.id)) FROM {0} t"
    # A parallel plan, which large tables get, returns the branches of a union in any order.
    return sorted(sql(" UNION ALL ".join(each.format(table) for table in KEPT)))


def settle() -> None:
    """Let everything deferred happen now, as a commit would."""
    sql("SET CONSTRAINTS ALL IMMEDIATE")
    sql("SET CONSTRAINTS ALL DEFERRED")


@contextlib.contextmanager
def refused(*codes: str, constraint: str = "", what: str = "") -> Iterator[None]:
    """What is done inside is refused, at the latest at commit, with one of these codes, and changes nothing."""
    before = snapshot()
    with pytest.raises(DatabaseError) as caught, transaction.atomic():
        yield
        sql("SET CONSTRAINTS ALL IMMEDIATE")
        pytest.fail(f"nothing refused this: {what}")
    assert sqlstate(caught.value) in codes, f"{what} {caught.value}"
    if constraint:
        assert caught.value.__cause__.diag.constraint_name == constraint
    assert snapshot() == before


@dataclass
class Line:
    """A line of a forged entry. `own` is the amount in the organization's currency, the same if none is given."""

    gl: str | int
    amount: Any
    item: int | None = None
    opens: bool = False
    agreement: int | None = None
    own: Any = None


@dataclass
class Books:
    """An organization with an unpaid and a part-paid invoice, a void and a reduced one, a payment and a deleted one."""

    actor: Any
    account: Account
    agreement: Agreement
    unpaid: Invoice
    part_paid: Invoice
    void: Invoice
    payment: Payment
    deleted: Payment

    @property
    def org(self) -> int:
        return int(self.actor.organization_id)

    def gl(self, code: str | int) -> int:
        if isinstance(code, int):
            return code
        return int(GLAccount.objects.of(self.actor).get(code=code).pk)

    def header(self, lines: list[Line], **changed: Any) -> int:
        """Insert the header that fits these lines; `changed` replaces columns."""
        numbers = [Decimal(line.amount) for line in lines if Decimal(line.amount) == Decimal(line.amount)]
        own = [Decimal(line.own if line.own is not None else line.amount) for line in lines]
        values = {
            "organization_id": self.org, "kind": uuid4().hex, "source_type": "attack", "source_id": 1,
            "document_date": DAY, "posting_date": DAY, "currency": "USD", "line_count": len(lines),
            "total": sum((each for each in numbers if each > 0), Decimal(0)),
            "organization_total": sum((each for each in own if each == each and each > 0), Decimal(0)),
            "memo": "", "posted_at": timezone.now(),
        }  # fmt: skip
        return insert("ledger_journalentry", **{**values, **changed})

    def lines(self, entry: int, lines: list[Line], first: int = 1, currency: str = "USD", **changed: Any) -> None:
        """Insert the lines of an entry in one statement."""
        rows = [
            (
                changed.get("organization_id", self.org), entry, number, self.gl(line.gl), currency, line.amount,
                line.own if line.own is not None else line.amount, line.item, line.opens, line.agreement,
            )
            for number, line in enumerate(lines, start=first)
        ]  # fmt: skip
        marks = ", ".join(["(%s,%s,%s,%s,%s,%s,%s,%s,%s,%s,'')"] * len(rows))
        sql(
            "INSERT INTO ledger_journalline (organization_id, entry_id, line_no, gl_account_id, currency, amount,"
            f" organization_amount, open_item_id, opens, agreement_id, memo) VALUES {marks}",
            *[value for row in rows for value in row],
        )

    def entry(self, *lines: Line, **changed: Any) -> int:
        """A whole forged entry."""
        entry = self.header(list(lines), **changed)
        self.lines(entry, list(lines), currency=changed.get("currency", "USD"))
        return entry

    def item(self, **changed: Any) -> int:
        """An open item of a kind that stands on no other document."""
        values = {
            "organization_id": self.org, "account_id": self.account.pk, "agreement_id": self.agreement.pk,
            "gl_account_id": self.gl("1200"), "kind": "fee", "number": uuid4().hex[:10], "currency": "USD",
            "document_date": DAY, "due_date": DAY, "amount": 0, "organization_amount": 0, "balance": 0,
            "organization_balance": 0, "paid": 0, "live_payments": 0, "live_settlements": 0, "voided": False,
        }  # fmt: skip
        return insert("ledger_openitem", **{**values, **changed})

    def receivable(self, amount: Any, **changed: Any) -> Line:
        """A line on the control account for the unpaid invoice."""
        values = {"item": self.unpaid.open_item_id, "agreement": self.agreement.pk, **changed}
        return Line("1200", amount, **values)

    def allocation(self, **changed: Any) -> int:
        """A settlement of the unpaid invoice by the payment; of 0.00 unless changed."""
        values = {
            "organization_id": self.org, "kind": "payment", "debit_item_id": self.unpaid.open_item_id,
            "credit_item_id": self.payment.open_item_id, "entry_id": None, "currency": "USD", "amount": 0,
            "date": DAY, "created_at": DAY,
        }  # fmt: skip
        return insert("ledger_allocation", **{**values, **changed})

    def revision(self, invoice: Invoice, number: int, **changed: Any) -> int:
        """The header of a forged revision, without lines."""
        values = {
            "organization_id": self.org, "invoice_id": invoice.pk, "number": number, "cause": "regenerated",
            "currency": "USD", "net": 900, "tax": 0, "total": 900, "organization_total": 900, "bad_debt": 0,
            "price_concession": 0, "bill_to": "{}", "digest": uuid4().hex, "line_count": 1, "internal": False,
            "reason": "", "posting_date": DAY, "created_at": DAY,
        }  # fmt: skip
        return insert("billing_revision", **{**values, **changed})

    def revision_line(self, revision: int, net: Any, line_no: int = 1, **changed: Any) -> int:
        values = {
            "organization_id": self.org, "revision_id": revision, "line_no": line_no, "kind": "charge",
            "description": "Line haul", "currency": "USD", "net": net, "tax_rate": 0, "tax": 0, "total": net,
            "gl_account_id": self.gl("4000"),
        }  # fmt: skip
        return insert("billing_revisionline", **{**values, **changed})


def make_books(name: str = "Blue Freight") -> Books:
    """Everything through the operations, so that every guarded table has rows."""
    actor = make_member(make_organization(name))
    account = make_account(actor)
    own = {"organization": actor.organization}
    tax = TaxCode.objects.create(
        code="T8", name="State tax", rate=8, gl_account=GLAccount.objects.of(actor).get(code="2200"), **own
    )
    extra = make_type(actor, "Detention", "charge", tax_treatment="added", tax_code=tax)
    load = make_load(actor, account, tax_code=tax)
    add_accessorial(actor=actor, load=load, type=extra, entity="customer", amount=Decimal(50))
    unpaid = generate_invoice(actor=actor, load=load)
    paid_load = make_load(actor, account)
    part_paid = generate_invoice(actor=actor, load=paid_load)
    deleted = pay(actor, part_paid, "400")
    delete_payment(actor=actor, payment=deleted)
    add_accessorial(
        actor=actor, load=Load.objects.get(pk=paid_load.pk), type=extra, entity="customer", amount=Decimal(9)
    )
    regenerate_invoice(actor=actor, load=paid_load)
    payment = pay(actor, part_paid, "300", applied="200")
    void = make_invoice(actor, account)
    void_invoice(actor=actor, load=void.loads.get(), reason="Billed twice")
    short_load = make_load(actor, account)
    generate_invoice(actor=actor, load=short_load)
    concession = make_type(actor, "Claim", "price_concession")
    resolve_short_payment(actor=actor, load=short_load, type=concession, amount=Decimal(40))
    AuthorityLimit.objects.create(membership=actor, kind="bad_debt", currency="USD", maximum=100, **own)
    _decide_something(actor, unpaid)
    settle()
    keep_einvoice(part_paid, b"<Invoice/>")
    return Books(actor, account, account.agreements.get(), unpaid, part_paid, void, payment, deleted)


def _decide_something(actor: Any, invoice: Invoice) -> None:
    """A request that was rejected."""
    asker = make_member(actor.organization, "biller", "Ben Biller")
    request = ask(
        asker, verb="nothing", kind="write_off", subject=invoice, title="Nothing", currency=invoice.currency,
        amount=Decimal(10),
    )  # fmt: skip
    ask_back(actor=actor, request=request, question="Why?")
    reject_request(actor=actor, request=request, reason="No")
    other = make_member(actor.organization, "operations_manager", "Olivia Operations")
    day = today(actor.organization)
    delegate_approvals(actor=actor, to=other, starts=day, ends=day)


def bank_of(books: Books) -> BankAccount:
    return BankAccount.objects.of(books.actor).get()
