"""A payment that came back, with a fee for it."""

from decimal import Decimal

from receivables.collections.models import BankAccount
from receivables.collections.operations import bounce_payment
from receivables.ledger.models import GLAccount
from tests.builders import make_invoice, pay


def bounce_something(actor):
    """A fee of 35.00 that is charged on after a check bounced. The bank account stays without a fee of its own."""
    bank = BankAccount.objects.of(actor).order_by("pk").first()
    BankAccount.objects.filter(pk=bank.pk).update(fee_account=GLAccount.objects.of(actor).get(code="4100"))
    payment = pay(actor, make_invoice(actor), "1000", bank_account=bank)
    return bounce_payment(actor=actor, payment=payment, reason="No funds", fee=Decimal(35)).fee
