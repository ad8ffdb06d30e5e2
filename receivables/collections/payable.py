"""Which debt payments may reach: agreements whose type takes payments."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.db.models import BooleanField, ExpressionWrapper, Q

from receivables.collections.rules import no_payments_blocker
from receivables.core.compiled import Arg, Compiled
from receivables.core.errors import Blocker
from receivables.customers.models import Agreement, AgreementType

# How a query says it from an agreement on.
NO_PAYMENTS = AgreementType.PaymentSegment.NONE

# The same as a column of what has an agreement.
TAKES_PAYMENTS = ExpressionWrapper(~Q(agreement__type__payment_segment_type=NO_PAYMENTS), output_field=BooleanField())

UNPAYABLE = Compiled(
    lambda: (
        Agreement.objects.filter(
            organization_id=Arg("organization"), pk__any=Arg("keys"), type__payment_segment_type=NO_PAYMENTS
        )
        .select_related("type")
        .order_by("pk")
    )
)


def unpayable_blocker(actor: Any, debts: Iterable[Any], fields: Mapping[int, str] | None = None) -> Blocker | None:
    """The first of these debts (invoices or open items, anything with an agreement) that no payment may reach.

    `fields` names the form's field of each debt by its key; without it the refusal is about the amount.
    """
    of = {each.agreement_id: each for each in debts}
    found = UNPAYABLE.fetch(organization=actor.organization_id, keys=[key for key in of if key]) if of else []
    if not found:
        return None
    first = found[0]
    field = (fields or {}).get(of[first.pk].pk, "amount")
    return no_payments_blocker(agreement=first.number, type=first.type.name, takes_payments=False, field=field)
