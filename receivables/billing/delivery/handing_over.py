"""What handing a mail over in the background takes, whatever the mail is about."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.conf import settings
from django.db import InterfaceError, OperationalError
from django.utils import translation
from procrastinate import JobContext, RetryStrategy

from receivables.billing.delivery.mailing import TryAgain
from receivables.core.logs import request_id

# 4, 16, 64, 256 and 1,024 seconds after each other: a mail server that is down for a quarter of an hour costs nothing.
MAX_ATTEMPTS = 6
AGAIN = RetryStrategy(
    max_attempts=MAX_ATTEMPTS, exponential_wait=4, retry_exceptions=(TryAgain, OperationalError, InterfaceError)
)


@contextmanager
def handing_over(context: JobContext, mail: Any, sender: Any, name: str) -> Iterator[bool]:
    """Within it what is said is said in the language of who sent the mail, and logged under its name. Whether it is the
    last try."""
    token = request_id.set(f"{name}-{mail.pk}")
    try:
        with translation.override(
            getattr(sender, "language", "") or mail.organization.language or settings.LANGUAGE_CODE
        ):
            yield context.job.attempts + 1 >= MAX_ATTEMPTS
    finally:
        request_id.reset(token)
