"""What the debt monitor would find on an account today, debt class by debt class."""

from typing import Any

from receivables.core.dates import today
from receivables.core.registry import Panel, panels
from receivables.credit_control.monitor.reading import Reviewed, review_accounts
from receivables.credit_control.monitor.rules import SKIPS
from receivables.credit_control.monitor.tables import step_status
from receivables.customers.models import Account, DebtClass


def _row(each: Reviewed, names: dict[int, str]) -> dict[str, Any]:
    _account, debt_class, currency = each.key
    step = each.verdict.step
    return {
        "name": names[debt_class],
        "currency": currency,
        "amount": each.verdict.amount,
        "days": each.verdict.days,
        "status": step_status(step) if step else None,
        "why": SKIPS.get(each.verdict.code, ""),
        "process": each.process,
    }


def of_account(account: Account, actor: Any) -> dict[str, Any]:
    """The overdue debt of an account: what is chased, what is left alone and why."""
    reviewed = review_accounts(actor, [account.pk], today(actor.organization))
    names = dict(DebtClass.objects.of(actor).values_list("pk", "name"))
    return {"rows": [_row(each, names) for each in reviewed], "may_open": actor.can("view_worklist")}


def register() -> None:
    """Called once, when the application is ready."""
    panels.register(
        Panel("collection", "customers.account", "main", "credit_control/collection_panel.html", of_account)
    )
