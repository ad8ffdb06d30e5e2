"""The criteria that a fresh organization begins with."""

from decimal import Decimal
from typing import Any

from receivables.credit_control.monitor.models import CollectionCriterion, Step
from receivables.customers.models import CollectionClass, DebtClass

# Priority, days overdue, step: the sternest is tried first.
CRITERIA = [(10, 45, Step.FINAL), (20, 21, Step.SECOND), (30, 7, Step.FIRST)]
SMALLEST = Decimal(10)


def set_up_criteria(*, actor: Any, event: Any, subject: Any) -> None:
    """Reaction to a new organization: whom it reminds of regular debt, after its classes exist."""
    own = {"organization": subject}
    collection_class = CollectionClass.objects.filter(code="STD", **own).first()
    debt_class = DebtClass.objects.filter(code="REG", **own).first()
    if collection_class is None or debt_class is None:
        return
    CollectionCriterion.objects.bulk_create(
        CollectionCriterion(
            collection_class=collection_class, debt_class=debt_class, priority=priority, currency=subject.currency,
            minimum_amount=SMALLEST, minimum_age=age, step=step, **own,
        )
        for priority, age, step in CRITERIA
    )  # fmt: skip
