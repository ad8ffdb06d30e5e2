"""May it happen? Pure functions over facts; page, operation and API all ask these. The first blocker wins."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from receivables.billing.models import ChargeKind, Entity, TaxTreatment
from receivables.core.dates import day_words
from receivables.core.errors import Blocker, Check
from receivables.core.money import LIMIT, NumberFormat, format_money
from receivables.customers.behaviour import OVER


@dataclass(frozen=True)
class LivePayment:
    """A payment record on an invoice, of whatever amount."""

    number: str
    amount: Decimal
    url: str = ""


@dataclass(frozen=True)
class PartBelow:
    """A load of a summary invoice of which less would be billed (`new`) than settlements say is settled of it."""

    load: str
    settled: Decimal
    new: Decimal


@dataclass(frozen=True)
class InvoiceFacts:
    """Everything the rules about an invoice look at. `settled` is what is credited, given up or transferred (no
    payments); `new_total` what the charges add up to now; `details_changed` compares more than the totals.

    Of a summary invoice `part` is what the charges of the load in question add up to, `loads` how many it is over,
    and `below` a load of which more is credited than would be billed.
    """

    currency: str
    fmt: NumberFormat
    has_invoice: bool = True
    invoice_number: str = ""
    voided: bool = False
    payments: Sequence[LivePayment] = ()
    settled: Decimal = Decimal(0)
    settled_by: str = ""
    settled_url: str = ""
    current_total: Decimal = Decimal(0)
    new_total: Decimal = Decimal(0)
    details_changed: bool = False
    agreement_state: str = "active"
    has_charges: bool = True
    part: Decimal | None = None
    loads: int = 1
    below: PartBelow | None = None

    def text(self, amount: Decimal) -> str:
        return format_money(amount, self.currency, self.fmt, with_code=True)

    @property
    def total_changed(self) -> bool:
        return self.new_total != self.current_total

    @property
    def lowest(self) -> Decimal:
        """What must not be negative: the new total, and no load's part of it either."""
        return self.new_total if self.part is None else min(self.part, self.new_total)


def _draft_blocker(facts: InvoiceFacts) -> Blocker | None:
    return None if facts.has_invoice else Blocker("draft", _("Generate the invoice first."))


def _void_blocker(facts: InvoiceFacts) -> Blocker | None:
    if not facts.voided:
        return None
    return Blocker("void", _("Invoice %(number)s is void.") % {"number": facts.invoice_number})


def _payment_blocker(facts: InvoiceFacts) -> Blocker | None:
    """No payment record of any amount, $0 included, whatever the balance (source: the short-payment procedure)."""
    if not facts.payments:
        return None
    first = facts.payments[0]
    message = _("Delete payment %(number)s first: an invoice can't be regenerated while a payment exists on it.")
    return Blocker("payment_exists", message % {"number": first.number}, link=first.url)


def _total_blocker(facts: InvoiceFacts, before: Decimal | None = None) -> Blocker | None:
    """The new total is neither negative nor below what is already credited, given up or transferred. `before` is what
    the charges add up to without the reduction that is asked about; None where it is about what the invoice says."""
    if facts.lowest < 0:
        message = _("This would make the invoice negative (%(amount)s); issue a credit note instead.")
        return Blocker("negative_total", message % {"amount": facts.text(facts.lowest)}, field="amount")
    if facts.new_total < facts.settled:
        message = _("%(settled)s is already credited by %(by)s: the most you can take off is %(most)s.")
        most = (facts.current_total if before is None else before) - facts.settled
        return Blocker(
            "below_settled",
            message
            % {
                "settled": facts.text(facts.settled),
                "by": facts.settled_by or _("other documents"),
                "most": facts.text(max(most, Decimal(0))),
            },
            link=facts.settled_url,
            field="amount",
        )
    if facts.below is not None:
        return _part_below_blocker(facts, facts.below)
    return None


