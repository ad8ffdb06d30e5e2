"""The text of the invoice e-mail that a new organization begins with."""

from typing import Any

from django.utils import translation

from receivables.billing.delivery.models import InvoiceMailText
from receivables.billing.delivery.texts import DEFAULT_BODY, DEFAULT_SUBJECT


def set_up_mail_text(*, actor: Any, event: Any, subject: Any) -> None:
    """Reaction to a new organization: a text in its language, to be changed in the settings."""
    with translation.override(subject.language):
        InvoiceMailText.objects.create(
            organization=subject, language=subject.language, subject=str(DEFAULT_SUBJECT), body=str(DEFAULT_BODY)
        )  # fmt: skip
