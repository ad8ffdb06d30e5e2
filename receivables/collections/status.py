"""How a payment reads: derived from whether it was undone and what of it is applied, never stored."""

from django.utils.translation import gettext_lazy as _

from receivables.billing.status import Status
from receivables.collections.models import Payment, PaymentReversal

RECORDED = Status("recorded", _("Recorded"), "success")
ON_ACCOUNT = Status("on_account", _("On account"), "warning")
DELETED = Status("deleted", _("Deleted"), "neutral")
BOUNCED = Status("bounced", _("Bounced"), "danger")


def reversal_of(payment: Payment) -> PaymentReversal | None:
    """What undid the payment, or None. Costs no query if `reversal` was selected with it."""
    return getattr(payment, "reversal", None)


def payment_status(payment: Payment) -> Status:
    """Undone, with money left on account, or recorded and applied."""
    reversal = reversal_of(payment)
    if reversal is not None:
        return BOUNCED if reversal.kind == PaymentReversal.Kind.BOUNCED else DELETED
    return ON_ACCOUNT if payment.open_item.balance else RECORDED
