"""The verbs of money held as they can be clicked on payments, accounts and agreements."""

from collections.abc import Callable
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from receivables.billing.pages import amount_text
from receivables.collections.debts import debt_balance_text
from receivables.collections.held import operations
from receivables.collections.held.forms import (
    ApplyDepositForm,
    HoldOverpaymentForm,
    RecordDepositForm,
    ReleaseHeldMoneyForm,
)
from receivables.collections.held.models import Holding
from receivables.collections.held.queries import HOLDS_MONEY, Role, service_runs
from receivables.collections.held.rules import apply_deposit_blocker, nothing_held_blocker
from receivables.collections.models import Payment
from receivables.collections.queries import bank_accounts, unapplied
from receivables.collections.rules import payable_blocker
from receivables.collections.status import reversal_of
from receivables.collections.unapplied.acting import read_payment
from receivables.collections.unapplied.actions import journal
from receivables.collections.unapplied.queries import money_facts
from receivables.collections.unapplied.rules import no_money_blocker
from receivables.collections.unapplied.texts import left_text
from receivables.core.errors import Blocker
from receivables.core.registry import Action, actions
from receivables.core.transactions import preview
from receivables.customers.models import Account, Agreement
from receivables.ledger.models import OpenItem
from receivables.ledger.queries import entries_of

DEPOSIT_FIELDS = ("amount", "required", "date", "method", "bank_account", "reference", "note", "posting_date")
HELD_FIELDS = ("amount", "reason", "posting_date")
CHECKED = "collections/unapplied/checked.html"


def _checked(tried: Callable[[], tuple[list[str], list[Any], Any]], submit_label: Any) -> dict[str, Any]:
    """A verb as it would be: done in full and rolled back; its effects, documents and posting date."""

    def shown() -> dict[str, Any]:
        effects, entries, day = tried()
        return {"effects": effects, "journal": journal(entries), "posting_date": day}

    return {**preview(shown), "submit_label": submit_label}


def held_text(actor: Any, agreement: Agreement) -> str:
    """How much is held on an agreement; `agreement` as it is now."""
    words = {"held": amount_text(actor, -agreement.payoff_balance, agreement.currency), "number": agreement.number}
    if not agreement.payoff_balance:
        return _("Nothing is held on agreement %(number)s any more.") % words
    return _("%(held)s is held on agreement %(number)s.") % words


def _asked_text(actor: Any, agreement: Agreement) -> list[str]:
    if agreement.current_balance <= 0:
        return []
    asked = amount_text(actor, agreement.current_balance, agreement.currency)
    return [_("%(asked)s of the deposit is still asked for.") % {"asked": asked}]


def _now(agreement: Agreement) -> Agreement:
    return Agreement.objects.select_related("type").get(pk=agreement.pk)


# Overpayments -------------------------------------------------------------------------------------------------------


def _has_money(payment: Payment, actor: Any) -> bool:
    return reversal_of(payment) is None and unapplied(payment) > 0


def _hold_blocker(payment: Payment, actor: Any) -> Blocker | None:
    return no_money_blocker(money_facts(actor, payment))


def _confirm_hold(payment: Payment, actor: Any) -> dict[str, Any]:
    return {
        "title": _("Hold money of payment %(number)s as an overpayment") % {"number": payment.number},
        "facts": [
            {"label": _("Customer"), "value": payment.account.customer.name},
            {"label": _("On account"), "value": amount_text(actor, unapplied(payment), payment.currency)},
        ],
        "effects": [
            _("It becomes a credit on an agreement of its own, which the account's next distribution uses first."),
            _("It can be put back on account at any time, and from there be given back."),
        ],
    }  # fmt: skip


def _hold(actor: Any, payment: Payment, data: dict[str, Any]) -> tuple[Any, str]:
    holding = operations.hold_overpayment(actor=actor, payment=payment, **{name: data[name] for name in HELD_FIELDS})
    return payment, f"{held_text(actor, _now(holding.agreement))} {left_text(actor, read_payment(actor, payment.pk))}"


# Deposits -----------------------------------------------------------------------------------------------------------


def _deposit_blocker(account: Account, actor: Any) -> Blocker | None:
    has_bank = bank_accounts(actor).exists()
    own = actor.organization.currency
    return payable_blocker(number=account.number, voided=False, currency=own, has_bank_account=has_bank)


def _confirm_deposit(account: Account, actor: Any) -> dict[str, Any]:
    return {
        "facts": [
            {"label": _("Customer"), "value": account.customer.name}, {"label": _("Account"), "value": account.number}
        ],
        "effects": [
            _("The money is held on the account's deposit agreement and is owed back; it pays no invoice."),
            _("Once service is stopped it pays the final debt, and what is left is given back."),
        ],
    }  # fmt: skip


def _record_deposit(actor: Any, account: Account, data: dict[str, Any]) -> tuple[Any, str]:
    holding = operations.record_deposit(actor=actor, account=account, **{name: data[name] for name in DEPOSIT_FIELDS})
    agreement = _now(holding.agreement)
    said = _("Deposit recorded as payment %(number)s.") % {"number": holding.payment.number}
    return agreement, " ".join([said, held_text(actor, agreement), *_asked_text(actor, agreement)])


