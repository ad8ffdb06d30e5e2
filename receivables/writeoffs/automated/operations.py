"""Runs of the automated write-off, processes by hand, and what a decision about a write-off means for its process."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from receivables.approvals.models import ApprovalRequest
from receivables.core.access import lock_rows
from receivables.core.dates import today
from receivables.core.errors import refuse, stale_blocker
from receivables.core.events import record
from receivables.core.jobs import LIVE, start_job
from receivables.core.models import Job
from receivables.core.operations import operation
from receivables.customers.models import Account, Agreement
from receivables.writeoffs.automated.criteria import FUNCTIONS
from receivables.writeoffs.automated.models import AutomatedRun, ProcessEvent, ProcessTemplate, WriteOffProcess
from receivables.writeoffs.automated.processes import end_if_over, end_process, record_about, start_process, steps_of
from receivables.writeoffs.automated.reading import IN_PROCESS, OVER, control_of, controls_of
from receivables.writeoffs.automated.rules import (
    Chosen,
    NewEvent,
    add_process_event_blocker,
    cancel_process_event_blocker,
    cancel_write_off_process_blocker,
    change_process_event_blocker,
    complete_to_do_blocker,
    create_write_off_process_blocker,
    granted_blocker,
    run_write_off_activator_blocker,
    run_write_off_monitor_blocker,
)
from receivables.writeoffs.models import Bankruptcy

MONITOR, ACTIVATOR = "run_write_off_monitor", "run_write_off_activator"
State = ProcessEvent.State


def is_running(actor: Any, kind: str) -> bool:
    return Job.objects.of(actor).filter(kind=kind, state__in=LIVE).exists()


@operation
def run_write_off_monitor(*, actor: Any, daily: bool = False) -> AutomatedRun:
    """Begin a run over all agreements whose service has ended. Raises `Refused` while one is at work."""
    refuse(run_write_off_monitor_blocker(running=is_running(actor, MONITOR)))
    return _begin(actor, MONITOR, AutomatedRun.Work.MONITOR, _("Review of debt to be written off"), daily)


@operation
def run_write_off_activator(*, actor: Any, daily: bool = False) -> AutomatedRun:
    """Begin a run over all events that are due. Raises `Refused` while one is at work."""
    refuse(run_write_off_activator_blocker(running=is_running(actor, ACTIVATOR)))
    return _begin(actor, ACTIVATOR, AutomatedRun.Work.ACTIVATOR, _("Events of write-off processes"), daily)


def _begin(actor: Any, kind: str, work: str, title: str, daily: bool) -> AutomatedRun:
    run = AutomatedRun.objects.create(
        organization=actor.organization, work=work, day=today(actor.organization), daily=daily, created_by=actor.user
    )
    run.job = start_job(actor, kind, title, {"run": run.pk})
    run.save(update_fields=["job"])
    record(actor, kind, run)
    return run


def chosen_of(actor: Any, agreements: Sequence[int], account: Account) -> tuple[list[Agreement], list[Chosen]]:
    """The agreements of an account that are named, with what the rule looks at."""
    rows = Agreement.objects.of(actor).filter(pk__in=agreements, account=account)
    taken = set(rows.filter(IN_PROCESS).values_list("pk", flat=True))
    found = list(rows.select_related("type__write_off_debt_class", "type__debt_class").order_by("pk"))
    return found, [
        Chosen(
            each.number, each.state in OVER, each.payoff_balance > 0, each.pk in taken,
            (each.type.write_off_debt_class_id, each.currency),
        )
        for each in found
    ]  # fmt: skip


@operation
def create_write_off_process(
    *, actor: Any, account: Account, agreements: Sequence[int], template: ProcessTemplate, seen: int | None = None
) -> WriteOffProcess:
    """Begin a process by hand, without waiting for the monitor. Raises `Refused`."""
    current = lock_rows(Account.objects.of(actor).select_related("customer"), [account.pk])[0]
    found, chosen = chosen_of(actor, agreements, current)
    control = control_of(controls_of(actor), current, found[0]) if found else None
    own = ProcessTemplate.objects.of(actor).filter(pk=template.pk, active=True).first()
    refuse(
        create_write_off_process_blocker(
            chosen=chosen, has_control=control is not None, has_steps=own is not None and bool(steps_of(own))
        )
    )
    if control is None or own is None:
        raise TypeError("the rule lets no process begin without a control and a template")
    return start_process(actor, current, found, control, own, today(actor.organization))


def _locked(actor: Any, process: WriteOffProcess, seen: int | None = None) -> WriteOffProcess:
    lock_rows(Account.objects.of(actor), [process.account_id])
    current = WriteOffProcess.objects.of(actor).select_related("control", "account").get(pk=process.pk)
    refuse(stale_blocker(current.version, seen))
    return current


@operation
def cancel_write_off_process(
    *, actor: Any, process: WriteOffProcess, reason: str, seen: int | None = None
) -> WriteOffProcess:  # fmt: skip
    """End a process by hand; its agreements may come into another one. Postpone the account to prevent that."""
    current = _locked(actor, process, seen)
    active = current.state == WriteOffProcess.State.ACTIVE
    refuse(cancel_write_off_process_blocker(active=active, reason=reason))
    end_process(actor, current, WriteOffProcess.Ended.CANCELLED, reason.strip())
    record_about(actor, "cancel_write_off_process", current, reason=reason.strip())
    return current


@operation
def add_process_event(
    *, actor: Any, process: WriteOffProcess, kind: str, due_on: date | None = None, sequence: int = 50,
    seen: int | None = None, **details: Any,
) -> ProcessEvent:  # fmt: skip
    """Add an event to an active process, by default for today. Raises `Refused`."""
    current = _locked(actor, process, seen)
    day = today(actor.organization)
    wanted = NewEvent(
        kind, due_on, day, details.get("text", ""), details.get("to_type") is not None, details.get("points"),
        details.get("months"), details.get("function", "") in FUNCTIONS,
    )  # fmt: skip
    refuse(add_process_event_blocker(active=current.state == WriteOffProcess.State.ACTIVE, event=wanted))
    event = ProcessEvent.objects.create(
        organization=actor.organization, process=current, currency=current.currency, kind=kind, sequence=sequence,
        due_on=due_on or day, **details,
    )  # fmt: skip
    record_about(actor, "add_process_event", current, type=str(event.get_kind_display()), due=event.due_on)
    return event


def _event(actor: Any, event: ProcessEvent, seen: int | None = None) -> ProcessEvent:
    process = WriteOffProcess.objects.of(actor).get(pk=event.process_id)
    lock_rows(Account.objects.of(actor), [process.account_id])
    current = ProcessEvent.objects.of(actor).select_related("process__control").get(pk=event.pk)
    refuse(stale_blocker(current.version, seen))
    return current


@operation
def change_process_event(
    *, actor: Any, event: ProcessEvent, due_on: date, sequence: int | None = None, text: str | None = None,
    seen: int | None = None,
) -> ProcessEvent:  # fmt: skip
    """Change the day, the order or the words of an event that is still to come. Raises `Refused`."""
    current = _event(actor, event, seen)
    day = today(actor.organization)
    moved = due_on if due_on != current.due_on else None
    refuse(
        change_process_event_blocker(state=current.state, kind=current.kind, due_on=moved, today=day, text=text)
    )  # fmt: skip
    before = {"due": current.due_on, "text": current.text}
    current.due_on, current.version = due_on, current.version + 1
    current.sequence = current.sequence if sequence is None else sequence
    current.text = current.text if text is None else text
    current.save(update_fields=["due_on", "sequence", "text", "version"])
    after = {"due": current.due_on, "text": current.text}
    record_about(
        actor, "change_process_event", current.process, type=str(current.get_kind_display()), before=before,
        after=after,
    )  # fmt: skip
    return current


@operation
def cancel_process_event(*, actor: Any, event: ProcessEvent, seen: int | None = None) -> ProcessEvent:
    """Put away one event that is still to come. With its last event a process ends."""
    current = _event(actor, event, seen)
    refuse(cancel_process_event_blocker(state=current.state))
    current.state, current.version = State.CANCELLED, current.version + 1
    current.save(update_fields=["state", "version"])
    record_about(actor, "cancel_process_event", current.process, type=str(current.get_kind_display()))
    end_if_over(actor, current.process)
    return current


@operation
def complete_to_do(*, actor: Any, event: ProcessEvent, seen: int | None = None) -> ProcessEvent:
    """Tick off what was to be done."""
    current = _event(actor, event, seen)
    is_to_do = current.kind == "to_do" and current.state == State.DONE
    refuse(complete_to_do_blocker(is_to_do=is_to_do, handled=current.handled_on is not None))
    current.handled_on, current.handled_by = today(actor.organization), actor.user
    current.version += 1
    current.save(update_fields=["handled_on", "handled_by", "version"])
    record_about(actor, "complete_to_do", current.process, reason=current.text)
    return current


def decided(*, actor: Any, event: Any, subject: ApprovalRequest) -> None:
    """Reaction to a decision about a write-off: the event of a process that waited for it is done, or refused.
    `Refused` refuses a grant as a whole.

    A refused one keeps its process open: the monitor would begin another one else. A person decides what follows.
    """
    waiting = ProcessEvent.objects.of(actor).filter(request=subject).select_related("process").first()
    if waiting is None or subject.state == ApprovalRequest.State.WAITING:
        return
    approved = subject.state == ApprovalRequest.State.APPROVED
    if not approved and waiting.state != State.WAITING:
        return
    by_hand = waiting.process.ended_because == WriteOffProcess.Ended.CANCELLED
    refuse(granted_blocker(cancelled=approved and by_hand))
    waiting.state = State.DONE if approved else State.REFUSED
    waiting.done_on = today(actor.organization) if approved else None
    waiting.version += 1
    waiting.save(update_fields=["state", "done_on", "version"])
    if approved:
        end_if_over(actor, waiting.process)


def end_at_bankruptcy(*, actor: Any, event: Any, subject: Bankruptcy) -> None:
    """Reaction to a bankruptcy, under its account's lock: nothing goes on towards a write-off, whatever still owes."""
    active = WriteOffProcess.objects.of(actor).filter(account_id=subject.account_id, state=WriteOffProcess.State.ACTIVE)
    for process in active.order_by("pk"):
        end_process(actor, process, WriteOffProcess.Ended.CANCELLED, subject.reference)
        record_about(actor, "cancel_write_off_process", process, about=[subject], reason=subject.reference)
