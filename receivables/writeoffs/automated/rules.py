"""Which debt the automated write-off takes up, how it is closed without one, and what people may do to a process.

Pure functions over facts. Source: the published automated write-off; days of grace, maximum and threshold are ours.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from receivables.core.errors import Blocker

ZERO = Decimal(0)

# Why the monitor leaves debt alone, or can't deal with it.
REASONS: dict[str, Any] = {
    "no_control": gettext_lazy("No active write-off control exists for this class of account, debt and currency."),
    "bankrupt": gettext_lazy("A petition in bankruptcy was filed: move it to the bankruptcy type."),
    "postponed": gettext_lazy("The account is postponed until the day that is set on it."),
    "disputed": gettext_lazy("A dispute about it is open."),
    "on_plan": gettext_lazy("It is paid by a budget or a payment arrangement."),
    "not_eligible": gettext_lazy("Its write-off debt class is never written off, and it is too much to write down."),
    "no_criteria": gettext_lazy("None of the control's criteria is met."),
    "below": gettext_lazy("It owes no more than the control's threshold."),
    "credit": gettext_lazy("It is in credit by too much to be written up: look where that comes from."),
    "refused": gettext_lazy("It was refused."),
    "failed": gettext_lazy("Something failed on our side."),
}


@dataclass(frozen=True)
class Small:
    """The thresholds of a control: smaller debt is written down, smaller credit written up; 0 is never."""

    write_down_below: Decimal = ZERO
    write_up_below: Decimal = ZERO
    inactive_threshold: Decimal = ZERO


@dataclass(frozen=True)
class Facts:
    """What the monitor knows of an agreement whose service has ended. `due` is its final bill's due date."""

    due: date
    grace_days: int | None
    postponed_until: date | None = None
    disputed: bool = False
    on_plan: bool = False
    bankrupt: bool = False


def due_day(start: date, days: int, *, mode: str = "calendar", work_days: Sequence[int] = ()) -> date:
    """The day `days` after `start`, in calendar or work days; 0 is the day itself, whatever day that is."""
    if mode != "work" or not work_days:
        return start + timedelta(days=days)
    day = start
    while days > 0:
        day += timedelta(days=1)
        days -= day.weekday() in work_days
    return day


NOT_DUE = "not_due"


def resting(
    today: date, *, postponed_until: date | None, disputed: bool, on_plan: bool, bankrupt: bool = False
) -> str:  # fmt: skip
    """Why debt is neither taken up nor pressed today, as a key of REASONS; "" if it may be. The same for the monitor
    and for the events of a process that began before (ours)."""
    if bankrupt:
        return "bankrupt"
    if postponed_until is not None and postponed_until > today:
        return "postponed"
    if disputed:
        return "disputed"
    return "on_plan" if on_plan else ""


def left_alone(facts: Facts, today: date) -> str:
    """Why nothing is done about an agreement today, as a key of REASONS or NOT_DUE; "" if something is."""
    if facts.due > today:
        return NOT_DUE
    rests = resting(
        today, postponed_until=facts.postponed_until, disputed=facts.disputed, on_plan=facts.on_plan,
        bankrupt=facts.bankrupt,
    )  # fmt: skip
    if rests:
        return rests
    if facts.grace_days is None:
        return "no_control"
    return NOT_DUE if facts.due + timedelta(days=facts.grace_days) > today else ""


def is_small(balance: Decimal, small: Small) -> bool:
    """Whether what is left may be closed as a difference: 9.99 where the limit is 10.00, and 10.00 not."""
    if balance > 0:
        return balance < small.write_down_below
    return balance < 0 and -balance < small.write_up_below


def still_owing(balance: Decimal, *, eligible: bool, small: Small) -> str:
    """Why no process begins about what could not be closed; "" if one may."""
    if balance < 0:
        return "credit"
    if balance <= small.inactive_threshold:
        return "below"
    return "" if eligible else "not_eligible"


def run_write_off_monitor_blocker(*, running: bool) -> Blocker | None:
    """One run at a time: two at once would do the same work."""
    return Blocker("running", _("A run is at work. Wait for its end, or stop it first.")) if running else None


def run_write_off_activator_blocker(*, running: bool) -> Blocker | None:
    """As the monitor."""
    return run_write_off_monitor_blocker(running=running)


@dataclass(frozen=True)
class Chosen:
    """What a person wants to put into a process: its state, whether it is in one, and what it owes."""

    number: str
    stopped: bool
    owes: bool
    in_process: bool
    key: tuple[int, str]


