"""What the error codes of QuickBooks Online mean in plain words, and what to do."""

from django.utils.translation import gettext as _

from receivables.integrations.models import Delivery

Trouble = Delivery.Trouble


def plain(code: str, said: str) -> tuple[str, str, str]:
    """(trouble, plain words, what to fix) for one of their error codes."""
    low = said.lower()
    if "closed" in low and ("book" in low or "period" in low or "closing" in low):
        message = _("The books are closed there for this date. Reopen them, or enter it there by hand.")
        return Trouble.PERIOD_CLOSED, message, "period"
    if code in ("6140", "6210") or "duplicate document number" in low:
        message = _("QuickBooks Online has another document with this number already. Renumber it there, then retry.")
        return Trouble.CONFLICT, message, "number"
    if "currency" in low:
        message = _("The currency is not the one of the customer there, or not kept there. Compare both, then retry.")
        return Trouble.NEEDS_PERSON, message, "remote"
    return _by_code(code)


def _by_code(code: str) -> tuple[str, str, str]:
    person = Trouble.NEEDS_PERSON
    words = {
        "120": (
            person,
            _("The user who connected may not do this there. Give the permission, or connect again."),
            "remote",
        ),
        "500": (
            person,
            _("QuickBooks Online does not support this for the company. Enter it there by hand."),
            "remote",
        ),
        "610": (
            Trouble.NEEDS_MAPPING,
            _("Something that this document refers to is inactive or was deleted there. Map another, then retry."),
            "mapping",
        ),
        "2010": (person, _("QuickBooks Online does not know a field that was sent. Tell your administrator."), ""),
        "2050": (person, _("A text is too long for QuickBooks Online. Shorten it here, then retry."), ""),
        "2500": (
            Trouble.NEEDS_MAPPING,
            _("A key that is mapped is not one of theirs. Map another, then retry."),
            "mapping",
        ),
        "5010": (
            Trouble.RETRYABLE,
            _("It was changed in QuickBooks Online at the same moment. It is tried again."),
            "",
        ),
        "6000": (
            person,
            _("A rule there forbids it, such as more paid than is open. Compare both, correct one, then retry."),
            "remote",
        ),
        "6190": (
            Trouble.CREDENTIALS,
            _("The subscription of QuickBooks Online has ended. Renew it there, then connect again."),
            "connection",
        ),
        "6240": (
            Trouble.CONFLICT,
            _("QuickBooks Online has a customer, vendor or employee of this name already. Link them, or rename one."),
            "customer",
        ),
        "6540": (
            person,
            _("The payment stands in a bank deposit there. Take it out of the deposit, then retry."),
            "remote",
        ),
    }
    return words.get(
        code, (person, _("QuickBooks Online refused it. What it said stands beside; retry once it is solved."), "")
    )
