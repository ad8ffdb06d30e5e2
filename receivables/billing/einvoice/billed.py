"""What a revision bills, and what the next document of an invoice would say.

Bad debt makes no tax document: it is left out of every revision, so revisions that differ by nothing else bill the
same.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from receivables.billing.einvoice.categories import (
    REASON_CODES,
    REASONS,
    WITHOUT_REASON,
    TaxCategory,
    category_of,
)
from receivables.billing.einvoice.document import CREDIT_NOTE, DEBIT_NOTE, INVOICE, ZERO, Item, Tax, words
from receivables.billing.einvoice.models import EInvoice
from receivables.billing.models import ChargeKind, Invoice, RateType, Revision, RevisionLine

UNITS = {RateType.TIME: "HUR"}  # UN/ECE rec. 20; what weights, distances and volumes are measured in isn't recorded


@dataclass(frozen=True)
class BilledLine:
    """A line of a revision without what it was booked to. `key` tells which line of another revision is the same."""

    key: tuple[Any, ...]
    description: str
    net: Decimal
    amount: Decimal
    tax_code: Any
    load: str
    quantity: Decimal | None = None
    price: Decimal | None = None
    unit: str = "C62"

    @property
    def said(self) -> tuple[Any, ...]:
        """What the customer reads: two revisions that say the same bill the same."""
        return (self.key, self.description, self.net, self.amount)


def billed_lines(revisions: Sequence[Revision]) -> dict[int, list[BilledLine]]:
    """The lines of each revision without bad debt, by the revision's number."""
    rows = (
        RevisionLine.objects.filter(revision__in=revisions)
        .exclude(kind=ChargeKind.BAD_DEBT)
        .select_related("tax_code", "load", "accessorial__type", "revision")
        .order_by("revision__number", "line_no")
    )
    found: dict[int, list[BilledLine]] = {revision.number: [] for revision in revisions}
    for row in rows:
        lines = found[row.revision.number]
        key = (row.load_id, row.accessorial_id, row.tax_code_id)
        lines.append(_billed(row, (*key, sum(1 for each in lines if each.key[:3] == key))))
    return found


def _billed(row: RevisionLine, key: tuple[Any, ...]) -> BilledLine:
    """Quantity and rate are said only where they make the net; an amount with tax inside is one of itself."""
    line = BilledLine(key, row.description, row.net, row.tax, row.tax_code, row.load.number if row.load else "")
    counted = row.quantity is not None and row.rate is not None and row.quantity * row.rate == row.net
    if not counted or row.quantity is None or row.rate is None or row.rate < 0:
        return line
    unit = UNITS.get(RateType(row.accessorial.type.rate_type), "C62") if row.accessorial else "C62"
    return BilledLine(key, line.description, row.net, row.tax, row.tax_code, line.load, row.quantity, row.rate, unit)


def difference(new: Iterable[BilledLine], old: Iterable[BilledLine]) -> list[BilledLine]:
    """What the new lines bill beyond the old: a change of words alone is none."""
    before = {line.key: line for line in old}
    after = {line.key: line for line in new}
    changed = []
    for key in dict.fromkeys([*before, *after]):
        was, now = before.get(key), after.get(key)
        shown = now or was
        assert shown is not None
        net = (now.net if now else ZERO) - (was.net if was else ZERO)
        amount = (now.amount if now else ZERO) - (was.amount if was else ZERO)
        if net or amount:
            changed.append(BilledLine(key, shown.description, net, amount, shown.tax_code, shown.load))
    return changed


def total_of(lines: Iterable[BilledLine]) -> Decimal:
    return sum((line.net + line.amount for line in lines), ZERO)


