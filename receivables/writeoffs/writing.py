"""Writing off as it is clicked: what it would come to, done in full and rolled back, and then done."""

from collections.abc import Collection
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from receivables.approvals.models import ApprovalRequest, AuthorityKind
from receivables.approvals.queries import asked_text, names_of, possible_approvers
from receivables.billing.credit_notes.actions import sides
from receivables.billing.pages import amount_text
from receivables.core.errors import Blocker
from receivables.core.registry import Action, actions
from receivables.core.transactions import preview
from receivables.customers.holds import on_plan
from receivables.customers.models import Account, Agreement, AgreementType
from receivables.writeoffs.drafting import Draft, Wanted, drafted
from receivables.writeoffs.forms import WriteOffForm, wanted_of
from receivables.writeoffs.models import WriteOff
from receivables.writeoffs.operations import carry_out, exceeds_authority, request_write_off, write_off_debt
from receivables.writeoffs.queries import entries
from receivables.writeoffs.rules import nothing_owed_blocker

ACCOUNT = "customers.account"
WRITE_OFF = AgreementType.SpecialRole.WRITE_OFF
State = Agreement.State


def _blocker(account: Account, actor: Any) -> Blocker | None:
    owed = Agreement.objects.of(actor).filter(account=account, payoff_balance__gt=0)
    normal = owed.exclude(type__special_role=WRITE_OFF)
    return nothing_owed_blocker(owed=normal.filter(type__write_off_debt_class__eligible_for_write_off=True).exists())


def _confirm(account: Account, actor: Any) -> dict[str, Any]:
    return {
        "facts": [
            {"label": _("Customer"), "value": account.customer.name},
            {"label": _("Account"), "value": account.number},
        ],
        "submit_label": _("Check"),
    }


def tried(actor: Any, wanted: Wanted, *, ask: bool) -> dict[str, Any]:
    """What a write-off comes to: posted in full, also where it would wait, in a transaction that is rolled back."""
    draft = drafted(actor, wanted)
    waits = ask or exceeds_authority(actor, draft)
    planned = on_plan(actor, {debt.agreement_id for debt, _amount in draft.left})
    made = carry_out(actor, draft, author=actor.user)
    written_off = draft.plan.by_debt()
    return {
        "title": _("Nothing has been changed yet."),
        "posting_date": made.posting_date,
        "rows": [_row(actor, draft, each, written_off) for each in draft.picked],
        "targets": _targets(actor, made),
        "total": amount_text(actor, made.amount, made.currency),
        "effects": [
            *_money_effects(actor, draft),
            *plan_effects(actor, planned),
            *_state_effects(actor, draft),
        ],
        "approval": approval_text(actor, draft) if waits else "",
        "journal": [line for entry in entries(made) for line in sides(entry)],
        "currency": made.currency,
        "hidden": {"previewed": draft.digest},
    }


def _row(actor: Any, draft: Draft, picked: Any, written_off: dict[Any, Decimal]) -> dict[str, Any]:
    """One debt before and after; what the customer's own money pays of it comes between."""
    debt, _amount = picked
    amount = written_off.get(debt.key, Decimal(0))
    left = next((each.balance for each, _rest in draft.left if each.key == debt.key), Decimal(0))

    def text(value: Decimal) -> str:
        return amount_text(actor, value, debt.currency)

    return {
        "number": debt.number, "before": text(debt.balance), "paid": text(debt.balance - left),
        "amount": text(amount), "after": text(left - amount),
    }  # fmt: skip


def _targets(actor: Any, made: WriteOff) -> list[dict[str, Any]]:
    """Where it goes: the write-off agreements, those that are made with it marked as new."""
    rows = made.items.select_related("agreement__type", "open_item__gl_account").order_by("pk")
    return [
        {
            "type": row.agreement.type.name, "account": str(row.open_item.gl_account),
            "number": "" if row.agreement.payoff_balance == row.open_item.amount else row.agreement.number,
            "amount": amount_text(actor, row.open_item.amount, made.currency),
        }
        for row in rows
    ]  # fmt: skip


