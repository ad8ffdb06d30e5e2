"""Files of exchange rates as quotes: a table of rates, or what the European Central Bank publishes, as CSV or XML.

What cannot be understood is listed row by row; a file that is none, or too large, is refused whole.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal, localcontext
from typing import Any, NamedTuple

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from lxml import etree

from receivables.core.money import FORMATS, NumberFormat, currencies, parse_number, quantize
from receivables.core.uploads import Cell, Table, refused
from receivables.core.workbooks import open_table
from receivables.ledger.rates.models import ExchangeRate
from receivables.ledger.rates.operations import Quote
from receivables.ledger.rates.rules import PLACES, not_usable_blocker

UPLOAD_BYTES = 4 * 1024 * 1024
MOST_RATES = 10_000
MOST_PROBLEMS = 200
EARLIEST = date(1990, 1, 1)
BANK = "EUR"  # what the European Central Bank quotes everything against
# As the bank writes them, whatever the language of the page.
MONTHS = [
    "january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november",
    "december",
]  # fmt: skip
HEADINGS = {
    "currency": ("currency", "currencycode", "code", "ccy", "iso", "from"),
    "date": ("date", "day", "validfrom", "from_date", "asof", "effectivedate"),
    "rate": ("rate", "exchangerate", "value", "mid", "quote"),
}


class Problem(NamedTuple):
    """A row, or a day and currency, of which no rate was read, and why."""

    place: str
    value: str
    reason: str


@dataclass(frozen=True)
class Choices:
    """How a file is read: what its numbers mean and look like, and what of it is wanted (`only` empty: all)."""

    own: str
    fmt: NumberFormat
    inverse: bool = False
    only: frozenset[str] = frozenset()
    since: date | None = None
    until: date = date.max


@dataclass
class Read:
    """What a file says. `left_out` counts what was not wanted, `more` the problems beyond those listed."""

    source: str
    quotes: list[Quote] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    left_out: int = 0
    more: int = 0

    def wrong(self, place: str, value: Any, reason: str) -> None:
        if len(self.problems) < MOST_PROBLEMS:
            self.problems.append(Problem(place, str(value)[:60], reason))
        else:
            self.more += 1

    def add(self, quote: Quote, choices: Choices, place: str) -> None:
        """Keep a quote if it is wanted and usable."""
        if (choices.only and quote.currency not in choices.only) or quote.date < (choices.since or EARLIEST):
            self.left_out += 1
        elif quote.date > choices.until:
            self.wrong(place, quote.date.isoformat(), _("This day is too far ahead."))
        elif blocker := not_usable_blocker(quote.quoted, inverse=quote.inverse):
            self.wrong(place, quote.quoted, str(blocker.message))
        elif len(self.quotes) >= MOST_RATES:
            raise refused(
                _("The file has more than %(n)s rates. Take only the days that you need.") % {"n": MOST_RATES}
            )
        else:
            self.quotes.append(quote)


def read_rates(content: bytes, choices: Choices) -> Read:
    """The rates in an uploaded file, whatever its name says it is. Raises `Refused` for what is no file of rates."""
    if len(content) > UPLOAD_BYTES:
        raise refused(_("The file is larger than %(n)s MB.") % {"n": UPLOAD_BYTES // (1024 * 1024)})
    if content.removeprefix(b"\xef\xbb\xbf").lstrip()[:1] == b"<":
        return _of_the_bank(_days_of_xml(content), choices)
    table = open_table(content, UPLOAD_BYTES)
    if _is_matrix(table):
        return _of_the_bank(_days_of_table(table), choices)
    return _of_table(table, choices)


# A table with a row for each rate ------------------------------------------------------------------------------------


def _plain(heading: str) -> str:
    return re.sub("[^a-z_]", "", heading.lower())


def _of_table(table: Table, choices: Choices) -> Read:
    names = [_plain(heading) for heading in table.headings]
    places = {
        wanted: next(names.index(name) for name in guesses if name in names)
        for wanted, guesses in HEADINGS.items()
        if any(name in names for name in guesses)
    }
    if len(places) < len(HEADINGS):
        raise refused(_("The file needs the columns Currency, Date and Rate, or the form that the ECB publishes."))
    read = Read(ExchangeRate.Source.FILE)
    for number, cells in table.rows():
        place = _("Row %(n)s") % {"n": number}
        found = {name: cells[index] if index < len(cells) else "" for name, index in places.items()}
        quote = _quote(found, choices, read, place)
        if quote is not None:
            read.add(quote, choices, place)
    return read


def _quote(cells: dict[str, Cell], choices: Choices, read: Read, place: str) -> Quote | None:
    """The rate of a row; None if something is wrong with it, which then is listed."""
    code = str(cells["currency"]).strip().upper()
    if code not in currencies():
        read.wrong(place, cells["currency"], _("This is no currency code like EUR."))
    elif code == choices.own:
        read.wrong(place, code, _("This is the organization's own currency; its rate is always 1."))
    elif (day := read_day(cells["date"])) is None:
        read.wrong(place, cells["date"], _("This is no date that can be read; write it like 2026-11-03."))
    elif isinstance(rate := _number(cells["rate"], choices.fmt), str):
        read.wrong(place, cells["rate"], rate)
    else:
        return Quote(code, day, rate, choices.inverse)
    return None


def _number(cell: Cell, fmt: NumberFormat) -> Decimal | str:
    """The number in a cell, or what is wrong with it. A workbook's own numbers are rounded to a rate's decimals."""
    if isinstance(cell, Decimal):
        return quantize(cell, PLACES)
    try:
        return parse_number(str(cell), fmt, PLACES)
    except ValidationError as wrong:
        return " ".join(wrong.messages)


def read_day(cell: Cell) -> date | None:
    """A day as 2026-11-03, as 03.11.2026, as 3 November 2026, or a date of a workbook; None for all else."""
    if isinstance(cell, date):
        return cell
    text = str(cell).strip()
    if match := re.fullmatch(r"(\d{4})-(\d{2})-(\d{2})", text, re.ASCII):
        parts = match.groups()
    elif match := re.fullmatch(r"(\d{1,2})\.(\d{1,2})\.(\d{4})", text, re.ASCII):
        parts = match.groups()[::-1]
    elif (match := re.fullmatch(r"(\d{1,2}) ([A-Za-z]+) (\d{4})", text, re.ASCII)) and match[2].lower() in MONTHS:
        parts = (match[3], str(MONTHS.index(match[2].lower()) + 1), match[1])
    else:
        return None
    try:
        return date(*(int(part) for part in parts))
    except ValueError:
        return None


# What the European Central Bank publishes ----------------------------------------------------------------------------


class Day(NamedTuple):
    """What one euro was worth on a day, by currency, as it is written; `day` is None if it could not be read."""

    day: date | None
    written: str
    rates: Sequence[tuple[str, Cell]]


def _is_matrix(table: Table) -> bool:
    """A column for each currency, as in eurofxref.csv and eurofxref-hist.csv."""
    codes = [heading for heading in table.headings[1:] if heading in currencies()]
    return _plain(table.headings[0]) == "date" and len(codes) >= max(1, len(table.headings) - 2)


def _days_of_table(table: Table) -> Iterator[Day]:
    for _number_of_row, cells in table.rows():
        rates = [
            (name, cell) for name, cell in zip(table.headings[1:], cells[1:], strict=False) if name in currencies()
        ]
        yield Day(read_day(cells[0]), str(cells[0]), rates)


def _days_of_xml(content: bytes) -> Iterator[Day]:
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, dtd_validation=False, huge_tree=False
    )
    try:
        root = etree.fromstring(content, parser)
    except etree.XMLSyntaxError as error:
        raise refused(_("The file is damaged XML: line %(line)s.") % {"line": error.lineno or 1}) from error
    if root.getroottree().docinfo.doctype:
        raise refused(_("The file holds a document type declaration, which no central bank writes."))
    days = [cube for cube in root.iter("{*}Cube") if cube.get("time")]
    if not days:
        raise refused(_("This is no file of exchange rates of the European Central Bank."))
    for cube in days:
        rates = [(each.get("currency") or "", each.get("rate") or "") for each in cube.iterchildren("{*}Cube")]
        yield Day(read_day(cube.get("time") or ""), cube.get("time") or "", rates)


def _of_the_bank(days: Iterator[Day], choices: Choices) -> Read:
    """Quotes against the euro, turned into quotes of the organization's own currency."""
    read = Read(ExchangeRate.Source.ECB)
    for each in days:
        if each.day is None:
            read.wrong(each.written, each.written, _("This is no date that can be read; write it like 2026-11-03."))
            continue
        per_euro = _readable(each, read)
        own = per_euro.get(choices.own)
        if own is None:
            read.wrong(each.written, choices.own, _("The bank gives no rate of the organization's own currency."))
            continue
        for code, rate in per_euro.items():
            if code != choices.own:
                read.add(_crossed(code, each.day, rate, own, choices.own), choices, f"{each.written} {code}")
    return read


def _readable(day: Day, read: Read) -> dict[str, Decimal]:
    per_euro = {BANK: Decimal(1)}
    for code, cell in day.rates:
        text = str(cell).strip()
        if text in ("", "N/A"):
            continue
        number = _number(cell if isinstance(cell, Decimal) else text, FORMATS["point"])
        if isinstance(number, str) or number <= 0 or code not in currencies():
            read.wrong(f"{day.written} {code}", text, _("This is no rate."))
        else:
            per_euro[code] = number
    return per_euro


def _crossed(code: str, day: date, rate: Decimal, own_rate: Decimal, own: str) -> Quote:
    """In books kept in euros the bank's own number, the other way round; in others what follows from two of them."""
    if own == BANK:
        return Quote(code, day, rate, inverse=True)
    with localcontext(prec=60):
        return Quote(code, day, quantize(own_rate / rate, PLACES))
