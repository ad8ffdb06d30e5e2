"""Summary invoices by schedule: who is due, what is billed, and when it is their turn again."""

import calendar
from datetime import date, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from receivables.billing.models import Invoice, Load, SummarySchedule
from receivables.billing.summary.models import Frequency
from receivables.billing.summary.operations import generate_summary_invoice
from receivables.billing.summary.rules import MOST_LOADS
from receivables.core.access import lock_rows
from receivables.core.dates import today
from receivables.core.errors import Blocker, Refused, refuse
from receivables.core.events import record
from receivables.core.operations import operation
from receivables.customers.models import Account, Agreement, Customer

BILLED = (Agreement.State.ACTIVE, Agreement.State.STOPPED)
DAYS = {Frequency.WEEKLY: 7, Frequency.FORTNIGHTLY: 14}


def following(schedule: SummarySchedule, day: date) -> date:
    """The first turn of a schedule after a day. A month that is too short has its turn on its last day."""
    turn = schedule.next_date
    while turn <= day:
        if schedule.frequency in DAYS:
            turn += timedelta(days=DAYS[Frequency(schedule.frequency)])
        else:
            year, month = turn.year + turn.month // 12, turn.month % 12 + 1
            turn = date(year, month, min(schedule.day_of_month, calendar.monthrange(year, month)[1]))
    return turn


def schedule_summary_invoices_blocker(*, active: bool, next_date: date | None, today: date) -> Blocker | None:
    """A schedule begins today or later: what lies behind is billed by hand."""
    if not active:
        return None
    if next_date is None:
        return Blocker("no_date", _("Enter the day of the first summary invoice."), field="next_date")
    if next_date < today:
        return Blocker("past", _("Choose today or a later day."), field="next_date")
    return None


@operation
def schedule_summary_invoices(
    *, actor: Any, customer: Customer, frequency: str, next_date: date | None, seen: int | None = None
) -> SummarySchedule:
    """Bill a customer's delivered loads on summary invoices in turn, or no longer (no frequency)."""
    active, day = bool(frequency), today(actor.organization)
    refuse(schedule_summary_invoices_blocker(active=active, next_date=next_date, today=day))
    lock_rows(Customer.objects.of(actor), [customer.pk])
    before = SummarySchedule.objects.of(actor).filter(customer=customer).first()
    turn = next_date or (before.next_date if before else day)
    schedule, _created = SummarySchedule.objects.update_or_create(
        organization=actor.organization, customer=customer,
        defaults={
            "frequency": frequency or (before.frequency if before else Frequency.MONTHLY), "next_date": turn,
            "day_of_month": turn.day, "active": active,
        },
    )  # fmt: skip
    was = {"frequency": before.frequency, "next_date": before.next_date, "active": before.active} if before else {}
    record(
        actor, "schedule_summary_invoices", customer, before=was,
        after={"frequency": schedule.frequency, "next_date": turn, "active": active},
    )  # fmt: skip
    return schedule


def due_loads(actor: Any, customer: Customer, before: date) -> list[list[Load]]:
    """A customer's draft loads that were delivered before a day, by account, agreement and currency."""
    drafts = Q(invoice__isnull=True) | Q(invoice__voided_at__isnull=False)
    rows = (
        Load.objects.of(actor)
        .filter(drafts, account__customer=customer, delivery_date__lt=before, agreement__state__in=BILLED)
        .exclude(charges_total__lte=0)
        .order_by("account_id", "agreement_id", "currency", "pk")
    )
    groups: dict[tuple[int, int, str], list[Load]] = {}
    for load in rows:
        groups.setdefault((load.account_id, load.agreement_id, load.currency), []).append(load)
    return [group[at : at + MOST_LOADS] for group in groups.values() for at in range(0, len(group), MOST_LOADS)]


def run_schedule(actor: Any, schedule: SummarySchedule, day: date) -> tuple[list[Invoice], list[str]]:
    """Bill what is due of one customer, each invoice in a transaction of its own; the invoices, and what was refused.

    The next turn is written after them: a run that dies half way is repeated, and bills what is still a draft.
    """
    made, refused = [], []
    for loads in due_loads(actor, schedule.customer, schedule.next_date):
        try:
            made.append(generate_summary_invoice(actor=actor, loads=loads, issue_date=day))
        except Refused as error:
            account = Account.objects.of(actor).get(pk=loads[0].account_id)
            words = {"account": account.number, "why": error.blocker.message}
            refused.append(_("Account %(account)s: %(why)s") % words)
    with transaction.atomic():
        SummarySchedule.objects.of(actor).filter(pk=schedule.pk).update(next_date=following(schedule, day))
        record(
            actor, "run_summary_schedule", schedule.customer, reason=" ".join(refused),
            invoices=[invoice.number for invoice in made],
        )  # fmt: skip
    return made, refused


def due_schedules(actor: Any, day: date) -> list[SummarySchedule]:
    """The schedules whose turn has come."""
    rows = SummarySchedule.objects.of(actor).filter(active=True, next_date__lte=day, customer__active=True)
    return list(rows.select_related("customer").order_by("pk"))
