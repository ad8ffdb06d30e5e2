"""May master data be made or changed? Pure functions over facts; the first blocker wins."""

from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext as _

from receivables.core.dates import day_words
from receivables.core.errors import Blocker
from receivables.core.money import currencies
from receivables.customers.models import Agreement, AgreementType

NORMAL = AgreementType.SpecialRole.NONE
State = Agreement.State


@dataclass(frozen=True)
class Numbers:
    """Which of the numbers that a person typed are in use already, or will be given out."""

    customer_taken: bool = False
    account_taken: bool = False
    agreement_taken: bool = False


def _taken(taken: bool, field: str) -> Blocker | None:
    if not taken:
        return None
    message = _("This number is in use, or will be given out one day. Leave it empty to get the next one.")
    return Blocker("number_taken", message, field=field)


def _currency_blocker(currency: str) -> Blocker | None:
    if currency in currencies():
        return None
    message = _("“%(currency)s” is not the code of a currency, such as USD.")
    return Blocker("currency", message % {"currency": currency}, field="currency")


def create_customer_blocker(*, name: str, currency: str, numbers: Numbers) -> Blocker | None:
    """A customer needs a name, a currency, and numbers that nobody else has."""
    if not name.strip():
        return Blocker("no_name", _("Enter the customer's name."), field="name")
    return (
        _currency_blocker(currency)
        or _taken(numbers.customer_taken, "number")
        or _taken(numbers.account_taken, "account_number")
    )


def edit_customer_blocker(*, name: str, number_taken: bool) -> Blocker | None:
    """A customer keeps a name and a number of its own."""
    if not name.strip():
        return Blocker("no_name", _("Enter the customer's name."), field="name")
    return _taken(number_taken, "number")


def create_account_blocker(*, customer_active: bool, currency: str, numbers: Numbers) -> Blocker | None:
    """A further account is opened for an active customer."""
    if not customer_active:
        return Blocker("customer_inactive", _("This customer is not active. Make it active first."))
    return _currency_blocker(currency) or _taken(numbers.account_taken, "number")


def edit_account_blocker(*, number_taken: bool) -> Blocker | None:
    """An account's number is its own; its customer never changes."""
    return _taken(number_taken, "number")


def create_agreement_blocker(
    *, special_role: str, type_active: bool, currency: str, number_taken: bool = False
) -> Blocker | None:
    """People make agreements of normal types; the others are made by the acts that need them (ours)."""
    if special_role != NORMAL:
        message = _("Agreements of this type are made by the program, for example by a write-off.")
        return Blocker("special_type", message, field="type")
    if not type_active:
        return Blocker("type_inactive", _("This agreement type is not active any more."), field="type")
    return _currency_blocker(currency) or _taken(number_taken, "number")


def start_agreement_blocker(*, state: str, start_date: date, today: date) -> Blocker | None:
    """Service begins on its day, not before (documented: automatic where everything needed is present)."""
    if state != State.PENDING_START:
        message = _("This agreement is %(state)s already.")
        return Blocker("not_pending", message % {"state": State(state).label.lower()})
    if start_date > today:
        return Blocker("to_come", _("It starts on %(day)s.") % {"day": day_words(start_date)})
    return None


def run_agreement_dates_blocker(*, running: bool, due: int) -> Blocker | None:
    """One run at a time, and only where a day has come."""
    if running:
        return Blocker("dates_running", _("Agreements are being started and stopped already. Wait for its end."))
    if not due:
        return Blocker("nothing_due", _("No agreement waits for a day that has come."))
    return None


def stop_agreement_blocker(*, state: str, special_role: str) -> Blocker | None:
    """Service that runs can be stopped. Write-off agreements have no service: they stay active at zero (doc)."""
    if special_role == AgreementType.SpecialRole.WRITE_OFF:
        return Blocker("write_off", _("A write-off agreement holds old debt and has no service to stop."))
    if state in (State.ACTIVE, State.PENDING_START, State.PENDING_STOP):
        return None
    message = _("This agreement is %(state)s already.")
    return Blocker("not_active", message % {"state": State(state).label.lower()})


def cancel_agreement_blocker(*, state: str, posted: bool) -> Blocker | None:
    """Only where nothing was ever posted (ours); everything else is stopped."""
    if state == State.CANCELLED:
        return Blocker("cancelled", _("This agreement was cancelled already."))
    if posted:
        return Blocker("posted", _("Something was posted to this agreement. Stop it instead."))
    return None
