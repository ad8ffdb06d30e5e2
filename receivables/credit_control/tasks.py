"""What the worker runs for collection: the daily review of debt, and handing reminders over."""

from django.utils import translation
from procrastinate import JobContext
from procrastinate.contrib.django import app

from accounts.models import Organization
from receivables.billing.delivery.handing_over import AGAIN, handing_over
from receivables.core.dates import today
from receivables.core.errors import Refused
from receivables.core.operations import SystemActor
from receivables.credit_control.monitor.models import MonitorRun
from receivables.credit_control.monitor.operations import KIND, run_debt_monitor
from receivables.credit_control.plans.advancing import advance_all
from receivables.credit_control.reminders.mailing import deliver
from receivables.credit_control.reminders.models import Reminder
from receivables.credit_control.reminders.operations import TASK


def begin_daily_reviews() -> int:
    """Begin today's review of every active organization that had none yet, each by its own calendar; how many."""
    begun = 0
    for organization in Organization.objects.filter(active=True).order_by("pk"):
        with translation.override(organization.language):
            actor = SystemActor(organization, "Debt monitor", frozenset({KIND}))
            if MonitorRun.objects.of(actor).filter(daily=True, day=today(organization)).exists():
                continue
            try:
                run_debt_monitor(actor=actor, daily=True)
            except Refused:
                continue  # one is at work; the next hour looks again
            begun += 1
    return begun


# Every hour, since organizations live in many time zones; a day that was reviewed is not reviewed again.
@app.periodic(cron="17 * * * *", periodic_id="debt-monitor")
@app.task(
    name="credit_control.daily_reviews",
    queue="jobs",
    lock="credit_control.daily_reviews",
    queueing_lock="credit_control.daily_reviews",
)
def daily_reviews(timestamp: int) -> None:
    begin_daily_reviews()


def advance_all_plans() -> int:
    """Ask for what is due of the plans of every active organization, each by its calendar; how many plans there are."""
    plans = 0
    for organization in Organization.objects.filter(active=True).order_by("pk"):
        with translation.override(organization.language):
            plans += advance_all(SystemActor(organization, "Budgets and arrangements", frozenset()))
    return plans


# Every hour, before the debt monitor looks; what was asked for is not asked for again.
@app.periodic(cron="12 * * * *", periodic_id="plans")
@app.task(
    name="credit_control.advance_plans",
    queue="jobs",
    lock="credit_control.advance_plans",
    queueing_lock="credit_control.advance_plans",
)
def advance_plans(timestamp: int) -> None:
    advance_all_plans()


@app.task(
    name=TASK,
    queue="mail",
    pass_context=True,
    retry=AGAIN,
)
def hand_over_reminder(context: JobContext, *, reminder_id: int) -> None:
    """Hand over the e-mail of one `Reminder`. One that is not waiting is left alone."""
    rows = Reminder.objects.select_related("organization", "created_by", "process__account__customer")
    reminder = rows.filter(pk=reminder_id).first()
    if reminder is None:
        return
    with handing_over(context, reminder, reminder.created_by, "reminder") as last:
        deliver(reminder, last=last)
