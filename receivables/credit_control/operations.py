"""Opening and closing disputes. Both lock the account, so that nothing is disputed twice; neither moves money."""

from datetime import date
from decimal import Decimal
from typing import Any

from django.utils import timezone

from receivables.approvals.rules import no_reason_blocker
from receivables.billing.models import Invoice, Load
from receivables.collections.wizard.models import ShortPaymentReason
from receivables.core.access import lock_rows
from receivables.core.errors import refuse
from receivables.core.events import record
from receivables.core.operations import operation
from receivables.credit_control.models import Dispute
from receivables.credit_control.queries import all_dispute_facts
from receivables.credit_control.rules import open_dispute_blocker, resolve_dispute_blocker
from receivables.customers.models import Account


def _about(invoice: Invoice) -> list[Any]:
    """In whose history a dispute shows."""
    return [invoice, *invoice.loads.all(), invoice.account, invoice.account.customer]


@operation
def open_dispute(
    *, actor: Any, invoice: Invoice, amount: Decimal, why: str, load: Load | None = None, note: str = "",
    next_step_on: date | None = None,
) -> Dispute:  # fmt: skip
    """Note that a customer refuses a part of what is open on an invoice. `load` says of which, if it has several.

    Raises `Refused` for more than is open and not disputed already.
    """
    lock_rows(Account.objects.of(actor), [invoice.account_id])
    rows = Invoice.objects.of(actor).select_related("open_item", "account__customer").prefetch_related("loads")
    current = rows.get(pk=invoice.pk)
    for facts in all_dispute_facts(actor, current, load):
        refuse(open_dispute_blocker(facts, amount))
    dispute = Dispute.objects.create(
        organization=actor.organization, invoice=current, load=load, currency=current.currency, amount=amount,
        why=ShortPaymentReason(why), note=note, next_step_on=next_step_on, opened_by=actor.user,
    )  # fmt: skip
    record(
        actor, "open_dispute", dispute, about=_about(current), reason=note, amount=amount, currency=current.currency,
        why=why,
    )  # fmt: skip
    return dispute


@operation
def resolve_dispute(*, actor: Any, dispute: Dispute, decision: str, reason: str) -> Dispute:
    """Close a dispute with who was right and what comes of it; the invoice may be reminded of again."""
    rows = Dispute.objects.of(actor).select_related("invoice__account__customer").prefetch_related("invoice__loads")
    lock_rows(Account.objects.of(actor), [dispute.invoice.account_id])
    current = rows.get(pk=dispute.pk)
    refuse(resolve_dispute_blocker(is_open=current.state == Dispute.State.OPEN) or no_reason_blocker(reason))
    withdrawn = decision == Dispute.Decision.WITHDRAWN
    current.state = Dispute.State.WITHDRAWN if withdrawn else Dispute.State.RESOLVED
    current.decision, current.outcome = Dispute.Decision(decision), reason
    current.closed_by, current.closed_at = actor.user, timezone.now()
    current.save(update_fields=["state", "decision", "outcome", "closed_by", "closed_at"])
    record(
        actor, "resolve_dispute", current, about=_about(current.invoice), reason=reason, amount=current.amount,
        currency=current.currency, state=str(current.get_decision_display()),
    )  # fmt: skip
    return current
