"""Write-offs as sections on the pages of accounts, agreements and invoices."""

from typing import Any

from django.db.models import Q, Sum
from django.urls import reverse
from django.utils.translation import gettext as _

from receivables.billing.models import Invoice
from receivables.core.registry import Panel, panels
from receivables.customers.models import Account, Agreement, AgreementType
from receivables.writeoffs.bankruptcy.addition_pages import outside_texts
from receivables.writeoffs.models import Bankruptcy, WriteOff, WriteOffLine
from receivables.writeoffs.queries import state_of, transfers_in, with_documents

NEWEST, SHOWN = 10, 50


def of_account(account: Account, actor: Any) -> dict[str, Any]:
    """The newest write-offs of an account's debt."""
    found = with_documents(WriteOff.objects.of(actor)).filter(account=account).order_by("-pk")[: NEWEST + 1]
    rows = [{"write_off": row, "amount": row.amount, "status": state_of(row)} for row in found]
    return {"rows": rows[:NEWEST], "more": len(rows) > NEWEST, "account": account}


def bankruptcy_of(account: Account, actor: Any) -> dict[str, Any]:
    """The bankruptcies that an account went into, or that opened it, the newest first; those withdrawn say so, and
    those that stand what is owed outside them."""
    rows = Bankruptcy.objects.of(actor).select_related("account", "new_account", "withdrawal")
    shown = []
    for found in rows.filter(Q(account=account) | Q(new_account=account)).order_by("-pk"):
        stands = found.account_id == account.pk and not hasattr(found, "withdrawal")
        shown.append({"bankruptcy": found, "outside": outside_texts(actor, found) if stands else []})
    return {"rows": shown}


def of_agreement(agreement: Agreement, actor: Any) -> dict[str, Any]:
    """What was transferred to a write-off agreement: from where, by whom, why, and what of it was taken back."""
    if agreement.type.special_role != AgreementType.SpecialRole.WRITE_OFF:
        return {"shown": False}
    return {"shown": True, "transfers": transfers_in(actor, agreement, SHOWN), "agreement": agreement}


def of_invoice(invoice: Invoice, actor: Any) -> dict[str, Any]:
    """What was written off of an invoice, and the way to write off what is open."""
    item = invoice.open_item_id
    lines = WriteOffLine.objects.of(actor).filter(Q(source_item=item) | Q(source_item__origin=item))
    amounts = dict(lines.values_list("write_off").annotate(sum=Sum("amount")).order_by("write_off"))
    found = with_documents(WriteOff.objects.of(actor).filter(pk__in=amounts)).order_by("pk") if amounts else []
    rows = [{"write_off": row, "amount": amounts[row.pk], "status": state_of(row)} for row in found]
    return {"rows": rows, "button": _button(invoice, actor)}


def _button(invoice: Invoice, actor: Any) -> dict[str, Any] | None:
    """To the form of whoever may write off, or ask for it, with this invoice ticked."""
    may = next((verb for verb in ("write_off_debt", "request_write_off") if actor.can(verb)), "")
    open_here = invoice.voided_at is None and invoice.open_item.balance > 0
    if not may or not open_here:
        return None
    label = _("Write off debt") if may == "write_off_debt" else _("Request write-off")
    return {
        "label": label, "url": f"{reverse(may, args=[invoice.account_id])}?item={invoice.open_item_id}",
        "id": f"write-off-{invoice.pk}", "style": "secondary", "size": "sm", "enabled": True,
    }  # fmt: skip


def register() -> None:
    """Called once, when the application is ready."""
    template = "writeoffs/includes/write_offs.html"
    bankruptcy = "writeoffs/includes/bankruptcy.html"
    panels.register(Panel("bankruptcy", "customers.account", "main", bankruptcy, bankruptcy_of))
    panels.register(Panel("write_offs", "customers.account", "main", template, of_account))
    panels.register(Panel("write_offs", "billing.invoice", "credits", template, of_invoice))
    transfers = "writeoffs/includes/transfers_in.html"
    panels.register(Panel("transfers_in", "customers.agreement", "main", transfers, of_agreement))
