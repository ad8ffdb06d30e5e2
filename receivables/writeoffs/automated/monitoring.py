"""The monitor at work: account by account, each in a transaction of its own; a failure stops nobody else."""

import logging
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from django.db import InterfaceError, OperationalError
from django.db.models import F
from django.utils.translation import gettext as _

from receivables.core.access import lock_rows
from receivables.core.errors import Refused
from receivables.core.jobs import Progress, Stopped
from receivables.core.models import Job
from receivables.core.transactions import run_atomic
from receivables.customers.models import Account, Agreement
from receivables.ledger.models import GLAccount
from receivables.writeoffs.automated.closing import (
    apply_money,
    ask_for_refunds,
    fresh,
    move_to_service,
    sync,
    write_down_small,
)
from receivables.writeoffs.automated.criteria import Owed, first_met
from receivables.writeoffs.automated.models import AutomatedRun, RunResult, WriteDown, WriteOffControl
from receivables.writeoffs.automated.processes import start_process
from receivables.writeoffs.automated.reading import (
    ControlKey,
    accounts_to_review,
    control_of,
    controls_of,
    has_deposit,
    owed,
    residues,
    reviewed,
    small_of,
    with_money,
)
from receivables.writeoffs.automated.rules import NOT_DUE, REASONS, left_alone, still_owing
from receivables.writeoffs.models import DebtTransfer
from receivables.writeoffs.reading import gl_accounts

Outcome = RunResult.Outcome
logger = logging.getLogger("receivables.jobs")


@dataclass
class Monitor:
    """A run with what it reads once: controls, accounts of the ledger, and which accounts have a residue."""

    actor: Any
    run: AutomatedRun
    controls: dict[ControlKey, WriteOffControl]
    accounts: dict[int, GLAccount]
    with_residue: frozenset[int]
    results: list[RunResult] = field(default_factory=list)

    @property
    def day(self) -> date:
        return self.run.day

    def found(self, account: Account, agreement: Agreement | None, outcome: str, **facts: Any) -> None:
        """Add a row to the results. The amount is what the agreement owes, unless it is named."""
        currency = agreement.currency if agreement else self.actor.organization.currency
        details = {"currency": currency, "amount": agreement.payoff_balance if agreement else 0, **facts}
        if details.get("code") in REASONS and not details.get("message"):
            details["message"] = str(REASONS[details["code"]])
        self.results.append(
            RunResult(
                organization=self.actor.organization, run=self.run, account=account, agreement=agreement,
                outcome=outcome, **details,
            )
        )  # fmt: skip


def run_monitor(actor: Any, job: Job, progress: Progress) -> dict[str, Any]:
    """The work of a run. A job that is run again after its worker died goes on behind the last account it kept."""
    run = AutomatedRun.objects.of(actor).get(pk=job.parameters["run"])
    controls = controls_of(actor)
    keys = accounts_to_review(actor, controls, run.day)
    left = frozenset(residues(actor, controls).values_list("account_id", flat=True))
    monitor = Monitor(actor, run, controls, gl_accounts(actor), left)
    done = int(job.result.get("last", 0))
    for number, key in enumerate(keys):
        progress(number, len(keys))
        if key > done:
            _one(monitor, key, progress)
    progress(len(keys), len(keys))
    return {"run": run.pk, "last": keys[-1] if keys else 0}


def _one(monitor: Monitor, key: int, progress: Progress) -> None:
    """Work and results of one account are kept together; where it goes wrong, only that it did."""

    def work() -> None:
        monitor.results.clear()
        _account(monitor, key)
        _keep(monitor, key, progress)

    try:
        run_atomic(work)
    except Refused as refused:
        if refused.code == "busy":
            raise
        _failed(monitor, key, progress, code="refused", message=str(refused.blocker.message)[:500])
    except Exception as error:
        if isinstance(error, Stopped | OperationalError | InterfaceError):
            raise
        logger.exception("the automated write-off failed for account %s", key)
        _failed(monitor, key, progress, code="failed")


def _failed(monitor: Monitor, key: int, progress: Progress, **why: str) -> None:
    monitor.results.clear()
    monitor.found(Account.objects.get(pk=key), None, Outcome.ERROR, **why)
    run_atomic(lambda: _keep(monitor, key, progress))


def _keep(monitor: Monitor, key: int, progress: Progress) -> None:
    RunResult.objects.bulk_create(monitor.results)
    AutomatedRun.objects.filter(pk=monitor.run.pk).update(reviewed=F("reviewed") + 1)
    progress.keep({"last": key})


