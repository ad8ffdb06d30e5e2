"""The daily run of summary invoices."""

import logging
from datetime import date

from django.db import InterfaceError, OperationalError
from django.utils import translation
from procrastinate.contrib.django import app

from accounts.models import Organization
from receivables.billing.models import SummarySchedule
from receivables.billing.summary.schedule import due_schedules, run_schedule
from receivables.core.dates import today
from receivables.core.operations import SystemActor

# Sending by itself, where a customer wants it, looks at the invoice.
VERBS = frozenset({"generate_summary_invoice", "view_receivables"})
logger = logging.getLogger("receivables.jobs")


def run_due_schedules() -> int:
    """Bill every customer whose turn has come, of every active organization by its own calendar; how many invoices."""
    made = 0
    for organization in Organization.objects.filter(active=True).order_by("pk"):
        with translation.override(organization.language):
            actor = SystemActor(organization, "Summary invoices", VERBS)
            day = today(organization)
            for schedule in due_schedules(actor, day):
                made += _billed(actor, schedule, day)
    return made


def _billed(actor: SystemActor, schedule: SummarySchedule, day: date) -> int:
    """How many invoices one customer got. A fault with one stops nobody else; the next hour tries it again."""
    try:
        invoices, refused = run_schedule(actor, schedule, day)
    except (OperationalError, InterfaceError):
        raise
    except Exception:
        logger.exception("summary invoices for customer %s failed", schedule.customer_id)
        return 0
    for why in refused:
        logger.warning("no summary invoice for customer %s: %s", schedule.customer_id, why)
    return len(invoices)


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
