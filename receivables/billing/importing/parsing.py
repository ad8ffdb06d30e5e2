"""A row's cells understood as one open invoice, or what is wrong with them: pure, row by row."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from functools import lru_cache
from typing import Any, NamedTuple

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext as _

from receivables.billing.importing.fields import BY_NAME, REQUIRED, Choices
from receivables.core.countries import country_code
from receivables.core.money import FORMATS, NumberFormat, currencies, parse_money
from receivables.core.uploads import Cell

EARLIEST = date(1980, 1, 1)
LONGEST_TERMS = 3650  # days
SHOWN = 60  # characters of a wrong value in a message


class Problem(NamedTuple):
    """Why a row is not imported: row number in the file, heading, what stands there, and what is wrong with it."""

    line: int
    column: str
    value: str
    reason: str


@dataclass(slots=True)
class Row:
    """One open invoice as the file says it. `due` is None where it follows from the customer's terms."""

    line: int
    customer: str
    name: str
    number: str
    issued: date
    due: date | None
    amount: Decimal
    currency: str
    reference: str
    email: str
    phone: str
    country: str
    settled: date | None

    @property
    def facts(self) -> tuple[str, Decimal, str]:
        """What makes two mentions of an invoice number the same invoice."""
        return self.customer.upper(), self.amount, self.currency


class Wrong(Exception):
    """A cell that cannot be understood; the sentence says why, and names what stands there as `value`."""

    def __init__(self, sentence: str, **words: Any) -> None:
        super().__init__(sentence)
        self.words = words

    def said(self, value: str) -> str:
        """The sentence about this very cell."""
        return str(self) % {"value": value[:SHOWN], **self.words}


DATE = re.compile(r"(\d{1,4})[-/. ](\d{1,2})[-/. ](\d{1,4})(?:[T ]\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?Z?)?", re.ASCII)
POSITIONS = {"ymd": (0, 1, 2), "dmy": (2, 1, 0), "mdy": (2, 0, 1)}


@lru_cache(maxsize=4096)
def read_date(text: str, order: str) -> date:
    """The day that `text` means in an order of year, month and day. Raises `Wrong`; years have four digits."""
    match = DATE.fullmatch(text.strip())
    if match is None:
        raise Wrong(_("“%(value)s” is no date that can be read."))
    parts = match.groups()
    year, month, day = (parts[position] for position in POSITIONS[order])
    if len(year) != 4:
        raise Wrong(_("“%(value)s” does not have its year, with four digits, where this file's dates have it."))
    try:
        return date(int(year), int(month), int(day))
    except ValueError:
        raise Wrong(_("“%(value)s” is a day that does not exist in the chosen order of day and month.")) from None


