"""The pay-off limit in the settings: in words, with the published example, and what it would have given up."""

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.admin_forms import OrganizationForm
from accounts.admin_pages import SettingsAdmin
from accounts.admin_site import receivables_admin
from receivables.billing.operations.locking import number_format
from receivables.billing.pages import amount_text
from receivables.collections.excess.queries import over_text
from receivables.collections.models import PayOffExclusion, PayOffPolicy
from receivables.collections.payoff import pay_off
from receivables.collections.payoff_facts import Limits, PayOffFacts
from receivables.collections.payoff_queries import limit_text, limits_of, loss_reasons, percent_text
from receivables.collections.payoff_simulation import would_be_income, would_have_been
from receivables.collections.rules import AssignmentFacts
from receivables.core.dates import months_later, today
from receivables.core.money import parse_money
from receivables.customers.models import Customer
from receivables.ledger.models import GLAccount

MOST_EXCLUDED = 500


class PayOffPolicyForm(OrganizationForm):
    """The limit and its narrowers; every change says why."""

    excluded = forms.CharField(
        label=gettext_lazy("Excluded customers"), required=False, widget=forms.Textarea(attrs={"rows": 4}),
        help_text=gettext_lazy("Numbers of customers whom nothing is given up for, one a line."),
    )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["excluded"].initial = "\n".join(excluded_numbers(self.actor))
        if "reason" in self.fields:
            reason: Any = self.fields["reason"]
            reason.queryset = loss_reasons(self.actor)
        if "over_account" in self.fields:
            account: Any = self.fields["over_account"]
            account.queryset = income_accounts(self.actor)
        if "why" in self.fields and not self.is_bound:
            self.initial["why"] = ""

    def clean_excluded(self) -> list[Customer]:
        """The customers behind the numbers; refused with the first that is none of them."""
        typed = list(dict.fromkeys(line.strip() for line in self.cleaned_data["excluded"].splitlines() if line.strip()))
        if len(typed) > MOST_EXCLUDED:
            raise forms.ValidationError(_("At most %(n)s customers can be excluded.") % {"n": MOST_EXCLUDED})
        found = {each.number: each for each in Customer.objects.of(self.actor).filter(number__in=typed)}
        for number in typed:
            if number not in found:
                raise forms.ValidationError(_("There is no customer with the number %(number)s.") % {"number": number})
        return [found[number] for number in typed]

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        for name in ("maximum", "cap", "percent", "over_maximum"):
            value = data.get(name)
            if value is not None and value < 0:
                self.add_error(name, _("Enter zero or more."))
        if (data.get("percent") or 0) > 100:
            self.add_error("percent", _("Enter 100 or less."))
        if data.get("over_maximum") is not None and not data.get("over_account"):
            self.add_error("over_account", _("Choose the account that over-payments are booked to."))
        return data


def income_accounts(actor: Any) -> QuerySet[GLAccount]:
    """Where what was paid too much may be booked."""
    return GLAccount.objects.of(actor).filter(kind=GLAccount.Kind.INCOME, active=True).order_by("code")


def excluded_numbers(actor: Any) -> list[str]:
    rows = PayOffExclusion.objects.of(actor).order_by("customer__number")
    return list(rows.values_list("customer__number", flat=True)[:MOST_EXCLUDED])


@admin.register(PayOffPolicy, site=receivables_admin)
class PayOffPolicyAdmin(SettingsAdmin):
    """One row an organization, set by the platform's staff unless they granted it to the Admins."""

    form = PayOffPolicyForm
    verb, view_verb = "manage_pay_off_policy", "view_pay_off_policy"
    section, place = "collections", 10
    about = gettext_lazy(
        "How much of an invoice may be given up as bad debt when a payment falls short and “Pay bill?” is ticked. "
        "All that is set must allow it."
    )
    list_display = ["maximum", "percent", "cap", "reason", "over_maximum"]
    empty_words = {
        "percent": gettext_lazy("not looked at"), "cap": gettext_lazy("not looked at"),
        "over_maximum": gettext_lazy("not booked as income"),
    }  # fmt: skip
    fields = ["maximum", "percent", "cap", "reason", "over_maximum", "over_account", "excluded", "why"]

    def get_list_display(self, request: Any) -> Any:
        _maximum, *others = super().get_list_display(request)
        actor = request.actor

        def in_words(policy: PayOffPolicy) -> str:
            return limit_text(actor, policy.maximum)

        in_words.short_description = _("pay-off limit")  # type: ignore[attr-defined]
        return [in_words, *others]

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def changeform_view(
        self, request: Any, object_id: str | None = None, form_url: str = "", extra_context: Any = None
    ) -> Any:
        policy = PayOffPolicy.objects.of(request.actor).select_related("reason").first()
        said = policy_words(request.actor, policy) if policy else []
        tried = trial(request.actor, limits_of(policy), request.GET["try"]) if policy and "try" in request.GET else None
        context = {**(extra_context or {}), "sentences": said, "trial": tried, "currency": policy and policy.currency}
        return super().changeform_view(request, object_id, form_url, context)

    def get_fields(self, request: Any, obj: Any = None) -> Any:
        """Who only looks sees the exclusions in the sentences above."""
        names = list(super().get_fields(request, obj))
        return names if self.has_change_permission(request, obj) else [name for name in names if name != "excluded"]

    def save_model(self, request: Any, obj: Any, form: Any, change: bool) -> None:
        if form.changed_data and set(form.changed_data) != {"why"}:
            super().save_model(request, obj, form, change)
            set_excluded(request.actor, form.cleaned_data["excluded"])
            messages.info(request, example(request.actor, limits_of(obj)))


