"""The activator at work: due events in their order, each in a transaction of its own. Where one fails, or has to wait,
the later ones of its process wait for it; other processes go on."""

import logging
from typing import Any

from django.db import InterfaceError, OperationalError
from django.db.models import F

from receivables.approvals.operations import waiting_request
from receivables.core.access import lock_rows
from receivables.core.errors import Refused
from receivables.core.jobs import Progress, Stopped
from receivables.core.models import Job
from receivables.core.transactions import run_atomic
from receivables.customers.models import Account
from receivables.writeoffs.automated.events import perform
from receivables.writeoffs.automated.models import AutomatedRun, ProcessEvent, RunResult, WriteOffProcess
from receivables.writeoffs.automated.processes import end_if_over, record_about
from receivables.writeoffs.automated.reading import due_events, rests
from receivables.writeoffs.automated.rules import REASONS
from receivables.writeoffs.drafting import VERB

Outcome = RunResult.Outcome
logger = logging.getLogger("receivables.jobs")


def run_activator(actor: Any, job: Job, progress: Progress) -> dict[str, Any]:
    """The work of a run. An event that is done is not due any more, so a run that is begun again goes on by itself."""
    run = AutomatedRun.objects.of(actor).get(pk=job.parameters["run"])
    due = due_events(actor, run.day)
    stuck: set[int] = set()
    for number, (process, key) in enumerate(due):
        progress(number, len(due))
        if process not in stuck and not _one(actor, run, key):
            stuck.add(process)
    progress(len(due), len(due))
    return {"run": run.pk}


def _one(actor: Any, run: AutomatedRun, key: int) -> bool:
    """Do one event; whether what comes after it may happen."""
    try:
        return run_atomic(lambda: _event(actor, run, key))
    except Refused as refused:
        if refused.code == "busy":
            raise
        _failed(actor, run, key, code="refused", message=str(refused.blocker.message)[:500])
    except Exception as error:
        if isinstance(error, Stopped | OperationalError | InterfaceError):
            raise
        logger.exception("event %s of a write-off process failed", key)
        _failed(actor, run, key, code="failed", message=str(REASONS["failed"]))
    return False


def _event(actor: Any, run: AutomatedRun, key: int) -> bool:
    """Lock what a decision locks, in its order; then look whether the event is still to come, and whether anything may
    happen about its debt today."""
    account_id = ProcessEvent.objects.of(actor).values_list("process__account_id", flat=True).get(pk=key)
    waiting_request(Account.objects.of(actor).get(pk=account_id), VERB)
    account = lock_rows(Account.objects.of(actor).select_related("customer"), [account_id])[0]
    event = read_event(actor, key)
    if event.state != ProcessEvent.State.PENDING or event.process.state != WriteOffProcess.State.ACTIVE:
        return True
    if code := rests(actor, event.process, run.day):
        _keep(actor, run, event, Outcome.SKIPPED, code=code, message=str(REASONS[code]))
        return False
    happened = perform(actor, account, event, run.day)
    record_about(
        actor, "write_off_event_done", event.process, reason=happened.outcome, type=str(event.get_kind_display())
    )  # fmt: skip
    end_if_over(actor, event.process)
    outcome = Outcome.WAITING if happened.request else Outcome.DONE
    _keep(actor, run, event, outcome, message=happened.outcome)
    return True


def read_event(actor: Any, key: int) -> ProcessEvent:
    """An event with what performing it needs, as it is now."""
    rows = ProcessEvent.objects.of(actor).select_related(
        "process__control__responsible", "process__account__customer", "agency", "to_type", "organization"
    )
    return rows.get(pk=key)


def _failed(actor: Any, run: AutomatedRun, key: int, **why: str) -> None:
    run_atomic(lambda: _keep(actor, run, read_event(actor, key), Outcome.ERROR, **why))


def _keep(actor: Any, run: AutomatedRun, event: ProcessEvent, outcome: str, **why: str) -> None:
    RunResult.objects.create(
        organization=actor.organization, run=run, account=event.process.account, process=event.process, event=event,
        outcome=outcome, currency=event.currency, amount=event.amount or 0, **{**why, "message": why["message"][:500]},
    )  # fmt: skip
    AutomatedRun.objects.filter(pk=run.pk).update(reviewed=F("reviewed") + 1)
