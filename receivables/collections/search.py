"""Finding what a payment is for: an invoice or a customer's account, by what a person has before them."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import Case, IntegerField, Q, QuerySet, Value, When

from receivables.billing.models import Invoice, Load
from receivables.billing.operations.locking import number_format
from receivables.collections.models import Payment
from receivables.collections.payable import NO_PAYMENTS
from receivables.core.money import parse_money
from receivables.customers.models import Account
from receivables.ledger.models import OpenItem

SHOWN = 10
NEWEST_PAYMENTS = 5000
SHORTEST = 2


@dataclass(frozen=True)
class Found:
    """The first matches; a person types more to see others."""

    invoices: list[Invoice]
    accounts: list[Account]
    payments: list[Payment]

    @property
    def nothing(self) -> bool:
        return not (self.invoices or self.accounts or self.payments)

    @property
    def more(self) -> bool:
        return max(len(self.invoices), len(self.accounts), len(self.payments)) == SHOWN


def payable_invoices(actor: Any) -> QuerySet[Invoice]:
    """Invoices on which a payment may be recorded, with what their row shows."""
    takes = Invoice.objects.of(actor).exclude(agreement__type__payment_segment_type=NO_PAYMENTS)
    return takes.filter(voided_at__isnull=True).select_related("open_item", "account__customer")


def open_invoices(actor: Any, account: Account, currency: str) -> QuerySet[Invoice]:
    """What a customer owes in a currency, or in whatever (""), over all its accounts: those of `account` first, the
    oldest due first."""
    own = Case(When(account_id=account.pk, then=Value(0)), default=Value(1), output_field=IntegerField())
    owed = payable_invoices(actor).filter(account__customer_id=account.customer_id)
    owed = owed.filter(currency=currency) if currency else owed
    return owed.filter(open_item__balance__gt=0).order_by(own, "due_date", "pk")


def invoices_of(actor: Any, account: Account, keys: Iterable[int]) -> QuerySet[Invoice]:
    """A customer's invoices with these keys, whatever became of them: what is typed beside one is judged, and never
    passed over because somebody else was quicker."""
    found = Invoice.objects.of(actor).filter(account__customer_id=account.customer_id, pk__in=keys)
    return found.select_related("open_item", "account__customer").order_by("due_date", "pk")


def find(actor: Any, text: str) -> Found | None:
    """Invoices by number, load, reference or what is open on them, accounts by number or customer, and who paid before
    with this reference or amount. None while too little is typed.

    What is still open comes first, the newest first. Each kind is asked for on its own with a limit, so that it stays
    quick however much there is.
    """
    text = text.strip()
    if len(text) < SHORTEST:
        return None
    loads = Load.objects.of(actor).filter(Q(number__istartswith=text) | Q(reference__iexact=text)).values("invoice")
    numbers = Q(number__icontains=text) | Q(reference__icontains=text) | Q(pk__in=loads)
    amount = _amount(actor, text)
    if amount is not None:
        items = OpenItem.objects.of(actor).filter(kind=OpenItem.Kind.INVOICE, balance=amount).order_by("due_date", "pk")
        numbers |= Q(open_item__in=list(items.values_list("pk", flat=True)[:SHOWN]))
    invoices = payable_invoices(actor).filter(numbers).order_by("-pk")
    unpaid = list(invoices.exclude(open_item__balance=0)[:SHOWN])
    settled = invoices.filter(open_item__balance=0)[: SHOWN - len(unpaid)]
    names = Q(number__istartswith=text) | Q(name__icontains=text) | Q(customer__name__icontains=text)
    return Found(
        [*unpaid, *settled],
        list(
            Account.objects.of(actor).filter(names).select_related("customer").order_by("customer__name", "pk")[:SHOWN]
        ),
        _paid_before(actor, text, amount),
    )


def _amount(actor: Any, text: str) -> Decimal | None:
    """The text as an amount above zero, or None."""
    try:
        amount = parse_money(text, actor.organization.currency, number_format(actor))
    except ValidationError:
        return None
    return amount if amount > 0 else None


def _paid_before(actor: Any, text: str, amount: Decimal | None) -> list[Payment]:
    """Among the newest payments those with this number, reference or amount: they lead to who pays."""
    newest = Payment.objects.of(actor).order_by("-date", "-id")[:NEWEST_PAYMENTS].values("pk")
    wanted = Q(number__iexact=text) | Q(reference__istartswith=text)
    if amount is not None:
        wanted |= Q(amount=amount)
    found = Payment.objects.of(actor).filter(wanted, pk__in=newest).select_related("account__customer")
    return list(found.order_by("-date", "-pk")[:SHOWN])
