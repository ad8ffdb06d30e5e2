"""Deciding about what was seen over there. Nothing here talks to another system."""

from decimal import Decimal
from typing import Any

from django.utils import timezone

from receivables.approvals.rules import no_reason_blocker
from receivables.billing.models import Invoice
from receivables.collections.models import BankAccount, Payment
from receivables.collections.operations import Assignment, record_payment
from receivables.core.access import lock_rows
from receivables.core.dates import today
from receivables.core.errors import refuse
from receivables.core.events import record
from receivables.core.operations import operation
from receivables.customers.models import Account
from receivables.integrations.incoming.models import IncomingChange
from receivables.integrations.incoming.rules import accept_incoming_blocker, dismiss_incoming_blocker
from receivables.integrations.models import Delivery, Kind
from receivables.integrations.registry import ADAPTERS
from receivables.integrations.snapshots import digest
from receivables.integrations.sources import SOURCES

PAYMENT = "collections.payment"


def assignments_of(change: IncomingChange) -> list[Assignment]:
    """What of the payment goes to which invoice of ours: as over there, and no more than is open here."""
    keys = [each["invoice"] for each in change.applied]
    rows = Invoice.objects.filter(organization_id=change.organization_id, account__customer=change.customer_id)
    invoices = rows.filter(voided_at=None, currency=change.currency).select_related("open_item").in_bulk(keys)
    found = []
    for each in change.applied:
        invoice = invoices.get(each["invoice"])
        fits = min(Decimal(each["amount"]), invoice.open_item.balance) if invoice else Decimal(0)
        if invoice is not None and fits > 0:
            found.append(Assignment(invoice, fits))
    return found


@operation
def accept_incoming(
    *, actor: Any, change: IncomingChange, account: Account, bank_account: BankAccount, method: str
) -> Payment:
    """Record a payment here as it was recorded over there, and note that it is there already, so that it is not sent.

    What is applied follows their invoices as far as ours are open; the rest stays on account. Raises what
    `record_payment` raises.
    """
    current = lock_rows(IncomingChange.objects.of(actor), [change.pk])[0]
    refuse(accept_incoming_blocker(what=current.what, state=current.state))
    payment = record_payment(
        actor=actor, account=account, amount=current.amount, date=current.date or today(actor.organization),
        method=method, bank_account=bank_account, assignments=assignments_of(current), reference=current.reference,
    )  # fmt: skip
    _note_delivered(current, payment)
    current.state, current.payment = IncomingChange.State.ACCEPTED, payment
    current.save(update_fields=["state", "payment"])
    record(actor, "accept_incoming", payment, about=[current, payment.account], reference=payment.number)
    return payment


def _note_delivered(change: IncomingChange, payment: Payment) -> None:
    """The other system has this payment: it is synced as it is, under the key that it has there."""
    source = SOURCES[PAYMENT]
    wanted = source.wanted([payment.pk])[payment.pk]
    assert wanted is not None
    watching = ADAPTERS[change.connection.system].watching
    assert watching is not None
    remote = watching.adopted(change, wanted.body)
    Delivery.objects.create(
        organization_id=change.organization_id, connection=change.connection, kind=Kind.PAYMENT, source=PAYMENT,
        source_id=payment.pk, customer_id=source.customer(payment), reference=payment.number, currency=payment.currency,
        amount=payment.amount, state=Delivery.State.SYNCED, payload_hash=digest(wanted.body), synced=wanted.body,
        remote=remote, synced_at=timezone.now(),
    )  # fmt: skip


@operation
def dismiss_incoming(*, actor: Any, change: IncomingChange, reason: str) -> IncomingChange:
    """Put a change aside, with the reason. If it changes again over there, it comes back."""
    current = lock_rows(IncomingChange.objects.of(actor), [change.pk])[0]
    refuse(dismiss_incoming_blocker(state=current.state) or no_reason_blocker(reason))
    current.state, current.note = IncomingChange.State.DISMISSED, reason
    current.save(update_fields=["state", "note"])
    record(actor, "dismiss_incoming", current, reason=reason, reference=current.reference)
    return current
