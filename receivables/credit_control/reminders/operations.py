"""Sending a reminder and trying one again. Both lock the account, so that nobody is reminded twice at once."""

from collections.abc import Sequence
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from receivables.billing.delivery.operations import new_message_id
from receivables.core.access import lock_rows
from receivables.core.dates import today
from receivables.core.errors import Blocker, Refused, refuse, stale_blocker
from receivables.core.events import record
from receivables.core.jobs import defer_task
from receivables.core.operations import operation
from receivables.credit_control.monitor.models import CollectionProcess
from receivables.credit_control.reminders.letters import Demand, demand_of, words_of
from receivables.credit_control.reminders.models import Reminder
from receivables.credit_control.reminders.rules import retry_reminder_blocker, send_reminder_blocker, still_true_blocker
from receivables.customers.holds import under_stay
from receivables.customers.models import Account

TASK = "credit_control.send_reminder"
State, Method = Reminder.State, Reminder.Method
ON_ITS_WAY = (State.WAITING, State.SENDING)


def reminder_blocker(actor: Any, process: CollectionProcess, demand: Any = None) -> Blocker | None:
    """What stands in the way of reminding of a process now."""
    day = today(actor.organization)
    demand = demand or demand_of(actor, process)
    others = Reminder.objects.of(actor).filter(process=process)
    postponed = process.account.postpone_until
    return send_reminder_blocker(
        ended=process.ended_on is not None, postponed=postponed is not None and postponed > day, amount=demand.amount,
        on_its_way=others.filter(state__in=ON_ITS_WAY).exists(),
        sent_today=others.filter(state=State.SENT, day=day).exists(),
        bankrupt=bool(under_stay(actor, [process.account_id])),
    )  # fmt: skip


@operation
def send_reminder(
    *, actor: Any, process: CollectionProcess, method: str = Method.EMAIL, to: Sequence[str] | None = None,
    subject: str = "", body: str = "", seen: int | None = None,
) -> Reminder:  # fmt: skip
    """Write the letter of a process's step over what may be chased now; e-mail it with its PDF, or note it as posted.

    Without words of one's own it says what the step says. Raises `Refused`.
    """
    lock_rows(Account.objects.of(actor), [process.account_id])
    current = CollectionProcess.objects.of(actor).select_related("account__customer").get(pk=process.pk)
    refuse(stale_blocker(current.version, seen))
    demand = demand_of(actor, current)
    refuse(reminder_blocker(actor, current, demand))
    words = words_of(actor, current, demand)
    recipients = list(to if to is not None else words.to) if method == Method.EMAIL else []
    if method == Method.EMAIL and not recipients:
        raise Refused(Blocker("no_recipient", _("Enter an e-mail address, or print and post the letter."), field="to"))
    posted = method == Method.POST
    reminder = Reminder.objects.create(
        organization=actor.organization, process=current, step=current.step, day=today(actor.organization),
        currency=current.currency, amount=demand.amount, less=demand.less, rows=demand.rows, method=Method(method),
        to=recipients, subject=subject or words.subject, body=body or words.body, language=words.language,
        sender_name=words.sender_name, reply_to=words.reply_to, message_id=new_message_id(),
        state=State.SENT if posted else State.WAITING, sent_at=timezone.now() if posted else None,
        created_by=actor.user,
    )  # fmt: skip
    if not posted:
        _defer(reminder)
    _recorded(actor, "send_reminder", reminder)
    return reminder


def retry_blocker(actor: Any, reminder: Reminder) -> Blocker | None:
    """What stands in the way of sending the same letter again."""
    if first := retry_reminder_blocker(state=reminder.state):
        return first
    demand, held = _now(actor, reminder.process)
    return held or still_true_blocker(said=reminder.amount, chased=demand.amount)


def _now(actor: Any, process: CollectionProcess) -> tuple[Demand, Blocker | None]:
    """What may be chased of a process, and what stands in the way of it; kept on the object, of which a page shows all
    reminders."""
    kept: tuple[Demand, Blocker | None] | None = process.__dict__.get("_now")
    if kept is None:
        demand = demand_of(actor, process)
        kept = process.__dict__["_now"] = (demand, reminder_blocker(actor, process, demand))
    return kept


@operation
def retry_reminder(*, actor: Any, reminder: Reminder) -> Reminder:
    """Hand an e-mail over again that failed, or of which nobody knows, while what it says is true. `Refused`."""
    lock_rows(Account.objects.of(actor), [reminder.process.account_id])
    current = Reminder.objects.of(actor).select_related("process__account__customer").get(pk=reminder.pk)
    refuse(retry_blocker(actor, current))
    current.state, current.error = State.WAITING, ""
    current.save(update_fields=["state", "error"])
    _defer(current)
    _recorded(actor, "retry_reminder", current)
    return current


def _defer(reminder: Reminder) -> None:
    defer_task(TASK, queue="mail", lock=f"reminder {reminder.pk}", reminder_id=reminder.pk)


def _recorded(actor: Any, name: str, reminder: Reminder) -> None:
    account = reminder.process.account
    record(
        actor, name, reminder.process, about=[account, account.customer], amount=reminder.amount,
        currency=reminder.currency, step=str(reminder.get_step_display()), recipients=", ".join(reminder.to),
        method=str(reminder.get_method_display()),
    )  # fmt: skip
