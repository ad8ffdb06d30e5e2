"""Bad debt and what was recovered of it, as sections on the pages of invoices, accounts, payments, credit notes."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from receivables.billing.models import CreditNote, Invoice
from receivables.collections.models import Payment
from receivables.collections.queries import bank_accounts
from receivables.collections.recoveries.forms import suggested
from receivables.collections.recoveries.losses import Loss, losses_of, may_have_lost, recoverable
from receivables.collections.recoveries.models import Recovery
from receivables.collections.recoveries.rules import recovery_field
from receivables.core.registry import Panel, panels
from receivables.customers.models import Account

SHOWN = 20


def _may_record(actor: Any) -> bool:
    return bool(actor.can("recover_bad_debt") and actor.can("record_payment"))


def recovery_link(actor: Any, loss: Loss, bank: int) -> str:
    """Where money that came for a loss is recorded, all that is left of it typed already."""
    amount = suggested(actor, loss)
    asked = urlencode({"amount": amount, recovery_field(loss.key): amount, "bank_account": bank})
    return f"{reverse('payment_on_account', args=[loss.invoice.account_id])}?{asked}"


def _shown(actor: Any, losses: Sequence[Loss]) -> list[dict[str, Any]]:
    """The losses, each with the way to record money that came for it, for those who may and where a bank takes it."""
    banks: dict[str, int] = {}
    if _may_record(actor) and losses:
        banks = {currency: pk for pk, currency in bank_accounts(actor).order_by("-pk").values_list("pk", "currency")}
    return [
        {
            "loss": each,
            "link": recovery_link(actor, each, banks[each.invoice.currency])
            if each.left > 0 and each.invoice.currency in banks
            else "",
        }
        for each in losses
    ]


def recoveries_of(actor: Any, **of: Any) -> QuerySet[Recovery]:
    """Recoveries with everything a row shows, oldest first."""
    found = Recovery.objects.of(actor).filter(**of)
    return found.select_related("payment", "invoice", "reversal__created_by").order_by("pk")


def _rows(recoveries: QuerySet[Recovery]) -> list[dict[str, Any]]:
    return [{"recovery": each, "reversal": getattr(each, "reversal", None)} for each in recoveries]


def of_invoice(invoice: Invoice, actor: Any) -> dict[str, Any]:
    """What was given up on an invoice and what of it came after all."""
    losses = losses_of([invoice.pk]) if may_have_lost(invoice) else []
    return {
        "losses": _shown(actor, losses),
        "recoveries": _rows(recoveries_of(actor, invoice=invoice)),
        "paid": invoice.open_item.paid,
        "lost": sum((each.amount for each in losses), Decimal(0)),
        "recovered": sum((each.recovered for each in losses), Decimal(0)),
        "currency": invoice.currency,
    }


def of_account(account: Account, actor: Any) -> dict[str, Any]:
    found = recoverable(actor, account=account)
    return {"losses": _shown(actor, found[:SHOWN]), "more": len(found) > SHOWN}


def of_payment(actor: Any, payment: Payment) -> dict[str, Any]:
    """What of a payment's money recovered bad debt."""
    return {"recoveries": _rows(recoveries_of(actor, payment=payment))}


def of_credit_note(note: CreditNote, actor: Any) -> dict[str, Any]:
    """What was recovered of the bad debt that a credit note documents: reversing it takes that back too."""
    found = recoveries_of(actor, allocation__credit_note_lines__credit_note=note, reversal__isnull=True).distinct()
    return {"recoveries": _rows(found), "said": _("If the credit note is reversed, these are reversed with it.")}


def register() -> None:
    """Called once, when the application is ready."""
    folder = "collections/recoveries"
    panels.register(Panel("bad_debt", "billing.invoice", "credits", f"{folder}/invoice_panel.html", of_invoice))
    panels.register(Panel("bad_debt", "customers.account", "main", f"{folder}/account_panel.html", of_account))
    panels.register(
        Panel("recoveries", "billing.creditnote", "aside", f"{folder}/credit_note_panel.html", of_credit_note)
    )
