"""What a tax office and a customer's machine read of an invoice over its life, with the amounts written out.

1,000.00 and 8 % tax are 1,080.00. The customer is given 50.00, tax included: 46.30 net and 3.70 tax. Later 30.00 are
lost as bad debt, which is nobody's business outside the house.
"""

from decimal import Decimal

import pytest

from receivables.billing.einvoice.models import EInvoice
from receivables.billing.einvoice.operations import export_einvoice
from receivables.billing.models import Load
from receivables.billing.summary.operations import generate_summary_invoice
from receivables.collections.resolution import resolve_short_payment
from receivables.core.errors import Refused
from tests.builders import balances, make_invoice, make_load, make_type, pay
from tests.support.einvoices import Read, make_house, reduce, tax_code

TOTALS = "cac:LegalMonetaryTotal/cbc:"


def figures(document):
    """The amounts of a document in the order in which an accountant reads them."""
    read = Read(document.content)
    return {
        "kind": read.name,
        "number": read("cbc:ID"),
        "lines": read(f"{TOTALS}LineExtensionAmount"),
        "allowances": read.all(f"{TOTALS}AllowanceTotalAmount"),
        "net": read(f"{TOTALS}TaxExclusiveAmount"),
        "tax": read("cac:TaxTotal/cbc:TaxAmount"),
        "to pay": read(f"{TOTALS}PayableAmount"),
    }


@pytest.fixture
def house(db):
    return make_house()


def test_an_invoice_is_exported_once_then_only_what_changed_and_never_bad_debt(house):
    alice = house.alice
    concession = make_type(alice, "Balance Adjustment", "price_concession", tax_treatment="included")
    write_off = make_type(alice, "Write-Off")
    invoice = make_invoice(alice, house.account, tax_code=tax_code(alice))
    load = invoice.loads.get()

    assert figures(export_einvoice(actor=alice, invoice=invoice)) == {
        "kind": "Invoice", "number": "INV-000001", "lines": "1000.00", "allowances": [], "net": "1000.00",
        "tax": "80.00", "to pay": "1080.00",
    }  # fmt: skip

    reduce(alice, load, concession, "-50")
    credit = export_einvoice(actor=alice, invoice=invoice)
    assert figures(credit) == {
        "kind": "CreditNote", "number": "COR-000001", "lines": "46.30", "allowances": [], "net": "46.30",
        "tax": "3.70", "to pay": "50.00",
    }  # fmt: skip
    refers = Read(credit.content)("cac:BillingReference/cac:InvoiceDocumentReference/cbc:ID")
    assert (refers, credit.total) == ("INV-000001", Decimal("-50.00"))

    books = balances(alice)
    reduce(alice, load, write_off, "-30")
    assert balances(alice)["1200"] == books["1200"] - 30
    with pytest.raises(Refused, match="nothing that an e-invoice says has changed"):
        export_einvoice(actor=alice, invoice=invoice)
    assert [str(each.total) for each in EInvoice.objects.order_by("pk")] == ["1080.00", "-50.00"]


def test_a_reduction_before_the_export_is_an_allowance_with_its_tax(house):
    alice = house.alice
    concession = make_type(alice, "Balance Adjustment", "price_concession", tax_treatment="included")
    invoice = make_invoice(alice, house.account, tax_code=tax_code(alice))
    reduce(alice, invoice.loads.get(), concession, "-50")
    document = export_einvoice(actor=alice, invoice=invoice)
    assert figures(document) == {
        "kind": "Invoice", "number": "INV-000001", "lines": "1000.00", "allowances": ["46.30"], "net": "953.70",
        "tax": "76.30", "to pay": "1030.00",
    }  # fmt: skip
    read = Read(document.content)
    assert read("cac:AllowanceCharge/cac:TaxCategory/cbc:Percent") == "8"
    assert read("cac:AllowanceCharge/cbc:AllowanceChargeReason") == "Balance Adjustment"


def test_what_is_written_off_as_bad_debt_is_exported_as_it_was_billed(house):
    alice = house.alice
    invoice = make_invoice(alice, house.account, tax_code=tax_code(alice))
    reduce(alice, invoice.loads.get(), make_type(alice, "Write-Off"), "-1080")
    document = export_einvoice(actor=alice, invoice=invoice)
    assert figures(document)["to pay"] == "1080.00"
    assert document.revision.number == 1


def test_a_summary_invoice_over_three_loads_and_what_one_of_them_was_given(house):
    """100.10, 200.20 and 50.05 at 15 %: 350.35 and 52.55, taxed as one document. 20.00 are given on the second load."""
    alice = house.alice
    code = tax_code(alice, "15")
    loads = [make_load(alice, house.account, net, tax_code=code) for net in ("100.10", "200.20", "50.05")]
    invoice = generate_summary_invoice(actor=alice, loads=loads)
    first = export_einvoice(actor=alice, invoice=invoice)
    assert figures(first) == {
        "kind": "Invoice", "number": "INV-000001", "lines": "350.35", "allowances": [], "net": "350.35",
        "tax": "52.55", "to pay": "402.90",
    }  # fmt: skip
    read = Read(first.content)
    assert read.all("cac:InvoiceLine/cbc:Note") == [load.number for load in loads]
    assert read.all("cac:InvoiceLine/cbc:LineExtensionAmount") == ["100.10", "200.20", "50.05"]

    pay(alice, invoice, "382.90")
    given = make_type(alice, "Balance Adjustment", "price_concession", tax_treatment="included")
    resolve_short_payment(actor=alice, load=Load.objects.get(pk=loads[1].pk), type=given)
    credit = export_einvoice(actor=alice, invoice=invoice)
    assert figures(credit) == {
        "kind": "CreditNote", "number": "COR-000001", "lines": "17.39", "allowances": [], "net": "17.39",
        "tax": "2.61", "to pay": "20.00",
    }  # fmt: skip
    line = "cac:CreditNoteLine/"
    said = Read(credit.content)
    assert (said(f"{line}cac:Item/cbc:Name"), said(f"{line}cbc:Note")) == ("Balance Adjustment", loads[1].number)
    with pytest.raises(Refused, match="nothing that an e-invoice says has changed"):
        export_einvoice(actor=alice, invoice=invoice)

    again = generate_summary_invoice(
        actor=alice, loads=[make_load(alice, house.account, "300", tax_code=code) for _ in range(3)]
    )
    pay(alice, again, "1015")
    resolve_short_payment(actor=alice, load=again.loads.first(), type=given)
    assert figures(export_einvoice(actor=alice, invoice=again)) == {
        "kind": "Invoice", "number": "INV-000002", "lines": "900.00", "allowances": ["17.39"], "net": "882.61",
        "tax": "132.39", "to pay": "1015.00",
    }  # fmt: skip
