"""May a reminder be sent? Pure functions over facts."""

from decimal import Decimal

from django.utils.translation import gettext as _

from receivables.core.errors import Blocker
from receivables.credit_control.monitor.rules import SKIPS


def send_reminder_blocker(
    *, ended: bool, postponed: bool, amount: Decimal, on_its_way: bool, sent_today: bool, bankrupt: bool = False
) -> Blocker | None:
    """A reminder is sent while its process is under way, for what may be chased at this moment, once a day."""
    if ended:
        return Blocker("ended", _("This process has ended: there is nothing to remind of."))
    if bankrupt:
        return bankrupt_blocker()
    if postponed:
        return Blocker("postponed", _("Nobody chases this account until the day that is set on it."))
    if amount <= 0:
        message = _(
            "Nothing that may be chased is overdue: it is paid, disputed, waits for approval, or is not asked for now."
        )
        return Blocker("nothing_chased", message)
    if on_its_way:
        return Blocker("on_its_way", _("A reminder of this process is on its way already."))
    if sent_today:
        return Blocker("sent_today", _("A reminder of this process was sent today already."))
    return None


def bankrupt_blocker() -> Blocker:
    """Nobody presses a bankrupt account."""
    return Blocker("bankrupt", str(SKIPS["bankrupt"]))


def retry_reminder_blocker(*, state: str) -> Blocker | None:
    """What failed is tried again; of what is uncertain nobody knows, so a person decides."""
    if state in ("failed", "uncertain"):
        return None
    return Blocker("not_failed", _("Only a reminder that failed or is uncertain can be tried again."))


def still_true_blocker(*, said: Decimal, chased: Decimal) -> Blocker | None:
    """A letter that asks for more than may be chased now is not sent again: `said` in it, `chased` today."""
    if chased >= said:
        return None
    return Blocker("less_now", _("Less may be chased now than this letter says: send a new reminder instead."))
