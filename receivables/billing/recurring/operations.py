"""Putting charges on agreements and ending them, and beginning billing runs. The work of a run is a background job."""

from datetime import date
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from receivables.billing.models import AccessorialType
from receivables.billing.recurring.models import AgreementCharge, BillingRun, BillingRunItem
from receivables.billing.recurring.planning import Plan, Planned, plan_run
from receivables.billing.recurring.rules import (
    add_agreement_charge_blocker,
    end_agreement_charge_blocker,
    retry_billing_run_blocker,
    run_billing_blocker,
)
from receivables.core.access import lock_rows
from receivables.core.dates import today
from receivables.core.errors import Blocker, Refused, refuse, stale_blocker
from receivables.core.events import record
from receivables.core.jobs import LIVE, start_job
from receivables.core.models import Job
from receivables.core.operations import operation
from receivables.customers.models import Account, Agreement

KIND = "run_billing"
ItemState = BillingRunItem.State


def _locked(actor: Any, agreement: Agreement) -> Agreement:
    lock_rows(Account.objects.of(actor), [agreement.account_id])
    return Agreement.objects.of(actor).select_related("type", "account__customer").get(pk=agreement.pk)


@operation
def add_agreement_charge(
    *, actor: Any, agreement: Agreement, type: AccessorialType, amount: Decimal, starts_on: date,
    every_months: int | None = None, ends_on: date | None = None, note: str = "", seen: int | None = None,
) -> AgreementCharge:  # fmt: skip
    """Put a charge on an agreement: every so many months behind the period, or once on its first day (no months).

    From then on the agreement waits for a final bill when it stops. Raises `Refused`.
    """
    current = _locked(actor, agreement)
    refuse(stale_blocker(current.version, seen))
    refuse(
        add_agreement_charge_blocker(
            eligible=current.type.eligible_for_billing, state=current.state, kind=type.kind,
            entities=tuple(type.entities), type_active=type.active, amount=amount, starts_on=starts_on,
            ends_on=ends_on, agreement_start=current.start_date,
        )
    )  # fmt: skip
    charge = AgreementCharge.objects.create(
        organization=actor.organization, agreement=current, type=type, currency=current.currency, amount=amount,
        note=note, every_months=every_months, starts_on=starts_on, ends_on=ends_on if every_months else None,
        created_by=actor.user,
    )  # fmt: skip
    if not current.awaits_final_bill:
        current.awaits_final_bill = True
        current.save(update_fields=["awaits_final_bill"])
    _recorded(actor, "add_agreement_charge", charge, current)
    return charge


@operation
def end_agreement_charge(
    *, actor: Any, charge: AgreementCharge, ends_on: date | None = None, reason: str = "", seen: int | None = None
) -> AgreementCharge:
    """Let a recurring charge end on a day; without a day it is taken back, where nothing was billed of it."""
    agreement = _locked(actor, charge.agreement)
    current = AgreementCharge.objects.of(actor).select_related("type").get(pk=charge.pk)
    refuse(stale_blocker(current.version, seen))
    refuse(
        end_agreement_charge_blocker(
            cancelled=current.cancelled, recurring=current.every_months is not None, ends_on=current.ends_on,
            billed_through=current.billed_through, day=ends_on,
        )
    )  # fmt: skip
    if ends_on is not None and current.every_months and ends_on >= current.starts_on:
        current.ends_on = ends_on
    elif current.billed_through is None:
        current.cancelled = True
    else:
        raise Refused(Blocker("no_day", _("Enter the last day of the charge."), field="ends_on"))
    current.version += 1
    current.save(update_fields=["ends_on", "cancelled", "version"])
    _recorded(actor, "end_agreement_charge", current, agreement, reason)
    return current


def _recorded(actor: Any, name: str, charge: AgreementCharge, agreement: Agreement, reason: str = "") -> None:
    record(
        actor, name, agreement, about=[charge, agreement.account, agreement.account.customer], reason=reason,
        type=charge.type.name, amount=charge.amount, currency=charge.currency, starts_on=charge.starts_on,
        ends_on=charge.ends_on,
    )  # fmt: skip


def is_running(actor: Any) -> bool:
    """Whether a billing run is at work, or waits for its turn."""
    return Job.objects.of(actor).filter(kind=KIND, state__in=LIVE).exists()


@operation
def run_billing(*, actor: Any, cut_off: date, issue_date: date | None = None, previewed: str = "") -> BillingRun:
    """Bill everything that is due up to a day: a run, an item for every agreement, and the job that bills them.

    `previewed` names the outcome that a person was shown; if anything else would be billed now, nothing is begun.
    """
    day = today(actor.organization)
    refuse(run_billing_blocker(running=is_running(actor), cut_off=cut_off, today=day))
    plan = plan_run(actor, cut_off)
    if previewed and previewed != plan.digest():
        message = _("Nothing was begun: the figures have changed since they were shown. Check them again.")
        raise Refused(Blocker("stale", message))
    refuse(run_billing_blocker(running=False, due=len(plan.billed), cut_off=cut_off, today=day))
    run = BillingRun.objects.create(
        organization=actor.organization, cut_off=cut_off, issue_date=issue_date or day, created_by=actor.user
    )
    BillingRunItem.objects.bulk_create((_item(run, line) for line in [*plan.billed, *plan.skipped]), batch_size=1_000)
    record(actor, "run_billing", run, billed=len(plan.billed), skipped=len(plan.skipped))
    return _with_job(actor, run, _title(plan))


def _title(plan: Plan) -> str:
    count = len(plan.billed)
    return ngettext("Billing of %(n)s agreement", "Billing of %(n)s agreements", count) % {"n": f"{count:,}"}


def _item(run: BillingRun, line: Planned) -> BillingRunItem:
    blocker = line.blocker
    return BillingRunItem(
        organization_id=run.organization_id, run=run, agreement=line.agreement, currency=line.agreement.currency,
        amount=line.amount, final=line.final, state=ItemState.WAITING if blocker is None else ItemState.SKIPPED,
        code=blocker.code if blocker else "", message=str(blocker.message) if blocker else "",
    )  # fmt: skip


def _with_job(actor: Any, run: BillingRun, title: str) -> BillingRun:
    run.job = start_job(actor, KIND, title, {"run": run.pk})
    run.save(update_fields=["job"])
    return run


@operation
def retry_billing_run(*, actor: Any, run: BillingRun) -> BillingRun:
    """Bill what failed in a run, and go on with what a stop left over."""
    current = lock_rows(BillingRun.objects.of(actor), [run.pk])[0]
    left = current.items.filter(state__in=[ItemState.WAITING, ItemState.FAILED])
    count = left.count()
    refuse(retry_billing_run_blocker(running=is_running(actor), left=count))
    left.update(state=ItemState.WAITING, code="", message="", finished_at=None)
    record(actor, "retry_billing_run", current, changes=count)
    words = {"n": f"{count:,}"}
    title = ngettext("Go on billing %(n)s agreement", "Go on billing %(n)s agreements", count) % words
    return _with_job(actor, current, title)
