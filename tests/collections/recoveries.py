"""Shorthands of the tests of recoveries."""

from datetime import date
from decimal import Decimal

from receivables.collections.models import BankAccount
from receivables.collections.operations import record_payment
from receivables.collections.recoveries.losses import losses_of
from receivables.collections.recoveries.operations import Received, recover_bad_debt

DAY = date(2026, 11, 10)


def losses(invoice):
    return losses_of([invoice.pk])


def came(actor, account, amount, bank=None, day=DAY):
    """Money that just came in for bad debt."""
    bank = bank or BankAccount.objects.of(actor).get()
    return Received(account, Decimal(amount), day, "wire", bank)


def on_account(actor, account, amount, bank=None, day=DAY):
    """The same recorded as a payment that is left on account."""
    bank = bank or BankAccount.objects.of(actor).get()
    return record_payment(
        actor=actor, account=account, amount=Decimal(amount), date=day, method="wire", bank_account=bank
    )


def recover(actor, invoice, amount, money=None, **details):
    """Recover on the oldest bad debt of an invoice, by default with money that just came in; returns the recovery."""
    [loss, *_others] = losses(invoice)
    money = money or came(actor, invoice.account, amount)
    return recover_bad_debt(actor=actor, money=money, parts=[(loss, Decimal(amount))], **details)[0]
