"""Making a customer. Pages that show balances are the ledger's."""

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from receivables.core.errors import Blocker
from receivables.core.views import FormView
from receivables.customers.dates import agreement_dates_blocker, due_agreements, run_agreement_dates
from receivables.customers.forms import CreateCustomerForm, NothingForm
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


class AgreementDatesView(FormView):
    """Start and stop now what the daily run would: agreements whose day has come."""

    verb = "run_agreement_dates"
    form_class = NothingForm

    def blocker(self) -> Blocker | None:
        return agreement_dates_blocker(self.request.actor)

    def context(self) -> dict[str, Any]:
        due = due_agreements(self.request.actor)
        return {
            "title": _("Start and stop agreements"),
            "breadcrumb": [{"label": _("Customers"), "url": reverse("customers")}],
            "crumb": _("Start and stop agreements"),
            "facts": [
                {"label": _("To be started"), "value": f"{len(due.starting):,}"},
                {"label": _("To be stopped"), "value": f"{len(due.stopping):,}"},
            ],
            "effects": [
                _("Agreements whose start date has come become active, those whose stop date has come are stopped."),
                _("This also happens by itself every day."),
            ],
            "submit_label": _("Start and stop"),
            "cancel_url": reverse("customers"),
        }

    def run(self, data: dict[str, Any]) -> tuple[str, str]:
        return run_agreement_dates(actor=self.request.actor).get_absolute_url(), ""
