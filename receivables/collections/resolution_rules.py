"""May a short payment be resolved in one step, and undone? Pure functions over facts."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from receivables.billing.rules import InvoiceFacts
from receivables.core.errors import Blocker


@dataclass(frozen=True)
class ResolutionFacts:
    """An invoice with its open balance, what is paid on it, and what is to be taken off (positive)."""

    invoice: InvoiceFacts
    balance: Decimal
    paid: Decimal
    amount: Decimal

    @property
    def reduction(self) -> Decimal:
        """How much lower the invoice's total gets in all, with charges that already wait."""
        return self.invoice.current_total - self.invoice.new_total + self.amount


def resolve_short_payment_blocker(facts: ResolutionFacts, *, has_type: bool) -> Blocker | None:
    """Something must be short, and what is taken off stays within it: the payments are put back as they were."""
    invoice = facts.invoice
    if not invoice.has_invoice:
        return Blocker("draft", _("Generate the invoice first."))
    if invoice.voided:
        return Blocker("void", _("Invoice %(number)s is void.") % {"number": invoice.invoice_number})
    if not has_type:
        return _waiting_charges_blocker(facts)
    if facts.balance == 0:
        return Blocker("nothing_short", _("Nothing is short on this invoice: its balance is zero."))
    if facts.amount <= 0:
        return Blocker("zero_amount", _("Enter the amount to take off."), field="amount")
    if facts.reduction > facts.balance:
        message = _("Only %(balance)s is open on this invoice: the most you can take off is %(most)s.")
        waiting = invoice.current_total - invoice.new_total
        words = {
            "balance": invoice.text(facts.balance),
            "most": invoice.text(max(facts.balance - waiting, Decimal(0))),
        }
        return Blocker("more_than_open", message % words, field="amount")
    return None


def _waiting_charges_blocker(facts: ResolutionFacts) -> Blocker | None:
    """Without a reduction of its own, the step regenerates charges that were changed by hand."""
    invoice = facts.invoice
    if not invoice.total_changed:
        return Blocker("no_type", _("Choose an accessorial type for what is taken off."), field="type")
    if facts.reduction > facts.balance:
        message = _("The charges now add up to %(new)s, less than the %(paid)s that is settled: remove payments first.")
        words = {"new": invoice.text(invoice.new_total), "paid": invoice.text(invoice.current_total - facts.balance)}
        return Blocker("below_paid", message % words)
    return None


def undo_resolution_blocker(*, undone: bool, newest: bool, has_accessorial: bool, reason: Any) -> Blocker | None:
    """Undone once, with a reason, and only while nothing was built on it."""
    if undone:
        return Blocker("already_undone", _("This was already undone."))
    if not has_accessorial:
        return Blocker("by_hand", _("The charges were changed by hand; change them back and regenerate the invoice."))
    if not newest:
        return Blocker("not_newest", _("The invoice has a newer revision; undo that first."))
    if not str(reason).strip():
        return Blocker("no_reason", _("Say why."), field="reason")
    return None
