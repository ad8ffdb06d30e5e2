"""What a reminder says: the overdue invoices that may be chased, and the words for each step."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.utils import dateformat, translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from receivables.billing.delivery.models import SUBJECT_LENGTH, InvoiceMailText
from receivables.billing.delivery.queries import delivery_of
from receivables.billing.delivery.texts import one_line
from receivables.billing.documents import document_html, languages, pdf_of, plain_name
from receivables.core.context import DATE_FORMAT
from receivables.core.dates import today
from receivables.core.money import NumberFormat, format_money
from receivables.credit_control.monitor.models import CollectionProcess, Step
from receivables.credit_control.monitor.reading import debts_of
from receivables.credit_control.monitor.rules import chased, total
from receivables.credit_control.queries import held_items
from receivables.ledger.models import OpenItem

MOST_ROWS = 200  # lines of a letter; what is left stands in the last one
SUBJECTS = {
    Step.FIRST: gettext_lazy("Reminder: %(amount)s is overdue"),
    Step.SECOND: gettext_lazy("Second reminder: %(amount)s is overdue"),
    Step.FINAL: gettext_lazy("Final demand: %(amount)s is overdue"),
}
BODIES = {
    Step.FIRST: gettext_lazy(
        "Dear Sir or Madam,\n\nour books show that %(amount)s on account %(account)s is overdue since %(since)s. The "
        "invoices are listed in the letter attached. You may have overlooked them: please pay them these days.\n\n"
        "If you have paid already, please disregard this letter.\n\n%(organization)s"
    ),
    Step.SECOND: gettext_lazy(
        "Dear Sir or Madam,\n\n%(amount)s on account %(account)s is still overdue, the oldest "
        "part since %(since)s. The invoices are listed in the letter attached. Please pay them now, or tell us what "
        "stands in the way.\n\n%(organization)s"
    ),
    Step.FINAL: gettext_lazy(
        "Dear Sir or Madam,\n\n%(amount)s on account %(account)s has been overdue since %(since)s, and we have not "
        "received it. The invoices are listed in the letter attached. Please pay the whole amount at once; "
        "otherwise we hand the matter over for collection.\n\n%(organization)s"
    ),
}


@dataclass(frozen=True)
class Demand:
    """What of a process may be asked for today. `less` is what of the rows is not: money on account, or a plan."""

    rows: list[dict[str, str]]
    less: Decimal
    amount: Decimal
    since: date | None

    @property
    def shown(self) -> list[dict[str, Any]]:
        """The rows with numbers instead of the text that is kept of them."""
        return [as_shown(row) for row in self.rows]


def as_shown(row: Mapping[str, str]) -> dict[str, Any]:
    return {**row, "due": date.fromisoformat(row["due"]), "balance": Decimal(row["balance"])}


@dataclass(frozen=True)
class Words:
    """A reminder before a person changes it."""

    language: str
    subject: str
    body: str
    sender_name: str
    reply_to: str
    to: list[str]


def demand_of(actor: Any, process: CollectionProcess) -> Demand:
    """What is overdue of a process and may be chased now: not held, and no more than is asked for."""
    day = today(actor.organization)
    key = (process.account_id, process.debt_class_id, process.currency)
    debt = debts_of(actor, [process.account_id], day).get(key)
    if debt is None or not debt.collectable:
        return Demand([], Decimal(0), Decimal(0), None)
    disputed, waiting = held_items(actor, [process.account_id])
    items = (
        OpenItem.objects.of(actor)
        .filter(
            account=process.account_id, agreement__type__debt_class=process.debt_class_id, currency=process.currency,
            due_date__lt=day, balance__gt=0,
        )
        .exclude(pk__in=disputed | waiting)
        .order_by("due_date", "pk")
    )  # fmt: skip
    found = list(items)
    with translation.override(_language(actor, process)):
        rows = _rows(found, day)
    amount = total(chased(debt))
    return Demand(rows, sum_of(found) - amount, amount, found[0].due_date if found else None)


def _rows(items: Sequence[OpenItem], day: date) -> list[dict[str, str]]:
    """The lines of a letter, the oldest first; they add up to all of the items, however many there are."""
    own, rest = (items, []) if len(items) <= MOST_ROWS else (items[: MOST_ROWS - 1], items[MOST_ROWS - 1 :])
    rows = [_row(item.number, item.due_date, item.balance, day) for item in own]
    if rest:
        words = ngettext("%(count)d further document", "%(count)d further documents", len(rest))
        rows.append(_row(words % {"count": len(rest)}, rest[0].due_date, sum_of(rest), day))
    return rows


def _row(number: str, due: date, balance: Decimal, day: date) -> dict[str, str]:
    return {"number": number, "due": due.isoformat(), "days": str((day - due).days), "balance": str(balance)}


def sum_of(items: Iterable[OpenItem]) -> Decimal:
    return sum((item.balance for item in items), Decimal(0))


def _language(actor: Any, process: CollectionProcess) -> str:
    """The customer's language, if letters are written in it."""
    chosen = process.account.customer.language
    return str(chosen if chosen in languages() else actor.organization.language)


def words_of(actor: Any, process: CollectionProcess, demand: Demand) -> Words:
    """The letter of a step in the customer's language, from whom invoices come and to where they go."""
    organization, customer, language = actor.organization, process.account.customer, _language(actor, process)
    sender = {each.language: each for each in InvoiceMailText.objects.of(actor)}
    own = sender.get(language) or sender.get(organization.language)
    with translation.override(language):
        values = _values(organization, process, demand)
        subject = str(SUBJECTS[Step(process.step)]) % values
        body = str(BODIES[Step(process.step)]) % values
    return Words(
        language=language, subject=one_line(subject, SUBJECT_LENGTH), body=body,
        sender_name=one_line(own.sender_name if own and own.sender_name else organization.name, 100),
        reply_to=own.reply_to if own else "", to=list(delivery_of(customer).to),
    )  # fmt: skip


def _values(organization: Any, process: CollectionProcess, demand: Demand) -> Mapping[str, str]:
    chosen = organization.date_format or DATE_FORMAT
    return {
        "amount": format_money(demand.amount, process.currency, NumberFormat.of(organization), with_code=True),
        "account": process.account.number,
        "since": dateformat.format(demand.since, chosen) if demand.since else str(_("today")),
        "organization": organization.name,
    }


def reminder_html(reminder: Any) -> str:
    """The letter as it was written, in the customer's language."""
    customer = reminder.process.account.customer
    context = {
        "reminder": reminder,
        "account": reminder.process.account,
        "bill_to": customer,
        "rows": [as_shown(row) for row in reminder.rows],
    }
    return document_html("credit_control/reminder_pdf.html", reminder.organization, customer, context)


def file_name(reminder: Any) -> str:
    """What the PDF of the letter is called."""
    return f"{plain_name(reminder.process.account.number)}-{reminder.day.isoformat()}.pdf"


def reminder_pdf(reminder: Any) -> bytes:
    """The PDF of the letter. Raises `EngineMissing` without the system libraries."""
    return pdf_of(reminder_html(reminder))
