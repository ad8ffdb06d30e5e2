"""Sending a reminder, and trying one again, as they are clicked."""

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from receivables.billing.pages import amount_text
from receivables.core.errors import Blocker
from receivables.core.registry import Action, actions
from receivables.credit_control.monitor.models import CollectionProcess
from receivables.credit_control.reminders.forms import SendReminderForm
from receivables.credit_control.reminders.letters import demand_of
from receivables.credit_control.reminders.models import Reminder
from receivables.credit_control.reminders.operations import (
    reminder_blocker,
    retry_blocker,
    retry_reminder,
    send_reminder,
)
from receivables.credit_control.reminders.rules import retry_reminder_blocker

Method = Reminder.Method


def _blocker(process: CollectionProcess, actor: Any) -> Blocker | None:
    return reminder_blocker(actor, process)


def _confirm(process: CollectionProcess, actor: Any) -> dict[str, Any]:
    amount = amount_text(actor, demand_of(actor, process).amount, process.currency)
    return {
        "facts": [
            {"label": _("Customer"), "value": process.account.customer.name},
            {"label": _("Step"), "value": process.get_step_display()},
            {"label": _("To be chased now"), "value": amount},
        ],
        "effects": [
            _("The letter lists every overdue invoice that may be chased; its PDF goes with the e-mail."),
            _("No balance changes."),
        ],
    }


def _send(actor: Any, process: CollectionProcess, data: dict[str, Any]) -> tuple[Any, str]:
    reminder = send_reminder(actor=actor, process=process, **data)
    if reminder.method == Method.POST:
        return reminder, _("The letter is written: print it below, and post it.")
    return reminder, _("The reminder is on its way to %(to)s.") % {"to": ", ".join(reminder.to)}


def _retry_blocker(reminder: Reminder, actor: Any) -> Blocker | None:
    return retry_blocker(actor, reminder)


def _can_be_retried(reminder: Reminder, actor: Any) -> bool:
    return retry_reminder_blocker(state=reminder.state) is None


def _confirm_retry(reminder: Reminder, actor: Any) -> dict[str, Any]:
    return {
        "facts": [
            {"label": _("To"), "value": ", ".join(reminder.to)},
            {"label": _("What happened"), "value": reminder.error},
        ],
        "effects": [_("The same letter is handed to the mail server again.")],
    }


def _retry(actor: Any, reminder: Reminder, data: dict[str, Any]) -> tuple[Any, str]:
    return retry_reminder(actor=actor, reminder=reminder), _("The reminder is on its way again.")


def register() -> None:
    """Called once, when the application is ready."""
    actions.register(
        Action(
            "send_reminder", "credit_control.collectionprocess", gettext_lazy("Send reminder"), _send,
            form=SendReminderForm, blocker=_blocker, confirm=_confirm, style="primary",
        )
    )  # fmt: skip
    actions.register(
        Action(
            "retry_reminder", "credit_control.reminder", gettext_lazy("Try again"), _retry, blocker=_retry_blocker,
            visible=_can_be_retried, confirm=_confirm_retry, style="secondary",
        )
    )  # fmt: skip
