"""Shorthands of the tests of payments."""

from datetime import date
from decimal import Decimal
from uuid import uuid4

import pytest
from django.utils import timezone

from receivables.billing.models import Invoice
from receivables.collections.models import BankAccount
from receivables.core.errors import Refused
from receivables.ledger.models import ExchangeRate, GLAccount, OpenItem, Period


def item_of(document):
    return OpenItem.objects.get(pk=document.open_item_id)


def fresh(invoice):
    return Invoice.objects.select_related("open_item").get(pk=invoice.pk)


def refused(verb, **arguments):
    with pytest.raises(Refused) as caught:
        verb(**arguments)
    return caught.value


def bank_in(actor, currency, name=""):
    return BankAccount.objects.create(
        organization=actor.organization, name=name or f"Bank {currency}", currency=currency,
        gl_account=GLAccount.objects.of(actor).get(code="1000"),
    )  # fmt: skip


def rate(actor, currency, day, value):
    ExchangeRate.objects.create(organization=actor.organization, currency=currency, date=day, rate=Decimal(value))


def close_month(actor, month: date):
    period, _made = Period.objects.get_or_create(organization=actor.organization, month=month.replace(day=1))
    Period.objects.filter(pk=period.pk).update(closed_at=timezone.now(), closed_by=actor.user)


def form(**values):
    """What a browser sends for the payment form."""
    return {
        "amount": "1000.00", "date": "2026-11-03", "method": "check", "reference": "CHQ 20817", "note": "",
        "posting_date": "", "_key": str(uuid4()), **values,
    }  # fmt: skip