def _is_deposit(agreement: Agreement, actor: Any) -> bool:
    return bool(agreement.type.special_role == Role.DEPOSIT and agreement.payoff_balance < 0)


def _apply_blocker(agreement: Agreement, actor: Any) -> Blocker | None:
    owed = sum((item.balance for item in operations.final_debts(actor, agreement)), operations.ZERO)
    return apply_deposit_blocker(
        operations.held_facts(actor, agreement), is_deposit=agreement.type.special_role == Role.DEPOSIT, owed=owed,
        runs=service_runs(actor, agreement.account_id, agreement.currency),
    )  # fmt: skip


def _held_facts(agreement: Agreement, actor: Any) -> list[dict[str, Any]]:
    return [
        {"label": _("Account"), "value": agreement.account},
        {"label": _("Held"), "value": amount_text(actor, -agreement.payoff_balance, agreement.currency)},
    ]


def _confirm_apply(agreement: Agreement, actor: Any) -> dict[str, Any]:
    return {"facts": _held_facts(agreement, actor), "submit_label": _("Check")}


def _applied_texts(actor: Any, agreement: Agreement, paid: Any) -> list[str]:
    keys = paid.acts and [row.debit_item_id for act in paid.acts for row in _settled(actor, act)]
    items = OpenItem.objects.of(actor).filter(pk__in=keys or []).select_related("agreement").order_by("due_date", "pk")
    return [*(debt_balance_text(actor, item) for item in items), held_text(actor, _now(agreement))]


def _settled(actor: Any, act: Any) -> list[Any]:
    return [row for entry in entries_of(actor, act) for row in entry.allocations.all()]


def _preview_apply(actor: Any, agreement: Agreement, data: dict[str, Any]) -> dict[str, Any]:
    def tried() -> tuple[list[str], list[Any], Any]:
        paid = operations.apply_deposit(
            actor=actor, agreement=agreement, reason=data["reason"], posting_date=data["posting_date"]
        )
        entries = list(entries_of(actor, *paid.documents))
        return _applied_texts(actor, agreement, paid), entries, paid.acts[-1].posting_date

    return _checked(tried, _("Apply deposit"))


def _apply(actor: Any, agreement: Agreement, data: dict[str, Any]) -> tuple[Any, str]:
    paid = operations.apply_deposit(
        actor=actor, agreement=agreement, reason=data["reason"], posting_date=data["posting_date"]
    )
    return agreement, " ".join(_applied_texts(actor, agreement, paid))


# Back on account ----------------------------------------------------------------------------------------------------


def _holds(agreement: Agreement, actor: Any) -> bool:
    return bool(agreement.type.special_role in HOLDS_MONEY and agreement.payoff_balance < 0)


def _release_blocker(agreement: Agreement, actor: Any) -> Blocker | None:
    return nothing_held_blocker(operations.held_facts(actor, agreement))


def _confirm_release(agreement: Agreement, actor: Any) -> dict[str, Any]:
    return {"facts": _held_facts(agreement, actor), "submit_label": _("Check")}


def _released_texts(actor: Any, agreement: Agreement, used: list[Holding]) -> list[str]:
    payments = [left_text(actor, read_payment(actor, each.payment_id)) for each in used]
    return [*payments, held_text(actor, _now(agreement))]


def _preview_release(actor: Any, agreement: Agreement, data: dict[str, Any]) -> dict[str, Any]:
    def tried() -> tuple[list[str], list[Any], Any]:
        used = operations.release_held_money(
            actor=actor, agreement=agreement, **{name: data[name] for name in HELD_FIELDS}
        )
        newest = [each.releases.order_by("-pk")[0] for each in used]
        return _released_texts(actor, agreement, used), list(entries_of(actor, *newest)), newest[-1].posting_date

    return _checked(tried, _("Put back on account"))


def _release(actor: Any, agreement: Agreement, data: dict[str, Any]) -> tuple[Any, str]:
    used = operations.release_held_money(actor=actor, agreement=agreement, **{name: data[name] for name in HELD_FIELDS})
    return agreement, " ".join(_released_texts(actor, agreement, used))


def register() -> None:
    """Called once, when the application is ready."""
    for action in (
        Action(
            "hold_overpayment", "collections.payment", gettext_lazy("Hold as overpayment"), _hold,
            form=HoldOverpaymentForm, blocker=_hold_blocker, visible=_has_money, confirm=_confirm_hold,
            style="secondary",
        ),
        Action(
            "record_deposit", "customers.account", gettext_lazy("Record deposit"), _record_deposit,
            form=RecordDepositForm, blocker=_deposit_blocker, confirm=_confirm_deposit,
        ),
        Action(
            "apply_deposit", "customers.agreement", gettext_lazy("Apply deposit"), _apply, form=ApplyDepositForm,
            blocker=_apply_blocker, visible=_is_deposit, confirm=_confirm_apply, preview=_preview_apply,
            template=CHECKED, style="primary",
        ),
        Action(
            "release_held_money", "customers.agreement", gettext_lazy("Put back on account"), _release,
            form=ReleaseHeldMoneyForm, blocker=_release_blocker, visible=_holds, confirm=_confirm_release,
            preview=_preview_release, template=CHECKED, style="secondary",
        ),
    ):  # fmt: skip
        actions.register(action)
