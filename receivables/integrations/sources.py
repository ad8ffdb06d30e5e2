"""Every kind of our documents that is delivered, and which of them follow from others."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import F, Prefetch

from receivables.billing.credit_notes.models import CreditNote, CreditNoteLine
from receivables.billing.models import Invoice, Revision, RevisionLine
from receivables.collections.models import BounceFee, Holding, Payment, PayOff, Refund, SmallExcess, TaxRelief
from receivables.collections.recoveries.models import Recovery
from receivables.customers.models import Customer
from receivables.integrations import debts, ledgered, snapshots
from receivables.integrations.currencies import with_money
from receivables.integrations.models import Kind
from receivables.ledger.models import Allocation, JournalLine
from receivables.writeoffs.models import WriteOff


@dataclass(frozen=True)
class Source:
    """One kind of document: where its rows are, whose they are, and how one is read.

    `read` is given rows of `full`, which come with all that it reads of them, for many in a few queries; where there
    is none it reads what it needs of each.
    """

    label: str
    kind: str
    rows: Any
    whose: Callable[[Any], Customer]
    read: Callable[[Any], snapshots.Wanted | None]
    full: Any = None

    def customer(self, row: Any) -> int:
        return int(self.whose(row).pk)

    def wanted(self, pks: Iterable[int]) -> dict[int, snapshots.Wanted | None]:
        """What a connection should have of each of these, read together."""
        rows = self.rows if self.full is None else self.full
        return {pk: self._build(row) for pk, row in rows.in_bulk(list(pks)).items()}

    def _build(self, row: Any) -> snapshots.Wanted | None:
        wanted = self.read(row)
        return wanted and with_money(wanted, row, self.whose(row), row.organization.currency)


def _customer_of(row: Any) -> Customer:
    found: Customer = row.account.customer
    return found


def _payers(row: Any) -> Customer:
    return _customer_of(row.payment)


CUSTOMERS = Customer.objects.select_related("organization")
INVOICES = Invoice.objects.select_related("organization", "account__customer").prefetch_related("loads")
CREDIT_NOTES = CreditNote.objects.select_related("organization", "account__customer", "reason", "reversal")
PAY_OFFS = PayOff.objects.select_related(
    "organization", "invoice__account__customer", "allocation__entry", "payment", "reason"
)
WRITE_OFFS = WriteOff.objects.select_related("organization", "account__customer")
PAYMENTS = Payment.objects.select_related("organization", "account__customer", "bank_account", "reversal")
REFUNDS = Refund.objects.select_related("organization", "payment__account__customer", "bank_account", "reversal")
EXCESSES = SmallExcess.objects.select_related("organization", "payment__account__customer", "reversal")
RECOVERIES = Recovery.objects.select_related("organization", "payment__account__customer", "invoice", "reversal")
HOLDINGS = Holding.objects.select_related("organization", "payment__account__customer", "open_item")
BOUNCE_FEES = BounceFee.objects.select_related("organization", "bounced__payment__account__customer", "reversal")
TAX_RELIEFS = TaxRelief.objects.select_related("organization", "claim", "invoice__account__customer", "reversal")
PAID_AFTER_ALL = Allocation.objects.select_related(
    "organization", "credit_item__payment__account__customer", "debit_item", "entry"
)

LINES = RevisionLine.objects.annotate(type=F("accessorial__type")).order_by("line_no")
NEWEST = Revision.objects.filter(number=F("invoice__current_revision")).prefetch_related(Prefetch("lines", LINES))
INVOICES_FULL = INVOICES.prefetch_related(Prefetch("revisions", NEWEST, to_attr="newest"))
PAYMENTS_FULL = PAYMENTS.prefetch_related(
    "open_item", Prefetch("open_item__uses", snapshots.APPLIED, to_attr="applied")
)
NOTE_LINES = CreditNoteLine.objects.select_related("invoice").order_by("line_no")
CREDIT_NOTES_FULL = CREDIT_NOTES.prefetch_related(Prefetch("lines", NOTE_LINES))
ENTRY_LINES = JournalLine.objects.order_by("line_no")
PAY_OFFS_FULL = PAY_OFFS.select_related("allocation__reversed_by").prefetch_related(
    Prefetch("allocation__entry__lines", ENTRY_LINES)
)

SOURCES = {
    source.label: source
    for source in (
        Source("customers.customer", Kind.CUSTOMER, CUSTOMERS, lambda row: row,
               snapshots.customer_wanted),
        Source("billing.invoice", Kind.INVOICE, INVOICES, _customer_of, snapshots.invoice_wanted,
               INVOICES_FULL),
        Source("billing.creditnote", Kind.CREDIT_MEMO, CREDIT_NOTES, _customer_of,
               snapshots.credit_note_wanted, CREDIT_NOTES_FULL),
        Source("collections.payoff", Kind.CREDIT_MEMO, PAY_OFFS, lambda row: _customer_of(row.invoice),
               snapshots.pay_off_wanted, PAY_OFFS_FULL),
        Source("writeoffs.writeoff", Kind.CREDIT_MEMO, WRITE_OFFS, _customer_of, debts.write_off_wanted),
        Source("collections.payment", Kind.PAYMENT, PAYMENTS, _customer_of, snapshots.payment_wanted,
               PAYMENTS_FULL),
        Source("collections.refund", Kind.JOURNAL, REFUNDS, _payers, snapshots.refund_wanted),
        Source("collections.smallexcess", Kind.JOURNAL, EXCESSES, _payers, snapshots.excess_wanted),
        Source("collections.recovery", Kind.JOURNAL, RECOVERIES, _payers, debts.recovery_wanted),
        Source("ledger.allocation", Kind.JOURNAL, PAID_AFTER_ALL, lambda row: _customer_of(row.credit_item.payment),
               debts.written_off_paid),
        Source("collections.holding", Kind.JOURNAL, HOLDINGS, _payers, ledgered.holding_wanted),
        Source("collections.bouncefee", Kind.JOURNAL, BOUNCE_FEES, lambda row: _payers(row.bounced),
               ledgered.bounce_fee_wanted),
        Source("collections.taxrelief", Kind.JOURNAL, TAX_RELIEFS, lambda row: _customer_of(row.invoice),
               ledgered.tax_relief_wanted),
    )
}  # fmt: skip


def following(documents: dict[str, set[int]]) -> dict[str, set[int]]:
    """These documents, with those that hang on a payment or an invoice among them: what it gave up, what it brought
    too much, recovered and holds; tax that was claimed back."""
    found = {label: set(keys) for label, keys in documents.items()}
    payments = found.get("collections.payment", set())
    if payments:
        hanging = {
            "collections.payoff": PayOff.objects.filter(payment__in=payments, credit_note__isnull=True),
            "collections.smallexcess": SmallExcess.objects.filter(payment__in=payments),
            "collections.recovery": Recovery.objects.filter(payment__in=payments),
            "ledger.allocation": debts.of_written_off(payments),
            "collections.holding": ledgered.of_payments(payments),
        }
        for label, rows in hanging.items():
            found.setdefault(label, set()).update(rows.values_list("pk", flat=True))
    invoices = found.get("billing.invoice", set())
    if invoices:
        reliefs = TaxRelief.objects.filter(invoice__in=invoices)
        found.setdefault("collections.taxrelief", set()).update(reliefs.values_list("pk", flat=True))
    return found
