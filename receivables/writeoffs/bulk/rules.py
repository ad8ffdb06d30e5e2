"""What may be done with a batch of write-offs. Pure functions over facts; the first blocker wins."""

from dataclasses import dataclass

from django.utils.translation import gettext as _

from receivables.core.errors import Blocker


def plan_write_offs_blocker(*, chosen: int, reason: str, type_usable: bool = True) -> Blocker | None:
    """Something is chosen, and why is said."""
    if not chosen:
        return Blocker("nothing_chosen", _("Choose at least one debt in this currency."))
    if not reason.strip():
        return Blocker("no_reason", _("Say why these debts are written off."), field="reason")
    if not type_usable:
        return Blocker("no_write_off_type", _("Choose an active write-off type."), field="to_type")
    return None


@dataclass(frozen=True)
class BatchFacts:
    """How far a batch is: `waiting` items of it may still be written off, `failed` ones tried again."""

    planned: bool
    confirmed: bool
    running: bool
    asked: bool = False
    waiting: int = 0
    failed: int = 0
    undoable: int = 0


def write_off_debts_blocker(facts: BatchFacts) -> Blocker | None:
    """A batch is confirmed once, when it is worked out and something of it can be done."""
    if facts.confirmed:
        return Blocker("confirmed", _("This batch was confirmed already."))
    if facts.running:
        return Blocker("running", _("The batch is still being worked out."))
    if not facts.planned:
        return Blocker("not_planned", _("The batch was not worked out to its end. Go on with it first."))
    if facts.asked:
        return Blocker("asked", _("This batch waits for approval; nothing is written off before that."))
    if not facts.waiting:
        return Blocker("nothing_left", _("Nothing in this batch can be written off: every account says why."))
    return None


def retry_write_offs_blocker(facts: BatchFacts) -> Blocker | None:
    """Go on with what a stop left over, and try again what failed."""
    if facts.running:
        return Blocker("running", _("A job is at work on this batch."))
    if facts.planned and not facts.confirmed:
        return Blocker("not_confirmed", _("The batch is worked out: confirm it, and it begins."))
    if facts.planned and not facts.waiting + facts.failed:
        return Blocker("nothing_left", _("Nothing is left to be done in this batch."))
    return None


def undo_write_offs_blocker(facts: BatchFacts, reason: str | None = None) -> Blocker | None:
    """What was written off and is still owed can be taken back, while no job is at work. `reason` None: not asked."""
    if facts.running:
        return Blocker("running", _("A job is at work on this batch. Stop it first, or wait for its end."))
    if not facts.undoable:
        return Blocker("nothing_to_undo", _("Nothing of this batch can be taken back."))
    if reason is not None and not reason.strip():
        return Blocker("no_reason", _("Say why the batch is taken back."), field="reason")
    return None


def changed_text() -> str:
    """Why an account is passed over that would come out otherwise than it was shown."""
    return _(
        "It would come out otherwise than when the batch was worked out, because of a payment, another write-off or a "
        "setting. It was left as it is."
    )


def reason_words(code: str) -> str:
    """A short name of why accounts are passed over."""
    return {
        "written_off": _("Written off already"),
        "not_eligible": _("Never written off"),
        "already_asked": _("Waits for approval"),
        "covered": _("The customer's own money covers it"),
        "more_than_owed": _("Paid since"),
        "before_debt": _("Posting date before the debt"),
        "no_target": _("No write-off type for the account it was booked to"),
        "unexplained": _("No transaction explains it"),
        "no_write_off_type": _("No active write-off type"),
        "period_closed": _("The month is closed"),
        "stale": _("Changed meanwhile"),
        "busy": _("Somebody was at work on it"),
        "fault": _("Failed on our side"),
    }.get(code, _("Other"))
