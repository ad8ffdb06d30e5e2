"""Entering a load: first whose, then what."""

from typing import Any

from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from receivables.billing.filters import LONGEST, accounts_like
from receivables.billing.forms import CreateLoadForm
from receivables.billing.operations import create_load
from receivables.billing.operations.loads import EDITABLE
from receivables.core.access import fetch
from receivables.core.errors import Blocker
from receivables.core.forms import key_of
from receivables.core.views import FormView
from receivables.customers.models import Account

SHOWN = 20


def account_number(text: str) -> int:
    """The key of an account in an address. Raises `Http404` for anything else."""
    key = key_of(text)
    if key is None:
        raise Http404
    return key


class CreateLoadView(FormView):
    """A new load: without an account in the address one is looked up first, by typing, with or without scripts."""

    verb = "create_load"
    template = "billing/create_load.html"
    form_class = CreateLoadForm
    account: Account

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not request.GET.get("account"):
            return self.choose(request)
        self.account = self._account()
        return super().get(request, *args, **kwargs)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        self.account = self._account()
        return super().post(request, *args, **kwargs)

    def _account(self) -> Account:
        accounts = Account.objects.select_related("customer")
        return fetch(self.request.actor, accounts, account_number(self.request.GET.get("account", "")), self.verb)

    def choose(self, request: HttpRequest) -> HttpResponse:
        typed = " ".join(request.GET.get("q", "").split())[:LONGEST]
        found = list(self._candidates(typed)[: SHOWN + 1])
        context = {
            "title": _("New load"),
            "breadcrumb": [{"label": _("Loads"), "url": reverse("loads")}],
            "typed": typed,
            "accounts": found[:SHOWN],
            "more": len(found) > SHOWN,
            "may_create_customer": request.actor.can("create_customer"),
        }
        return render(request, "billing/choose_account.html", context)

    def _candidates(self, typed: str) -> QuerySet[Account]:
        accounts = Account.objects.of(self.request.actor).filter(customer__active=True).select_related("customer")
        if typed:
            accounts = accounts.filter(pk__in=accounts_like(self.request.actor, typed))
        return accounts.order_by("customer__name", "pk") if typed else accounts.order_by("-pk")

    def form_kwargs(self) -> dict[str, Any]:
        return {**super().form_kwargs(), "account": self.account}

    def blocker(self) -> Blocker | None:
        if CreateLoadForm(**self.form_kwargs()).agreements:
            return None
        return Blocker("no_agreement", _("This account has no service agreement that may be billed. Start one first."))

    def context(self) -> dict[str, Any]:
        customer = self.account.customer
        return {
            "title": _("New load for %(customer)s") % {"customer": customer.name},
            "breadcrumb": [
                {"label": _("Loads"), "url": reverse("loads")},
                {"label": _("New load"), "url": reverse("create_load")},
            ],
            "crumb": customer.name,
            "submit_label": _("Create load"),
            "cancel_url": reverse("loads"),
            "facts": [
                {"label": _("Customer"), "value": customer.name},
                {"label": _("Account"), "value": self.account.number},
                {"label": _("Payment terms"), "value": customer.terms.name},
            ],
        }

    def run(self, data: dict[str, Any]) -> tuple[str, str]:
        details = {name: data[name] for name in EDITABLE if name not in ("reference", "line_haul")}
        load = create_load(
            actor=self.request.actor, account=self.account, agreement=data["agreement"], number=data["number"],
            reference=data["reference"], line_haul=data["line_haul"], **details,
        )  # fmt: skip
        return load.get_absolute_url(), _("Load %(number)s was created.") % {"number": load.number}
