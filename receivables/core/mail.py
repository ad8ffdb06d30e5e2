"""Whether mail can leave the house, what its server said of each recipient, and what happens where nobody set one."""

import smtplib
from collections.abc import Mapping, Sequence
from typing import Any

from django.conf import settings
from django.core.mail.backends.base import BaseEmailBackend
from django.core.mail.backends.smtp import EmailBackend
from django.core.mail.message import sanitize_address

SMTP = "receivables.core.mail.ServerBackend"


class NoMailServer(Exception):
    """No mail server is set up for this site (EMAIL_URL)."""


class _Remembering(smtplib.SMTP):
    """Keeps whom the server refused of the last mail: to send is no error as long as it takes one recipient."""

    refused: Mapping[str, tuple[int, bytes]] = {}

    def sendmail(self, *args: Any, **kwargs: Any) -> dict[str, tuple[int, bytes]]:
        answers = super().sendmail(*args, **kwargs)
        self.refused = answers
        return answers


class _Encrypted(_Remembering, smtplib.SMTP_SSL):
    pass


class ServerBackend(EmailBackend):
    """A mail server (EMAIL_URL). Django's own drops the server's answer about single recipients."""

    @property
    def connection_class(self) -> type[smtplib.SMTP]:
        return _Encrypted if self.use_ssl else _Remembering


def refused_of(connection: Any, addresses: Sequence[str]) -> dict[str, tuple[int, bytes]]:
    """Which of these addresses an open connection's server refused of the last mail, with its answers."""
    answers = getattr(getattr(connection, "connection", None), "refused", {})
    written = {address: sanitize_address(address, "utf-8") for address in addresses}
    return {address: answers[name] for address, name in written.items() if name in answers}


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
