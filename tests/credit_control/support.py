"""Overdue invoices, written-off debt by the ledger's own posting, and reviews worked off without a worker."""

from datetime import timedelta
from decimal import Decimal
from types import SimpleNamespace

from django.db import transaction

from receivables.billing.models import Invoice
from receivables.billing.operations import create_load, generate_invoice
from receivables.core import tasks
from receivables.core.dates import today
from receivables.credit_control.monitor.models import CollectionProcess, MonitorResult, MonitorRun
from receivables.credit_control.monitor.operations import run_debt_monitor
from receivables.credit_control.plans.operations import start_arrangement
from receivables.credit_control.reminders.operations import send_reminder
from receivables.customers.models import Agreement
from tests.builders import make_account
from tests.support.written_off import written_off as transferred


def days_ago(actor, days):
    return today(actor.organization) - timedelta(days=days)


def overdue(actor, account=None, amount="100", days=30):
    """An invoice that is overdue for so many days (net 30 days)."""
    account = account or make_account(actor)
    service = Agreement.objects.of(actor).filter(account=account).order_by("pk").first()
    load = create_load(actor=actor, account=account, agreement=service, line_haul=Decimal(amount))
    return generate_invoice(actor=actor, load=load, issue_date=days_ago(actor, days + 30))


def written_off(actor, account, amount="1050", days=200):
    """Debt that was billed, never paid, and transferred to a write-off agreement of the account; that agreement."""
    invoice = overdue(actor, account, amount, days)
    with transaction.atomic():  # an entry is posted with its lines in one transaction
        return transferred(actor, Invoice.objects.select_related("account").get(pk=invoice.pk)).agreement


def work_off(run):
    """Run the job of a review here, as a worker would; the run anew."""
    tasks.run_job.func(SimpleNamespace(job=SimpleNamespace(attempts=0)), job_id=run.job_id)
    return MonitorRun.objects.select_related("job").get(pk=run.pk)


def reviewed(actor):
    return work_off(run_debt_monitor(actor=actor))


def found(run):
    """What a run found: account name, debt class, outcome, reason, amount, step."""
    rows = MonitorResult.objects.filter(run=run).select_related("account", "debt_class").order_by("pk")
    return [(row.account.name, row.debt_class.code, row.outcome, row.code, row.amount, row.step) for row in rows]


def process_of(account):
    return CollectionProcess.objects.select_related("account__customer").get(account=account, ended_on__isnull=True)


def remind_of_something(books):
    """An overdue account that is chased, put some of it into an arrangement, and was reminded by post."""
    account = make_account(books.actor, "Late Payer")
    overdue(books.actor, account)
    run = run_debt_monitor(actor=books.actor)
    work_off(run)
    service = Agreement.objects.of(books.actor).filter(account=account).get()
    start_arrangement(actor=books.actor, agreement=service, instalments=2, first_due=days_ago(books.actor, 0))
    overdue(books.actor, account)
    return send_reminder(actor=books.actor, process=process_of(account), method="post")
