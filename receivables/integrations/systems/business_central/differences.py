"""What still has to be posted so that all that is posted of a document comes to what it should be. Pure.

`posted` is what Business Central has of one of our documents: invoices and credit memos, each with its lines as they
count there (a credit memo's are negative). Lines are summed by what they stand on and their tax.
"""

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from receivables.integrations.systems.base import Snapshot

ZERO = Decimal(0)
Line = dict[str, Any]
Sums = dict[tuple[str, str], tuple[Decimal, Decimal]]


def wanted_lines(wanted: Snapshot, sign: int) -> list[Line]:
    """The lines of an invoice (sign 1) or credit memo (sign -1) as they count; none of a void one."""
    if wanted["void"]:
        return []
    return [
        {
            "key": line["item"] if "item" in line else f"item:{line['account']}", "tax_code": line["tax_code"],
            "text": line["text"], "net": f"{sign * Decimal(line['net']):f}", "tax": f"{sign * Decimal(line['tax']):f}",
            **{name: line[name] for name in ("quantity", "rate") if name in line and sign > 0},
        }
        for line in wanted["lines"]
    ]  # fmt: skip


def sums(lines: Iterable[Line]) -> Sums:
    found: Sums = {}
    for line in lines:
        net, tax = found.get((line["key"], line["tax_code"]), (ZERO, ZERO))
        found[line["key"], line["tax_code"]] = (net + Decimal(line["net"]), tax + Decimal(line["tax"]))
    return found


def total(lines: Iterable[Line]) -> Decimal:
    return sum((Decimal(line["net"]) + Decimal(line["tax"]) for line in lines), ZERO)


def missing(lines: list[Line], posted: list[dict[str, Any]], words: str) -> list[Line]:
    """The lines that are not posted yet; as they are where nothing is posted, else their differences."""
    if not posted:
        return [line for line in lines if Decimal(line["net"]) or Decimal(line["tax"])]
    want, was = sums(lines), sums(line for document in posted for line in document["Lines"])
    texts = {(line["key"], line["tax_code"]): line["text"] for line in lines}
    found = []
    for key in [*want, *(key for key in was if key not in want)]:
        net, tax = (a - b for a, b in zip(want.get(key, (ZERO, ZERO)), was.get(key, (ZERO, ZERO)), strict=True))
        if net or tax:
            found.append(_line(key, texts.get(key, words), net, tax))
    return found


def _line(key: tuple[str, str], words: str, net: Decimal, tax: Decimal) -> Line:
    return {"key": key[0], "tax_code": key[1], "text": words, "net": f"{net:f}", "tax": f"{tax:f}"}


def still_applied(wanted: Snapshot, posted: list[dict[str, Any]]) -> dict[str, Decimal]:
    """What of a credit has to be applied yet, by invoice."""
    found = {each["invoice"]: Decimal(each["amount"]) for each in wanted["applied"]} if not wanted["void"] else {}
    for document in posted:
        if document["Invoice"]:
            found[document["Invoice"]] = found.get(document["Invoice"], ZERO) + Decimal(document["Total"])
    return found


def split(lines: list[Line], shares: dict[str, Decimal]) -> list[tuple[str, list[Line]]]:
    """Credits (negative lines) over the invoices that they are applied to, in order; what is left is applied to none.

    A credit memo there is applied to one invoice. A line that lies on two is divided; its tax follows its net.
    """
    found: list[tuple[str, list[Line]]] = []
    rest = list(lines)
    for invoice, share in shares.items():
        taken: list[Line] = []
        while rest and share > 0:
            line, owed = rest[0], -total(rest[:1])
            if owed <= share:
                taken.append(rest.pop(0))
                share -= owed
                continue
            part = _part(line, share, owed)
            taken.append(part)
            rest[0] = _less(line, part)
            share = ZERO
        if taken:
            found.append((invoice, taken))
    if rest:
        found.append(("", rest))
    return found


def _part(line: Line, share: Decimal, owed: Decimal) -> Line:
    """So much of a line, tax included."""
    tax = (Decimal(line["tax"]) * share / owed).quantize(share + owed)  # as many decimals as the amounts have
    return {**line, "tax": f"{tax:f}", "net": f"{-share - tax:f}"}


def _less(line: Line, part: Line) -> Line:
    return {**line, **{name: f"{Decimal(line[name]) - Decimal(part[name]):f}" for name in ("net", "tax")}}
