"""What a fresh organization begins with: an agency, the standard template, a control for each write-off debt class."""

from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from receivables.customers.models import CollectionClass, WriteOffDebtClass
from receivables.ledger.models import GLAccount
from receivables.writeoffs.automated.kinds import EventKind
from receivables.writeoffs.automated.models import (
    CollectionAgency,
    ProcessTemplate,
    TemplateEvent,
    WriteOffControl,
    WriteOffCriterion,
)

# Source: the published standard template. Sequence, kind, days.
STEPS = [
    (10, EventKind.REFER, 0), (20, EventKind.LETTER, 0), (30, EventKind.CANCEL_REFERRAL, 60),
    (40, EventKind.WRITE_OFF, 60),
]  # fmt: skip
# Ours: what a small organization would choose first.
GRACE_DAYS = 30
WRITE_DOWN_BELOW, WRITE_UP_BELOW, MAXIMUM = Decimal(10), Decimal(1), Decimal(1000)


def set_up_automated(*, actor: Any, event: Any, subject: Any) -> None:
    """Reaction to a new organization, after its classes and accounts exist."""
    own = {"organization": subject}
    collection_class = CollectionClass.objects.filter(code="STD", **own).first()
    account = GLAccount.objects.filter(code="6300", **own).first()
    if collection_class is None or account is None:
        return
    CollectionAgency.objects.create(code="AGENCY", name=_("Collection agency"), **own)
    template = ProcessTemplate.objects.create(code="STANDARD", name=_("Standard"), **own)
    TemplateEvent.objects.bulk_create(
        TemplateEvent(template=template, sequence=sequence, kind=kind, days=days, **own)
        for sequence, kind, days in STEPS
    )
    for debt_class in WriteOffDebtClass.objects.filter(code__in=["REG", "NA"], **own).order_by("pk"):
        control = WriteOffControl.objects.create(
            collection_class=collection_class, write_off_debt_class=debt_class, currency=subject.currency,
            grace_days=GRACE_DAYS, write_down_below=WRITE_DOWN_BELOW, write_up_below=WRITE_UP_BELOW,
            difference_account=account, maximum=MAXIMUM, **own,
        )  # fmt: skip
        if debt_class.eligible_for_write_off:
            WriteOffCriterion.objects.create(
                control=control, priority=100, currency=subject.currency, template=template, **own
            )
