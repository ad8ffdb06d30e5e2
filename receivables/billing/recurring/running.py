"""The work of a billing run: one agreement after the other, each in a transaction that also says what became of it.

A bill is an ordinary invoice: a load without a route carries the charges as accessorials, so that payments, changes,
credit notes and e-mails work as for any other. What failed is listed and stops nobody else; a worker that dies leaves
the agreement it was at as it was, and the next one goes on with what still waits.
"""

import logging
from decimal import Decimal
from typing import Any

from django.db import InterfaceError, OperationalError, transaction
from django.db.models import F
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from receivables.billing.models import AccessorialType, Entity, Invoice, Load
from receivables.billing.operations import add_accessorial, create_load, generate_invoice
from receivables.billing.recurring.models import AgreementCharge, BilledPeriod, BillingRun, BillingRunItem
from receivables.billing.recurring.periods import Due
from receivables.billing.recurring.planning import Planned, charges_of, planned
from receivables.core.access import lock_rows
from receivables.core.errors import NotPermitted, Refused, refuse
from receivables.core.jobs import Progress
from receivables.core.logs import request_id
from receivables.core.models import Job
from receivables.core.operations import SystemActor
from receivables.core.transactions import run_atomic
from receivables.customers.models import Account, Agreement

State = BillingRunItem.State
TRIES = 3  # for an account that somebody else is working on
# A bill is made of these steps; who may run the billing may take them as a part of it.
STEPS = frozenset({"create_load", "add_accessorial", "generate_invoice"})
MOVING = ("state", "code", "message", "amount", "final", "invoice", "finished_at")

logger = logging.getLogger("receivables.jobs")


def run_job(actor: Any, job: Job, progress: Progress) -> dict[str, Any]:
    """The job of a run: bills what waits."""
    run = BillingRun.objects.of(actor).get(pk=job.parameters["run"])
    keys = list(run.items.filter(state=State.WAITING).order_by("pk").values_list("pk", flat=True))
    total = max(job.total, len(keys))  # a job that is run again counts what was done before
    for position, key in enumerate(keys, start=total - len(keys)):
        progress(position, total)
        _settle(actor, run, key)
    progress(total, total)
    return {"run": run.pk}


def _settle(actor: Any, run: BillingRun, key: int) -> None:
    """Bring one item to its end. Only a lost connection or a lost permission is left to the job."""
    for attempt in range(1, TRIES + 1):
        try:
            run_atomic(lambda: _work(actor, run, key))
        except Refused as refused:
            if refused.code != "busy" or attempt == TRIES:
                skipped = refused.code in ("not_billable", "agreement_closed", "pending_start")
                _mark(key, State.SKIPPED if skipped else State.FAILED, refused.code, str(refused.blocker.message))
                return
        except (NotPermitted, OperationalError, InterfaceError):
            raise
        except Exception:
            logger.exception("item %s of a billing run failed", key)
            message = _("Something failed on our side; nothing was changed. Reference %(id)s.")
            _mark(key, State.FAILED, "fault", message % {"id": request_id.get()})
            return
        else:
            return


def _claimed(key: int) -> BillingRunItem | None:
    rows = BillingRunItem.objects.select_for_update(no_key=True, of=("self",)).select_related("agreement")
    return rows.filter(pk=key, state=State.WAITING).first()


def _work(actor: Any, run: BillingRun, key: int) -> None:
    item = _claimed(key)
    if item is None:
        return
    line, invoice = bill_agreement(actor, item.agreement, run)
    item.invoice, item.amount, item.final = invoice, line.amount, line.final
    item.state, item.finished_at = State.BILLED if invoice else State.CLOSED, timezone.now()
    item.save(update_fields=MOVING)


def _mark(key: int, state: str, code: str, message: str) -> None:
    """Write why an item was not billed: its work was rolled back, and with it its lock."""
    with transaction.atomic():
        item = _claimed(key)
        if item is not None:
            item.state, item.code, item.message, item.finished_at = state, code, message, timezone.now()
            item.save(update_fields=MOVING)


def bill_agreement(actor: Any, agreement: Agreement, run: BillingRun) -> tuple[Planned, Invoice | None]:
    """Bill what is due on an agreement as it is under the lock of its account; no invoice if nothing is any more.

    Raises `Refused` where the agreement is not billed.
    """
    lock_rows(Account.objects.of(actor), [agreement.account_id])
    current = Agreement.objects.of(actor).select_related("type", "account__customer").get(pk=agreement.pk)
    line = planned(current, charges_of(actor, [current.pk])[current.pk], run.cut_off)
    refuse(line.blocker)
    invoice = _billed(actor, line, run) if line.amount else None
    if line.final:
        current.awaits_final_bill = False  # at zero it closes with this, by the rule of states
        current.save(update_fields=["awaits_final_bill"])
    return line, invoice


def _billed(actor: Any, line: Planned, run: BillingRun) -> Invoice:
    by = SystemActor(actor.organization, actor.name, STEPS, actor.user)
    agreement = line.agreement
    last = max(due.last for _charge, due in line.due)
    with translation.override(actor.organization.language):
        words = {"number": agreement.number, "day": last.isoformat()}
        reference = _("Final bill of %(number)s") if line.final else _("Bill of %(number)s to %(day)s")
        load = create_load(
            actor=by, account=agreement.account, agreement=agreement, line_haul=Decimal(0),
            reference=(reference % words)[:80], delivery_date=min(last, run.issue_date),
        )  # fmt: skip
        for charge, due in line.due:
            _put(by, load, charge, due, final=line.final)
    return generate_invoice(actor=by, load=load, issue_date=run.issue_date)


def _put(by: Any, load: Load, charge: AgreementCharge, due: Due, *, final: bool) -> None:
    """A period of a charge onto the load, and the note that it was billed; a share of nothing is noted alone."""
    if due.amount:
        kind = AccessorialType.objects.select_related("tax_code").get(pk=charge.type_id)
        add_accessorial(
            actor=by, load=load, type=kind, entity=Entity.CUSTOMER, amount=due.amount, note=_note(charge, due)
        )
    BilledPeriod.objects.create(
        organization_id=charge.organization_id, charge=charge, load=load, first_day=due.first, last_day=due.last,
        currency=charge.currency, amount=due.amount, final=final,
    )  # fmt: skip
    AgreementCharge.objects.filter(pk=charge.pk).update(billed_through=due.last, version=F("version") + 1)


def _note(charge: AgreementCharge, due: Due) -> str:
    """What stands on the invoice beside the name of the type: the period, and the charge's own note."""
    days = due.first.isoformat() if due.first == due.last else f"{due.first.isoformat()} – {due.last.isoformat()}"
    return f"{charge.note} {days}".strip()
