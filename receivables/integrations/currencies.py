"""In which currency a document is, and at which rate it was booked: added to what is delivered of it wherever that is
not all the organization's own. What is all at home says nothing, so that most documents stay as they are.
"""

from decimal import Decimal
from typing import Any

from receivables.customers.models import Customer
from receivables.integrations.snapshots import Wanted
from receivables.ledger.models import JournalEntry

PLACES = Decimal("0.0000000001")  # of an exchange rate


def with_money(wanted: Wanted, row: Any, customer: Customer, home: str) -> Wanted:
    """The same, its body with `money` where document or customer is in another currency than `home`.

    `rate`: units of `home` that one unit of the document was booked at. `other`: the currency of the debt that a
    payment settles, where that is not the payment's own.
    """
    other = _other_currency(wanted, row)
    if wanted.currency == customer.currency == home and not other:
        return wanted
    rate = _booked_rate(row) if row is not customer and wanted.currency != home else Decimal(1)
    wanted.body["money"] = {
        "currency": wanted.currency, "home": home, "customer": customer.currency, "other": other,
        "rate": f"{rate.normalize():f}",
    }  # fmt: skip
    return wanted


def _other_currency(wanted: Wanted, row: Any) -> str:
    other = wanted.body.get("pays_in") or getattr(row, "taken_currency", "")
    payment = getattr(row, "payment", None)
    if not other and payment is not None and payment.currency != wanted.currency:
        other = payment.currency
    return str(other)


def _booked_rate(row: Any) -> Decimal:
    """The document's own rate, else what its entry was booked at."""
    if hasattr(row, "rate"):
        return Decimal(row.rate)
    entry = getattr(getattr(row, "allocation", row), "entry", None) or _entry_of(row)
    if entry is None or not entry.total:
        return Decimal(1)
    return Decimal(entry.organization_total / entry.total).quantize(PLACES)


def _entry_of(row: Any) -> JournalEntry | None:
    rows = JournalEntry.objects.filter(
        organization_id=row.organization_id, source_type=row._meta.label_lower, source_id=row.pk, reverses__isnull=True
    )
    return rows.order_by("pk").first()
