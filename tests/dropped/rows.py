"""Rows of the few tables of which the attacked books have none."""

from decimal import Decimal
from typing import Any
from uuid import uuid4

from accounts.models import UserSession
from receivables.approvals.models import ApprovalStep
from receivables.billing.importing.models import ImportMapping
from receivables.core.models import IdempotencyKey
from receivables.ledger.rates.models import ExchangeRate
from tests.support.attack import DAY, Books


def add_the_rest(books: Books) -> None:
    own: dict[str, Any] = {"organization": books.actor.organization}
    ApprovalStep.objects.create(kind="bad_debt", currency="USD", amount_from=Decimal(500), decisions=2, **own)
    ExchangeRate.objects.create(currency="EUR", date=DAY, rate=Decimal("1.1"), **own)
    IdempotencyKey.objects.create(key=uuid4(), user=books.actor.user, request_hash=b"x", **own)
    ImportMapping.objects.create(name="Loads", fingerprint="x", **own)
    UserSession.objects.create(user=books.actor.user, session_key=f"key of {books.org}", **own)
