"""The debt monitor at work: a run over all accounts, in batches; each batch is kept whole or not at all."""

from datetime import date, timedelta
from typing import Any

from django.db.models import F
from django.utils.translation import gettext as _

from receivables.core.access import lock_rows
from receivables.core.dates import today
from receivables.core.errors import refuse
from receivables.core.events import record
from receivables.core.jobs import LIVE, Progress, start_job
from receivables.core.models import Job
from receivables.core.operations import operation
from receivables.core.transactions import run_atomic
from receivables.credit_control.monitor.fees import charge_late_fee
from receivables.credit_control.monitor.models import CollectionProcess, MonitorResult, MonitorRun
from receivables.credit_control.monitor.reading import Reviewed, accounts_to_review, review_accounts
from receivables.credit_control.monitor.rules import ENDS, RESTS, run_debt_monitor_blocker
from receivables.customers.models import Account

KIND = "run_debt_monitor"
BATCH = 200
Outcome = MonitorResult.Outcome


@operation
def run_debt_monitor(*, actor: Any, daily: bool = False) -> MonitorRun:
    """Begin a review of every account: a run, and the job that does it. Raises `Refused` while one is at work."""
    running = Job.objects.of(actor).filter(kind=KIND, state__in=LIVE).exists()
    refuse(run_debt_monitor_blocker(running=running))
    run = MonitorRun.objects.create(
        organization=actor.organization, day=today(actor.organization), daily=daily, created_by=actor.user
    )
    run.job = start_job(actor, KIND, _("Review of overdue debt"), {"run": run.pk})
    run.save(update_fields=["job"])
    record(actor, "run_debt_monitor", run)
    return run


def run_job(actor: Any, job: Job, progress: Progress) -> dict[str, Any]:
    """The work of a run. A job that is run again after its worker died goes on behind the last batch it kept."""
    run = MonitorRun.objects.of(actor).get(pk=job.parameters["run"])
    keys = accounts_to_review(actor, run.day)
    done = int(job.result.get("last", 0))
    left = [key for key in keys if key > done]
    for start in range(0, len(left), BATCH):
        progress(len(keys) - len(left) + start, len(keys))
        batch = left[start : start + BATCH]
        run_atomic(lambda batch=batch: _batch(actor, run, batch, progress))  # type: ignore[misc]
    progress(len(keys), len(keys))
    return {"run": run.pk, "last": keys[-1] if keys else 0}


def _batch(actor: Any, run: MonitorRun, accounts: list[int], progress: Progress) -> None:
    """Review these accounts. Those whose process changes are locked first and then looked at again."""
    changing = [each.key[0] for each in review_accounts(actor, accounts, run.day) if outcome_of(each) in MOVES]
    lock_rows(Account.objects.of(actor), changing)
    reviewed = review_accounts(actor, accounts, run.day)
    held = set(changing)
    results = [_apply(actor, run, each) for each in reviewed if each.key[0] in held or outcome_of(each) not in MOVES]
    MonitorResult.objects.bulk_create([result for result in results if result is not None])
    MonitorRun.objects.filter(pk=run.pk).update(reviewed=F("reviewed") + len(accounts))
    progress.keep({"last": accounts[-1]})


def outcome_of(each: Reviewed) -> str:
    """What a run does about a debt."""
    verdict, process = each.verdict, each.process
    if verdict.step is not None:
        if process is None:
            return Outcome.STARTED
        return Outcome.RAISED if verdict.step > process.step else Outcome.GOING_ON
    if process is not None and verdict.code not in RESTS:
        return Outcome.ENDED
    return Outcome.SKIPPED


def _due(day: date, each: Reviewed) -> date:
    return day - timedelta(days=each.verdict.days)


def _step(each: Reviewed) -> int:
    if each.verdict.step is None:
        raise TypeError("debt that is left alone has no step")
    return each.verdict.step


# What writes to a process, and so needs its account.
MOVES = (Outcome.STARTED, Outcome.RAISED, Outcome.ENDED)


def _apply(actor: Any, run: MonitorRun, each: Reviewed) -> MonitorResult:
    outcome, verdict = outcome_of(each), each.verdict
    account, debt_class, currency = each.key
    process = each.process
    if outcome == Outcome.STARTED:
        process = _started(actor, run.day, each)
        charge_late_fee(actor, process, verdict, run.day)
    elif outcome == Outcome.RAISED and process is not None:
        _raised(actor, process, run.day, each)
        charge_late_fee(actor, process, verdict, run.day)
    elif outcome == Outcome.ENDED and process is not None:
        _ended(actor, process, run.day, ENDS.get(verdict.code, verdict.code))
    return MonitorResult(
        organization=actor.organization, run=run, account_id=account, debt_class_id=debt_class, currency=currency,
        outcome=outcome, code=verdict.code, amount=verdict.amount, days=verdict.days, step=verdict.step,
        process=process,
    )  # fmt: skip


def _started(actor: Any, day: date, each: Reviewed) -> CollectionProcess:
    account, debt_class, currency = each.key
    process = CollectionProcess.objects.create(
        organization=actor.organization, account_id=account, debt_class_id=debt_class, currency=currency,
        step=_step(each), amount=each.verdict.amount, oldest_due=_due(day, each), started_on=day, raised_on=day,
        created_by=actor.user,
    )  # fmt: skip
    _recorded(actor, "collection_started", process)
    return process


def _raised(actor: Any, process: CollectionProcess, day: date, each: Reviewed) -> None:
    process.step, process.amount, process.oldest_due = _step(each), each.verdict.amount, _due(day, each)
    process.raised_on = day
    process.version += 1
    process.save(update_fields=["step", "amount", "oldest_due", "raised_on", "version"])
    _recorded(actor, "collection_raised", process)


def _ended(actor: Any, process: CollectionProcess, day: date, because: str) -> None:
    process.ended_on, process.ended_because = day, because
    process.version += 1
    process.save(update_fields=["ended_on", "ended_because", "version"])
    _recorded(actor, "collection_ended", process, reason=str(process.get_ended_because_display()))


def _recorded(actor: Any, name: str, process: CollectionProcess, reason: str = "") -> None:
    account = Account.objects.select_related("customer").get(pk=process.account_id)
    record(
        actor, name, process, about=[account, account.customer], reason=reason, amount=process.amount,
        currency=process.currency, step=str(process.get_step_display()),
    )  # fmt: skip