@dataclass(frozen=True)
class Next:
    """The document that an invoice would be exported as now. `lines` are signed as the customer owes them; none means
    there is nothing (more) to export. `first` is the invoice's own document, if it was exported; `codes` are the tax
    codes that the invoice has or had on its lines, None for lines without one."""

    invoice: Invoice
    revision: Revision
    lines: list[BilledLine]
    exported: list[EInvoice]
    codes: frozenset[Any]

    @property
    def first(self) -> EInvoice | None:
        return self.exported[0] if self.exported else None

    @property
    def total(self) -> Decimal:
        return total_of(self.lines)

    @property
    def type(self) -> str:
        if self.first is None:
            return INVOICE
        return DEBIT_NOTE if self.total > 0 else CREDIT_NOTE

    @property
    def sign(self) -> int:
        """A credit note says positive amounts of what is owed less."""
        return -1 if self.type == CREDIT_NOTE else 1


def next_document(invoice: Invoice) -> Next:
    """Read what would be exported: first the oldest revision that bills what the newest bills, then differences."""
    exported = list(EInvoice.objects.filter(invoice=invoice).defer("content").select_related("revision").order_by("pk"))
    revisions = sorted(invoice.revisions.all(), key=lambda each: -each.number)
    lines = billed_lines(revisions)
    current = revisions[0]
    if exported:
        said = next(each for each in revisions if each.pk == exported[-1].revision_id)
        now, before = lines[current.number], lines[said.number]
        return Next(invoice, current, difference(now, before), exported, _codes([*now, *before]))
    for older in revisions[1:]:
        if [line.said for line in lines[older.number]] != [line.said for line in lines[current.number]]:
            break
        current = older
    return Next(invoice, current, lines[current.number], exported, _codes(lines[current.number]))


def einvoice_saying(invoice: Invoice, revision: Revision) -> EInvoice | None:
    """The newest e-invoice of an invoice if it says what this revision bills; None if it was never exported, or was
    changed since."""
    exported = EInvoice.objects.filter(invoice=invoice, revision__number__lte=revision.number)
    newest = exported.select_related("revision").order_by("-pk").first()
    if newest is None or newest.revision is None or newest.revision == revision:
        return newest
    lines = billed_lines([newest.revision, revision])
    changed = difference(lines[revision.number], lines[newest.revision.number])
    return None if changed else newest


def _codes(lines: Iterable[BilledLine]) -> frozenset[Any]:
    return frozenset(line.tax_code for line in lines)


def items_of(coming: Next, organization: Any) -> list[Item]:
    """The lines in the direction of the document, with their taxes; loads are named where there is more than one."""
    many = coming.invoice.summary or len({line.load for line in coming.lines}) > 1
    taxes = taxes_of(coming.lines, organization, coming.codes)
    return [
        Item(
            words(line.description), coming.sign * line.net, coming.sign * line.amount, tax,
            note=words(line.load) if many else "", quantity=line.quantity or Decimal(1), price=line.price,
            unit=line.unit,
        )
        for line, tax in zip(coming.lines, taxes, strict=True)
    ]  # fmt: skip


def taxes_of(lines: Sequence[Any], organization: Any, billed: Iterable[Any]) -> list[Tax]:
    """The tax of each line by its tax code. What is not subject to tax can't stand beside what is (BR-O-11): there it
    is exempt.

    `billed` are the tax codes of all lines of the invoices: what corrects them keeps the categories that they had, also
    where it is about an untaxed line beside taxed ones alone.
    """
    taxes = [_tax_of(line.tax_code, organization) for line in lines]
    categories = {tax.category for tax in (*taxes, *(_tax_of(code, organization) for code in billed))}
    return taxes if len(categories) == 1 else [_exempt_if_outside(tax) for tax in taxes]


def _exempt_if_outside(tax: Tax) -> Tax:
    return Tax(TaxCategory.EXEMPT, reason=tax.reason) if tax.category == TaxCategory.OUTSIDE else tax


def _tax_of(code: Any, organization: Any) -> Tax:
    if code is None:
        category, rate, reason = organization.untaxed_category, ZERO, organization.untaxed_reason
        reason = reason or REASONS[TaxCategory.OUTSIDE]
    else:
        category, rate, reason = category_of(code.category, code.rate), code.rate, code.exemption_reason
    if category in WITHOUT_REASON:
        return Tax(category, rate)
    return Tax(category, rate, reason or REASONS.get(TaxCategory(category), ""), REASON_CODES.get(category, ""))
