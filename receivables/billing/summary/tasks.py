"""The daily run of summary invoices."""

import logging

from django.utils import translation
from procrastinate.contrib.django import app

from accounts.models import Organization
from receivables.billing.summary.schedule import due_schedules, run_schedule
from receivables.core.dates import today
from receivables.core.operations import SystemActor

# Sending by itself, where a customer wants it, looks at the invoice.
VERBS = frozenset({"generate_summary_invoice", "view_receivables"})
logger = logging.getLogger("receivables.jobs")


def run_due_schedules() -> int:
    """Bill every customer whose turn has come, of every organization by its own calendar; how many invoices."""
    made = 0
    for organization in Organization.objects.order_by("pk"):
        with translation.override(organization.language):
            actor = SystemActor(organization, "Summary invoices", VERBS)
            day = today(organization)
            for schedule in due_schedules(actor, day):
                invoices, refused = run_schedule(actor, schedule, day)
                made += len(invoices)
                for why in refused:
                    logger.warning("no summary invoice for customer %s: %s", schedule.customer_id, why)
    return made


# Every hour, since organizations live in many time zones; a turn that was taken is not due again.
@app.periodic(cron="7 * * * *", periodic_id="summary-invoices")
@app.task(
    name="billing.summary_invoices",
    queue="jobs",
    lock="billing.summary_invoices",
    queueing_lock="billing.summary_invoices",
)
def summary_invoices(timestamp: int) -> None:
    run_due_schedules()
