"""May a fee be charged for a bounced payment, and be taken back? Pure functions over facts."""

from datetime import date
from decimal import Decimal

from django.utils.translation import gettext as _

from receivables.collections.rules import precision_blocker
from receivables.core.dates import day_words
from receivables.core.errors import Blocker


def bounce_fee_blocker(
    *, fee: Decimal, currency: str, bank: str, has_account: bool, has_agreement: bool
) -> Blocker | None:
    """A fee is above zero in the payment's currency, needs the account that it is booked to, and an agreement of the
    payer on which it is owed."""
    if fee <= 0 or precision_blocker(fee, currency):
        message = _("Enter an amount above zero, with no more decimals than %(currency)s has.")
        return Blocker("amount", message % {"currency": currency}, field="fee")
    if not has_account:
        message = _("Bank account “%(bank)s” has no GL account for fees. An administrator can set it up in Settings.")
        return Blocker("no_fee_account", message % {"bank": bank}, field="fee")
    if not has_agreement:
        message = _("The payer has no agreement in %(currency)s that a fee could be owed on.")
        return Blocker("no_agreement", message % {"currency": currency}, field="fee")
    return None


def reverse_bounce_fee_blocker(
    *, number: str, reversed_already: bool, settled: bool, posted: date | None = None, posting_date: date | None = None
) -> Blocker | None:
    """A fee is taken back once (R3), while nothing is settled of it, never on a day before it was posted."""
    words = {"number": number}
    if reversed_already:
        return Blocker("already_reversed", _("Fee %(number)s was already reversed.") % words)
    if settled:
        return Blocker("settled", _("A payment stands on fee %(number)s. Take it off first.") % words)
    if posted is not None and posting_date is not None and posting_date < posted:
        message = _("Fee %(number)s was posted on %(day)s; choose that day or a later one.")
        return Blocker("before_fee", message % {**words, "day": day_words(posted)}, field="posting_date")
    return None
