"""Charges on agreements, and billing runs worked off without a worker."""

from datetime import date
from decimal import Decimal
from types import SimpleNamespace

from receivables.billing.models import BillingRun, BillingRunItem
from receivables.billing.recurring.operations import add_agreement_charge, run_billing
from receivables.core import tasks
from receivables.customers.models import Agreement
from tests.builders import make_account, make_type

JANUARY = date(2026, 1, 1)


def service_of(account):
    """The account's own freight agreement, as it is now."""
    return Agreement.objects.select_related("type", "account__customer").filter(account=account).order_by("pk").first()


def charged(actor, account, amount="300", type=None, every_months=1, starts_on=JANUARY, **details):
    """A charge on the account's agreement; every month from January on unless said otherwise."""
    type = type or make_type(actor, f"Storage {Decimal(amount)} {account.pk}", "charge")
    return add_agreement_charge(
        actor=actor, agreement=service_of(account), type=type, amount=Decimal(amount), every_months=every_months,
        starts_on=starts_on, **details,
    )  # fmt: skip


def work_off(run, attempts=0):
    """Run the job of a billing run here, as a worker would; the run anew."""
    current = BillingRun.objects.get(pk=run.pk)
    tasks.run_job.func(SimpleNamespace(job=SimpleNamespace(attempts=attempts)), job_id=current.job_id)
    return BillingRun.objects.select_related("job").get(pk=run.pk)


def billed(actor, cut_off, **details):
    """A billing run, begun and worked off."""
    return work_off(run_billing(actor=actor, cut_off=cut_off, **details))


def outcome(run):
    """What became of each agreement: account, state, reason, amount, total of the invoice, whether it is final."""
    rows = BillingRunItem.objects.filter(run=run).select_related("agreement__account", "invoice__open_item")
    return [
        (
            row.agreement.account.name, row.state, row.code, row.amount,
            row.invoice.open_item.amount if row.invoice else None, row.final,
        )
        for row in rows.order_by("pk")
    ]  # fmt: skip


def bill_something(books):
    """An account of its own with a charge, one period of which was billed."""
    charge = charged(books.actor, make_account(books.actor, "Warehouse Customer"))
    billed(books.actor, date(2026, 1, 31))
    return charge
