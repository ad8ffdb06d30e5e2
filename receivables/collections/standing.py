"""What stands on a payment and must be dealt with before the payment itself is taken back."""

from receivables.collections.models import Payment
from receivables.collections.unapplied.models import Refund
from receivables.collections.unapplied.rules import refund_stands_blocker
from receivables.core.errors import Blocker


def standing_blocker(payment: Payment) -> Blocker | None:
    """A refund that gave money of this payment back, read anew: called under the lock of the payer's account."""
    live = Refund.objects.filter(payment_id=payment.pk, reversal__isnull=True).order_by("pk").first()
    return refund_stands_blocker(number=payment.number, refund=live.number if live else "")


def standing_shown(payment: Payment) -> Blocker | None:
    """The same for a page; costs no query if `refunds__reversal` was read with the payment."""
    live = [refund.number for refund in payment.refunds.all() if getattr(refund, "reversal", None) is None]
    return refund_stands_blocker(number=payment.number, refund=live[0] if live else "")
