"""How an invoice and its load read: derived from facts, never stored (I4)."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext_lazy as _

from receivables.billing.transferred import MOVED, MOVED_SETTLED, OWED, RECOVERED


@dataclass(frozen=True)
class Status:
    """A status with its stable code, its words and its tone."""

    code: str
    label: Any
    tone: str


VOID = Status("void", _("Void"), "neutral")
WRITTEN_OFF = Status("settled_written_off", _("Settled – written off"), "written-off")
# By what became of the debt that was transferred off an invoice.
TRANSFERRED = {
    OWED: Status("written_off_owed", _("Written off – still owed"), "written-off"),
    RECOVERED: Status("written_off_recovered", _("Written off – recovered"), "success"),
    MOVED: Status("moved_owed", _("Moved – still owed"), "warning"),
    MOVED_SETTLED: Status("moved_settled", _("Moved – settled"), "success"),
}
# A load of a summary invoice of which all that was open was moved: which part that was is not known.
MOVED_ALONG = Status("moved", _("Moved to another agreement"), "info")
PAID = Status("paid", _("Paid"), "success")
SETTLED = Status("settled", _("Settled"), "success")
OVERDUE = Status("overdue", _("Overdue"), "danger")
PART_PAID = Status("part_paid", _("Part paid"), "warning")
OPEN = Status("open", _("Open"), "info")

DRAFT = Status("draft", _("Draft"), "neutral")
QUEUED = Status("queued", _("Queued"), "warning")
INVOICED = Status("invoiced", _("Invoiced"), "info")
COMPLETED = Status("completed", _("Completed"), "success")
TONU = Status("tonu", _("TONU"), "neutral")


def invoice_status(
    *, total: Decimal, balance: Decimal, paid: Decimal, bad_debt: Decimal, voided: bool, due_date: date, today: date,
    transfer: str = "",
) -> Status:  # fmt: skip
    """A written-off invoice never reads Paid, a price concession does (the kind says which, never the account).

    `transfer` says what became of what was transferred: to write-off agreements it is still owed there, or was
    recovered; debt that was only moved to an ordinary agreement does not read as written off.
    """
    if voided:
        return VOID
    if balance == 0:
        if transfer:
            return TRANSFERRED[transfer]
        if bad_debt > 0:
            return WRITTEN_OFF
        return PAID if paid > 0 or total > 0 else SETTLED
    if due_date < today:
        return OVERDUE
    return PART_PAID if balance < total else OPEN


def load_status(*, has_invoice: bool, sent: bool, settled: bool, tonu: bool) -> Status:
    """Draft → Queued → Invoiced → Completed; TONU is billed although cancelled before pickup."""
    if not has_invoice:
        return TONU if tonu else DRAFT
    if settled:
        return COMPLETED
    if tonu:
        return TONU
    return INVOICED if sent else QUEUED
