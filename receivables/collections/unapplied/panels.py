"""Money on account: on the pages of its payment, and as a section on the pages of accounts and customers."""

from decimal import Decimal
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from receivables.collections.excess.models import SmallExcess
from receivables.collections.held.models import Holding, HoldingRelease
from receivables.collections.held.queries import holdings, left_of
from receivables.collections.models import Payment
from receivables.collections.queries import is_live, unapplied
from receivables.collections.status import reversal_of
from receivables.collections.unapplied.models import PaymentAssignment
from receivables.collections.unapplied.queries import SHOWN_PAYMENTS, on_account, refunds_of, waiting_refund
from receivables.core.registry import Panel, panels
from receivables.customers.models import Account, Customer
from receivables.ledger.models import Allocation


def links_of(actor: Any, row: Allocation) -> list[dict[str, Any]]:
    """What can be done with one assignment by those who may."""
    if not is_live(row):
        return []
    offered = [
        ("move_payment_assignment", _("Move"), "outline-primary"),
        ("unassign_payment", _("Remove"), "outline-danger"),
    ]
    return [
        {"label": label, "url": reverse(verb, args=[row.pk]), "style": style}
        for verb, label, style in offered
        if actor.can(verb) and not (verb == "move_payment_assignment" and row.crossed)
    ]


def acts_of(actor: Any, payment: Payment) -> list[Any]:
    """The documents behind what was done with a payment's money later: they post entries of their own."""
    assigned = PaymentAssignment.objects.of(actor).filter(payment=payment)
    held = Holding.objects.of(actor).filter(payment=payment)
    taken = HoldingRelease.objects.of(actor).filter(holding__in=held)
    booked = SmallExcess.objects.of(actor).filter(payment=payment)
    return [*assigned, *refunds_of(actor, payment), *payment.recoveries.all(), *held, *taken, *booked]


def money_of(actor: Any, payment: Payment) -> dict[str, Any]:
    """What a payment's page shows of its money on account and of what was given back."""
    refunds = list(refunds_of(actor, payment))
    return {
        "on_account": unapplied(payment) if reversal_of(payment) is None else Decimal(0),
        "refunds": [
            {
                "refund": refund,
                "method": Payment.Method(refund.method).label,
                "reversal": getattr(refund, "reversal", None),
            }
            for refund in refunds
        ],
        "refund_waits": waiting_refund(actor, payment),
        "held": [{"holding": each, "left": left_of(each)} for each in holdings(actor, payment=payment)],
    }


def _section(actor: Any, **of: Any) -> dict[str, Any]:
    """The payments of one customer: what is asked of it for one row's button holds for all."""
    rows = list(on_account(actor, **of)[: SHOWN_PAYMENTS + 1])
    for row in rows:
        row.account.customer = rows[0].account.customer
    return {
        "payments": [{"payment": row, "left": unapplied(row)} for row in rows[:SHOWN_PAYMENTS]],
        "more": len(rows) > SHOWN_PAYMENTS,
    }


def of_account(account: Account, actor: Any) -> dict[str, Any]:
    return _section(actor, account=account)


def of_customer(customer: Customer, actor: Any) -> dict[str, Any]:
    return _section(actor, account__customer=customer)


def register() -> None:
    """Called once, when the application is ready."""
    template = "collections/unapplied/on_account_panel.html"
    panels.register(Panel("on_account", "customers.account", "main", template, of_account))
    panels.register(Panel("on_account", "customers.customer", "main", template, of_customer))
