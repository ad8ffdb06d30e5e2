"""Opening balances: all rows or the good ones, once only, tied to the ledger, in the right organization."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from types import SimpleNamespace

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils import timezone

from accounts.roles import Role
from receivables.billing.importing import operations, posting, runs
from receivables.billing.importing.fields import Choices, guess
from receivables.billing.importing.models import ImportMapping
from receivables.billing.importing.operations import import_receivables
from receivables.billing.importing.runs import WrongRows, import_table, new_checker, understand
from receivables.billing.models import Invoice, Revision
from receivables.billing.operations import generate_invoice
from receivables.core.errors import NotPermitted
from receivables.core.models import Event, Sequence
from receivables.core.operations import OPERATIONS
from receivables.core.uploads import UPLOAD_BYTES
from receivables.core.workbooks import open_table
from receivables.customers.models import Agreement, Customer
from receivables.ledger.models import ExchangeRate, JournalEntry, OpenItem, Period
from tests.builders import balances, make_load, make_member, make_organization, pay
from tests.importing.conftest import HEADINGS, csv_bytes, good, workbook


def load(actor, content, good_rows_only=False, **changes):
    table = open_table(content, UPLOAD_BYTES)
    choices = replace(guess(table), **changes)
    return import_table(
        actor, table, choices, source="file.csv", good_rows_only=good_rows_only, watch=lambda done, total: None
    )


def settle():
    """What is checked at commit is checked now."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


def test_import_receivables_brings_customers_and_open_invoices_that_tie_to_the_ledger(alice):
    counts, _understood = load(alice, csv_bytes(good("A-1"), good("A-2", amount="0.05"), good("B-1", "C-2", "7.10")))
    settle()
    assert (counts.new, counts.new_customers, counts.totals) == (3, 2, {"USD": Decimal("107.15")})
    assert balances(alice) == {"1200": Decimal("107.15"), "3900": Decimal("-107.15")}
    invoice = Invoice.objects.get(number="A-2")
    revision = Revision.objects.get(invoice=invoice)
    assert (invoice.sequence_number, invoice.imported, invoice.terms_days) == (None, True, 30)
    assert (revision.number, revision.cause, revision.lines.get().description) == (1, "imported", "Opening balance")
    assert invoice.open_item.balance == Decimal("0.05")
    assert invoice.agreement.payoff_balance == Decimal("100.05")
    assert Event.objects.filter(name="import_invoice", refs__contains=[f"billing.invoice:{invoice.pk}"]).count() == 1
    assert Event.objects.filter(name="import_receivables").count() == 1


def test_an_imported_invoice_is_paid_like_any_other(alice):
    load(alice, csv_bytes(good("A-1")))
    invoice = Invoice.objects.get()
    pay(make_member(alice.organization), invoice, "100.00")
    settle()
    assert OpenItem.objects.get(pk=invoice.open_item_id).balance == 0


def test_one_wrong_row_keeps_all_out_and_all_that_is_wrong_is_named(alice):
    content = csv_bytes(good("A-1"), good("A-2", amount="abc"), good("A-3", issued="2026-02-30"))
    with pytest.raises(WrongRows) as caught:
        load(alice, content)
    assert [(problem.line, problem.column) for problem in caught.value.understood.problems] == [
        (3, "Amount"),
        (4, "Invoice date"),
    ]
    assert not Invoice.objects.exists()
    assert not Customer.objects.exists()


def test_the_good_rows_come_in_where_that_was_asked_for(alice):
    counts, _understood = load(alice, csv_bytes(good("A-1"), good("A-2", amount="abc")), good_rows_only=True)
    settle()
    assert (counts.rows, counts.new, counts.wrong) == (2, 1, 1)
    assert Invoice.objects.get().number == "A-1"


def test_a_second_run_adds_nothing(alice):
    content = csv_bytes(good("A-1"), good("ß-2", "ç-9"))
    load(alice, content)
    before = JournalEntry.objects.count()
    counts, _understood = load(alice, content)
    assert (counts.new, counts.already_there, counts.new_customers) == (0, 2, 0)
    assert JournalEntry.objects.count() == before


