"""What was given up and may yet be recovered: bad debt on invoices, by settlement or by lines of the invoice."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import F, QuerySet, Sum
from django.utils.translation import gettext as _

from receivables.billing.credit_notes.models import CreditNoteLine
from receivables.billing.models import Invoice, Revision
from receivables.billing.queries import current_revision
from receivables.collections.models import PayOff
from receivables.collections.recoveries.models import Recovery
from receivables.core.forms import keys_of
from receivables.ledger.models import Allocation

ZERO = Decimal(0)
LOST = [Allocation.Kind.BAD_DEBT, Allocation.Kind.DIFFERENCE]
MOST = 200  # of an account or a customer that are offered at once


@dataclass(frozen=True)
class Loss:
    """Bad debt on an invoice that stands, in the invoice's currency, and what of it was recovered.

    By a settlement, or (without one) by the lines of the newest revision. `by` names what gave it up.
    """

    invoice: Invoice
    allocation: Allocation | None
    amount: Decimal
    recovered: Decimal
    given_on: date
    by: str
    url: str = ""

    @property
    def key(self) -> str:
        """What forms call it."""
        return loss_key(self.invoice.pk, self.allocation.pk if self.allocation else None)

    @property
    def left(self) -> Decimal:
        return self.amount - self.recovered


def loss_key(invoice: int, allocation: int | None) -> str:
    """The key of a loss: of the settlement that gave it up, else of the invoice whose lines did."""
    return f"i{invoice}" if allocation is None else f"s{allocation}"


def live_recoveries() -> QuerySet[Recovery]:
    return Recovery.objects.filter(reversal__isnull=True)


def may_have_lost(invoice: Invoice) -> bool:
    """Whether something beside payments stands on the invoice, or it bills bad debt: else nothing was given up."""
    item = invoice.open_item
    return item.live_settlements > item.live_payments or current_revision(invoice).bad_debt > 0


def losses_of(invoices: Iterable[int]) -> list[Loss]:
    """All bad debt that stands on these invoices, oldest first; a constant number of queries."""
    keys = list(invoices)
    if not keys:
        return []
    found = {
        each.pk: each for each in Invoice.objects.select_related("account__customer", "open_item").filter(pk__in=keys)
    }
    recovered = _recovered(keys)
    lost = [*_by_settlement(found, recovered), *_by_lines(found, recovered)]
    return sorted(lost, key=lambda each: (each.given_on, each.invoice.pk, each.key))


def _recovered(invoices: Sequence[int]) -> dict[tuple[int, int | None], Decimal]:
    rows: Any = live_recoveries().filter(invoice__in=invoices).order_by().values_list("invoice", "allocation")
    return {(invoice, by): amount for invoice, by, amount in rows.annotate(Sum("amount"))}


def _by_settlement(invoices: dict[int, Invoice], recovered: dict[tuple[int, int | None], Decimal]) -> list[Loss]:
    items = {each.open_item_id: each for each in invoices.values()}
    rows = list(lost_settlements().filter(debit_item__in=items).select_related("entry"))
    documents = _documents(rows)
    return [
        Loss(
            items[row.debit_item_id], row, row.amount,
            recovered.get((items[row.debit_item_id].pk, row.pk), ZERO), row.date, *documents[row.pk],
        )
        for row in rows
    ]  # fmt: skip


def lost_settlements() -> QuerySet[Allocation]:
    """The settlements that gave something up and stand."""
    return Allocation.objects.filter(
        kind__in=LOST, credit_item__isnull=True, amount__gt=0, reverses__isnull=True, reversed_by__isnull=True
    )


def _documents(rows: Sequence[Allocation]) -> dict[int, tuple[str, str]]:
    """What gave each up, and where that is shown: its credit note, the payment it came with, or the journal."""
    keys = [row.pk for row in rows]
    found = {row.pk: (_("Journal"), row.entry.get_absolute_url() if row.entry else "") for row in rows}
    for given in PayOff.objects.filter(allocation__in=keys).select_related("payment"):
        found[given.allocation_id] = (given.payment.number, given.payment.get_absolute_url())
    for line in CreditNoteLine.objects.filter(allocation__in=keys).select_related("credit_note"):
        found[line.allocation_id] = (line.credit_note.number, line.credit_note.get_absolute_url())
    return found


def _by_lines(invoices: dict[int, Invoice], recovered: dict[tuple[int, int | None], Decimal]) -> list[Loss]:
    current = Revision.objects.filter(invoice__in=invoices, number=F("invoice__current_revision"), bad_debt__gt=0)
    return [
        Loss(
            invoices[row.invoice_id], None, row.bad_debt, recovered.get((row.invoice_id, None), ZERO),
            row.posting_date, _("Revision %(number)s") % {"number": row.number},
            invoices[row.invoice_id].get_absolute_url(),
        )
        for row in current
    ]  # fmt: skip


def recoverable(actor: Any, *, currency: str = "", **of: Any) -> list[Loss]:
    """What may yet be recovered on the invoices of an account (`account=`) or a customer (`account__customer_id=`)."""
    invoices = Invoice.objects.of(actor).filter(voided_at__isnull=True, **of)
    if currency:
        invoices = invoices.filter(currency=currency)
    settled = lost_settlements().filter(debit_item__invoice__in=invoices).order_by("-pk")
    by_settlement = set(settled.values_list("debit_item__invoice", flat=True)[:MOST])
    revised = Revision.objects.filter(invoice__in=invoices, number=F("invoice__current_revision"), bad_debt__gt=0)
    by_lines = set(revised.order_by("-pk").values_list("invoice", flat=True)[:MOST])
    return [each for each in losses_of(by_settlement | by_lines) if each.left > 0][:MOST]


def named_losses(actor: Any, keys: Collection[str], **of: Any) -> tuple[list[Loss], str]:
    """The losses with these keys that stand, also where nothing is left of them, and the number of an invoice on which
    one of the others stood once, or ""."""
    invoices: Any = Invoice.objects.of(actor).filter(**of)
    settled = invoices.filter(open_item__settlements__in=keys_of(key[1:] for key in keys if key.startswith("s")))
    billed = invoices.filter(pk__in=keys_of(key[1:] for key in keys if key.startswith("i")))
    meant = {
        f"s{key}": (pk, number) for key, pk, number in settled.values_list("open_item__settlements", "pk", "number")
    }
    meant |= {f"i{pk}": (pk, number) for pk, number in billed.values_list("pk", "number")}
    found = [each for each in losses_of({pk for pk, _number in meant.values()}) if each.key in meant]
    standing = {each.key for each in found}
    return found, next((number for key, (_pk, number) in meant.items() if key not in standing), "")