def _part_below_blocker(facts: InvoiceFacts, below: PartBelow) -> Blocker:
    message = _("%(settled)s is credited for load %(load)s, more than the %(new)s that would be billed of it.")
    words = {"load": below.load, "settled": facts.text(below.settled), "new": facts.text(below.new)}
    return Blocker("below_settled", message % words, link=facts.settled_url, field="amount")


def _unchanged_blocker(facts: InvoiceFacts) -> Blocker | None:
    if facts.total_changed:
        return None
    message = _("Nothing to regenerate: the charges still add up to %(total)s.")
    return Blocker("total_unchanged", message % {"total": facts.text(facts.current_total)})


def regenerate_checks(facts: InvoiceFacts) -> tuple[Check, ...]:
    """Both conditions of the Regenerate Invoice button, ticked or crossed, so that one sees which is missing."""
    if facts.total_changed:
        changed = _("The charges have changed (%(old)s → %(new)s).")
    else:
        changed = _("The charges are the same as on the invoice (%(old)s). Add or change a charge first.")
    totals = {"old": facts.text(facts.current_total), "new": facts.text(facts.new_total)}
    checks = [Check(facts.total_changed, changed % totals)]
    if not facts.payments:
        checks.append(Check(True, _("No payment is recorded on the invoice.")))
    for payment in facts.payments:
        text = _("A payment is recorded: %(number)s, %(amount)s. Delete it first; you can record it again afterwards.")
        said = text % {"number": payment.number, "amount": facts.text(payment.amount)}
        checks.append(Check(False, said, payment.url, _("Open the payment")))
    return tuple(checks)


def regenerate_invoice_blocker(facts: InvoiceFacts) -> Blocker | None:
    """Regenerate Invoice is active only without any payment on the invoice and with a changed total.

    Source: the published short-payment procedure; conditions 2 and 4 keep voids and credits honest.
    """
    first = (
        _draft_blocker(facts)
        or _void_blocker(facts)
        or _payment_blocker(facts)
        or _total_blocker(facts)
        or _unchanged_blocker(facts)
    )
    if first is None or first.code in ("draft", "void"):
        return first
    return Blocker(
        first.code, first.message, first.link, first.field,
        title=_("You can't regenerate this invoice yet."), checks=regenerate_checks(facts),
    )  # fmt: skip


def reissue_invoice_blocker(facts: InvoiceFacts) -> Blocker | None:
    """Reissuing is for changed details with an equal total: a new revision that only moves between accounts."""
    first = _draft_blocker(facts) or _void_blocker(facts) or _payment_blocker(facts)
    if first is not None:
        return first
    if facts.total_changed:
        return Blocker("total_changed", _("The total has changed; regenerate the invoice instead."))
    if not facts.details_changed:
        return Blocker("nothing_changed", _("Nothing has changed since the last revision."))
    return None


def generate_invoice_blocker(facts: InvoiceFacts) -> Blocker | None:
    """An invoice is generated once (again only after a void), from at least one charge, on a billed agreement."""
    if facts.has_invoice and not facts.voided:
        message = _("Invoice %(number)s was already generated; regenerate it instead.")
        return Blocker("already_invoiced", message % {"number": facts.invoice_number})
    if facts.agreement_state in OVER:
        return Blocker("agreement_closed", _("The service agreement is closed: start a new agreement to bill again."))
    if not facts.has_charges:
        return Blocker("no_charges", _("There is nothing to bill: enter a line haul or add an accessorial."))
    return _total_blocker(facts)


def void_invoice_blocker(facts: InvoiceFacts) -> Blocker | None:
    """Nothing live may stand on an invoice that is voided."""
    first = _draft_blocker(facts) or _void_blocker(facts)
    if first is not None:
        return first
    if facts.payments:
        message = _("Delete payment %(number)s first: an invoice can't be voided while a payment exists on it.")
        return Blocker("payment_exists", message % {"number": facts.payments[0].number}, link=facts.payments[0].url)
    if facts.settled > 0:
        message = _("%(settled)s is settled by %(by)s: reverse that first.")
        by = facts.settled_by or _("other documents")
        words = {"settled": facts.text(facts.settled), "by": by}
        return Blocker("settled", message % words, link=facts.settled_url)
    return None