def test_a_known_number_with_other_facts_is_wrong(alice):
    load(alice, csv_bytes(good("A-1")))
    for other in (good("a-1", amount="100.01"), good("A-1", customer="C-2")):
        with pytest.raises(WrongRows) as caught:
            load(alice, csv_bytes(other))
        assert "with other facts" in caught.value.understood.problems[0].reason


def test_a_number_twice_in_the_file_is_wrong(alice):
    with pytest.raises(WrongRows) as caught:
        load(alice, csv_bytes(good("A-1"), good("a-1")))
    assert caught.value.understood.problems[0].reason == "Row 2 has the same invoice number."


def test_numbers_that_our_own_numbering_will_reach_are_refused(alice):
    """Else an invoice of ours would one day find its number taken, and nothing could be billed any more."""
    with pytest.raises(WrongRows) as caught:
        load(alice, csv_bytes(good("INV-000001"), good("A-2", customer="CUS-00009")))
    assert [problem.column for problem in caught.value.understood.problems] == ["Invoice number", "Customer number"]
    load(alice, csv_bytes(good("INV-1"), good("OLD-000001")))
    assert generate_invoice(actor=alice, load=make_load(alice)).number == "INV-000001"
    assert Sequence.objects.get(organization=alice.organization, kind="invoice").last == 1


def test_an_existing_customer_keeps_its_account_and_terms(alice):
    load(alice, csv_bytes(good("A-1")))
    counts, _understood = load(alice, csv_bytes(good("A-2", customer="c-1", due="")))
    assert counts.new_customers == 0
    assert Customer.objects.get().accounts.get().agreements.count() == 1
    assert Invoice.objects.get(number="A-2").due_date == date(2026, 3, 31)


def test_a_closed_agreement_is_not_billed_again(alice):
    load(alice, csv_bytes(good("A-1")))
    admin = make_member(alice.organization)
    pay(admin, Invoice.objects.get(), "100.00")
    Agreement.objects.update(state="stopped")
    Agreement.objects.get().refresh_from_db()
    load(alice, csv_bytes(good("A-2")))
    settle()
    assert Agreement.objects.count() == 2


def test_the_posting_date_lies_in_an_open_period(alice):
    Period.objects.create(
        organization=alice.organization, month=date(2026, 3, 1), closed_at=timezone.now(), closed_by=alice.user
    )
    load(alice, csv_bytes(good("A-1"), good("A-2", issued="2026-02-05")))
    settle()
    dates = dict(JournalEntry.objects.values_list("document_date", "posting_date"))
    assert dates == {date(2026, 3, 1): date(2026, 4, 1), date(2026, 2, 5): date(2026, 2, 5)}


def test_another_currency_needs_a_rate_and_an_agreement_of_its_own(alice):
    headings = [*HEADINGS, "Currency"]
    content = csv_bytes([*good("A-1", amount="10.00"), "EUR"], [*good("A-2"), "USD"], headings=headings)
    with pytest.raises(WrongRows) as caught:
        load(alice, content)
    assert "no exchange rate for EUR" in caught.value.understood.problems[0].reason
    ExchangeRate.objects.create(
        organization=alice.organization, currency="EUR", date=date(2026, 1, 1), rate=Decimal("1.10")
    )
    load(alice, content)
    settle()
    assert balances(alice) == {"1200": Decimal("111.00"), "3900": Decimal("-111.00")}
    assert set(Agreement.objects.values_list("currency", flat=True)) == {"EUR", "USD"}


