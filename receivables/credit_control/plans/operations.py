"""Beginning and ending budgets and arrangements, and bringing what is asked for in step with what is owed.

None of these moves the payoff balance or the journal: the current balance is kept in agreement movements of its own.
"""

from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Max, Sum

from receivables.core.access import lock_rows
from receivables.core.dates import today
from receivables.core.errors import refuse, stale_blocker
from receivables.core.events import record
from receivables.core.operations import operation
from receivables.credit_control.plans.models import Plan, PlanItem
from receivables.credit_control.plans.rules import (
    AgreementFacts,
    cancel_plan_blocker,
    start_arrangement_blocker,
    start_budget_blocker,
    sync_current_blocker,
)
from receivables.customers.models import Account, Agreement, AgreementType
from receivables.ledger.models import AgreementTransaction, OpenItem

ZERO = Decimal(0)
Kind, Ended = Plan.Kind, Plan.Ended


def open_items_of(agreement: Agreement) -> list[OpenItem]:
    """What is open on an agreement, the oldest first."""
    return list(OpenItem.objects.filter(agreement=agreement, balance__gt=0).order_by("due_date", "pk"))


def facts_of(agreement: Agreement) -> AgreementFacts:
    """What the rules look at, as it is now."""
    covered = OpenItem.objects.filter(agreement=agreement, balance__gt=0).aggregate(sum=Sum("balance"))["sum"]
    return AgreementFacts(
        agreement.state, agreement.type.special_role == AgreementType.SpecialRole.NONE,
        agreement.type.eligible_for_billing, agreement.payoff_balance, agreement.current_balance, covered or ZERO,
        Plan.objects.filter(agreement=agreement, ended_on__isnull=True).exists(),
    )  # fmt: skip


def locked(actor: Any, agreement: Agreement, seen: int | None = None) -> Agreement:
    """The agreement as it is under its account's lock. `Refused` if it was changed since it was shown."""
    lock_rows(Account.objects.of(actor), [agreement.account_id])
    current = Agreement.objects.of(actor).select_related("type", "account__customer").get(pk=agreement.pk)
    refuse(stale_blocker(current.version, seen))
    return current


def move_current(actor: Any, agreement: Agreement, kind: str, effect: Decimal) -> None:
    """Move what is asked for now; the ledger's trigger keeps the balance."""
    if effect:
        AgreementTransaction.objects.create(
            organization=actor.organization, agreement=agreement, kind=kind, date=today(actor.organization),
            payoff_effect=ZERO, current_effect=effect,
        )  # fmt: skip


def bring_in_step(actor: Any, agreement: Agreement) -> Decimal:
    """Ask for what is owed; by how much that moved."""
    agreement.refresh_from_db(fields=["payoff_balance", "current_balance"])
    effect = agreement.payoff_balance - agreement.current_balance
    move_current(actor, agreement, "sync", effect)
    return effect


@operation
def sync_current(*, actor: Any, agreement: Agreement, reason: str = "", seen: int | None = None) -> Agreement:
    """Ask for all that is truly owed: current := payoff (documented: before debt is written off). No journal line."""
    current = locked(actor, agreement, seen)
    refuse(sync_current_blocker(facts_of(current)))
    effect = bring_in_step(actor, current)
    record(
        actor, "sync_current", current, about=[current.account], reason=reason, amount=effect,
        currency=current.currency,
    )  # fmt: skip
    return current


@operation
def start_budget(
    *, actor: Any, agreement: Agreement, amount: Decimal, first_due: date, every_months: int = 1, reason: str = "",
    seen: int | None = None,
) -> Plan:  # fmt: skip
    """Ask for an equal amount every so many months from now on; actual charges raise the payoff alone."""
    current = locked(actor, agreement, seen)
    day = today(actor.organization)
    refuse(start_budget_blocker(facts_of(current), amount=amount, first_due=first_due, today=day))
    newest = AgreementTransaction.objects.filter(agreement=current).aggregate(newest=Max("pk"))["newest"] or 0
    plan = Plan.objects.create(
        organization=actor.organization, agreement=current, kind=Kind.BUDGET, currency=current.currency, amount=amount,
        every_months=every_months, first_due=first_due, seen_movement=newest, reason=reason, created_by=actor.user,
    )  # fmt: skip
    recorded(actor, "start_budget", plan, current, reason, amount=amount)
    return plan


@operation
def start_arrangement(
    *, actor: Any, agreement: Agreement, instalments: int, first_due: date, every_months: int = 1, grace_days: int = 0,
    reason: str = "", seen: int | None = None,
) -> Plan:  # fmt: skip
    """Defer all that is open on an agreement and ask for it in instalments; the last ones take the rounding."""
    current = locked(actor, agreement, seen)
    items, day = open_items_of(current), today(actor.organization)
    refuse(start_arrangement_blocker(facts_of(current), instalments=instalments, first_due=first_due, today=day))
    total = sum((item.balance for item in items), ZERO)
    plan = Plan.objects.create(
        organization=actor.organization, agreement=current, kind=Kind.ARRANGEMENT, currency=current.currency,
        total=total, instalments=instalments, every_months=every_months, first_due=first_due, grace_days=grace_days,
        reason=reason, created_by=actor.user,
    )  # fmt: skip
    PlanItem.objects.bulk_create(
        PlanItem(
            organization=actor.organization, plan=plan, open_item=item, currency=item.currency, amount=item.balance
        )
        for item in items
    )
    move_current(actor, current, "arrangement", -total)
    recorded(actor, "start_arrangement", plan, current, reason, amount=total)
    return plan


@operation
def cancel_plan(*, actor: Any, plan: Plan, reason: str = "", seen: int | None = None) -> Plan:
    """End a budget or an arrangement: all that is owed is asked for again."""
    agreement = locked(actor, plan.agreement)
    current = Plan.objects.of(actor).get(pk=plan.pk)
    refuse(stale_blocker(current.version, seen))
    refuse(cancel_plan_blocker(ended=current.ended_on is not None))
    end(actor, current, agreement, Ended.CANCELLED, reason, event="cancel_plan")
    return current


def end(
    actor: Any, plan: Plan, agreement: Agreement, because: str, reason: str = "", *, event: str = "plan_ended"
) -> None:
    """End a plan under its account's lock, and ask for all that is owed again."""
    effect = bring_in_step(actor, agreement)
    plan.ended_on, plan.ended_because = today(actor.organization), because
    plan.version += 1
    plan.save(update_fields=["ended_on", "ended_because", "version"])
    why = reason or str(plan.get_ended_because_display())
    recorded(actor, event, plan, agreement, why, amount=effect)


def recorded(actor: Any, name: str, plan: Plan, agreement: Agreement, reason: str, /, **data: Any) -> None:
    record(
        actor, name, plan, about=[agreement, agreement.account, agreement.account.customer], reason=reason,
        currency=plan.currency, type=str(plan.get_kind_display()), **data,
    )  # fmt: skip
