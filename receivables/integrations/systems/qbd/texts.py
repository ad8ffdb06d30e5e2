"""What the status codes of QuickBooks Desktop mean in plain words, and what to do."""

from django.utils.translation import gettext as _

from receivables.integrations.models import Delivery

Trouble = Delivery.Trouble
NOT_THERE = frozenset({"1", "500"})  # no match; a key that is asked for does not exist
DONE = frozenset({"510", "550"})  # done, and the object not told; done but for its notes
BUSY = frozenset({"3170", "3175", "3176", "3180"})


def plain(code: str, said: str) -> tuple[str, str, str]:
    """(trouble, plain words, what to fix) for one of their status codes."""
    low = said.lower()
    if "closing date" in low or "books are closed" in low or code == "3171":
        message = _("The books are closed there for this date. Reopen them, or enter it there by hand.")
        return Trouble.PERIOD_CLOSED, message, "period"
    if "deposit" in low:
        message = _("The payment stands in a bank deposit there. Take it out of the deposit, then retry.")
        return Trouble.NEEDS_PERSON, message, "remote"
    if code in BUSY:
        return Trouble.RETRYABLE, _("Somebody is working on the same in QuickBooks Desktop. It is tried again."), ""
    if code == "3200":
        return Trouble.RETRYABLE, _("It was changed in QuickBooks Desktop at the same moment. It is tried again."), ""
    return _needing_somebody(code)


def _needing_somebody(code: str) -> tuple[str, str, str]:
    person = Trouble.NEEDS_PERSON
    words = {
        "570": (
            person,
            _("QuickBooks Desktop cannot link it to a document that is closed or was deleted. Reopen it, then retry."),
            "remote",
        ),
        "3040": (
            person,
            _("QuickBooks Desktop cannot read an amount or a text that was sent. Shorten or correct it."),
            "",
        ),
        "3100": (
            Trouble.CONFLICT,
            _("QuickBooks Desktop has a customer, vendor or other name like this already. Rename one of them."),
            "customer",
        ),
        "3120": (
            person,
            _("What this refers to was deleted in QuickBooks Desktop. Enter it there again, then retry."),
            "remote",
        ),
        "3140": (
            Trouble.NEEDS_MAPPING,
            _("QuickBooks Desktop knows nothing of the name that is mapped. Map another, or enter it there."),
            "mapping",
        ),
        "3210": (
            person,
            _("QuickBooks Desktop refuses an amount, such as more than is open on the invoice. Compare both."),
            "",
        ),
        "3250": (
            person,
            _("A feature that this needs is off in QuickBooks Desktop's preferences. Switch it on, then retry."),
            "remote",
        ),
        "3260": (
            person,
            _("The user whom the Web Connector signs in as may not do this. Give the permission."),
            "remote",
        ),
        "3261": (
            person,
            _("The user whom the Web Connector signs in as may not do this. Give the permission."),
            "remote",
        ),
    }
    return words.get(
        code, (person, _("QuickBooks Desktop refused it. What it said stands beside; retry once it is solved."), "")
    )
