"""What the worker runs for agreements: every day those whose day has come are started and stopped."""

import logging

from django.utils import translation
from procrastinate.contrib.django import app

from accounts.models import Organization
from receivables.core.operations import SystemActor
from receivables.customers.dates import STEPS, move_due

logger = logging.getLogger("receivables.jobs")


def move_all_due() -> int:
    """Start and stop what is due in every organization at work, each by its own calendar; how many were moved."""
    moved = 0
    for organization in Organization.objects.filter(active=True).order_by("pk"):
        with translation.override(organization.language):
            result = move_due(SystemActor(organization, "Calendar", STEPS))
            moved += result["started"] + result["stopped"] - len(result["refused"])
            for _key, number, why in result["refused"]:
                logger.warning("agreement %s was not moved: %s", number, why)
    return moved


# Every hour, since organizations live in many time zones; what was moved waits no more.
@app.periodic(cron="2 * * * *", periodic_id="agreement-dates")
@app.task(
    name="customers.agreement_dates",
    queue="jobs",
    lock="customers.agreement_dates",
    queueing_lock="customers.agreement_dates",
)
def agreement_dates(timestamp: int) -> None:
    move_all_due()
