"""May loads be put on one invoice, leave it, be paid in part? Pure functions over facts."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.utils.translation import gettext as _

from receivables.billing.rules import InvoiceFacts, regenerate_invoice_blocker
from receivables.core.errors import Blocker
from receivables.customers.behaviour import OVER

MOST_LOADS = 500  # beyond that a document is no summary, and a page of it no page


@dataclass(frozen=True)
class Candidate:
    """A load that is to be put on a summary invoice; `invoice_number` of the live invoice it is on, if any."""

    number: str
    account_id: int
    agreement_id: int
    currency: str
    agreement_state: str = "active"
    invoice_number: str = ""
    has_charges: bool = True
    total: Decimal = Decimal(0)


def candidate_blocker(load: Candidate, first: Candidate) -> Blocker | None:
    """One load of several: not billed yet, with something to bill, and of the same account, agreement and currency."""
    words = {"load": load.number, "other": first.number, "invoice": load.invoice_number}
    if load.invoice_number:
        return Blocker("already_invoiced", _("Load %(load)s is already on invoice %(invoice)s.") % words)
    if load.agreement_state in OVER:
        message = _("The service agreement of load %(load)s is closed: start a new agreement to bill again.")
        return Blocker("agreement_closed", message % words)
    if not load.has_charges:
        return Blocker("no_charges", _("Load %(load)s has nothing to bill.") % words)
    if load.total < 0:
        return Blocker("negative_total", _("The charges of load %(load)s add up to less than zero.") % words)
    if load.account_id != first.account_id:
        return Blocker("other_account", _("Loads %(load)s and %(other)s belong to different accounts.") % words)
    if load.agreement_id != first.agreement_id:
        message = _("Loads %(load)s and %(other)s belong to different service agreements.")
        return Blocker("other_agreement", message % words)
    if load.currency != first.currency:
        return Blocker("other_currency", _("Loads %(load)s and %(other)s are in different currencies.") % words)
    return None


def generate_summary_invoice_blocker(loads: Sequence[Candidate]) -> Blocker | None:
    """At least one load (a schedule may find but one), each fit to stand beside the first."""
    if not loads:
        return Blocker("no_loads", _("Choose the loads to put on the invoice."))
    if len(loads) > MOST_LOADS:
        words = {"n": MOST_LOADS}
        return Blocker("too_many", _("One invoice holds up to %(n)s loads; make several.") % words)
    return next((found for found in (candidate_blocker(load, loads[0]) for load in loads) if found), None)


def change_summary_loads_blocker(
    facts: InvoiceFacts, *, summary: bool, first: Candidate, joining: Sequence[Candidate], leaving: int, left: int,
    stranger: str = "",
) -> Blocker | None:  # fmt: skip
    """Loads join and leave a summary invoice only by regenerating it, under the same rule as any other change.

    `leaving` of them go, `left` stay or come. That the total stays equal holds nothing back here: the lines change.
    `stranger` is to leave although it is not on the invoice.
    """
    first_of_all = regenerate_invoice_blocker(facts)
    if first_of_all is not None and first_of_all.code != "total_unchanged":
        return first_of_all
    if not summary:
        message = _("Invoice %(number)s is over one load; only a summary invoice takes more.")
        return Blocker("no_summary", message % {"number": facts.invoice_number})
    if stranger:
        message = _("Load %(load)s is not on this invoice.")
        return Blocker("not_on_invoice", message % {"load": stranger}, field="leave")
    if not joining and not leaving:
        return Blocker("nothing_chosen", _("Choose at least one load that joins or leaves."))
    if left == 0:
        return Blocker("none_left", _("At least one load stays on the invoice; void the invoice to take back all."))
    if left > MOST_LOADS:
        return Blocker("too_many", _("One invoice holds up to %(n)s loads; make several.") % {"n": MOST_LOADS})
    return next((found for found in (candidate_blocker(load, first) for load in joining) if found), None)


@dataclass(frozen=True)
class ShareFacts:
    """One load's share of a settlement: what is wanted, and what of the load is open beside this settlement."""

    load: str
    wanted: Decimal
    open: Decimal
    on_invoice: bool = True


def split_by_load_blocker(
    shares: Sequence[ShareFacts], *, summary: bool, applied: Decimal, say: Callable[[Decimal], str] = str
) -> Blocker | None:
    """The shares of a settlement lie within it, each within what is open on its load; the rest is for no load yet.

    `say` writes an amount in the invoice's currency.
    """
    if shares and not summary:
        return Blocker("no_summary", _("Only what is paid on a summary invoice is split by load."))
    for share in shares:
        words = {"load": share.load, "wanted": say(share.wanted), "open": say(share.open)}
        if not share.on_invoice:
            return Blocker("not_on_invoice", _("Load %(load)s is not on this invoice.") % words, field="split")
        if share.wanted < 0:
            return Blocker("negative", _("The share of load %(load)s can't be negative.") % words, field="split")
        if share.wanted > share.open:
            message = _("The share of load %(load)s (%(wanted)s) is more than what is open on it (%(open)s).")
            return Blocker("more_than_open", message % words, field="split")
    total = sum((share.wanted for share in shares), Decimal(0))
    if total > applied:
        message = _("The shares add up to %(total)s, more than the %(applied)s that is applied.")
        return Blocker("more_than_applied", message % {"total": say(total), "applied": say(applied)}, field="split")
    return None
