"""What several pages of the ledger show."""

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from receivables.core.registry import actions
from receivables.core.views import panels_of as panels_of
from receivables.customers.models import Account, Customer


def verbs_of(obj: Any) -> list[str]:
    """The verbs registered for this kind of object, whichever package brought them."""
    return [action.verb for action in actions.of_model(obj._meta.label_lower)]


def customer_crumbs(customer: Customer, account: Account | None = None) -> list[dict[str, Any]]:
    """The way down from all customers."""
    crumbs = [
        {"label": _("Customers"), "url": reverse("customers")},
        {"label": customer.name, "url": customer.get_absolute_url()},
    ]
    if account is not None:
        crumbs.append({"label": account.number, "url": account.get_absolute_url()})
    return crumbs
