"""What happens to plans by itself: amounts fall due, charges are deferred, arrangements are kept or broken."""

import logging
from collections.abc import Collection, Sequence
from decimal import Decimal
from typing import Any

from django.db.models import Sum

from receivables.core.compiled import Arg, Compiled
from receivables.core.dates import today
from receivables.core.errors import Refused
from receivables.core.events import ref
from receivables.core.transactions import run_atomic
from receivables.credit_control.plans.models import Plan
from receivables.credit_control.plans.operations import end, locked, move_current, recorded
from receivables.credit_control.plans.rules import Instalment, due_count, missed, schedule
from receivables.customers.models import Agreement
from receivables.ledger.models import AgreementTransaction

ZERO = Decimal(0)
Kind, Ended = Plan.Kind, Plan.Ended
# Events after which a budget looks at what was billed on its agreement.
BILLS = (
    "generate_invoice", "generate_summary_invoice", "regenerate_invoice", "reissue_invoice", "void_invoice",
    "change_summary_loads",
)  # fmt: skip
logger = logging.getLogger("receivables.jobs")


def instalments_of(plan: Plan, count: int | None = None) -> list[Instalment]:
    """The amounts of a plan with their days: all of an arrangement, the first `count` of a budget."""
    number = plan.instalments if plan.kind == Kind.ARRANGEMENT else count
    return schedule(
        first_due=plan.first_due, every_months=plan.every_months, total=plan.total, amount=plan.amount,
        count=number or 0, currency=plan.currency,
    )  # fmt: skip


def owed_of(plan: Plan) -> Decimal:
    """What is still open of the debt that an arrangement covers; no item counts for more than it did then."""
    return sum(
        (min(row.amount, row.open_item.balance) for row in plan.items.select_related("open_item")), ZERO
    )  # fmt: skip


def active_plan(agreement_id: int) -> Plan | None:
    return Plan.objects.filter(agreement_id=agreement_id, ended_on__isnull=True).first()


def advance(actor: Any, plan: Plan) -> None:
    """Ask for what is due of a plan, and end an arrangement that was kept or broken; under its account's lock."""
    agreement = locked(actor, plan.agreement)
    current = Plan.objects.of(actor).filter(pk=plan.pk, ended_on__isnull=True).first()
    if current is None:
        return
    day = today(actor.organization)
    if current.kind == Kind.ARRANGEMENT:
        owed = owed_of(current)
        if owed == 0:
            end(actor, current, agreement, Ended.KEPT)
            return
        whole = instalments_of(current)
        if missed(whole, total=current.total or ZERO, owed=owed, grace_days=current.grace_days, today=day):
            end(actor, current, agreement, Ended.BROKEN)
            return
    _ask(actor, current, agreement)


def _ask(actor: Any, plan: Plan, agreement: Agreement) -> None:
    due = due_count(
        first_due=plan.first_due, every_months=plan.every_months, today=today(actor.organization),
        most=plan.instalments,
    )  # fmt: skip
    new = instalments_of(plan, due)[plan.asked : due]
    if not new:
        return
    amount = sum((each.amount for each in new), ZERO)
    move_current(actor, agreement, "instalment", amount)
    plan.asked = due
    plan.save(update_fields=["asked"])
    recorded(actor, "plan_asked", plan, agreement, "", amount=amount)


def advance_all(actor: Any) -> int:
    """Advance every plan of an organization, each in a transaction of its own; how many there were."""
    plans = list(Plan.objects.of(actor).filter(ended_on__isnull=True).select_related("agreement").order_by("pk"))
    for plan in plans:
        try:
            run_atomic(lambda plan=plan: advance(actor, plan))  # type: ignore[misc]
        except Refused as refused:
            logger.warning("plan %s was not advanced: %s", plan.pk, refused)
    return len(plans)


# Reactions ------------------------------------------------------------------------------------------------------------


BUDGETS = Compiled(
    lambda: Plan.objects.filter(agreement_id__any=Arg("agreements"), ended_on__isnull=True, kind=Kind.BUDGET)
)


def defer_bills(actor: Any, pairs: Sequence[tuple[Any, Any]]) -> None:
    """Reaction to billing: what was billed on agreements with a budget is owed, and not asked for."""
    for plan in BUDGETS.fetch(agreements=list({subject.agreement_id for _event, subject in pairs})):
        _defer_bill(actor, plan)


def _defer_bill(actor: Any, plan: Plan) -> None:
    moved = AgreementTransaction.objects.filter(
        agreement_id=plan.agreement_id, pk__gt=plan.seen_movement, entry__source_type="billing.revision"
    )
    effect = moved.aggregate(sum=Sum("payoff_effect"))["sum"] or ZERO
    newest = AgreementTransaction.objects.filter(agreement_id=plan.agreement_id).order_by("-pk").first()
    plan.seen_movement = newest.pk if newest else plan.seen_movement
    plan.save(update_fields=["seen_movement"])
    move_current(actor, plan.agreement, "deferred", -effect)


def agreements_on_plan(actor: Any, agreements: Collection[int]) -> set[int]:
    """Those of the agreements that have a plan: what runs by itself leaves them alone until it ends."""
    rows = Plan.objects.of(actor).filter(agreement__in=agreements, ended_on__isnull=True)
    return set(rows.values_list("agreement_id", flat=True))


def end_at_stop(*, actor: Any, event: Any, subject: Agreement) -> None:
    """Reaction to a stop: a budget ends with service (documented), an arrangement goes on."""
    plan = active_plan(subject.pk)
    if plan is not None and plan.kind == Kind.BUDGET and subject.state != Agreement.State.PENDING_STOP:
        end(actor, plan, Agreement.objects.select_related("account__customer").get(pk=subject.pk), Ended.STOPPED)


def end_at_write_off(*, actor: Any, event: Any, subject: Any) -> None:
    """Reaction to a write-off or a bankruptcy, which bring current and payoff in step first: the plans of the
    agreements whose debt they took end, also where it was only a part of it (ours)."""
    end_at_write_offs(actor, [(event, subject)])


def end_at_write_offs(actor: Any, pairs: Sequence[tuple[Any, Any]]) -> None:
    """The same for all of a batch, looked up at once. The events name the agreements."""
    taken = {name for event, _subject in pairs for name in event.refs}
    accounts = {subject.account_id for _event, subject in pairs}
    plans = Plan.objects.of(actor).filter(agreement__account__in=accounts, ended_on__isnull=True)
    for plan in plans.select_related("agreement__account__customer").order_by("pk"):
        if ref(plan.agreement) in taken:
            end(actor, plan, plan.agreement, Ended.WRITTEN_OFF)
