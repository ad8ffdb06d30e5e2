"""Beginning and ending a process, and its events, under the account's lock."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from django.utils import timezone

from receivables.core.events import record
from receivables.customers.models import Account, Agreement
from receivables.writeoffs.automated.models import (
    ProcessAgreement,
    ProcessEvent,
    ProcessTemplate,
    Referral,
    TemplateEvent,
    WriteOffControl,
    WriteOffProcess,
)
from receivables.writeoffs.automated.reading import linked, owed
from receivables.writeoffs.automated.rules import due_day

State = ProcessEvent.State
DETAILS = ("kind", "sequence", "text", "agency_id", "to_type_id", "points", "months", "by_email", "function")
# What is not over yet.
TO_COME = (State.PENDING, State.WAITING, State.REFUSED)


def steps_of(template: ProcessTemplate) -> list[TemplateEvent]:
    return list(template.steps.filter(active=True).order_by("days", "sequence"))


def start_process(
    actor: Any, account: Account, agreements: Sequence[Agreement], control: WriteOffControl, template: ProcessTemplate,
    day: date,
) -> WriteOffProcess:  # fmt: skip
    """Put agreements of one class and currency into a new process with all events of its template."""
    process = WriteOffProcess.objects.create(
        organization=actor.organization, account=account, control=control, template=template,
        currency=agreements[0].currency, amount=owed(agreements), started_on=day, created_by=actor.user,
    )  # fmt: skip
    ProcessAgreement.objects.bulk_create(
        ProcessAgreement(organization=actor.organization, process=process, agreement=each) for each in agreements
    )
    ProcessEvent.objects.bulk_create(
        ProcessEvent(
            organization=actor.organization, process=process, currency=process.currency,
            due_on=days_after(actor, day, step.days), **{name: getattr(step, name) for name in DETAILS},
        )
        for step in steps_of(template)
    )  # fmt: skip
    record_about(
        actor, "create_write_off_process", process, about=list(agreements), amount=process.amount,
        currency=process.currency, template=template.name,
    )  # fmt: skip
    return process


def days_after(actor: Any, day: date, days: int) -> date:
    """So many days later as the organization counts them."""
    own = actor.organization
    return due_day(day, days, mode=own.days_mode, work_days=own.work_days)


def record_about(actor: Any, name: str, process: WriteOffProcess, *, about: Sequence[Any] = (), **data: Any) -> None:
    """Record an event of a process in the histories of its account and customer as well."""
    account = process.account
    record(actor, name, process, about=[account, account.customer, *about], **data)


def end_process(actor: Any, process: WriteOffProcess, because: str, reason: str = "") -> None:
    """End a process that is still active: what is to come is cancelled, referrals too, its agreements are free."""
    moment = timezone.now()
    rows = WriteOffProcess.objects.filter(pk=process.pk, state=WriteOffProcess.State.ACTIVE)
    left = {"active": False, "left_at": moment, "left_because": ProcessAgreement.Left.ENDED}
    ProcessAgreement.objects.filter(process=process, active=True).update(**left)
    ProcessEvent.objects.filter(process=process, state__in=TO_COME).update(state=State.CANCELLED)
    cancel_referrals(process)
    rows.update(
        state=WriteOffProcess.State.INACTIVE, ended_at=moment, ended_because=because, reason=reason,
        version=process.version + 1,
    )  # fmt: skip
    process.refresh_from_db()


def cancel_referrals(process: WriteOffProcess) -> int:
    """How many were cancelled."""
    rows = Referral.objects.filter(process=process, active=True)
    return int(rows.update(active=False, cancelled_at=timezone.now()))


def end_if_over(actor: Any, process: WriteOffProcess) -> None:
    """A process whose last event is over has ended (documented); one that waits for a decision has not."""
    process.refresh_from_db()
    over = not process.events.filter(state__in=TO_COME).exists()
    if over and process.state == WriteOffProcess.State.ACTIVE:
        end_process(actor, process, WriteOffProcess.Ended.COMPLETED)
        record_about(actor, "write_off_process_ended", process, left=owed(linked(process)))
