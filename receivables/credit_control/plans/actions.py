"""Budgets, arrangements and the sync of current to payoff as they are clicked."""

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from receivables.billing.pages import amount_text
from receivables.core.errors import Blocker
from receivables.core.registry import Action, Panel, actions, panels
from receivables.credit_control.plans import operations
from receivables.credit_control.plans.advancing import instalments_of, owed_of
from receivables.credit_control.plans.forms import ArrangementForm, BudgetForm, CancelPlanForm, SyncForm
from receivables.credit_control.plans.models import Plan
from receivables.credit_control.plans.rules import (
    cancel_plan_blocker,
    start_arrangement_blocker,
    start_budget_blocker,
    sync_current_blocker,
)
from receivables.customers.models import Agreement, AgreementType

AGREEMENT, PLAN = "customers.agreement", "credit_control.plan"
SHOWN = 24  # instalments of an arrangement, or earlier plans


def _is_service(agreement: Agreement, actor: Any) -> bool:
    return agreement.type.special_role == AgreementType.SpecialRole.NONE


def _differs(agreement: Agreement, actor: Any) -> bool:
    return agreement.payoff_balance != agreement.current_balance


def _owes(agreement: Agreement, actor: Any) -> bool:
    return _is_service(agreement, actor) and agreement.payoff_balance > 0


def _sync_blocker(agreement: Agreement, actor: Any) -> Blocker | None:
    return sync_current_blocker(operations.facts_of(agreement))


def _budget_blocker(agreement: Agreement, actor: Any) -> Blocker | None:
    return start_budget_blocker(operations.facts_of(agreement))


def _arrangement_blocker(agreement: Agreement, actor: Any) -> Blocker | None:
    return start_arrangement_blocker(operations.facts_of(agreement))


def _facts(agreement: Agreement, actor: Any) -> list[dict[str, Any]]:
    return [
        {"label": _("Account"), "value": agreement.account},
        {"label": _("Truly owed"), "value": amount_text(actor, agreement.payoff_balance, agreement.currency)},
        {"label": _("Asked for now"), "value": amount_text(actor, agreement.current_balance, agreement.currency)},
    ]


def _confirm_sync(agreement: Agreement, actor: Any) -> dict[str, Any]:
    owed = amount_text(actor, agreement.payoff_balance, agreement.currency)
    return {
        "facts": _facts(agreement, actor),
        "effects": [_("%(owed)s is asked for now. The journal stays as it is.") % {"owed": owed}],
    }


def _confirm_budget(agreement: Agreement, actor: Any) -> dict[str, Any]:
    return {
        "facts": _facts(agreement, actor),
        "effects": [
            _("What is billed from now on is owed, but asked for in equal amounts."),
            _("The budget ends when service stops: then all that is owed is asked for."),
        ],
    }


def _confirm_arrangement(agreement: Agreement, actor: Any) -> dict[str, Any]:
    covered = amount_text(actor, operations.facts_of(agreement).covered, agreement.currency)
    return {
        "facts": _facts(agreement, actor),
        "effects": [
            _("%(amount)s is deferred and asked for in instalments; it stays owed.") % {"amount": covered},
            _("While it is kept, nobody is reminded of what is not due yet."),
        ],
    }


def _confirm_cancel(plan: Plan, actor: Any) -> dict[str, Any]:
    return {
        "facts": _facts(plan.agreement, actor),
        "effects": [_("All that is owed is asked for again.")],
        "tone": "warning",
    }


def _sync(actor: Any, agreement: Agreement, data: dict[str, Any]) -> tuple[Any, str]:
    return operations.sync_current(actor=actor, agreement=agreement, **data), _("All that is owed is asked for now.")


def _budget(actor: Any, agreement: Agreement, data: dict[str, Any]) -> tuple[Any, str]:
    return operations.start_budget(actor=actor, agreement=agreement, **data), _("The budget has begun.")


def _arrange(actor: Any, agreement: Agreement, data: dict[str, Any]) -> tuple[Any, str]:
    plan = operations.start_arrangement(actor=actor, agreement=agreement, **data)
    amount = amount_text(actor, plan.total or operations.ZERO, plan.currency)
    words = {"amount": amount, "n": plan.instalments}
    return plan, _("%(amount)s is to be paid in %(n)s instalments.") % words


def _cancel(actor: Any, plan: Plan, data: dict[str, Any]) -> tuple[Any, str]:
    return operations.cancel_plan(actor=actor, plan=plan, **data), _("All that is owed is asked for again.")


def _cancel_blocker(plan: Plan, actor: Any) -> Blocker | None:
    return cancel_plan_blocker(ended=plan.ended_on is not None)


def _runs(plan: Plan, actor: Any) -> bool:
    return plan.ended_on is None


def of_agreement(agreement: Agreement, actor: Any) -> dict[str, Any]:
    """The plans of an agreement: the active one with its instalments, and those that ended."""
    rows = list(Plan.objects.of(actor).filter(agreement=agreement).order_by("-pk")[:SHOWN])
    active = next((plan for plan in rows if plan.ended_on is None), None)
    shown = []
    if active is not None:
        for number, each in enumerate(instalments_of(active, active.asked + 1)[:SHOWN]):
            shown.append({"due": each.due, "amount": each.amount, "asked": number < active.asked})
    return {
        "plan": active,
        "instalments": shown,
        "owed": owed_of(active) if active is not None and active.kind == Plan.Kind.ARRANGEMENT else None,
        "ended": [plan for plan in rows if plan.ended_on is not None],
    }


def register() -> None:
    """Called once, when the application is ready."""
    for action in (
        Action(
            "start_budget", AGREEMENT, gettext_lazy("Start budget"), _budget, BudgetForm, _budget_blocker, _is_service,
            _confirm_budget, style="secondary",
        ),
        Action(
            "start_arrangement", AGREEMENT, gettext_lazy("Start payment arrangement"), _arrange, ArrangementForm,
            _arrangement_blocker, _owes, _confirm_arrangement, style="secondary",
        ),
        Action(
            "sync_current", AGREEMENT, gettext_lazy("Ask for all that is owed"), _sync, SyncForm, _sync_blocker,
            _differs, _confirm_sync, style="secondary",
        ),
        Action(
            "cancel_plan", PLAN, gettext_lazy("Cancel"), _cancel, CancelPlanForm, _cancel_blocker, _runs,
            _confirm_cancel, style="outline-danger",
        ),
    ):  # fmt: skip
        actions.register(action)
    panels.register(Panel("plans", AGREEMENT, "main", "credit_control/plans_panel.html", of_agreement))
