"""What upper packages ask of customers, accounts and agreements."""

from typing import Any

from receivables.customers.models import Agreement


def billed_currencies(actor: Any) -> list[str]:
    """The currencies of the organization's agreements, so of all debt; its own first, also where nothing is billed
    in it. There are few agreements beside open items, which a list would read for the choices of a filter."""
    own = actor.organization.currency
    others = Agreement.objects.of(actor).exclude(currency=own).order_by("currency")
    return [own, *others.values_list("currency", flat=True).distinct()]
