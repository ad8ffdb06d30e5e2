"""Handing a reminder over, as every letter is."""

from django.utils.translation import gettext as _

from receivables.billing.delivery.letters import Letter, deliver_letter
from receivables.core.events import record
from receivables.core.operations import SystemActor
from receivables.credit_control.reminders.letters import file_name, reminder_pdf
from receivables.credit_control.reminders.models import Reminder
from receivables.credit_control.reminders.rules import bankrupt_blocker
from receivables.customers.holds import under_stay


def deliver(reminder: Reminder, *, last: bool) -> None:
    """Hand a waiting reminder over. `last`: it is not tried again afterwards. Raises `TryAgain`."""
    deliver_letter(
        Letter(
            reminder, reminder.body, lambda: (file_name(reminder), reminder_pdf(reminder)),
            lambda state, words: _note(reminder, state, words), lambda: _barred(reminder),
        ),
        last=last,
    )  # fmt: skip


def _barred(reminder: Reminder) -> str:
    """A petition may have been filed while it waited."""
    bankrupt = under_stay(_actor(reminder), [reminder.process.account_id])
    return bankrupt_blocker().message if bankrupt else ""


def _actor(reminder: Reminder) -> SystemActor:
    author = str(reminder.created_by or _("Background"))
    return SystemActor(reminder.organization, author, frozenset(), reminder.created_by)


def _note(reminder: Reminder, state: str, words: str) -> None:
    actor = _actor(reminder)
    account = reminder.process.account
    record(
        actor, f"reminder_{state}", reminder.process, about=[account, account.customer], reason=words,
        recipients=", ".join(reminder.to),
    )  # fmt: skip
