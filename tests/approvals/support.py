"""Shorthands of the tests of approvals."""

from decimal import Decimal

import pytest

from receivables.approvals.models import ApprovalRequest
from receivables.billing.models import Accessorial
from receivables.billing.operations import add_accessorial, generate_invoice
from receivables.core.errors import Refused
from tests.builders import make_load


def asked(cast, amount="300", line_haul="1000", reason="Damaged goods", load=None):
    """Bob takes something off that exceeds his limit; the request that waits, and its accessorial."""
    if load is None:
        load = make_load(cast.alice, line_haul=line_haul)
        generate_invoice(actor=cast.alice, load=load)
    row = add_accessorial(
        actor=cast.bob, load=load, type=cast.write_off, entity="customer", amount=-Decimal(amount), note=reason
    )
    return ApprovalRequest.objects.get(subject_id=row.pk), row


def state_of(row):
    return Accessorial.objects.get(pk=row.pk).state


def refused(verb, **arguments):
    with pytest.raises(Refused) as caught:
        verb(**arguments)
    return caught.value
