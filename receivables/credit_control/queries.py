"""Reading disputes: what is disputed of an invoice, and what nobody is reminded of meanwhile."""

from collections.abc import Collection, Iterable
from decimal import Decimal
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet, Sum

from receivables.billing.models import Invoice, Load
from receivables.billing.pages import load_balance, number_format
from receivables.collections.payoff_queries import waiting_asked
from receivables.credit_control.models import Dispute
from receivables.credit_control.rules import DisputeFacts

# Invoices with an open dispute about something that is still owed.
DISPUTED = Q(Exists(Dispute.objects.filter(invoice_id=OuterRef("pk"), state=Dispute.State.OPEN))) & Q(
    voided_at__isnull=True, open_item__balance__gt=0
)


def held_items(actor: Any, accounts: Collection[int]) -> tuple[set[int], set[int]]:
    """The open items of these accounts that nobody is reminded of now: those that are disputed, and those on which
    something waits for somebody who may give it up."""
    still_open = {"invoice__account__in": accounts, "invoice__open_item__balance__gt": 0}
    disputed = Dispute.objects.of(actor).filter(state=Dispute.State.OPEN, **still_open)
    waiting = waiting_asked(actor, **still_open)
    return (
        set(disputed.values_list("invoice__open_item_id", flat=True)),
        set(waiting.values_list("invoice__open_item_id", flat=True)),
    )


def disputed_amount(actor: Any, invoice_ids: Iterable[int]) -> Decimal:
    """What open disputes about these invoices add up to."""
    rows = Dispute.objects.of(actor).filter(invoice__in=list(invoice_ids), state=Dispute.State.OPEN)
    return rows.aggregate(total=Sum("amount"))["total"] or Decimal(0)


def dispute_facts(actor: Any, invoice: Invoice) -> DisputeFacts:
    """What the rule looks at."""
    return DisputeFacts(
        invoice.number, invoice.currency, number_format(actor), invoice.open_item.balance,
        disputed_amount(actor, [invoice.pk]), invoice.voided_at is not None,
    )  # fmt: skip


def load_dispute_facts(actor: Any, invoice: Invoice, load: Load) -> DisputeFacts:
    """The same of one load, which on a summary invoice has its own part of what is open."""
    current = Load.objects.of(actor).select_related("invoice__open_item").get(pk=load.pk)
    own = Dispute.objects.of(actor).filter(invoice=invoice, load=load, state=Dispute.State.OPEN)
    return DisputeFacts(
        invoice.number, invoice.currency, number_format(actor), load_balance(current),
        own.aggregate(total=Sum("amount"))["total"] or Decimal(0), invoice.voided_at is not None, load.number,
        current.invoice_id == invoice.pk,
    )  # fmt: skip


def all_dispute_facts(actor: Any, invoice: Invoice, load: Load | None) -> list[DisputeFacts]:
    """What the rule is asked about: the invoice, and the load that the dispute is about."""
    return [dispute_facts(actor, invoice), *([load_dispute_facts(actor, invoice, load)] if load is not None else [])]


def disputes_of(actor: Any, **about: Any) -> QuerySet[Dispute]:
    """Disputes with what their panel shows, open ones first, then the newest."""
    return (
        Dispute.objects.of(actor)
        .filter(**about)
        .select_related("invoice__open_item", "load", "opened_by", "closed_by")
        .order_by("closed_at", "-pk")
    )
