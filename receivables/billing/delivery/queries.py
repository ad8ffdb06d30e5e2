"""Reading how a customer wants invoices and what became of those that were sent."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet, Subquery

from receivables.billing.delivery.models import CustomerDelivery, Dispatch
from receivables.billing.delivery.rules import SendFacts
from receivables.billing.models import Invoice, Revision
from receivables.billing.queries import current_revision
from receivables.core.access import fetch
from receivables.customers.models import Customer

# What somebody has to look at.
TROUBLE = (Dispatch.State.FAILED, Dispatch.State.PARTLY, Dispatch.State.UNCERTAIN, Dispatch.State.BOUNCED)
WITH_CUSTOMER = ("account__customer", "organization", "open_item")


def delivery_of(customer: Customer) -> CustomerDelivery:
    """How this customer wants invoices; nothing chosen yet means by e-mail to the customer's own address."""
    return delivery_of_all([customer])[customer.pk]


def delivery_of_all(customers: Iterable[Customer]) -> dict[int, CustomerDelivery]:
    """The same for many customers, by their keys, in one query."""
    wanted = {each.pk: each for each in customers}
    kept = {each.customer_id: each for each in CustomerDelivery.objects.filter(customer_id__in=wanted)}
    for row in kept.values():
        row.customer = wanted[row.customer_id]
    return {key: kept.get(key) or _unchosen(customer) for key, customer in wanted.items()}


def _unchosen(customer: Customer) -> CustomerDelivery:
    to = [customer.email] if customer.email else []
    return CustomerDelivery(organization_id=customer.organization_id, customer=customer, to=to, version=0)


@dataclass(frozen=True)
class Sending:
    """An invoice with its current revision and the newest sending of that, read at one moment."""

    invoice: Invoice
    revision: Revision
    latest: Dispatch | None

    @property
    def facts(self) -> SendFacts:
        invoice, revision = self.invoice, self.revision
        return SendFacts(
            number=invoice.number,
            voided=invoice.voided_at is not None,
            revision=revision.number,
            sent_revision=invoice.sent_revision,
            internal=revision.internal,
            latest=self.latest.state if self.latest else "",
        )


def sending_of(actor: Any, pk: int) -> Sending:
    """Read an invoice for sending. Raises `Http404` for another organization's."""
    return sending_as_shown(fetch(actor, Invoice.objects.select_related(*WITH_CUSTOMER), pk))


def sending_as_shown(invoice: Invoice) -> Sending:
    """The same of an invoice that was read already."""
    revision = current_revision(invoice)
    latest = Dispatch.objects.filter(revision=revision).order_by("-pk").first()
    return Sending(invoice, revision, latest)


def sendings_of(actor: Any, invoices: Iterable[Invoice]) -> list[Sending]:
    """The same for many invoices that were read with `WITH_CUSTOMER`, in two further queries."""
    known = {each.pk: each for each in invoices}
    revisions = {
        each.invoice_id: each
        for each in Revision.objects.of(actor).filter(invoice_id__in=known)
        if each.number == known[each.invoice_id].current_revision
    }
    latest: dict[int, Dispatch] = {}
    for dispatch in Dispatch.objects.of(actor).filter(revision__in=revisions.values()).order_by("pk"):
        latest[dispatch.revision_id] = dispatch
    return [Sending(known[key], revisions[key], latest.get(revisions[key].pk)) for key in known]


def dispatches_of(invoice: Invoice) -> list[Dispatch]:
    """Every sending of an invoice, newest first."""
    rows = Dispatch.objects.filter(invoice=invoice).select_related("revision", "sent_by").order_by("-pk")
    found = list(rows[:50])
    for row in found:
        row.invoice = invoice
    return found


def newest_of_their_invoices(dispatches: QuerySet[Dispatch]) -> QuerySet[Dispatch]:
    """Only those after which nothing was sent any more."""
    later = Dispatch.objects.filter(invoice_id=OuterRef("invoice_id"), pk__gt=OuterRef("pk"))
    return dispatches.filter(~Exists(later))


def invoices_in_state(actor: Any, *states: str) -> Any:
    """The keys of invoices whose newest sending is in one of these states."""
    rows = Dispatch.objects.of(actor).filter(state__in=states)
    return newest_of_their_invoices(rows).values("invoice_id")


def newest_state(invoice: str) -> Subquery:
    """The state of the newest sending, as an annotation of a list; `invoice` is the path to the invoice's key."""
    return Subquery(
        Dispatch.objects.filter(invoice_id=OuterRef(invoice)).order_by("-pk").values("state")[:1]
    )  # fmt: skip


def bounces_of(customer: Customer) -> list[Dispatch]:
    """E-mails of a customer's invoices that came back and were not replaced by another sending."""
    rows = Dispatch.objects.filter(
        organization_id=customer.organization_id, state=Dispatch.State.BOUNCED, invoice__account__customer=customer
    )
    return list(newest_of_their_invoices(rows).select_related("invoice").order_by("-pk")[:10])
