"""A seller who can e-invoice, a taxed customer, and a document read back from its XML."""

import hashlib
from decimal import Decimal
from types import SimpleNamespace

from lxml import etree

from accounts.roles import Role
from receivables.billing.einvoice.models import EInvoice
from receivables.billing.models import TaxCode
from receivables.billing.operations import add_accessorial, regenerate_invoice
from receivables.customers.models import Customer
from receivables.ledger.models import GLAccount
from tests.builders import make_account, make_member, make_organization

UBL = "urn:oasis:names:specification:ubl:schema:xsd:"
NAMES = {"cbc": f"{UBL}CommonBasicComponents-2", "cac": f"{UBL}CommonAggregateComponents-2"}
SELLER = {
    "legal_name": "Blue Freight GmbH", "address_line_1": "Hafenstraße 1", "city": "Hamburg", "postal_code": "20457",
    "country": "DE", "tax_id": "DE123456789", "bank_account": "DE89 3704 0044 0532 0130 00", "contact_name": "Billing",
    "contact_email": "billing@blue.example", "electronic_address": "DE123456789", "electronic_address_scheme": "9930",
}  # fmt: skip


class Read:
    """A document as its reader sees it: `read("cac:LegalMonetaryTotal/cbc:PayableAmount")`."""

    def __init__(self, content):
        self.root = etree.fromstring(bytes(content))

    @property
    def name(self):
        return etree.QName(self.root).localname

    def all(self, path):
        return [element.text for element in self.root.findall(path, NAMES)]

    def __call__(self, path):
        found = self.all(path)
        assert len(found) == 1, f"{path}: {found}"
        return found[0]


def seller(**details):
    """An organization in euros that has all an e-invoice needs."""
    return make_organization(**{"currency": "EUR", **SELLER, **details})


def bill_in(account, **details):
    Customer.objects.filter(pk=account.customer_id).update(
        **{"country": "FR", "city": "Lyon", "address": "1 quai du Rhône", "tax_id": "FR23334175221", **details}
    )
    return account


def tax_code(actor, rate="8", code="", **details):
    account = GLAccount.objects.of(actor).filter(kind=GLAccount.Kind.LIABILITY, role="").first()
    return TaxCode.objects.create(
        organization=actor.organization, code=code or f"VAT{rate}{details.get('category', '')}", name=f"VAT {rate} %",
        rate=Decimal(rate), gl_account=account, **details,
    )  # fmt: skip


def make_house():
    """Alice is Admin of a German seller, Bob Biller, Cora Collector, Audrey Auditor; the customer sits in Lyon. Ray is
    a rival."""
    organization = seller()
    alice = make_member(organization, Role.ADMIN, "Alice Owner")
    return SimpleNamespace(
        organization=organization,
        alice=alice,
        bob=make_member(organization, Role.BILLER, "Bob Biller"),
        cora=make_member(organization, Role.COLLECTOR, "Cora Collector"),
        audrey=make_member(organization, Role.AUDITOR, "Audrey Auditor"),
        ray=make_member(make_organization("Rival"), Role.ADMIN, "Ray Rival"),
        account=bill_in(make_account(alice)),
    )


def reduce(actor, load, kind, amount):
    """Take something off a load and regenerate its invoice."""
    add_accessorial(actor=actor, load=load, type=kind, entity="customer", amount=Decimal(amount))
    load.refresh_from_db()
    return regenerate_invoice(actor=actor, load=load)


def keep_einvoice(invoice, content, **changed):
    """The row of an exported invoice, as the application's login may write it, whatever its content says."""
    revision = invoice.revisions.order_by("-number").first()
    billed = revision.total + revision.bad_debt
    facts = {
        "organization_id": invoice.organization_id, "invoice": invoice, "revision": revision, "number": invoice.number,
        "kind": "invoice", "document_type": "380", "issue_date": invoice.issue_date, "currency": invoice.currency,
        "net": billed - revision.tax, "tax": revision.tax, "total": billed, "content": content,
        "sha256": hashlib.sha256(content).hexdigest(),
    }  # fmt: skip
    return EInvoice.objects.create(**{**facts, **changed})


def keep_einvoice_of(note, content, **changed):
    """The row of an exported credit note, as the application's login may write it, whatever its content says."""
    facts = {
        "organization_id": note.organization_id, "credit_note": note, "number": note.number, "kind": "credit_note",
        "document_type": "381", "issue_date": note.date, "currency": note.currency, "net": -note.net, "tax": -note.tax,
        "total": -note.total, "content": content, "sha256": hashlib.sha256(content).hexdigest(),
    }  # fmt: skip
    return EInvoice.objects.create(**{**facts, **changed})
