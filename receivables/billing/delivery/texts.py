"""What the e-mail with an invoice says: texts with named places, checked when saved, filled when sent."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.utils import dateformat, translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from receivables.billing.delivery.models import SUBJECT_LENGTH, InvoiceMailText
from receivables.billing.documents import languages
from receivables.billing.models import Invoice, Revision
from receivables.core.context import DATE_FORMAT
from receivables.core.money import NumberFormat, format_money

# Each place that a text may name, with what stands there.
PLACES: dict[str, Any] = {
    "number": gettext_lazy("number of the invoice"),
    "revision": gettext_lazy("number of the revision"),
    "total": gettext_lazy("total with its currency"),
    "issue_date": gettext_lazy("issue date"),
    "due_date": gettext_lazy("due date"),
    "customer": gettext_lazy("name of the customer"),
    "reference": gettext_lazy("the customer's reference"),
    "organization": gettext_lazy("your organization's name"),
}
PLACE = re.compile(r"\{([^{}]*)\}")
DEFAULT_SUBJECT = gettext_lazy("Invoice {number} from {organization}")
DEFAULT_BODY = gettext_lazy(
    "Dear Sir or Madam,\n\nattached is invoice {number} of {issue_date} over {total}, due on {due_date}.\n\n"
    "Please name the invoice number when you pay. Thank you for your business.\n\n{organization}"
)


def check_places(text: str) -> None:
    """Raises `ValidationError` if a text names a place that does not exist or has a brace that closes nothing."""
    for name in PLACE.findall(text):
        if name not in PLACES:
            known = ", ".join(f"{{{each}}}" for each in PLACES)
            message = _("There is no {%(name)s}. You can use %(known)s.")
            raise ValidationError(message % {"name": name, "known": known}, code="place")
    if "{" in PLACE.sub("", text) or "}" in PLACE.sub("", text):
        raise ValidationError(_("A brace stands alone: write places as {number}, with both braces."), code="brace")


def fill(text: str, values: Mapping[str, str]) -> str:
    """The text with its places filled. A value is never read as a text with places itself."""
    return PLACE.sub(lambda match: values.get(match.group(1), match.group(0)), text)


def one_line(text: str, length: int) -> str:
    """A text as a header may hold it: in one line, printable, not longer than `length`."""
    plain = "".join(letter if letter.isprintable() else " " for letter in text)
    return " ".join(plain.split())[:length]


@dataclass(frozen=True)
class Mail:
    """What an e-mail says before a person changes it."""

    language: str
    subject: str
    body: str
    sender_name: str
    reply_to: str


def mail_language(invoice: Invoice, wanted: str) -> str:
    """The language of the mail: as chosen for the customer's mails, else for its documents, else the organization's."""
    for language in (wanted, invoice.account.customer.language):
        if language in languages():
            return language
    return str(invoice.organization.language)


def mail_for(actor: Any, invoice: Invoice, revision: Revision, wanted: str) -> Mail:
    """The organization's own text in the customer's language; one that was not written is ours."""
    language = mail_language(invoice, wanted)
    texts = {each.language: each for each in InvoiceMailText.objects.of(actor)}
    kept = texts.get(language)
    sender = kept or texts.get(str(invoice.organization.language))
    with translation.override(language):
        values = values_of(invoice, revision)
        subject, body = (kept.subject, kept.body) if kept else (str(DEFAULT_SUBJECT), str(DEFAULT_BODY))
    name = sender.sender_name if sender and sender.sender_name else invoice.organization.name
    return Mail(
        language=language,
        subject=one_line(fill(subject, values), SUBJECT_LENGTH),
        body=fill(body, values),
        sender_name=one_line(name, 100),
        reply_to=sender.reply_to if sender else "",
    )


def values_of(invoice: Invoice, revision: Revision) -> dict[str, str]:
    """What stands at each place, in the language that is active and the organization's formats."""
    organization = invoice.organization
    chosen = organization.date_format or DATE_FORMAT
    fmt = NumberFormat.of(organization)
    return {
        "number": invoice.number,
        "revision": str(revision.number),
        "total": format_money(revision.total, revision.currency, fmt, with_code=True),
        "issue_date": dateformat.format(invoice.issue_date, chosen),
        "due_date": dateformat.format(invoice.due_date, chosen),
        "customer": str(revision.bill_to.get("name") or invoice.account.customer.name),
        "reference": invoice.reference,
        "organization": organization.name,
    }
