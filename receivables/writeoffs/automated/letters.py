"""The letter of an event on paper: words and figures as they were when it was written, to the address of today."""

from decimal import Decimal
from typing import Any

from django.utils import translation
from django.utils.translation import gettext as _

from receivables.billing.documents import document_html, languages, pdf_of
from receivables.billing.operations.revisions import bill_to
from receivables.core.money import NumberFormat, format_money
from receivables.writeoffs.automated.models import ProcessEvent


def words_of(event: ProcessEvent) -> str:
    """The words of the template, else those of everybody, in the customer's language."""
    if event.text.strip():
        return event.text.strip()
    account, organization = event.process.account, event.organization
    language = account.customer.language if account.customer.language in languages() else organization.language
    amount = format_money(event.amount or Decimal(0), event.currency, NumberFormat.of(organization), with_code=True)
    with translation.override(language):
        said = _(
            "Dear Sir or Madam,\n\nour service has ended, and %(amount)s on account %(account)s is still not paid. We "
            "hand the matter over to a collection agency. Please pay the whole amount now, or tell us what stands in "
            "the way.\n\n%(organization)s"
        )
        return said % {"amount": amount, "account": account.number, "organization": organization.name}


def letter_pdf(event: ProcessEvent) -> bytes:
    """The PDF of a letter that was written. Raises `EngineMissing` without the system libraries."""
    customer = event.process.account.customer
    rows: list[dict[str, Any]] = [{**row, "amount": Decimal(row["amount"])} for row in event.rows]
    context = {
        "event": event, "account": event.process.account, "bill_to": bill_to(customer), "body": words_of(event),
        "rows": rows,
    }  # fmt: skip
    return pdf_of(document_html("automated/letter_pdf.html", event.organization, customer, context))
