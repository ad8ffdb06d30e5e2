"""Debt transfers as sections on the pages of agreements and invoices."""

from typing import Any

from django.db.models import Q, QuerySet, Sum
from django.utils.translation import gettext_lazy as _

from receivables.billing.models import Invoice
from receivables.billing.status import Status
from receivables.core.registry import Panel, panels
from receivables.customers.models import Agreement
from receivables.writeoffs.transfers.models import DebtTransfer, MovedDebt

SHOWN = 50
STANDS = Status("moved", _("Moved"), "info")
REVERSED = Status("reversed", _("Reversed"), "neutral")


def with_documents(transfers: QuerySet[DebtTransfer]) -> QuerySet[DebtTransfer]:
    return transfers.select_related(
        "source__account__customer", "source__type", "target__account__customer", "target__type", "created_by",
        "reversal",
    )  # fmt: skip


def status_of(transfer: DebtTransfer, reversed_since: bool) -> Status:
    return REVERSED if reversed_since else STANDS


def of_agreement(agreement: Agreement, actor: Any) -> dict[str, Any]:
    """What was moved to and from an agreement, the newest first."""
    rows = with_documents(DebtTransfer.objects.of(actor)).filter(Q(source=agreement) | Q(target=agreement))
    found = list(rows.order_by("-pk")[:SHOWN])
    return {
        "rows": [
            {
                "transfer": row, "out": row.source_id == agreement.pk, "amount": row.amount,
                "status": status_of(row, hasattr(row, "reversal")),
            }
            for row in found
        ]
    }  # fmt: skip


def of_invoice(invoice: Invoice, actor: Any) -> dict[str, Any]:
    """Where the debt of an invoice was moved, also what was moved on from there."""
    item = invoice.open_item_id
    moved = MovedDebt.objects.of(actor).filter(Q(source_item=item) | Q(source_item__origin=item))
    amounts = dict(moved.values_list("transfer").annotate(sum=Sum("amount")).order_by("transfer"))
    found = with_documents(DebtTransfer.objects.of(actor).filter(pk__in=amounts)).order_by("pk") if amounts else []
    return {
        "rows": [
            {
                "transfer": row, "out": True, "amount": amounts[row.pk],
                "status": status_of(row, hasattr(row, "reversal")),
            }
            for row in found
        ]
    }  # fmt: skip


def register() -> None:
    """Called once, when the application is ready."""
    template = "writeoffs/includes/debt_transfers.html"
    panels.register(Panel("debt_transfers", "customers.agreement", "main", template, of_agreement))
    panels.register(Panel("debt_transfers", "billing.invoice", "credits", template, of_invoice))
