"""Making a customer. Pages that show balances are the ledger's."""

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from receivables.core.views import FormView
from receivables.customers.forms import CreateCustomerForm
from receivables.customers.operations import create_customer


class CreateCustomerView(FormView):
    """A customer, a first account and a freight agreement, in one step."""

    verb = "create_customer"
    form_class = CreateCustomerForm

    def context(self) -> dict[str, Any]:
        return {
            "title": _("New customer"),
            "submit_label": _("Create customer"),
            "breadcrumb": [{"label": _("Customers"), "url": reverse("customers")}],
            "crumb": _("New customer"),
            "effects": [_("An account and a freight agreement are made with it, so that it can be billed at once.")],
            "cancel_url": reverse("customers"),
        }

    def run(self, data: dict[str, Any]) -> tuple[str, str]:
        made = create_customer(actor=self.request.actor, **data)
        words = {"number": made.customer.number, "account": made.account.number}
        return made.customer.get_absolute_url(), _("Customer %(number)s created, with account %(account)s.") % words
