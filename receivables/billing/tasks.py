"""Where the worker finds the tasks of this package."""

from receivables.billing.delivery.tasks import send_dispatch

__all__ = ["send_dispatch"]
