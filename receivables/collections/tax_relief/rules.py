"""May tax relief be claimed, and taken back? Pure functions over facts."""

from collections.abc import Sequence
from datetime import date

from django.utils.translation import gettext as _

from receivables.core.dates import day_words
from receivables.core.errors import Blocker


def claim_tax_relief_blocker(
    *,
    wanted: int,
    eligible: int,
    as_of: date,
    today: date,
    posting_date: date | None = None,
    given: Sequence[date] = (),
) -> Blocker | None:
    """Only what is eligible on a day that has come, all of what was chosen, never posted before it was eligible
    (source: the tax rule *relief later*)."""
    if not wanted:
        return Blocker("nothing_chosen", _("Choose at least one bad debt."))
    if as_of > today:
        return Blocker("future", _("Choose today or an earlier day."), field="as_of")
    if eligible < wanted:
        message = _("Some of what you chose is not eligible any more. Look at the worksheet again.")
        return Blocker("stale", message)
    if posting_date is not None and any(day > posting_date for day in given):
        message = _("Some of it became eligible only after this day; choose a later one.")
        return Blocker("before_eligible", message, field="posting_date")
    return None


def reverse_tax_relief_blocker(
    *, invoice: str, reversed_already: bool, recovered_since: str = "", posted: date | None = None,
    posting_date: date | None = None,
) -> Blocker | None:  # fmt: skip
    """A tax relief is taken back once (R3), not under a recovery that already repaid a part of it, and never on a day
    before it was posted."""
    if reversed_already:
        message = _("The tax relief on invoice %(number)s was already taken back.")
        return Blocker("already_reversed", message % {"number": invoice})
    if recovered_since:
        message = _("Recovery %(recovery)s repaid a part of the tax on invoice %(number)s. Reverse the recovery first.")
        return Blocker("recovered_since", message % {"recovery": recovered_since, "number": invoice})
    if posted is not None and posting_date is not None and posting_date < posted:
        message = _("It was posted on %(day)s; choose that day or a later one.")
        return Blocker("before_relief", message % {"day": day_words(posted)}, field="posting_date")
    return None
