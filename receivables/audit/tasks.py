"""What the worker does for the auditor: sealing, all the while, and an audit of every organization each night."""

from datetime import timedelta

from django.utils import timezone, translation
from procrastinate.contrib.django import app

from accounts.models import Organization
from receivables.audit.models import AuditRun
from receivables.audit.operations import KIND, audit_ledger
from receivables.audit.sealing import seal
from receivables.core.errors import Refused
from receivables.core.operations import SystemActor

DAY = timedelta(hours=22)  # less than a day, so that an audit that took long does not push the next one back


def seal_all() -> int:
    """Seal what is complete of every organization; how many rows."""
    return sum(seal(key) for key in Organization.objects.order_by("pk").values_list("pk", flat=True))


# Beside mail and not behind an import: what was posted is sealed within minutes.
@app.periodic(cron="* * * * *", periodic_id="seal")
@app.task(name="audit.seal", queue="watch", lock="audit.seal", queueing_lock="audit.seal")
def seal_rows(timestamp: int) -> None:
    seal_all()


def begin_daily_audits() -> int:
    """Begin an audit of every organization that had none for a day; how many."""
    begun = 0
    for organization in Organization.objects.order_by("pk"):
        if AuditRun.objects.filter(organization=organization, daily=True, as_of__gt=timezone.now() - DAY).exists():
            continue
        with translation.override(organization.language):
            actor = SystemActor(organization, "Audit", frozenset({KIND}))
            try:
                audit_ledger(actor=actor, daily=True)
            except Refused:
                continue  # one is at work
            begun += 1
    return begun


# At night; every hour until the day has its audit, should the worker have been down.
@app.periodic(cron="23 * * * *", periodic_id="audit")
@app.task(name="audit.daily", queue="jobs", lock="audit.daily", queueing_lock="audit.daily")
def daily_audits(timestamp: int) -> None:
    begin_daily_audits()
