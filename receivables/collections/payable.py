"""Which debt payments may reach: agreements whose type takes payments."""

from collections.abc import Iterable, Mapping
from typing import Any

from receivables.collections.rules import no_payments_blocker
from receivables.core.errors import Blocker
from receivables.customers.models import Agreement, AgreementType

# How a query says it from an agreement on.
NO_PAYMENTS = AgreementType.PaymentSegment.NONE


def unpayable_blocker(actor: Any, debts: Iterable[Any], fields: Mapping[int, str] | None = None) -> Blocker | None:
    """The first of these debts (invoices or open items, anything with an agreement) that no payment may reach.

    `fields` names the form's field of each debt by its key; without it the refusal is about the amount.
    """
    of = {each.agreement_id: each for each in debts}
    rows = Agreement.objects.of(actor).filter(pk__in=of, type__payment_segment_type=NO_PAYMENTS)
    first = rows.select_related("type").order_by("pk").first()
    if first is None:
        return None
    field = (fields or {}).get(of[first.pk].pk, "amount")
    return no_payments_blocker(agreement=first.number, type=first.type.name, takes_payments=False, field=field)