def _money_effects(actor: Any, draft: Draft) -> list[str]:
    said = []
    if draft.used:
        message = _("%(money)s that the customer has with us pays this debt first.")
        said.append(message % {"money": amount_text(actor, draft.used, draft.currency)})
    if draft.onto is not None:
        message = _("The debt moves to account %(account)s. That is unusual: it no longer shows on this account.")
        said.append(message % {"account": draft.onto})
        if draft.onto.customer_id != draft.account.customer_id:
            message = _("That account is of another customer: %(customer)s owes the debt then.")
            said.append(message % {"customer": draft.onto.customer.name})
    return said


def plan_effects(actor: Any, planned: Collection[int]) -> list[str]:
    """That the plans of these agreements end: what they deferred is written off."""
    numbers = Agreement.objects.of(actor).filter(pk__in=planned).order_by("pk").values_list("number", flat=True)
    said = _("The budget or payment arrangement of agreement %(number)s ends.")
    return [said % {"number": number} for number in numbers]


def _state_effects(actor: Any, draft: Draft) -> list[str]:
    """What becomes of each agreement that the debt stood on, read after the trial."""
    said = []
    keys = {debt.agreement_id for debt, _amount in draft.picked}
    for agreement in Agreement.objects.of(actor).filter(pk__in=keys).order_by("pk"):
        words = {"number": agreement.number, "left": amount_text(actor, agreement.payoff_balance, agreement.currency)}
        if agreement.state == State.CLOSED:
            said.append(_("Agreement %(number)s owes nothing then and closes.") % words)
        elif agreement.payoff_balance == 0:
            said.append(_("Agreement %(number)s owes nothing then and stays active: it was not stopped.") % words)
        else:
            said.append(_("Agreement %(number)s still owes %(left)s.") % words)
    return said


def approval_text(actor: Any, draft: Draft) -> str:
    """Who has to grant it."""
    names = names_of(possible_approvers(actor, AuthorityKind.WRITE_OFF, draft.currency, draft.amount))
    if not names:
        return _("This is more than you may write off alone, and nobody may approve it yet; ask an administrator.")
    message = _("This is more than you may write off alone: it goes to %(approver)s for approval.")
    return message % {"approver": names}


def written_off_text(actor: Any, made: WriteOff) -> str:
    """What to say when it is done."""
    words = {"amount": amount_text(actor, made.amount, made.currency), "number": made.number}
    return _("%(amount)s was written off with %(number)s. It is still owed, on the write-off agreements.") % words


def _run(actor: Any, account: Account, data: dict[str, Any]) -> tuple[Any, str]:
    made = write_off_debt(actor=actor, wanted=wanted_of(account, data))
    if isinstance(made, ApprovalRequest):
        return account, asked_text(actor, made)
    return made, written_off_text(actor, made)


def _ask(actor: Any, account: Account, data: dict[str, Any]) -> tuple[Any, str]:
    return account, asked_text(actor, request_write_off(actor=actor, wanted=wanted_of(account, data)))


def register() -> None:
    """Called once, when the application is ready."""
    shared: dict[str, Any] = {
        "form": WriteOffForm, "blocker": _blocker, "confirm": _confirm, "style": "secondary",
        "template": "writeoffs/write_off_debt.html",
    }  # fmt: skip
    actions.register(
        Action(
            "write_off_debt", ACCOUNT, gettext_lazy("Write off debt"), _run,
            preview=lambda actor, account, data: preview(
                lambda: tried(actor, wanted_of(account, {**data, "previewed": ""}), ask=False)
            ),
            **shared,
        )
    )  # fmt: skip
    actions.register(
        Action(
            "request_write_off", ACCOUNT, gettext_lazy("Request write-off"), _ask,
            visible=lambda account, actor: not actor.can("write_off_debt"),
            preview=lambda actor, account, data: preview(
                lambda: tried(actor, wanted_of(account, {**data, "previewed": ""}), ask=True)
            ),
            **shared,
        )
    )  # fmt: skip
