"""Reading payments: with everything a list shows, what stands on an invoice, what a payment was applied to."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import QuerySet, Sum

from receivables.billing.models import Invoice, Load
from receivables.billing.queries import out_of_date
from receivables.collections.models import BankAccount, Payment
from receivables.ledger.models import Allocation, GLAccount, JournalEntry

DUPLICATE_DAYS = 7


def with_documents(payments: QuerySet[Payment]) -> QuerySet[Payment]:
    """Payments with their customer, money left and what undid them, in one query."""
    return payments.select_related("account__customer", "open_item", "bank_account", "reversal")


def unapplied(payment: Payment) -> Decimal:
    """What of a payment stays on account; a credit is negative on its open item."""
    return -payment.open_item.balance


def applied_rows(newest: int | None = None, **of: Any) -> list[Allocation]:
    """The acts of applying payments (not their reversals), oldest first, with both documents and what undid them; or
    only so many of the `newest`, the last first."""
    found = (
        Allocation.objects.filter(kind=Allocation.Kind.PAYMENT, reverses__isnull=True, **of)
        .select_related(
            "credit_item__payment__reversal",
            "debit_item__account__customer",
            "debit_item__invoice",
            "debit_item__agreement__type",
            "reversed_by",
        )
        .prefetch_related("credit_item__payment__refunds__reversal")
    )
    return list(found.order_by("pk") if newest is None else found.order_by("-pk")[:newest])


def is_live(row: Allocation) -> bool:
    """Whether an act of applying still holds."""
    return getattr(row, "reversed_by", None) is None


def outdated_load(actor: Any, invoice: Invoice) -> Load | None:
    """A load whose charges no longer add up to the invoice, if there is one."""
    return out_of_date(Load.objects.of(actor).filter(invoice=invoice)).first()


def bank_accounts(actor: Any, currency: str = "") -> QuerySet[BankAccount]:
    """Where money of a currency may arrive."""
    accounts = BankAccount.objects.of(actor).filter(active=True).order_by("name", "pk")
    return accounts.filter(currency=currency) if currency else accounts


def likely_duplicate(
    actor: Any, *, customer_id: int, amount: Decimal, currency: str, reference: str, day: date
) -> Payment | None:
    """The newest live payment of the same customer, amount and reference within seven days (message RCP-2)."""
    near = timedelta(days=DUPLICATE_DAYS)
    return (
        Payment.objects.of(actor)
        .filter(
            account__customer_id=customer_id, amount=amount, currency=currency, reference__iexact=reference.strip(),
            date__range=(day - near, day + near), reversal__isnull=True,
        )
        .order_by("-pk")
        .first()
    )  # fmt: skip


def payment_totals(payments: QuerySet[Payment]) -> Iterable[dict[str, Any]]:
    """Received and still unapplied (negative), per currency."""
    sums: Any = payments.order_by().values("currency")
    rows: Iterable[dict[str, Any]] = sums.annotate(received=Sum("amount"), left=Sum("open_item__balance"))
    return rows


@dataclass(frozen=True)
class NetLine:
    """What a GL account was moved by in all, in a document's currency and in the organization's."""

    gl_account: GLAccount
    currency: str
    amount: Decimal
    organization_amount: Decimal

    @property
    def debit(self) -> Decimal | None:
        return self.amount if self.amount > 0 else None

    @property
    def credit(self) -> Decimal | None:
        return -self.amount if self.amount < 0 else None


def lines_of(entry: JournalEntry) -> list[NetLine]:
    """The lines of an entry as they were posted."""
    lines = sorted(entry.lines.all(), key=lambda line: line.line_no)
    return [NetLine(line.gl_account, line.currency, line.amount, line.organization_amount) for line in lines]


def netted(entries: Iterable[JournalEntry]) -> list[NetLine]:
    """Journal entries added up per account and currency, in order of code; what comes to nothing is left out."""
    sums: dict[tuple[int, str], NetLine] = {}
    for entry in entries:
        for line in entry.lines.all():
            key = (line.gl_account_id, line.currency)
            known = sums.get(key, NetLine(line.gl_account, line.currency, Decimal(0), Decimal(0)))
            sums[key] = NetLine(
                known.gl_account, line.currency, known.amount + line.amount,
                known.organization_amount + line.organization_amount,
            )  # fmt: skip
    found = [line for line in sums.values() if line.amount or line.organization_amount]
    return sorted(found, key=lambda line: (line.gl_account.code, line.currency))
