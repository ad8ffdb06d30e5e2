"""What the worker runs: hand one e-mail over, or try it again later."""

from django.conf import settings
from django.db import InterfaceError, OperationalError
from django.utils import translation
from procrastinate import JobContext, RetryStrategy
from procrastinate.contrib.django import app

from receivables.billing.delivery.mailing import TryAgain, deliver
from receivables.billing.delivery.models import Dispatch
from receivables.billing.delivery.operations import TASK
from receivables.core.logs import request_id

# 4, 16, 64, 256 and 1,024 seconds after each other: a mail server that is down for a quarter of an hour costs nothing.
MAX_ATTEMPTS = 6


@app.task(
    name=TASK,
    queue="mail",
    pass_context=True,
    retry=RetryStrategy(
        max_attempts=MAX_ATTEMPTS, exponential_wait=4, retry_exceptions=(TryAgain, OperationalError, InterfaceError)
    ),
)
def send_dispatch(context: JobContext, *, dispatch_id: int) -> None:
    """Hand over the e-mail of one `Dispatch`. One that is not waiting is left alone."""
    rows = Dispatch.objects.select_related("organization", "sent_by").filter(pk=dispatch_id)
    dispatch = rows.first()
    if dispatch is None:
        return
    reader = getattr(dispatch.sent_by, "language", "") or dispatch.organization.language or settings.LANGUAGE_CODE
    token = request_id.set(f"mail-{dispatch.pk}")
    try:
        with translation.override(reader):
            deliver(dispatch, last=context.job.attempts + 1 >= MAX_ATTEMPTS)
    finally:
        request_id.reset(token)
