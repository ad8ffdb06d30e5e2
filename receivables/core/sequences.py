"""Gap-free document numbers: taken last, all kinds of an operation in one statement, used in its transaction."""

import re
from typing import Any

from receivables.core.models import Sequence
from receivables.core.statements import run

# Documents that carry a number, with the prefix and digits of a fresh organization.
KINDS = {
    "account": ("ACC-", 5),
    "agreement": ("SA-", 6),
    "bounce_fee": ("FEE-", 6),
    "credit_note": ("CN-", 6),
    "customer": ("CUS-", 5),
    "debt_transfer": ("DT-", 6),
    "einvoice_correction": ("COR-", 6),
    "invoice": ("INV-", 6),
    "ledger_export": ("EXP-", 6),
    "load": ("L-", 6),
    "payment": ("PMT-", 6),
    "recovery": ("RCV-", 6),
    "refund": ("RF-", 6),
    "tax_relief": ("TR-", 6),
    "write_off": ("WO-", 6),
}


def take_numbers(organization_id: int, wanted: dict[str, int]) -> dict[str, list[tuple[int, str]]]:
    """Take the next numbers of each kind: `{"invoice": [(17, "INV-000017")]}`.

    Locks the sequences in order of kind, so call it once per outermost operation, after every other lock.
    A number taken and not used makes the commit fail (RV002).
    """
    kinds = sorted(kind for kind, count in wanted.items() if count > 0)
    if not kinds:
        return {}
    rows, _count = run(
        "SELECT kind, first, prefix, width FROM take_numbers(%s, %s, %s)",
        [organization_id, kinds, [wanted[kind] for kind in kinds]],
    )
    return {
        kind: [(number, f"{prefix}{number:0{width}d}") for number in range(first, first + wanted[kind])]
        for kind, first, prefix, width in rows
    }


def sequences_of(actor: Any, *kinds: str) -> dict[str, Sequence]:
    """The organization's own numbering, by kind."""
    return {each.kind: each for each in Sequence.objects.of(actor).filter(kind__in=kinds)}


def is_to_come(own: Sequence | None, number: str) -> bool:
    """Whether our own numbering would reach a number one day and then find it taken: it may leave no gap, so nothing of
    the kind could be made any more."""
    if own is None or not number.upper().startswith(own.prefix.upper()):
        return False
    rest = number[len(own.prefix) :]
    if not re.fullmatch("[0-9]{1,12}", rest):
        return False
    return int(rest) > own.last and rest == f"{int(rest):0{own.width}d}"
