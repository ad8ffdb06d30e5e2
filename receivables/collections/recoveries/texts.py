"""Sentences about recoveries, whole and in the actor's number format."""

from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from receivables.billing.pages import amount_text
from receivables.collections.recoveries.losses import Loss
from receivables.collections.recoveries.models import Recovery


def falls_text(actor: Any, recovery: Recovery) -> str:
    """What happens to a recovery that is taken back with something else."""
    words = {
        "number": recovery.number,
        "amount": amount_text(actor, recovery.amount, recovery.currency),
        "invoice": recovery.invoice.number,
        "payment": recovery.payment.number,
    }
    return (
        _("Recovery %(number)s of %(amount)s on invoice %(invoice)s is reversed; its money is of payment %(payment)s.")
        % words
    )


def recovered_text(actor: Any, made: Sequence[Recovery]) -> str:
    """What was recovered, in one sentence; empty if nothing."""
    if not made:
        return ""
    total = sum((each.amount for each in made), Decimal(0))
    words = {
        "amount": amount_text(actor, total, made[0].currency),
        "invoices": ", ".join(dict.fromkeys(each.invoice.number for each in made)),
    }
    return _("%(amount)s of bad debt was recovered on %(invoices)s.") % words


def left_texts(actor: Any, parts: Iterable[tuple[Loss, Decimal]]) -> list[str]:
    """What stays given up of each loss after these amounts are recovered."""
    said = _("Invoice %(invoice)s: %(amount)s of its bad debt is recovered, %(left)s is not.")
    return [
        said
        % {
            "invoice": loss.invoice.number,
            "amount": amount_text(actor, loss.recovered + amount, loss.invoice.currency),
            "left": amount_text(actor, loss.left - amount, loss.invoice.currency),
        }
        for loss, amount in parts
    ]