def create_write_off_process_blocker(
    *, chosen: Sequence[Chosen], has_control: bool = True, has_steps: bool = True
) -> Blocker | None:
    """Agreements whose service has ended and that owe something, of one write-off debt class and currency, each in one
    process at a time; under a control that exists."""
    if not chosen:
        return Blocker("nothing", _("Choose at least one agreement whose service has ended and that owes something."))
    for each in chosen:
        if each.in_process:
            message = _("%(number)s is in a write-off process already.")
            return Blocker("in_process", message % {"number": each.number}, field="agreements")
        if not each.stopped or not each.owes:
            message = _("%(number)s is not stopped, or owes nothing.")
            return Blocker("not_stopped", message % {"number": each.number}, field="agreements")
    if len({each.key for each in chosen}) > 1:
        message = _("A process has one write-off debt class and one currency: make another one for the rest.")
        return Blocker("two_classes", message, field="agreements")
    if not has_control:
        return Blocker("no_control", str(REASONS["no_control"]), field="agreements")
    if not has_steps:
        return Blocker("no_steps", _("This template has no events. Add some in the settings first."), field="template")
    return None


def cancel_write_off_process_blocker(*, active: bool, reason: str | None = None) -> Blocker | None:
    """What ended is not cancelled any more."""
    if not active:
        return Blocker("ended", _("This process has ended already."))
    if reason is not None and not reason.strip():
        return Blocker("no_reason", _("Say why."), field="reason")
    return None


@dataclass(frozen=True)
class NewEvent:
    """What an event that a person adds consists of."""

    kind: str
    due_on: date | None = None
    today: date | None = None
    text: str = ""
    has_type: bool = False
    points: int | None = None
    months: int | None = None
    function_known: bool = False


def add_process_event_blocker(*, active: bool, event: NewEvent | None = None) -> Blocker | None:
    """Only an active process gets events, each with what its kind needs. `event` None: nothing was typed yet."""
    first = cancel_write_off_process_blocker(active=active)
    if first is not None or event is None:
        return first
    if event.due_on is not None and event.today is not None and event.due_on < event.today:
        return Blocker("past", _("Choose today or a later day."), field="due_on")
    if wordless := _words_blocker(event.kind, event.text):
        return wordless
    if event.kind == "write_off_to_type" and not event.has_type:
        return Blocker("no_type", _("Choose the write-off type."), field="to_type")
    if event.kind == "credit_rating" and not (event.points and event.months):
        return Blocker("no_points", _("Enter by how many points the rating goes down, and for how many months."))
    if event.kind == "function" and not event.function_known:
        return Blocker("no_function", _("Choose the function."), field="function")
    return None


def _words_blocker(kind: str, text: str) -> Blocker | None:
    if kind == "to_do" and not text.strip():
        return Blocker("no_text", _("Say what is to be done."), field="text")
    return None


def change_process_event_blocker(
    *, state: str, kind: str = "", due_on: date | None = None, today: date | None = None, text: str | None = None
) -> Blocker | None:  # fmt: skip
    """Only what is still to come is changed, and not into the past. `text` None: it stays as it is."""
    if state != "pending":
        return Blocker("not_pending", _("Only an event that is still to come can be changed."))
    if due_on is not None and today is not None and due_on < today:
        return Blocker("past", _("Choose today or a later day."), field="due_on")
    return None if text is None else _words_blocker(kind, text)


def cancel_process_event_blocker(*, state: str) -> Blocker | None:
    """What is done stays done; what was refused may be put away."""
    if state in ("pending", "refused"):
        return None
    return Blocker("not_pending", _("Only an event that is still to come can be cancelled."))


def granted_blocker(*, cancelled: bool) -> Blocker | None:
    """What a process asked for is not granted once somebody has cancelled the process."""
    if not cancelled:
        return None
    message = _("The write-off process that asked for this was cancelled: reject the request.")
    return Blocker("process_cancelled", message)


def complete_to_do_blocker(*, is_to_do: bool, handled: bool) -> Blocker | None:
    """A to-do is ticked off once, after its day has come."""
    if not is_to_do:
        return Blocker("no_to_do", _("This is nothing to do yet."))
    return Blocker("handled", _("Somebody has done this already.")) if handled else None


def retry_letter_blocker(*, state: str, ended: bool) -> Blocker | None:
    """Only an e-mail that failed, or of which nobody knows, and only while its process goes on; `state` is empty where
    none was sent."""
    if not state:
        return Blocker("no_mail", _("This letter does not go by e-mail: print and post it."))
    if state not in ("failed", "uncertain"):
        return Blocker("not_failed", _("This letter was sent already, or is on its way."))
    return cancel_write_off_process_blocker(active=not ended)


def reverse_write_down_blocker(*, reversed_before: bool, reason: str | None = None) -> Blocker | None:
    """Once, and somebody says why. `reason` None: not asked for yet."""
    if reversed_before:
        return Blocker("already_reversed", _("This was reversed already."))
    if reason is not None and not reason.strip():
        return Blocker("no_reason", _("Say why."), field="reason")
    return None
