"""What the writers write, without a database: names, amounts in two currencies, and texts that try to be more."""

from datetime import date
from decimal import Decimal as D

from beancount import loader

from receivables.ledger_exports.formats import FORMATS
from receivables.ledger_exports.formats.base import (
    Account,
    Balance,
    Entry,
    Facts,
    Line,
    component,
    label,
    plain,
    postings,
)

ACCOUNTS = {
    1: Account(1, "1200", "Accounts receivable", "asset", "receivables"),
    2: Account(2, "4000", 'Freight; revenue: "all"\n2026-01-01 open Assets:Evil', "income"),
    3: Account(3, "1000", "Bank", "asset", bank=True),
    4: Account(4, "1000!", "Bank", "asset"),
}
EVIL = 'Acme "Foods"\\\n2026-01-01 close Assets:1200-Accounts-receivable ; date:2020-01-01 [2020-01-01]\t=cmd|"'


def facts(**more):
    return Facts(**{"organization": "Blue", "home": "USD", "number": "EXP-000001", "accounts": ACCOUNTS,
                    "currencies": ["EUR", "USD"], **more})  # fmt: skip


def an_entry(pk=1, amount="100", **more):
    lines = [Line(1, D(amount), D(amount), 1, EVIL, "C-1", EVIL), Line(2, -D(amount), -D(amount), 2, memo=EVIL)]
    given = {"posting_date": date(2026, 11, 3), "document_date": date(2026, 11, 1), "kind": "generated 7",
             "words": "Invoice generated", "source": "invoice", "document": "INV 1/2;x", "currency": "USD",
             "lines": lines, "memo": EVIL, "reverses": 4}  # fmt: skip
    return Entry(pk=pk, **{**given, **more})


def text(kind, *entries, **more):
    writer = FORMATS[kind](facts(**more))
    body = "".join(part for entry in entries for part in writer.entry(entry))
    return "".join(writer.begin()) + body + "".join(writer.end())


def test_names_and_amounts():
    names = {"1200-Bank": "1200-Bank", "wo/1-Loss & more": "Wo-1-Loss-more", "حساب": "A-حساب", "--": "Account",
             "é1-x": "É1-x", "a:b": "A-b", "\u0660-x": "X"}  # fmt: skip
    assert {text: component(text) for text in names} == names
    assert label("INV 1/2;x") == "INV-1/2-x"
    assert label(";;") == ""
    assert plain("a\x00\u2028b\r\nc") == "a b c"
    cases = [
        (("5", "5", "USD"), ["5.00 USD"]),
        (("100", "108.75", "EUR"), ["100.00 EUR @@ 108.75 USD"]),
        (("-100", "-108.75", "EUR"), ["-100.00 EUR @@ 108.75 USD"]),
        (("0", "-1.25", "EUR"), ["-1.25 USD"]),
        (("0.01", "0", "EUR"), ["0.01 EUR @@ 0.00 USD"]),
        (("-1000", "2", "JPY"), ["-1000 JPY @@ 0.00 USD", "2.00 USD"]),
        (("1.234", "4", "KWD"), ["1.234 KWD @@ 4.00 USD"]),
    ]
    for (amount, home, currency), expected in cases:
        assert postings(Line(1, D(amount), D(home)), currency, "USD") == expected


def test_no_text_becomes_a_directive_in_beancount():
    written = text("beancount", an_entry(), an_entry(2, "-40"), closed_through=date(2026, 11, 30),
                   asserted=[Balance(1, "USD", D(60)), Balance(2, "USD", D(-60))])  # fmt: skip
    entries, errors, _options = loader.load_string(written)
    assert errors == []
    kinds = [type(entry).__name__ for entry in entries]
    assert sorted(kinds) == sorted(["Commodity"] * 2 + ["Open"] * 4 + ["Transaction"] * 2 + ["Balance"] * 2)
    opened = sorted(entry.account for entry in entries if type(entry).__name__ == "Open")
    assert opened == [
        "Assets:1000-Bank", "Assets:1000-Bank-4", "Assets:1200-Accounts-receivable",
        "Income:4000-Freight-revenue-all-2026-01-01-open-Assets-Evil",
    ]  # fmt: skip
    sale = next(entry for entry in entries if type(entry).__name__ == "Transaction")
    assert sale.payee.startswith('Acme "Foods"\\ 2026-01-01 close')
    assert sale.links == {"INV-1/2-x"}
    wrong = text("beancount", an_entry(), closed_through=date(2026, 11, 30), asserted=[Balance(1, "USD", D("99.99"))])
    assert len(loader.load_string(wrong)[1]) == 1, "a cent is seen"


