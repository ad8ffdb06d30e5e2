"""Whether mail can leave the house, and what happens where nobody said how."""

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.core.mail.backends.base import BaseEmailBackend

SMTP = "django.core.mail.backends.smtp.EmailBackend"


class NoMailServer(Exception):
    """No mail server is set up for this site (EMAIL_URL)."""


class NoServerBackend(BaseEmailBackend):
    """What sends mail in production as long as EMAIL_URL is missing: nothing, and it says so.

    To write mails to the log instead would call sent what never left, and show links to set a password there.
    """

    def send_messages(self, email_messages: Sequence[Any]) -> int:
        raise NoMailServer("EMAIL_URL is not set; this site can't send mail.")

    def open(self) -> bool | None:
        raise NoMailServer("EMAIL_URL is not set; this site can't send mail.")


def leaves_the_house() -> bool:
    """Whether mail goes to a real server. In the demonstration it is written to files, on request to the console."""
    return bool(settings.EMAIL_BACKEND == SMTP)
