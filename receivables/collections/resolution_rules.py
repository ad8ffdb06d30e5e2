"""May a short payment be resolved in one step, and undone? Pure functions over facts."""

from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from django.utils.translation import gettext as _

from receivables.billing.rules import InvoiceFacts, PartBelow
from receivables.core.dates import day_words
from receivables.core.errors import Blocker


@dataclass(frozen=True)
class ResolutionFacts:
    """An invoice with its open balance, what is to be taken off (positive), and whether a reduction of the load
    waits for approval.

    For a load on a summary invoice `load_open` is what is open of it, less what its waiting charges take off, and
    `below` a load of it, this one or another, whose waiting charges take off what is paid of it.
    """

    invoice: InvoiceFacts
    balance: Decimal
    amount: Decimal = Decimal(0)
    asked: bool = False
    load_open: Decimal | None = None
    below: PartBelow | None = None

    @property
    def reduction(self) -> Decimal:
        """How much lower the invoice's total gets in all, with charges that already wait."""
        return self.invoice.current_total - self.invoice.new_total + self.amount

    @property
    def most(self) -> Decimal:
        """The most that can be taken off: the open balance, less what charges that already wait take off; on a
        summary invoice no more than what is open of the load, so that the others' parts stay as they are."""
        whole = self.balance - (self.invoice.current_total - self.invoice.new_total)
        return max(whole if self.load_open is None else min(whole, self.load_open), Decimal(0))


def resolve_short_payment_blocker(facts: ResolutionFacts, *, has_type: bool) -> Blocker | None:
    """Something must be short, and what is taken off stays within it: the payments are put back as they were."""
    invoice = facts.invoice
    if not invoice.has_invoice:
        return Blocker("draft", _("Generate the invoice first."))
    if invoice.voided:
        return Blocker("void", _("Invoice %(number)s is void.") % {"number": invoice.invoice_number})
    if facts.below is not None:
        return part_below_blocker(facts)
    if not has_type:
        return _waiting_charges_blocker(facts)
    if facts.asked:
        return Blocker("already_asked", _("A reduction of this load waits for approval; that is decided first."))
    if facts.balance == 0:
        return Blocker("nothing_short", _("Nothing is short on this invoice: its balance is zero."))
    if facts.load_open is not None and facts.load_open <= 0:
        message = _("Nothing is short on this load: what is paid on the invoice covers it. Choose the load it is for.")
        return Blocker("load_settled", message)
    if facts.amount <= 0:
        return Blocker("zero_amount", _("Enter the amount to take off."), field="amount")
    if facts.amount > facts.most and facts.load_open is not None and facts.most == facts.load_open:
        message = _("The most you can take off this load is %(most)s.")
        return Blocker("more_than_open", message % {"most": invoice.text(facts.most)}, field="amount")
    if facts.amount > facts.most:
        message = _("Only %(balance)s is open on this invoice: the most you can take off is %(most)s.")
        words = {"balance": invoice.text(facts.balance), "most": invoice.text(facts.most)}
        return Blocker("more_than_open", message % words, field="amount")
    return None


def part_below_blocker(facts: ResolutionFacts) -> Blocker | None:
    """Payments are put back as they were split, so every load must bill what is said to be paid of it.

    All charges that wait go out with the step, those of other loads as well, and a cent of tax may move between loads.
    """
    if facts.below is None:
        return None
    message = _(
        "Only %(new)s would be billed of load %(load)s, but %(settled)s is said to be paid of it: split that anew."
    )
    words = {"load": facts.below.load, "new": facts.invoice.text(facts.below.new)}
    return Blocker("part_below_paid", message % {**words, "settled": facts.invoice.text(facts.below.settled)})


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


def button_blocker(facts: ResolutionFacts) -> Blocker | None:
    """May the step be taken at all, with the most that can be taken off, or with the charges that wait?"""
    first = resolve_short_payment_blocker(replace(facts, amount=facts.most), has_type=True)
    if first is None or not facts.invoice.total_changed:
        return first
    return resolve_short_payment_blocker(replace(facts, amount=Decimal(0)), has_type=False)


def zero_payment_blocker(balance: Decimal) -> Blocker | None:
    """A payment of zero says that nothing will come; while something is open, something may."""
    if balance == 0:
        return None
    message = _("A payment of zero is recorded only with all that is open taken off.")
    return Blocker("zero_while_open", message, field="zero_payment")


def posting_day_blocker(*, posted: date | None, chosen: date | None) -> Blocker | None:
    """Money is not moved on a day before it was there."""
    if posted is None or chosen is None or chosen >= posted:
        return None
    message = _("A payment on this invoice was posted on %(day)s; choose that day or a later one.")
    return Blocker("before_payment", message % {"day": day_words(posted)}, field="posting_date")


def changed_text() -> str:
    """What to say of an invoice that is not any more what a person confirmed."""
    return _("It changed after the batch was asked for; look at it again.")


def stale_amount_blocker(planned: Decimal | None, taken: Decimal) -> Blocker | None:
    """What a person confirmed for an invoice is what happens to it, or nothing."""
    return None if planned is None or planned == taken else Blocker("stale", changed_text())


def undo_resolution_blocker(*, undone: bool, newest: bool, has_accessorial: bool, changed: bool) -> Blocker | None:
    """Undone once, and only while nothing was built on it; `changed`: other charges wait to be regenerated."""
    if undone:
        return Blocker("already_undone", _("This was already undone."))
    if not has_accessorial:
        return Blocker("by_hand", _("The charges were changed by hand; change them back and regenerate the invoice."))
    if not newest:
        return Blocker("not_newest", _("The invoice has a newer revision; undo that first."))
    if changed:
        return Blocker("charges_changed", _("The charges were changed since; change them back first."))
    return None
