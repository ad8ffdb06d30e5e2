"""What the errors of Sage Intacct mean in plain words, and what to do. Its numbers are few, so its words decide."""

from django.utils.translation import gettext as _

from receivables.integrations.models import Delivery

Trouble = Delivery.Trouble
BUSY = ("off-line", "concurrent request in process", "rate limit", "gw-0010", "gw-0011")
RECORDED = "a successful transaction has already been recorded"  # the same control id was used before


def plain(said: str) -> tuple[str, str, str]:
    """(trouble, plain words, what to fix) for what it said."""
    low = said.lower()
    if "period" in low and "closed" in low:
        message = _("The period is closed there for this date. Open it, or enter it there by hand.")
        return Trouble.PERIOD_CLOSED, message, "period"
    if any(each in low for each in BUSY):
        return Trouble.RETRYABLE, _("Sage Intacct is busy. It is tried again."), ""
    if "duplicate" in low or ("another" in low and "given value" in low) or "already in use" in low:
        return (
            Trouble.CONFLICT,
            _("Sage Intacct has another record with this number already. Renumber one of them."),
            "number",
        )
    if "permission" in low or "privilege" in low:
        message = _("The user of this connection may not do this in Sage Intacct. Give it the permission.")
        return Trouble.NEEDS_PERSON, message, "remote"
    return _needing_somebody(low)


def _needing_somebody(low: str) -> tuple[str, str, str]:
    if "invalid" in low and ("account" in low or "location" in low or "department" in low):
        message = _("Sage Intacct does not know an account or a location that is mapped. Map another, then retry.")
        return Trouble.NEEDS_MAPPING, message, "mapping"
    if "paid" in low or "payment" in low or "applied" in low:
        message = _("It is paid or credited there, or more is applied than is open. Compare both, undo it there first.")
        return Trouble.NEEDS_PERSON, message, "remote"
    if "dl03000005" in low or "there is no record" in low or "is not valid" in low:
        message = _("What this refers to is not there. Enter it there again, then retry.")
        return Trouble.NEEDS_PERSON, message, "remote"
    message = _("Sage Intacct refused it. What it said stands beside; retry once it is solved.")
    return Trouble.NEEDS_PERSON, message, ""
