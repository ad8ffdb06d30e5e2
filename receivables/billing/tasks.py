"""Where the worker finds the tasks of this package."""

from receivables.billing.delivery.tasks import send_dispatch
from receivables.billing.summary.tasks import summary_invoices

__all__ = ["send_dispatch", "summary_invoices"]