def test_no_text_becomes_a_directive_in_a_journal():
    written = text("hledger", an_entry())
    lines = written.splitlines()
    assert "2026-11-03 * (1) Acme Foods \\ 2026-01-01 close Assets 1200-Accounts-receivable" in written
    assert sum(1 for line in lines if line[:4] == "2026") == 1
    assert "date:2020" not in written
    assert "[2020" not in written
    assert "document:INV-1/2-x" in written


def test_a_spreadsheet_calculates_nothing():
    rows = text("csv", an_entry(lines=[Line(1, D(5), D(5), 1, "=1+1", "+49", "@x"), Line(2, D(-5), D(-5), 2)]))
    assert rows.splitlines()[1] == (
        "EXP-000001,1,1,2026-11-03,2026-11-01,generated 7,invoice,INV 1/2;x,4,1200,Accounts receivable,'+49,'=1+1,"
        "USD,5.00,USD,5.00,'@x"
    )
    assert rows.splitlines()[2].split(",")[14:17] == ["-5.00", "USD", "-5.00"]


def test_iif_is_balanced_and_has_one_line_of_receivables_for_a_customer():
    lines = [Line(1, D(5), D(5), 1, EVIL), Line(1, D(2), D(2), 2, EVIL), Line(3, D(-7), D(-7), 3)]
    rows = [row.split("\t") for row in text("iif", an_entry(lines=lines, memo="")).split("\r\n")]
    assert ["ACCNT", "1200 Accounts receivable", "AR", "Accounts receivable"] in rows
    assert ["ACCNT", "1000 Bank", "BANK", "Bank"] in rows
    posted = [row for row in rows if row[0] in ("TRNS", "SPL")]
    assert [row[5] for row in posted] == ["7.00", "-7.00"]
    assert posted[0][2] == "11/03/2026"
    assert {len(row) for row in posted} == {8}
    assert rows[-2:] == [["ENDTRNS"], [""]]
    assert posted[0][4] in [row[1] for row in rows if row[0] == "CUST"]
    assert len(posted[0][4]) <= 41


def test_iif_keeps_two_customers_of_one_name_apart_for_ever():
    """QuickBooks knows customers by their names alone: what two owe must not come together there."""
    lines = [
        Line(1, D(5), D(5), 1, "Acme Foods", "C-1"), Line(1, D(2), D(2), 2, "ACME foods", "C-2"),
        Line(1, D(1), D(1), 3, "日本", "C-3"), Line(1, D(1), D(1), 4, "中国", "C-4"), Line(3, D(-9), D(-9), 5),
    ]  # fmt: skip
    first = FORMATS["iif"](facts())
    posted = [row.split("\t") for row in first.entry(an_entry(lines=lines))]
    told = {row[4]: row[5] for row in posted if row[4:]}
    assert told == {"Acme Foods": "5.00", "ACME foods C-2": "2.00", "??": "1.00", "?? C-4": "1.00", "": "-9.00"}
    assert "CUST\tACME foods C-2\r\n" in list(first.begin())
    later = FORMATS["iif"](facts(opened=first.opened))
    (row, *_more) = later.entry(an_entry(lines=[Line(1, D(1), D(1), 1, "Acme Foods", "C-2")]))
    assert row.split("\t")[4] == "ACME foods C-2", "its name is the one it was declared by"
    assert not [row for row in later.begin() if row.startswith("CUST")]


def test_a_later_batch_declares_only_what_is_new():
    first = FORMATS["beancount"](facts())
    later = FORMATS["beancount"](facts(opened=first.opened, currencies=["JPY", "USD"], accounts={
        **ACCOUNTS, 1: Account(1, "1200", "Renamed", "asset"), 9: Account(9, "9000", "New", "expense")}))  # fmt: skip
    begun = "".join(later.begin())
    assert later.opened == {"accounts": {"9": "Expenses:9000-New"}, "currencies": ["JPY"]}
    assert later.names[1] == "Assets:1200-Accounts-receivable", "its name is the one it was opened by"
    assert "open Expenses:9000-New" in begun
    assert "commodity USD" not in begun
