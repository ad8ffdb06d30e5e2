"""The charges of an agreement, and its final bill, on the agreement's page."""

from typing import Any

from receivables.billing.models import Invoice
from receivables.billing.recurring.models import AgreementCharge
from receivables.core.registry import Panel, panels
from receivables.customers.models import Agreement

SHOWN = 50
OVER = (Agreement.State.STOPPED, Agreement.State.CLOSED, Agreement.State.REACTIVATED)


def final_bill(agreement: Agreement) -> Invoice | None:
    """The last invoice of an agreement whose service has stopped; None while it waits for one, or was never billed."""
    if agreement.state not in OVER or agreement.awaits_final_bill:
        return None
    rows = Invoice.objects.filter(agreement=agreement, voided_at__isnull=True)
    return rows.order_by("-issue_date", "-pk").first()


def of_agreement(agreement: Agreement, actor: Any) -> dict[str, Any]:
    charges = AgreementCharge.objects.of(actor).filter(agreement=agreement).select_related("type")
    return {
        "agreement": agreement,
        "charges": charges.order_by("cancelled", "-pk")[:SHOWN],
        "final_bill": final_bill(agreement),
        "waits": agreement.awaits_final_bill and agreement.state == Agreement.State.STOPPED,
    }


def register() -> None:
    """Called once, when the application is ready."""
    panels.register(Panel("charges", "customers.agreement", "main", "billing/agreement_charges.html", of_agreement))