def set_excluded(actor: Any, customers: Sequence[Customer]) -> None:
    """Make the excluded customers these."""
    PayOffExclusion.objects.of(actor).exclude(customer__in=customers).delete()
    known = set(PayOffExclusion.objects.of(actor).values_list("customer_id", flat=True))
    for customer in customers:
        if customer.pk not in known:
            PayOffExclusion.objects.create(organization=actor.organization, customer=customer)


def policy_words(actor: Any, policy: PayOffPolicy) -> list[str]:
    """The policy in words, the published example under it, and what it and others would have given up in a year."""
    limits = limits_of(policy)
    said = [_("Now: %(limit)s.") % {"limit": limit_text(actor, policy.maximum)}]
    if policy.percent is not None:
        said.append(_("Also: %(limit)s.") % {"limit": percent_text(actor, policy.percent)})
    if policy.cap is not None:
        words = {"cap": amount_text(actor, policy.cap, policy.currency)}
        said.append(_("Also: up to %(cap)s per customer in 12 months.") % words)
    if numbers := excluded_numbers(actor):
        said.append(_("Nothing is given up for customers %(numbers)s.") % {"numbers": ", ".join(numbers)})
    said.append(
        _("What is paid too much and may be booked as income: %(limit)s.")
        % {"limit": over_text(actor, policy.over_maximum)}
    )
    return [*said, example(actor, limits), simulated(actor, limits), simulated_over(actor, policy.over_maximum)]


def example(actor: Any, limits: Limits) -> str:
    """The published example under these limits: balance 130, collected 50."""
    balance, applied = Decimal(130), Decimal(50)
    fmt = number_format(actor)
    assignment = AssignmentFacts("", limits.currency, balance, applied, False, fmt, limits.currency)
    outcome = pay_off(PayOffFacts(assignment, limits, pay_bill=True, total=balance))
    words = {
        "balance": amount_text(actor, balance, limits.currency),
        "applied": amount_text(actor, applied, limits.currency),
        "outcome": outcome.blocker.message if outcome.blocker else outcome.notice,
    }
    return _("Example: balance %(balance)s, collected %(applied)s: %(outcome)s") % words


def trial(actor: Any, limits: Limits, typed: str) -> dict[str, str]:
    """What a limit that a person types would have given up; nothing is set. `error` where it can't be read."""
    try:
        limit = parse_money(typed, limits.currency, number_format(actor)) if typed.strip() else None
    except ValidationError as wrong:
        return {"typed": typed, "error": " ".join(wrong.messages)}
    if limit is not None and limit < 0:
        return {"typed": typed, "error": _("Enter zero or more.")}
    return {
        "typed": typed,
        "said": simulated(actor, replace(limits, limit=limit)),
        "over": simulated_over(actor, limit),
    }


def simulated_over(actor: Any, maximum: Decimal | None) -> str:
    """What an over-payment limit would have let people book as income of what was paid too much last year."""
    own = actor.organization.currency
    found = would_be_income(actor, maximum, own, months_later(today(actor.organization), -12))
    if not found.of:
        return _("In the last year no payment brought more than it pays, so there is no over-payment to try limits on.")
    words = {
        "n": found.count, "of": found.of, "sum": amount_text(actor, found.total, own),
        "limit": over_text(actor, maximum),
    }  # fmt: skip
    return (
        _(
            "With the over-payment limit “%(limit)s”, %(n)s of the last year's %(of)s payments that brought too much,"
            " %(sum)s in all, could have been booked as income."
        )
        % words
    )


def simulated(actor: Any, limits: Limits) -> str:
    """What the limits would have given up of last year's shortfalls."""
    found = would_have_been(actor, limits, months_later(today(actor.organization), -12))
    if not found.of:
        return _("In the last year no payment fell short, so there is nothing to try limits on.")
    words = {
        "n": found.count, "of": found.of, "sum": amount_text(actor, found.total, limits.currency),
        "limit": limit_text(actor, limits.limit),
    }  # fmt: skip
    return (
        _(
            "With the limit “%(limit)s”, %(n)s of the last year's %(of)s shortfalls, %(sum)s in all, would have been"
            " given up."
        )
        % words
    )
