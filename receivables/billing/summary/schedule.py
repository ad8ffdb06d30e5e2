"""Summary invoices by schedule: who is due, what is billed, and when it is their turn again."""

import calendar
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet
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
from receivables.core.transactions import run_atomic
from receivables.customers.models import Account, Agreement, Customer

BILLED = (Agreement.State.ACTIVE, Agreement.State.STOPPED)
DAYS = {Frequency.WEEKLY: 7, Frequency.FORTNIGHTLY: 14}


class Turns:
    """The `last` turn of a schedule up to a day and the `next` one after it. A month that is too short has its turn on
    its last day."""

    def __init__(self, schedule: SummarySchedule, day: date) -> None:
        self.last = self.next = schedule.next_date
        while self.next <= day:
            self.last, self.next = self.next, self._after(schedule, self.next)

    @staticmethod
    def _after(schedule: SummarySchedule, turn: date) -> date:
        if schedule.frequency in DAYS:
            return turn + timedelta(days=DAYS[Frequency(schedule.frequency)])
        year, month = turn.year + turn.month // 12, turn.month % 12 + 1
        return date(year, month, min(schedule.day_of_month, calendar.monthrange(year, month)[1]))


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
    *, actor: Any, customer: Customer, frequency: str, next_date: date | None
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
            "day_of_month": _day_of_month(before, frequency, turn), "active": active,
        },
    )  # fmt: skip
    was = {"frequency": before.frequency, "next_date": before.next_date, "active": before.active} if before else {}
    record(
        actor, "schedule_summary_invoices", customer, before=was,
        after={"frequency": schedule.frequency, "next_date": turn, "active": active},
    )  # fmt: skip
    return schedule


def _day_of_month(before: SummarySchedule | None, frequency: str, turn: date) -> int:
    """The day that a monthly schedule returns to: saved again in a short month, one for the 31st stays for the 31st."""
    if before is not None and before.frequency == frequency and before.next_date == turn:
        return before.day_of_month
    return turn.day


# One invoice is made of the loads of a group: account, agreement, currency.
Group = tuple[int, int, str]


def due_loads(actor: Any, customer: Customer, before: date) -> QuerySet[Load]:
    """A customer's draft loads that were delivered before a day."""
    drafts = Q(invoice__isnull=True) | Q(invoice__voided_at__isnull=False)
    rows = Load.objects.of(actor).filter(
        drafts, account__customer=customer, delivery_date__lt=before, agreement__state__in=BILLED
    )
    return rows.exclude(charges_total__lte=0).order_by("pk")


def run_schedule(actor: Any, schedule: SummarySchedule, day: date) -> tuple[list[Invoice], list[str]]:
    """Bill what is due of one customer, each invoice in a transaction of its own; the invoices, and what was refused.

    Turns that were missed are made up for on this day. The next turn is written at the end: a run that dies half way
    is repeated, and bills what is still a draft. A person who sets another day meanwhile keeps it.
    """
    turns = Turns(schedule, day)
    made: list[Invoice] = []
    refused: list[str] = []
    groups: Any = due_loads(actor, schedule.customer, turns.last).order_by("account_id", "agreement_id", "currency")
    for group in groups.values_list("account_id", "agreement_id", "currency").distinct():
        try:
            while invoice := _bill_next(actor, schedule.customer, group, turns.last, day):
                made.append(invoice)
        except Refused as error:
            account = Account.objects.of(actor).get(pk=group[0])
            words = {"account": account.number, "why": error.blocker.message}
            refused.append(_("Account %(account)s: %(why)s") % words)
    _take_turn(actor, schedule, turns, made, refused)
    return made, refused


def _bill_next(actor: Any, customer: Customer, group: Group, before: date, day: date) -> Invoice | None:
    """The next invoice over what is due of a group, read under the account's lock; None if nothing is any more."""

    def work() -> Invoice | None:
        account, agreement, currency = group
        lock_rows(Account.objects.of(actor), [account])
        due = due_loads(actor, customer, before).filter(account=account, agreement=agreement, currency=currency)
        loads = list(due[:MOST_LOADS])
        return generate_summary_invoice(actor=actor, loads=loads, issue_date=day) if loads else None

    return run_atomic(work)


def _take_turn(
    actor: Any, schedule: SummarySchedule, turns: Turns, made: Sequence[Invoice], refused: Sequence[str]
) -> None:
    with transaction.atomic():
        locked = SummarySchedule.objects.of(actor).select_for_update(no_key=True, of=("self",)).get(pk=schedule.pk)
        own_turn = locked.next_date == schedule.next_date
        if own_turn:
            locked.next_date = turns.next
            locked.save(update_fields=["next_date"])
        if own_turn or made or refused:
            record(
                actor, "run_summary_schedule", schedule.customer, reason=" ".join(refused),
                invoices=[invoice.number for invoice in made],
            )  # fmt: skip


def due_schedules(actor: Any, day: date) -> list[SummarySchedule]:
    """The schedules whose turn has come."""
    rows = SummarySchedule.objects.of(actor).filter(active=True, next_date__lte=day, customer__active=True)
    return list(rows.select_related("customer").order_by("pk"))