def revision_day_blocker(*, number: int, posted: date, posting_date: date | None) -> Blocker | None:
    """A revision is never posted on a day before the one it changes: the books of that day would take back what they
    do not have yet."""
    if posting_date is None or posting_date >= posted:
        return None
    message = _("Revision %(n)s was posted on %(day)s; choose that day or a later one.")
    words = {"n": number, "day": day_words(posted)}
    return Blocker("before_revision", message % words, field="posting_date")


@dataclass(frozen=True)
class AccessorialFacts:
    """What the rules about an accessorial look at; `amount` as it would be saved, negative for a reduction."""

    type: Any
    entity: str
    amount: Decimal
    invoice: InvoiceFacts


def add_accessorial_blocker(facts: AccessorialFacts) -> Blocker | None:
    """A charge needs an active type that may be used for the entity, an amount, and a total that stays possible."""
    if facts.type is None or not facts.type.active:
        return Blocker("type_inactive", _("This accessorial type does not exist or is not active."), field="type")
    return change_accessorial_blocker(facts)


def change_accessorial_blocker(facts: AccessorialFacts) -> Blocker | None:
    """A charge that is on the load may change although its type was put out of use since."""
    chosen = facts.type
    if facts.entity not in chosen.entities:
        message = _("“%(type)s” can't be used for %(entity)s.")
        words = {"type": chosen.name, "entity": Entity(facts.entity).label if facts.entity in Entity else facts.entity}
        return Blocker("wrong_entity", message % words, field="entity")
    if facts.amount == 0:
        return Blocker("zero_amount", _("Enter an amount other than zero."), field="amount")
    if facts.amount < 0 and chosen.tax_treatment == TaxTreatment.ADDED:
        message = _("A reduction can't have tax added on top; its type must include the tax or have none.")
        return Blocker("reduction_adds_tax", message, field="amount")
    if facts.entity != Entity.CUSTOMER:
        return None
    if facts.amount < 0:
        return _reduction_blocker(facts)
    return _charges_blocker(facts.invoice, "amount")


def _reduction_blocker(facts: AccessorialFacts) -> Blocker | None:
    invoice = facts.invoice
    if invoice.lowest < 0:
        most = invoice.lowest - facts.amount
        message = _("This would make the invoice total negative (%(amount)s). The most you can take off is %(most)s.")
        words = {"amount": invoice.text(invoice.lowest), "most": invoice.text(max(most, Decimal(0)))}
        return Blocker("negative_total", message % words, field="amount")
    return _total_blocker(invoice, invoice.new_total - facts.amount)


def _charges_blocker(facts: InvoiceFacts, field: str) -> Blocker | None:
    """Charges never add up to less than nothing, nor to more than an invoice can hold."""
    if facts.lowest < 0:
        return Blocker("negative_total", _("The charges would add up to less than zero."), field=field)
    if facts.new_total >= LIMIT:  # the sum of amounts that are each possible
        return Blocker("too_big", _("The charges would add up to more than any invoice can hold."), field=field)
    return None


def edit_load_blocker(facts: InvoiceFacts) -> Blocker | None:
    """A load may change at any time: its invoice then shows that it is out of date, and after a void it can be billed
    anew."""
    return _charges_blocker(facts, "line_haul")


GIVEN_KINDS = frozenset({ChargeKind.BAD_DEBT, ChargeKind.PRICE_CONCESSION})


def needs_authority(kind: str, entity: str, amount: Decimal) -> bool:
    """Bad debt and price concessions given to a customer need the actor's authority for that kind."""
    return kind in GIVEN_KINDS and entity == Entity.CUSTOMER and amount < 0