def test_only_what_was_open_on_a_day_can_be_imported(alice):
    headings = [*HEADINGS, "Settled date"]
    rows = [
        [*good("PAID"), "2026-03-20"],
        [*good("OPEN"), "2026-04-20"],
        [*good("NEVER"), ""],
        [*good("LATER", issued="2026-05-01", due=""), ""],
    ]
    counts, _understood = load(alice, csv_bytes(*rows, headings=headings), as_of="2026-03-31")
    assert (counts.settled, counts.later, counts.new) == (1, 1, 2)
    assert set(Invoice.objects.values_list("number", flat=True)) == {"OPEN", "NEVER"}


def test_rows_with_an_empty_cell_are_noted_or_refused(alice):
    content = csv_bytes(*(good(f"A-{n}") for n in range(20)), good("A-99", due=""))
    _counts, understood = load(alice, content)
    assert [(note.line, note.column) for note in understood.notes] == [(22, "Due date")]
    with pytest.raises(WrongRows):
        load(alice, content, complete=True)


def test_a_workbook_is_imported_like_a_csv(alice):
    row = ["C-1", "Acme", 7900770, date(2026, 3, 1), date(2026, 3, 31), 55.94]
    load(alice, workbook(row))
    assert Invoice.objects.get().number == "7900770"
    assert balances(alice)["1200"] == Decimal("55.94")


def test_a_fault_in_the_last_batch_takes_everything_back(alice, monkeypatch):
    monkeypatch.setattr(operations, "BATCH", 2)
    real, calls = posting.Poster.post, []

    def failing(self, rows):
        calls.append(len(rows))
        if len(calls) == 3:
            raise ZeroDivisionError
        return real(self, rows)

    monkeypatch.setattr(posting.Poster, "post", failing)
    with pytest.raises(ZeroDivisionError):
        load(alice, csv_bytes(*(good(f"A-{n}") for n in range(5))))
    assert calls == [2, 2, 1]
    assert not Invoice.objects.exists()
    assert not Event.objects.filter(name="import_invoice").exists()


def test_batches_do_not_change_the_outcome(alice, monkeypatch):
    monkeypatch.setattr(operations, "BATCH", 2)
    load(alice, csv_bytes(*(good(f"A-{n}", customer=f"C-{n % 3}") for n in range(7))))
    settle()
    assert (Invoice.objects.count(), Customer.objects.count()) == (7, 3)
    assert balances(alice)["1200"] == 700


@pytest.mark.parametrize(
    ("role", "may"),
    [
        (Role.BILLER, True), (Role.OPERATIONS_MANAGER, True), (Role.ADMIN, True),
        (Role.COLLECTOR, False), (Role.AUDITOR, False),
    ],
)  # fmt: skip
def test_import_receivables_asks_for_its_permission(db, role, may):
    actor = make_member(make_organization(), role)
    if may:
        load(actor, csv_bytes(good("A-1")))
    else:
        with pytest.raises(NotPermitted):
            load(actor, csv_bytes(good("A-1")))
    assert Invoice.objects.exists() is may


def test_the_same_numbers_may_be_used_in_another_organization(alice):
    charlie = make_member(make_organization("Charlie Cargo"), Role.BILLER, "Charlie Else")
    load(alice, csv_bytes(good("A-1")))
    counts, _understood = load(charlie, csv_bytes(good("A-1", amount="5.00")))
    settle()
    assert (counts.new, counts.new_customers) == (1, 1)
    assert balances(alice)["1200"] == 100
    assert balances(charlie)["1200"] == 5


def test_the_operation_itself_refuses_a_wrong_row(alice):
    """Rows that became wrong between check and posting: somebody else was quicker."""
    assert OPERATIONS["import_receivables"] is import_receivables
    table = open_table(csv_bytes(good("A-1"), good("A-2")), UPLOAD_BYTES)
    choices = guess(table)
    rows = understand(alice, table, choices).rows
    load(alice, csv_bytes(good("A-2", amount="1.00")))
    with pytest.raises(Exception, match="Some rows are wrong"):
        import_receivables(actor=alice, rows=rows, checker=new_checker(alice, choices), source="file.csv")
    assert not Invoice.objects.filter(number="A-1").exists()


