"""What the worker runs for the automated write-off: every day the monitor, then the activator; letters by e-mail."""

from django.utils import translation
from procrastinate import JobContext
from procrastinate.contrib.django import app

from accounts.models import Organization
from receivables.billing.delivery.handing_over import AGAIN, handing_over
from receivables.core.dates import today
from receivables.core.errors import Refused
from receivables.core.operations import SystemActor
from receivables.writeoffs.automated.mailing import TASK, deliver
from receivables.writeoffs.automated.models import AutomatedRun, LetterMail
from receivables.writeoffs.automated.operations import (
    ACTIVATOR,
    MONITOR,
    run_write_off_activator,
    run_write_off_monitor,
)
from receivables.writeoffs.models import WriteOffSettings

NAME = "Automated write-off"
BEGIN = {AutomatedRun.Work.MONITOR: run_write_off_monitor, AutomatedRun.Work.ACTIVATOR: run_write_off_activator}


def begin_daily_runs(work: str) -> int:
    """Begin today's run of every organization that wants it every day and had none yet, each by its own calendar; how
    many. Nobody's debt is written off by itself before an administrator has said so (ours)."""
    begun = 0
    wanted = WriteOffSettings.objects.filter(automated=True).values("organization")
    for organization in Organization.objects.filter(active=True, pk__in=wanted).order_by("pk"):
        with translation.override(organization.language):
            actor = SystemActor(organization, NAME, frozenset({MONITOR, ACTIVATOR}))
            runs = AutomatedRun.objects.of(actor).filter(work=work, daily=True, day=today(organization))
            if runs.exists():
                continue
            try:
                BEGIN[AutomatedRun.Work(work)](actor=actor, daily=True)
            except Refused:
                continue  # one is at work; the next hour looks again
            begun += 1
    return begun


# Every hour, since organizations live in many time zones; a day that was dealt with is not dealt with again.
@app.periodic(cron="23 * * * *", periodic_id="write-off-monitor")
@app.task(
    name="automated.daily_monitor",
    queue="jobs",
    lock="automated.daily_monitor",
    queueing_lock="automated.daily_monitor",
)
def daily_monitor(timestamp: int) -> None:
    begin_daily_runs(AutomatedRun.Work.MONITOR)


@app.periodic(cron="33 * * * *", periodic_id="write-off-activator")
@app.task(
    name="automated.daily_activator", queue="jobs", lock="automated.daily_activator",
    queueing_lock="automated.daily_activator",
)  # fmt: skip
def daily_activator(timestamp: int) -> None:
    begin_daily_runs(AutomatedRun.Work.ACTIVATOR)


@app.task(
    name=TASK,
    queue="mail",
    pass_context=True,
    retry=AGAIN,
)
def hand_over_letter(context: JobContext, *, mail_id: int) -> None:
    """Hand over the e-mail of one letter. One that is not waiting is left alone."""
    rows = LetterMail.objects.select_related(
        "organization", "created_by", "event__organization", "event__process__account__customer"
    )
    mail = rows.filter(pk=mail_id).first()
    if mail is None:
        return
    with handing_over(context, mail, mail.created_by, "letter") as last:
        deliver(mail, last=last)
