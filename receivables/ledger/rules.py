"""May a month be closed or opened again? Pure functions over facts."""

from datetime import date

from django.utils.translation import gettext as _

from receivables.core.errors import Blocker


def month_text(month: date) -> str:
    return f"{month:%Y-%m}"


def close_period_blocker(*, month: date, closed: bool, today: date) -> Blocker | None:
    """A month is closed once, and not before it has begun. Other months stay as they are."""
    if closed:
        return Blocker(
            "already_closed", _("%(month)s is closed already.") % {"month": month_text(month)}, field="month"
        )
    if month > today:
        return Blocker("not_begun", _("%(month)s has not begun yet.") % {"month": month_text(month)}, field="month")
    return None


def reopen_period_blocker(*, month: date, closed: bool, reason: str | None = None) -> Blocker | None:
    """Only a closed month is opened again, and somebody says why. `reason` None: not asked for yet."""
    if not closed:
        return Blocker("not_closed", _("%(month)s is open.") % {"month": month_text(month)})
    if reason is not None and not reason.strip():
        return Blocker("no_reason", _("Say why the month is opened again."), field="reason")
    return None
