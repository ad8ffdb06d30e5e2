"""May a charge be added, ended, or billed? Pure functions over facts; page, operation and job ask the same."""

from datetime import date
from decimal import Decimal

from django.utils.translation import gettext as _

from receivables.billing.models import ChargeKind, Entity
from receivables.core.dates import day_words
from receivables.core.errors import Blocker
from receivables.customers.behaviour import OVER
from receivables.customers.models import Agreement

State = Agreement.State
RUNS = (State.PENDING_START, State.ACTIVE, State.PENDING_STOP)
BILLED = (State.ACTIVE, State.PENDING_STOP, State.STOPPED)
KINDS = (ChargeKind.CHARGE, ChargeKind.OTHER)


def not_billable_blocker(*, eligible: bool, state: str, stop_date: date | None = None) -> Blocker | None:
    """Only service is billed: never an agreement whose type is not eligible, such as one that holds written-off debt
    (documented), and none that is over (ours: start a new one)."""
    if not eligible:
        return Blocker("not_billable", _("Agreements of this type are not billed."))
    if state in OVER:
        return Blocker("agreement_closed", _("The service agreement is closed: start a new agreement to bill again."))
    if state == State.PENDING_START:
        return Blocker("pending_start", _("The service agreement has not started yet."))
    return None


def add_agreement_charge_blocker(
    *, eligible: bool, state: str, kind: str = ChargeKind.CHARGE, entities: tuple[str, ...] = (Entity.CUSTOMER,),
    type_active: bool = True, amount: Decimal = Decimal(1), starts_on: date | None = None, ends_on: date | None = None,
    agreement_start: date | None = None,
) -> Blocker | None:  # fmt: skip
    """A charge is put on an agreement that is or will be billed, with a type that charges customers."""
    if not eligible:
        return Blocker("not_billable", _("Agreements of this type are not billed."))
    if state not in RUNS:
        return Blocker("agreement_closed", _("This agreement is not in service any more: start a new one."))
    if not type_active or kind not in KINDS or Entity.CUSTOMER not in entities:
        return Blocker("wrong_type", _("Choose an active type that charges the customer something."), field="type")
    if amount <= 0:
        return Blocker("zero_amount", _("Enter an amount above zero."), field="amount")
    if starts_on is not None and agreement_start is not None and starts_on < agreement_start:
        message = _("The agreement starts on %(day)s: choose that day or a later one.")
        return Blocker("before_start", message % {"day": day_words(agreement_start)}, field="starts_on")
    if starts_on is not None and ends_on is not None and ends_on < starts_on:
        return Blocker("ends_before", _("The charge would end before it begins."), field="ends_on")
    return None


def end_agreement_charge_blocker(
    *, cancelled: bool, recurring: bool, ends_on: date | None, billed_through: date | None, day: date | None
) -> Blocker | None:
    """A charge of which nothing was billed may be taken back (no day); else it ends, not before what was billed."""
    if cancelled:
        return Blocker("cancelled", _("This charge was taken back already."))
    if not recurring and billed_through is not None:
        return Blocker("billed", _("This charge was billed already. Issue a credit note for it, or change its load."))
    if ends_on is not None and billed_through is not None and billed_through >= ends_on:
        return Blocker("over", _("This charge has ended, and all of it was billed."))
    if day is not None and billed_through is not None and day < billed_through:
        message = _("It is billed up to %(day)s: choose that day or a later one.")
        return Blocker("billed", message % {"day": day_words(billed_through)}, field="ends_on")
    return None


def run_billing_blocker(*, running: bool, due: int | None = None, cut_off: date, today: date) -> Blocker | None:
    """One run at a time, over what is due by today, and only if anything is."""
    if running:
        return Blocker("billing_running", _("A billing run is at work. Wait for its end, or stop it first."))
    if cut_off > today:
        return Blocker("to_come", _("Choose today or an earlier day: what is to come is not billed."), field="cut_off")
    if due == 0:
        return Blocker("nothing_due", _("Nothing is due up to this day."))
    return None


def retry_billing_run_blocker(*, running: bool, left: int) -> Blocker | None:
    """What failed, or what a stop left over, is billed while nothing runs."""
    if running:
        return Blocker("billing_running", _("A billing run is at work. Wait for its end, or stop it first."))
    if not left:
        return Blocker("nothing_left", _("Nothing failed and nothing was left over."))
    return None