def _account(monitor: Monitor, key: int) -> None:
    """Lock an account, look at it anew, close what can be closed, and put the rest into processes."""
    account = lock_rows(Account.objects.of(monitor.actor).select_related("customer"), [key])[0]
    begun: dict[WriteOffControl, list[Agreement]] = defaultdict(list)
    for each in reviewed(monitor.actor, account, monitor.controls):
        code = left_alone(each.facts, monitor.day)
        if code == "no_control":
            monitor.found(account, each.agreement, Outcome.ERROR, code=code)
        elif code and code != NOT_DUE:
            monitor.found(account, each.agreement, Outcome.SKIPPED, code=code)
        elif not code and each.control is not None:
            begun[each.control].append(each.agreement)
    for control, agreements in begun.items():
        owing = _closed_first(monitor, account, control, agreements)
        if owing:
            _process(monitor, account, control, owing)
    if key in monitor.with_residue:
        _residues(monitor, account)
    _refund(monitor, account)


def _closed_first(
    monitor: Monitor, account: Account, control: WriteOffControl, agreements: Sequence[Agreement]
) -> list[Agreement]:
    """Try to close each agreement without a write-off; those for which a process may begin."""
    actor, owing = monitor.actor, []
    sync(actor, agreements, monitor.day)
    if control.apply_money:
        apply_money(actor, account, fresh(actor, agreements), monitor.accounts, monitor.day)
    moved = move_to_service(actor, fresh(actor, agreements)) if control.move_debt else {}
    for agreement in fresh(actor, agreements):
        before = next(each.payoff_balance for each in agreements if each.pk == agreement.pk)
        small = write_down_small(actor, account, agreement, control, monitor.accounts, monitor.day)
        agreement.refresh_from_db(fields=["state", "payoff_balance", "current_balance"])
        if agreement.payoff_balance == 0:
            how = _how(before, moved.get(agreement.pk), small)
            monitor.found(account, agreement, Outcome.CLOSED, amount=before, message=how)
            continue
        eligible = agreement.type.write_off_debt_class.eligible_for_write_off
        code = still_owing(agreement.payoff_balance, eligible=eligible, small=small_of(control))
        if code:
            monitor.found(account, agreement, Outcome.SKIPPED, code=code)
        else:
            owing.append(agreement)
    return owing


def _how(before: Decimal, moved: DebtTransfer | None, small: WriteDown | None) -> str:
    """How an agreement over so much was closed."""
    if small is not None:
        return _("Closed as a small difference.")
    if moved is not None:
        words = {"target": moved.target.number, "number": moved.number}
        return _("Moved to agreement %(target)s with %(number)s.") % words
    return _("Paid by what the customer had with us.") if before else _("Nothing was owed any more.")


def _process(monitor: Monitor, account: Account, control: WriteOffControl, owing: Sequence[Agreement]) -> None:
    """The first criterion that is met names the template; without one no process begins."""
    actor = monitor.actor
    facts = Owed(owed(owing), has_deposit(actor, account))
    met = first_met([row for row in control.criteria.all() if row.active and row.template.active], facts)
    if met is None:
        for agreement in owing:
            monitor.found(account, agreement, Outcome.SKIPPED, code="no_criteria")
        return
    process = start_process(actor, account, owing, control, met.template, monitor.day)
    by_template = _("By the template “%(template)s”.") % {"template": met.template.name}
    for agreement in owing:
        monitor.found(account, agreement, Outcome.STARTED, process=process, message=by_template)


def _residues(monitor: Monitor, account: Account) -> None:
    """What little is left of a recovered write-off is written down, where a control says so."""
    rows = residues(monitor.actor, monitor.controls).filter(account=account)
    for agreement in rows.select_related("type__write_off_debt_class", "type__debt_class").order_by("pk"):
        control = control_of(monitor.controls, account, agreement)
        before = agreement.payoff_balance
        if control is None:
            continue
        sync(monitor.actor, [agreement], monitor.day)
        if write_down_small(monitor.actor, account, agreement, control, monitor.accounts, monitor.day):
            agreement.refresh_from_db(fields=["state", "payoff_balance"])
            monitor.found(account, agreement, Outcome.CLOSED, amount=before, message=_("Closed as a small difference."))


def _refund(monitor: Monitor, account: Account) -> None:
    """Money left where the service has ended is asked to be given back."""
    wanted = {
        currency: control
        for (collection_class, _debt, currency), control in monitor.controls.items()
        if control.refund_credit and collection_class == account.collection_class_id
    }
    if not wanted or not with_money(monitor.actor).filter(pk=account.pk).exists():
        return
    for request in ask_for_refunds(monitor.actor, account, wanted, monitor.day):
        monitor.found(
            account, None, Outcome.REFUND, amount=request.amount, currency=request.currency, message=request.title
        )
