"""Shorthands of the tests of pay-offs."""

from datetime import date
from decimal import Decimal

from receivables.billing.models import Reason
from receivables.collections.models import BankAccount, PayOffPolicy
from receivables.collections.operations import Assignment, record_payment


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