def command(alice, file, *options):
    call_command("import_receivables", str(file), "--organization", alice.organization.slug, *options)


def test_the_command_imports_a_file_once(alice, tmp_path, capsys):
    file = tmp_path / "open.csv"
    file.write_bytes(csv_bytes(good("A-1"), good("A-2")))
    command(alice, file, "--dry-run")
    assert not Invoice.objects.exists()
    command(alice, file)
    command(alice, file)
    assert Invoice.objects.count() == 2
    assert "2 already there" in capsys.readouterr().out


def test_the_command_names_each_wrong_row_and_leaves_everything_out(alice, tmp_path, capsys):
    file = tmp_path / "open.csv"
    file.write_bytes(csv_bytes(good("A-1"), good("A-2", amount="abc")))
    with pytest.raises(CommandError, match="1 row is wrong"):
        command(alice, file)
    assert "row 3: Amount:" in capsys.readouterr().err
    command(alice, file, "--good-rows-only")
    assert Invoice.objects.count() == 1


def test_the_command_says_what_it_lacks(alice, tmp_path):
    file = tmp_path / "open.csv"
    file.write_bytes(b"a,b\r\n1,2\r\n")
    with pytest.raises(CommandError, match="no column Customer number"):
        command(alice, file)
    file.write_bytes(csv_bytes(good("A-1", issued="1/2/2026", due="")))
    with pytest.raises(CommandError, match="--dates"):
        command(alice, file)
    with pytest.raises(CommandError, match="cannot be read"):
        command(alice, tmp_path / "missing.csv")
    with pytest.raises(CommandError, match="short name"):
        call_command("import_receivables", str(file), "--organization", "nobody")


def test_the_command_reads_a_file_as_it_was_read_before(alice, tmp_path):
    content = csv_bytes(["C-1", "A-1", "1/2/2026", "9,50"], headings=["who", "what", "when", "how much"], delimiter=";")
    file = tmp_path / "odd.csv"
    file.write_bytes(content)
    columns = {"customer": "who", "number": "what", "issued": "when", "amount": "how much"}
    choices = Choices(columns=columns, date_order="dmy", numbers="comma")
    ImportMapping.objects.create(organization=alice.organization, name="odd", fingerprint="x", choices=choices.plain())
    command(alice, file, "--mapping", "Odd")
    invoice = Invoice.objects.get()
    assert (invoice.issue_date, invoice.open_item.balance) == (date(2026, 2, 1), Decimal("9.50"))


def test_the_public_sample_comes_in_whole_and_once(clerk, real):
    file = real / "ibm_late_payments.csv"
    command(clerk, file)
    command(clerk, file)
    assert (Invoice.objects.count(), Customer.objects.count()) == (2466, 100)
    assert balances(clerk)["1200"] == Decimal("147703.18")


def test_the_incomplete_rows_of_the_public_sample_are_named(clerk, real, capsys):
    file = real / "ibm_late_payments_dirty.csv"
    with pytest.raises(CommandError, match="120 rows are wrong"):
        command(clerk, file, "--complete-rows")
    named = [line for line in capsys.readouterr().err.splitlines() if line.startswith("wrong: row ")]
    assert len({line.split(":")[1] for line in named}) == 120
    assert "wrong: row 3: PaperlessDate: PaperlessDate is empty." in named
    assert not Invoice.objects.exists()
    command(clerk, file, "--complete-rows", "--good-rows-only")
    assert Invoice.objects.count() == 2466
    assert balances(clerk)["1200"] == Decimal("147703.18")


def test_what_is_kept_of_problems_is_bounded(alice, monkeypatch):
    monkeypatch.setattr(runs, "LISTED", 3)
    kept = SimpleNamespace(save=lambda update_fields: None)
    table = open_table(csv_bytes(*(good(f"A-{n}", amount="x") for n in range(9))), UPLOAD_BYTES)
    runs.keep_problems(kept, understand(alice, table, guess(table)))
    assert len(kept.problems["problems"]) == 3
