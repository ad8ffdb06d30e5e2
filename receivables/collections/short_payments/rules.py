"""Which short payments a batch resolves, passes over or sends for approval; pure functions over facts.

What a single resolution refuses, a batch passes over for the same reason: the rule of the one step is asked first.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.utils.translation import gettext as _

from receivables.billing.models import Load
from receivables.billing.rules import revision_day_blocker
from receivables.collections.resolution_rules import (
    ResolutionFacts,
    posting_day_blocker,
    resolve_short_payment_blocker,
)
from receivables.core.errors import Blocker

MOST = 10_000  # invoices of one batch: what a person can still answer for, and a job ends within minutes


@dataclass(frozen=True)
class Limits:
    """What a person wants of every invoice of a batch. A limit of None is no limit; the amount is in `currency`."""

    currency: str
    amount: Decimal | None = None
    percent: Decimal | None = None
    posting_date: date | None = None


@dataclass(frozen=True)
class ItemFacts:
    """What the rule looks at: the facts of the one step, and what only a batch must know."""

    resolution: ResolutionFacts
    loads: Sequence[Load]
    payments: int
    revision: int = 1
    revision_posted: date | None = None
    paid_posted: date | None = None


def load_that_is_short(number: str, loads: Sequence[Load]) -> tuple[Load | None, Blocker | None]:
    """The one load on which an invoice is short, or why nobody can tell.

    Source: a short payment of a summary invoice is put on the load it belongs to, and which one that is a person or
    the remittance says.
    """
    if len(loads) == 1:
        return loads[0], None
    if not loads:
        message = _("Invoice %(number)s was brought in without a load: there is no charge to take the amount off.")
        return None, Blocker("no_load", message % {"number": number})
    message = _("Invoice %(number)s covers %(n)s loads: somebody must say on which of them it is short.")
    return None, Blocker("which_load", message % {"number": number, "n": len(loads)})


def batch_item_blocker(facts: ItemFacts, limits: Limits) -> Blocker | None:
    """Why a batch passes an invoice over; the first reason wins."""
    invoice = facts.resolution.invoice
    if invoice.voided:
        return resolve_short_payment_blocker(facts.resolution, has_type=True)
    if invoice.currency != limits.currency:
        message = _("It is in %(theirs)s; this batch is in %(ours)s.")
        return Blocker("other_currency", message % {"theirs": invoice.currency, "ours": limits.currency})
    return (
        load_that_is_short(invoice.invoice_number, facts.loads)[1]
        or _payment_blocker(facts)
        or _out_of_date_blocker(facts)
        or resolve_short_payment_blocker(facts.resolution, has_type=True)
        or _limits_blocker(facts, limits)
        or posting_day_blocker(posted=facts.paid_posted, chosen=limits.posting_date)
        or _revision_blocker(facts, limits)
    )


def _payment_blocker(facts: ItemFacts) -> Blocker | None:
    if facts.payments:
        return None
    return Blocker("no_payment", _("No payment stands on it any more: it is unpaid, not short."))


def _out_of_date_blocker(facts: ItemFacts) -> Blocker | None:
    """Charges that wait would go out with the reduction, unseen; a person decides about them invoice by invoice."""
    invoice = facts.resolution.invoice
    if not invoice.total_changed:
        return None
    message = _("It is out of date: it says %(old)s, the charges add up to %(new)s. Resolve it on its own.")
    words = {"old": invoice.text(invoice.current_total), "new": invoice.text(invoice.new_total)}
    return Blocker("out_of_date", message % words)


def _limits_blocker(facts: ItemFacts, limits: Limits) -> Blocker | None:
    resolution, invoice = facts.resolution, facts.resolution.invoice
    words = {"short": invoice.text(resolution.amount)}
    if limits.amount is not None and resolution.amount > limits.amount:
        message = _("It is short by %(short)s, more than the %(most)s of this batch.")
        return Blocker("above_amount", message % {**words, "most": invoice.text(limits.amount)})
    if limits.percent is not None and resolution.amount * 100 > limits.percent * invoice.current_total:
        message = _("It is short by %(short)s, more than %(most)s %% of %(total)s.")
        total, most = invoice.text(invoice.current_total), f"{limits.percent.normalize():f}"
        return Blocker("above_percent", message % {**words, "most": most, "total": total})
    return None


def _revision_blocker(facts: ItemFacts, limits: Limits) -> Blocker | None:
    if facts.revision_posted is None:
        return None
    return revision_day_blocker(number=facts.revision, posted=facts.revision_posted, posting_date=limits.posting_date)


def resolve_short_payments_blocker(
    *, chosen: int, type_blocker: Blocker | None, day_blocker: Blocker | None, changes: int | None = None
) -> Blocker | None:
    """A batch needs rows, not too many of them, a type in use, an open month, and something to change."""
    if not chosen:
        return Blocker("nothing_selected", _("Select the invoices to be resolved in the list of short payments first."))
    if chosen > MOST:
        message = _("At most %(most)s invoices are resolved at once: filter the list so that fewer remain.")
        return Blocker("too_many", message % {"most": f"{MOST:,}"})
    if type_blocker is not None:
        return type_blocker
    if day_blocker is not None:
        return day_blocker
    if changes == 0:
        return Blocker(
            "nothing_to_change", _("Nothing would change: every invoice is passed over, for the reasons below.")
        )
    return None


def retry_batch_blocker(*, running: bool, left: int) -> Blocker | None:
    """What failed, or what a stop left over, is tried again while nothing runs."""
    if running:
        return Blocker("batch_running", _("The batch is still at work. Wait for its end, or stop it first."))
    if not left:
        return Blocker("nothing_left", _("Nothing failed and nothing was left over."))
    return None


def undo_batch_blocker(*, running: bool, undoable: int) -> Blocker | None:
    """A batch is undone as a whole, as far as its invoices still allow it, while nothing runs."""
    if running:
        return Blocker("batch_running", _("The batch is still at work. Wait for its end, or stop it first."))
    if not undoable:
        return Blocker("nothing_to_undo", _("No invoice of this batch can be undone any more."))
    return None
