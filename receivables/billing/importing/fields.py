"""What a column may mean, how that is guessed from its heading, and the choices under which a file is read."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from django.utils.translation import gettext_lazy as _

from receivables.core.uploads import Cell, Table


@dataclass(frozen=True)
class Field:
    """A fact of an invoice or its customer; `guesses` are headings without spaces, marks and capitals."""

    name: str
    label: Any
    guesses: tuple[str, ...]
    required: bool = False
    limit: int = 200


FIELDS = (
    Field("customer", _("Customer number"), (
        "customerid", "customernumber", "customerno", "customercode", "customer", "accountnumber", "accountno",
        "account", "clientid", "debtor", "debtornumber", "custid", "custno", "cliente",
    ), True, 40),
    Field("name", _("Customer name"), (
        "customername", "name", "company", "companyname", "clientname", "billto", "debtorname", "nombre",
    )),
    Field("number", _("Invoice number"), (
        "invoicenumber", "invoiceno", "invoiceid", "invoice", "documentnumber", "docnumber", "document", "number",
        "factura",
    ), True, 40),
    Field("issued", _("Invoice date"), (
        "invoicedate", "issuedate", "documentdate", "docdate", "date", "issued", "billdate", "fecha",
    ), True),
    Field("due", _("Due date"), ("duedate", "due", "paymentdue", "datedue", "maturity", "vencimiento")),
    Field("terms", _("Days to pay"), ("terms", "termsdays", "paymentterms", "daystopay", "netdays")),
    Field("amount", _("Open amount"), (
        "openamount", "openbalance", "balance", "balancedue", "amountdue", "outstanding", "invoiceamount", "amount",
        "total", "invoicetotal", "importe", "saldo",
    ), True),
    Field("currency", _("Currency"), ("currency", "currencycode", "ccy", "moneda"), False, 3),
    Field("reference", _("Reference"), ("reference", "ref", "ponumber", "po", "purchaseorder"), False, 80),
    Field("email", _("E-mail"), ("email", "mail", "customeremail", "billingemail", "correo"), False, 254),
    Field("phone", _("Phone"), ("phone", "telephone", "tel", "telefono"), False, 40),
    Field("country", _("Country (two letters)"), ("country", "countrycode", "pais"), False, 2),
    Field("settled", _("Settled date"), ("settleddate", "paiddate", "datepaid", "settled", "paymentdate")),
)  # fmt: skip
BY_NAME = {each.name: each for each in FIELDS}
REQUIRED = tuple(each.name for each in FIELDS if each.required)

DATE_ORDERS = {"ymd": _("Year, month, day"), "dmy": _("Day, month, year"), "mdy": _("Month, day, year (US)")}
NUMBER_STYLES = {"": _("As the organization writes numbers"), "point": "1,234.56", "comma": "1.234,56"}
SAMPLE_ROWS = 2_000


@dataclass(frozen=True)
class Choices:
    """How a file is read. `columns` maps fields to headings; `terms` are days to pay where neither row nor customer
    says; `as_of` (ISO date) leaves out what was settled by then or issued later; `complete` refuses empty cells."""

    columns: dict[str, str] = field(default_factory=dict)
    date_order: str = ""
    numbers: str = ""
    terms: int | None = None
    as_of: str = ""
    complete: bool = False

    def plain(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def of(cls, kept: dict[str, Any]) -> "Choices":
        known = {name: value for name, value in kept.items() if name in cls.__dataclass_fields__}
        return cls(**known)

    def ready_for(self, table: Table) -> bool:
        """Whether everything that must be known is, and the file has every column that is named."""
        named = self.columns.values()
        return (
            self.date_order in DATE_ORDERS
            and set(REQUIRED) <= self.columns.keys()
            and set(named) <= set(table.headings)
        )


def guess(table: Table) -> Choices:
    """The choices that the headings and the first rows suggest. Date order "" where they allow more than one."""
    sample = [cells for _number, cells in table.sample(SAMPLE_ROWS)]
    columns: dict[str, str] = {}
    plain = {re.sub(r"[\W_]+", "", heading.lower()): heading for heading in reversed(table.headings)}
    for each in FIELDS:
        for word in each.guesses:
            heading = plain.get(word)
            if heading and heading not in columns.values() and _suits(each, column(table, sample, heading)):
                columns[each.name] = heading
                break
    dates = [value for name in ("issued", "due") if name in columns for value in column(table, sample, columns[name])]
    return Choices(columns=columns, date_order=date_order(dates))


def column(table: Table, rows: Iterable[Sequence[Cell]], heading: str) -> list[Cell]:
    """The cells of one column that are not empty."""
    position = table.headings.index(heading)
    return [row[position] for row in rows if len(row) > position and row[position] != ""]


def _suits(each: Field, values: list[Cell]) -> bool:
    """Whether the values can be what the heading says: a numeric "countryCode" is no country of ours."""
    if each.name == "country":
        return bool(values) and all(re.fullmatch("[A-Za-z]{2}", str(value)) for value in values)
    if each.name in ("terms",):
        return all(re.fullmatch("[0-9]{1,3}", str(value)) for value in values)
    return True


def date_order(values: Iterable[Cell]) -> str:
    """The only order of year, month and day that all these dates allow; "" if there are two or none."""
    possible = {"ymd", "dmy", "mdy"}
    found = False
    for value in values:
        parts = (
            re.fullmatch(r"\s*(\d{1,4})[-/. ](\d{1,2})[-/. ](\d{1,4})\b.*", value) if isinstance(value, str) else None
        )
        if parts is None:
            continue
        found = True
        first, second, third = (int(part) for part in parts.groups())
        if len(parts.group(1)) == 4:
            possible &= {"ymd"}
        else:
            possible -= {"ymd"}
        if first > 12:
            possible.discard("mdy")
        if second > 12:
            possible.discard("dmy")
        if third < 100 and len(parts.group(1)) != 4:
            possible.clear()
    if not found:
        return "ymd"
    return possible.pop() if len(possible) == 1 else ""
