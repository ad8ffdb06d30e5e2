"""Which load of a summary invoice a payment is short on."""

from decimal import Decimal

from django.utils.translation import gettext as _

from receivables.billing.models import Invoice, Load, Revision
from receivables.billing.summary.parts import parts_of, short_shares
from receivables.core.errors import Blocker, Refused


def shares_short_on(invoice: Invoice, short_on: Load | None, applied: Decimal) -> dict[int, Decimal]:
    """How a payment on a summary invoice is split if one load alone is short. `Refused` if more are."""
    if short_on is None or applied >= invoice.open_item.balance:
        return {}
    parts = parts_of(invoice, Revision.objects.get(invoice=invoice, number=invoice.current_revision))
    shares = short_shares(parts, short_on, applied)
    if not shares and applied:
        message = _("This is less than the other loads come to: more than load %(load)s is short. Split it afterwards.")
        raise Refused(Blocker("short_on_more", message % {"load": short_on.number}, field="short_on"))
    return shares
