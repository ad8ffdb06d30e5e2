"""Reasons in a few words, for counts and filters; the sentence of each stands with its invoice."""

from typing import Any

from django.utils.translation import gettext_lazy as _

REASONS: dict[str, Any] = {
    "void": _("Void"),
    "nothing_short": _("Nothing is short any more"),
    "no_payment": _("No payment stands on it"),
    "already_asked": _("A reduction waits for approval"),
    "other_currency": _("Another currency"),
    "no_load": _("Has no load"),
    "which_load": _("Several loads, and nobody said which"),
    "out_of_date": _("Out of date"),
    "above_amount": _("Short by more than the limit in money"),
    "above_percent": _("Short by more than the limit in %"),
    "before_payment": _("Paid after the posting date"),
    "before_revision": _("Revised after the posting date"),
    "period_closed": _("The month is closed"),
    "type_inactive": _("The type is not in use any more"),
    "stale": _("Changed meanwhile"),
    "not_granted": _("Approval was not given"),
    "busy": _("Somebody else was working on it"),
    "fault": _("Something failed on our side"),
    "more_than_open": _("Less is open than is to be taken off"),
}


def reason_words(code: str) -> Any:
    """The reason in a few words; a code without words speaks for itself."""
    return REASONS.get(code, code.replace("_", " ").capitalize())
