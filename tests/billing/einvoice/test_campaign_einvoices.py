"""Many invoices as a demo has them, made and changed through the operations: every document keeps schema and rules."""

import os
from decimal import Decimal
from random import Random

import pytest

from receivables.billing.einvoice.models import EInvoice
from receivables.billing.einvoice.operations import export_einvoice
from receivables.billing.models import Invoice
from receivables.billing.operations import add_accessorial, generate_invoice, regenerate_invoice, void_invoice
from receivables.core.errors import Refused
from receivables.core.money import decimals
from receivables.ledger.models import ExchangeRate
from tests.builders import make_account, make_load, make_type
from tests.support.einvoices import Read, bill_in, tax_code

DOCUMENTS = int(os.environ.get("RACE_ROUNDS", "20"))
CURRENCIES = {"EUR": 1, "USD": "0.9", "JPY": "0.006", "KWD": 3}
# What may stand in the way: nothing changed since, a void invoice nobody knows of.
EXPECTED = {"already_exported", "void"}


class Office:
    """Makes invoices of every kind by a fixed sequence of chances."""

    def __init__(self, house):
        self.actor, self.chance = house.alice, Random(20261122)
        actor = self.actor
        self.taxes = [
            None, tax_code(actor), tax_code(actor, "19"), tax_code(actor, "7.5"), tax_code(actor, "0", category="AE"),
            tax_code(actor, "0", category="G"), tax_code(actor, "0", category="K"),
        ]  # fmt: skip
        self.charges = [
            make_type(actor, f"Charge {place}", "charge", tax_treatment="added" if tax else "none", tax_code=tax)
            for place, tax in enumerate(self.taxes)
        ]
        self.reductions = [
            make_type(actor, "Rebate", "price_concession", tax_treatment="included"),
            make_type(actor, "Plain rebate", "price_concession"),
            make_type(actor, "Write-Off"),
        ]
        self.accounts = {
            code: bill_in(make_account(actor, f"Customer <{code}> & Söhne", currency=code)) for code in CURRENCIES
        }
        for code, rate in CURRENCIES.items():
            if code != "EUR":
                ExchangeRate.objects.create(
                    organization=actor.organization, currency=code, date="2026-01-01", rate=Decimal(rate)
                )

    def amount(self, currency, most):
        places = min(decimals(currency), 2)
        return Decimal(self.chance.randint(1, most * 10**places)).scaleb(-places)

    def one_of(self, choices, currency):
        """Tax on dinars has three decimals, which no e-invoice can say: they are billed without."""
        return choices[0] if currency == "KWD" else self.chance.choice(choices)

    def invoice(self):
        currency = self.chance.choice(list(CURRENCIES))
        line_haul, tax = str(self.amount(currency, 5000)), self.one_of(self.taxes, currency)
        load = make_load(self.actor, self.accounts[currency], line_haul, tax_code=tax)
        for _ in range(self.chance.randint(0, 4)):
            self.add(load, self.one_of(self.charges, currency), self.amount(currency, 500))
        load.refresh_from_db()
        return generate_invoice(actor=self.actor, load=load)

    def add(self, load, kind, amount):
        add_accessorial(actor=self.actor, load=load, type=kind, entity="customer", amount=amount)
        load.refresh_from_db()

    def change(self, invoice):
        """Take something off or add something, or take it back whole."""
        load = invoice.loads.get()
        if self.chance.random() < 0.15:
            void_invoice(actor=self.actor, load=load, reason="Twice")
            return
        kind = self.one_of([*self.reductions, *self.reductions, self.charges[1]], invoice.currency)
        amount = self.amount(invoice.currency, 20)
        most = invoice.revisions.order_by("-number").first().total
        if kind.is_adjustment:
            amount = -min(amount, most)
        if amount:
            self.add(load, kind, amount)
            regenerate_invoice(actor=self.actor, load=load)

    def export(self, invoice):
        try:
            export_einvoice(actor=self.actor, invoice=invoice)
        except Refused as refused:
            if refused.code not in EXPECTED:
                raise


@pytest.mark.django_db
def test_campaign_of_einvoices(house):
    office = Office(house)
    while EInvoice.objects.count() < DOCUMENTS:
        invoice = office.invoice()
        for _ in range(office.chance.randint(1, 3)):
            if office.chance.random() < 0.6:
                office.export(invoice)
            invoice.refresh_from_db()
            if invoice.voided_at is None:
                office.change(invoice)
        office.export(invoice)
    for invoice in Invoice.objects.filter(einvoices__isnull=False).distinct():
        revision = invoice.revisions.order_by("-number").first()
        documents = invoice.einvoices.order_by("pk")
        assert sum(each.total for each in documents) == revision.total + revision.bad_debt
        assert sum(signed(each) for each in documents) == revision.total + revision.bad_debt


def signed(document):
    """What the XML says is to be paid, negative on a credit note."""
    paid = Decimal(Read(document.content)("cac:LegalMonetaryTotal/cbc:PayableAmount"))
    return -paid if document.document_type == "381" else paid