class Reader:
    """Reads rows of one file under one set of choices. `latest` is the last invoice date that is believed."""

    def __init__(self, organization: Any, headings: Sequence[str], choices: Choices, today: date) -> None:
        self.choices = choices
        self.currency = organization.currency
        self.format = FORMATS.get(choices.numbers) or NumberFormat.of(organization)
        self.headings = tuple(headings)
        self.latest = today + timedelta(days=366)
        self.places = {name: self.headings.index(heading) for name, heading in choices.columns.items()}
        self.mails: dict[str, bool] = {}
        self.line, self.cells, self.problems = 0, (), []  # type: tuple[int, Sequence[Cell], list[Problem]]

    def read(self, line: int, cells: Sequence[Cell]) -> Row | list[Problem]:
        """The row as an invoice, or everything that is wrong with it."""
        self.line, self.cells, self.problems = line, cells, []
        self._check_shape()
        issued = self._of("issued", self._date)
        row = Row(
            line=line, customer=self._of("customer", self._text) or "", name=self._of("name", self._text) or "",
            number=self._of("number", self._text) or "", issued=issued or EARLIEST, due=self._due(issued),
            currency="", amount=Decimal(0), reference=self._of("reference", self._text) or "",
            email=self._of("email", self._mail) or "", phone=self._of("phone", self._text) or "",
            country=self._of("country", self._country) or "", settled=self._of("settled", self._any_date),
        )  # fmt: skip
        row.currency = self._of("currency", self._currency) or self.currency
        if row.currency in currencies():
            row.amount = self._of("amount", lambda cell, field: self._amount(cell, row.currency)) or Decimal(0)
        return self.problems or row

    def _check_shape(self) -> None:
        extra = [cell for cell in self.cells[len(self.headings) :] if str(cell).strip()]
        if extra:
            self._wrong("", str(extra[0]), _("The row has more cells than the file has headings."))
        if self.choices.complete:
            for place, heading in enumerate(self.headings):
                if place >= len(self.cells) or not str(self.cells[place]).strip():
                    self._wrong(heading, "", _("%(column)s is empty.") % {"column": heading})

    def _of(self, name: str, understand: Callable[[Cell, str], Any]) -> Any:
        """What a field's cell means; None where the file has no such column or the cell is empty or wrong."""
        place = self.places.get(name)
        if place is None:
            return None
        cell = self.cells[place] if place < len(self.cells) else ""
        if isinstance(cell, str):
            cell = cell.strip()
        heading = self.headings[place]
        if cell == "":
            if name in REQUIRED and not self.choices.complete:
                self._wrong(heading, "", _("%(column)s is empty.") % {"column": heading})
            return None
        try:
            return understand(cell, name)
        except Wrong as wrong:
            self._wrong(heading, str(cell), wrong.said(str(cell)))
        except ValidationError as error:
            self._wrong(heading, str(cell), " ".join(error.messages))
        return None

    def _wrong(self, heading: str, value: str, sentence: str) -> None:
        self.problems.append(Problem(self.line, heading, value[:SHOWN], sentence))

    def _text(self, cell: Cell, name: str) -> str:
        text = cell.isoformat() if isinstance(cell, date) else str(cell)
        if isinstance(cell, Decimal):
            text = f"{cell.normalize():f}"  # a number in a workbook: 7900770.0 is the customer's 7900770
        text = " ".join(text.split())
        if len(text) > BY_NAME[name].limit:
            raise Wrong(_("“%(value)s” is longer than %(n)s characters."), n=BY_NAME[name].limit)
        if any(ord(character) < 32 or 126 < ord(character) < 160 for character in text):
            raise Wrong(_("“%(value)s” holds characters that cannot be shown."))
        return text

    def _date(self, cell: Cell, name: str) -> date:
        day = self._any_date(cell, name)
        if not EARLIEST <= day <= self.latest:
            raise Wrong(_("“%(value)s” is too far from today to be believed."))
        return day

    def _any_date(self, cell: Cell, name: str) -> date:
        if isinstance(cell, date):
            return cell
        if isinstance(cell, Decimal):
            raise Wrong(_("“%(value)s” is a number, not a date."))
        return read_date(cell, self.choices.date_order)

    def _due(self, issued: date | None) -> date | None:
        due = self._of("due", self._any_date)
        terms = self._of("terms", self._terms) if due is None else None
        if issued is None:
            return None
        if terms is not None:
            return issued + timedelta(days=terms)
        if due is not None and not issued <= due <= issued + timedelta(days=LONGEST_TERMS):
            heading = self.choices.columns["due"]
            early = _("“%(value)s” is before the invoice date.")
            sentence = early if due < issued else _("“%(value)s” is more than ten years after the invoice.")
            self._wrong(heading, due.isoformat(), Wrong(sentence).said(due.isoformat()))
        return due

    def _terms(self, cell: Cell, name: str) -> int:
        text = f"{cell.normalize():f}" if isinstance(cell, Decimal) else str(cell)
        if not re.fullmatch("[0-9]{1,4}", text) or int(text) > LONGEST_TERMS:
            raise Wrong(_("“%(value)s” is no number of days."))
        return int(text)

    def _currency(self, cell: Cell, name: str) -> str:
        code = str(cell).upper()
        if code not in currencies():
            raise Wrong(_("“%(value)s” is no currency code like USD or SAR."))
        return code

    def _amount(self, cell: Cell, currency: str) -> Decimal:
        if isinstance(cell, date):
            raise Wrong(_("“%(value)s” is a date, not an amount."))
        if isinstance(cell, Decimal):
            amount = parse_money(f"{cell:f}", currency, FORMATS["point"])
        else:
            amount = parse_money(cell, currency, self.format)
        if amount <= 0:
            raise Wrong(_("“%(value)s” is not above zero; only what is still owed is imported."))
        return amount

    def _mail(self, cell: Cell, name: str) -> str:
        text = self._text(cell, name)
        if text not in self.mails:
            try:
                validate_email(text)
                self.mails[text] = True
            except ValidationError:
                self.mails[text] = False
        if not self.mails[text]:
            raise Wrong(_("“%(value)s” is no e-mail address."))
        return text

    def _country(self, cell: Cell, name: str) -> str:
        code = country_code(str(cell))
        if not code:
            raise Wrong(_("“%(value)s” is no country code of two letters, like US."))
        return code
