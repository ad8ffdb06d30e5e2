"""May the ledger be exported, a batch be downloaded, or be withdrawn? Pure functions over facts."""

from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from receivables.core.errors import Blocker


def export_ledger_blocker(*, new: int, through: date, today: date) -> Blocker | None:
    """A batch takes what no live batch of its format has; what is not posted yet cannot leave."""
    if through > today:
        return Blocker("future", _("Choose a day that is not after today."), field="through")
    if not new:
        return Blocker("nothing_new", _("Everything posted up to this day was exported in this format already."))
    return None


def download_export_blocker(*, number: str, live: bool, downloaded: Any, again: bool) -> Blocker | None:
    """A batch is imported once: who takes it a second time says that they know. `downloaded` is the last time, in
    words, or empty."""
    if not live:
        return Blocker(
            "withdrawn", _("%(number)s was withdrawn: its entries leave with another batch.") % {"number": number}
        )
    if downloaded and not again:
        return Blocker(
            "downloaded",
            _("%(number)s was downloaded already (%(downloaded)s). Imported twice, every entry counts twice.")
            % {"number": number, "downloaded": downloaded},
            field="again",
        )
    return None


def withdraw_export_blocker(*, live: bool, newest: bool) -> Blocker | None:
    """Only the newest live batch of a format: later ones rely on what it declares."""
    if not live:
        return Blocker("withdrawn", _("This batch was withdrawn already."))
    if not newest:
        return Blocker("not_newest", _("A later batch of this format builds on it. Withdraw that one first."))
    return None
