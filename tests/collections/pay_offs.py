"""Shorthands of the tests of pay-offs."""

from datetime import date
from decimal import Decimal

from receivables.billing.models import Reason
from receivables.collections.models import BankAccount, PayOffPolicy
from receivables.collections.operations import Assignment, record_payment
from receivables.customers.models import Account


def limited(actor, maximum, **more):
    """Set the organization's policy."""
    more = {name: value if name == "reason" else Decimal(value) for name, value in more.items()}
    values = {"maximum": None if maximum is None else Decimal(maximum), **more}
    PayOffPolicy.objects.of(actor).update(**values)


def by_journal(actor):
    """Let pay-offs be booked by the journal only."""
    Reason.objects.of(actor).filter(kind="bad_debt").update(document=Reason.Document.JOURNAL)


def paid_off(actor, invoice, amount, bad_debt="", **details):
    """Record a payment on one invoice with Pay bill?, or with bad debt by hand."""
    details = {"date": date(2026, 11, 3), "method": "check", "reference": "CHQ 1", **details}
    bank = details.pop("bank_account", None) or BankAccount.objects.of(actor).get()
    wanted = Assignment(
        invoice, Decimal(amount), pay_bill=not bad_debt, bad_debt=Decimal(bad_debt or 0), seen=details.pop("seen", "")
    )
    return record_payment(
        actor=actor, account=invoice.account, amount=Decimal(amount), bank_account=bank, assignments=[wanted], **details
    )


def second_account(actor, account):
    """Another account of the same customer."""
    other = Account.objects.create(
        organization=actor.organization, customer=account.customer, number="X2", name="Second",
        collection_class=account.collection_class,
    )  # fmt: skip
    agreement = account.agreements.get()
    agreement.pk, agreement.account, agreement.number = None, other, "X2"
    agreement.save(force_insert=True)
    return other
