"""The cast and the quickest ways to a load, an invoice, a payment: always through the operations."""

from datetime import date
from decimal import Decimal
from typing import Any
from uuid import uuid4

from accounts.models import Membership, Organization, User
from accounts.organizations import Installer, create_organization
from accounts.roles import Role
from receivables.billing.models import AccessorialType, Invoice, Load
from receivables.billing.operations import add_accessorial, create_load, generate_invoice
from receivables.collections.models import BankAccount, Payment
from receivables.collections.operations import Assignment, record_payment
from receivables.customers.models import Account, Agreement, AgreementType, CollectionClass, Customer, PaymentTerms
from receivables.ledger.models import GLAccount
from receivables.ledger.queries import trial_balance
from tests.support import stock

PASSWORD = "a long enough password"


def make_user(name: str, **details: Any) -> User:
    email = f"{name.lower().replace(' ', '.')}.{uuid4().hex[:6]}@example.com"
    return User.objects.create_user(email, password=PASSWORD, full_name=name, **details)


def make_organization(name: str = stock.NAME, currency: str = stock.CURRENCY, **details: Any) -> Organization:
    """An organization as its operation makes it; a plain one comes from the stock."""
    if currency == stock.CURRENCY and not details and (organization := stock.take(name)):
        return organization
    return create_organization(
        actor=Installer(),
        name=name,
        slug=f"{name.lower().replace(' ', '-')}-{uuid4().hex[:6]}",
        currency=currency,
        **details,
    )


def make_member(
    organization: Organization, role: str = Role.ADMIN, name: str = "Alice Owner", **details: Any
) -> Membership:
    return Membership.objects.create(organization=organization, user=make_user(name), role=role, **details)


def make_account(actor: Any, name: str = "Acme Foods", currency: str = "") -> Account:
    """A customer with one account and one freight agreement."""
    own = {"organization": actor.organization}
    currency = currency or actor.organization.currency
    number = uuid4().hex[:10]
    customer = Customer.objects.create(
        number=number, name=name, currency=currency, terms=PaymentTerms.objects.of(actor).get(code="NET30"), **own
    )
    account = Account.objects.create(
        customer=customer, number=number, name=name, collection_class=CollectionClass.objects.of(actor).get(), **own
    )
    freight = AgreementType.objects.of(actor).get(code="FREIGHT")
    Agreement.objects.create(
        account=account, type=freight, number=number, currency=currency, start_date=date(2026, 1, 1), **own
    )
    return account


def make_type(
    actor: Any, name: str = "Write-Off", kind: str = "bad_debt", gl: str = "", **details: Any
) -> AccessorialType:
    accounts = {"bad_debt": "6100", "price_concession": "4900", "charge": "4100", "other": "6200"}
    account = GLAccount.objects.of(actor).get(code=gl or accounts[kind])
    return AccessorialType.objects.create(
        organization=actor.organization, name=name, kind=kind, gl_account=account, entities=["customer"], **details
    )


def make_load(actor: Any, account: Account | None = None, line_haul: str = "1000", **details: Any) -> Load:
    account = account or make_account(actor)
    return create_load(
        actor=actor, account=account, agreement=account.agreements.get(), line_haul=Decimal(line_haul), **details
    )


def make_invoice(actor: Any, account: Account | None = None, line_haul: str = "1000", **details: Any) -> Invoice:
    return generate_invoice(actor=actor, load=make_load(actor, account, line_haul, **details))


def seed_load(actor: Any) -> Load:
    """The load of the published example: line haul 900.00 and fuel 100.00, no tax, not yet invoiced."""
    fuel = make_type(actor, "Fuel surcharge", "charge", gl="4000")
    load = make_load(actor, line_haul="900")
    add_accessorial(actor=actor, load=load, type=fuel, entity="customer", amount=Decimal(100))
    return Load.objects.get(pk=load.pk)


def pay(actor: Any, invoice: Invoice, amount: str, applied: str | None = None, **details: Any) -> Payment:
    """Record a payment on one invoice."""
    details = {"date": date(2026, 11, 3), "method": "check", "reference": "CHQ 20817", **details}
    return record_payment(
        actor=actor, account=invoice.account, amount=Decimal(amount),
        bank_account=details.pop("bank_account", None) or BankAccount.objects.of(actor).get(),
        assignments=[Assignment(invoice, Decimal(applied if applied is not None else amount))], **details,
    )  # fmt: skip


def balances(actor: Any) -> dict[str, Decimal]:
    """The trial balance by account code, zero balances left out; debit positive."""
    return {row.code: row.balance for row in trial_balance(actor) if row.balance}
