"""What can be clicked on customers, accounts and agreements."""

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from receivables.core.dates import day_words, today
from receivables.core.errors import Blocker
from receivables.core.money import NumberFormat, format_money
from receivables.core.registry import Action, actions
from receivables.customers import operations
from receivables.customers.forms import (
    CancelAgreementForm,
    CreateAccountForm,
    CreateAgreementForm,
    EditAccountForm,
    EditCustomerForm,
    StopAgreementForm,
)
from receivables.customers.models import Account, Agreement, Customer
from receivables.customers.rules import (
    Numbers,
    cancel_agreement_blocker,
    create_account_blocker,
    start_agreement_blocker,
    stop_agreement_blocker,
)


def _edit_customer(actor: Any, customer: Customer, data: dict[str, Any]) -> tuple[Any, str]:
    return operations.edit_customer(actor=actor, customer=customer, **data), _("Customer saved.")


def _create_account(actor: Any, customer: Customer, data: dict[str, Any]) -> tuple[Any, str]:
    data.pop("seen")
    account = operations.create_account(actor=actor, customer=customer, **data)
    return account, _("Account %(number)s opened.") % {"number": account.number}


def _account_blocker(customer: Customer, actor: Any) -> Blocker | None:
    return create_account_blocker(
        customer_active=customer.active, currency=customer.currency, numbers=Numbers()
    )  # fmt: skip


def _edit_account(actor: Any, account: Account, data: dict[str, Any]) -> tuple[Any, str]:
    return operations.edit_account(actor=actor, account=account, **data), _("Account saved.")


def _create_agreement(actor: Any, account: Account, data: dict[str, Any]) -> tuple[Any, str]:
    data.pop("seen")
    agreement = operations.create_agreement(actor=actor, account=account, **data)
    return agreement, _("Agreement %(number)s started.") % {"number": agreement.number}


def _start(actor: Any, agreement: Agreement, data: dict[str, Any]) -> tuple[Any, str]:
    started = operations.start_agreement(actor=actor, agreement=agreement, **data)
    return started, _("Service on agreement %(number)s has begun.") % {"number": started.number}


def _start_blocker(agreement: Agreement, actor: Any) -> Blocker | None:
    day = today(actor.organization)
    return start_agreement_blocker(state=agreement.state, start_date=agreement.start_date, today=day)


def _is_pending(agreement: Agreement, actor: Any) -> bool:
    return agreement.state == Agreement.State.PENDING_START


def _confirm_start(agreement: Agreement, actor: Any) -> dict[str, Any]:
    return {
        "facts": [
            {"label": _("Account"), "value": agreement.account},
            {"label": _("Type"), "value": agreement.type},
            {"label": _("Start date"), "value": day_words(agreement.start_date)},
        ],
        "effects": [_("The agreement is active and may be billed.")],
    }


def _stop(actor: Any, agreement: Agreement, data: dict[str, Any]) -> tuple[Any, str]:
    stopped = operations.stop_agreement(actor=actor, agreement=agreement, **data)
    words = {"number": stopped.number, "state": stopped.get_state_display()}
    return stopped, _("Agreement %(number)s is now: %(state)s.") % words


def _stop_blocker(agreement: Agreement, actor: Any) -> Blocker | None:
    return stop_agreement_blocker(state=agreement.state, special_role=agreement.type.special_role)


def _confirm_stop(agreement: Agreement, actor: Any) -> dict[str, Any]:
    fmt = NumberFormat.of(actor.organization, actor.user)
    owed = format_money(agreement.payoff_balance, agreement.currency, fmt, with_code=True)
    final_bill = _("Its last invoice is the final bill; what is open stays payable.")
    if agreement.awaits_final_bill:
        final_bill = _("The next billing run makes its final bill, by days; what is open stays payable.")
        outcome = _("It closes by itself when the final bill is made and nothing is owed.")
    elif agreement.payoff_balance == 0 and agreement.current_balance == 0:
        outcome = _("Nothing is owed on it, so it closes at once.")
    else:
        outcome = _("%(owed)s is owed on it: it closes by itself when that is gone.") % {"owed": owed}
    return {
        "facts": [
            {"label": _("Account"), "value": agreement.account},
            {"label": _("Type"), "value": agreement.type},
            {"label": _("Owed"), "value": owed},
        ],
        "effects": [outcome, final_bill],
        "tone": "warning",
    }


def _cancel(actor: Any, agreement: Agreement, data: dict[str, Any]) -> tuple[Any, str]:
    cancelled = operations.cancel_agreement(actor=actor, agreement=agreement, **data)
    return cancelled, _("Agreement %(number)s cancelled.") % {"number": cancelled.number}


def _cancel_blocker(agreement: Agreement, actor: Any) -> Blocker | None:
    return cancel_agreement_blocker(state=agreement.state, posted=agreement.transactions.exists())


CUSTOMER, ACCOUNT, AGREEMENT = "customers.customer", "customers.account", "customers.agreement"


def register() -> None:
    """Called once, when the application is ready."""
    for action in (
        Action("edit_customer", CUSTOMER, gettext_lazy("Edit customer"), _edit_customer, EditCustomerForm),
        Action(
            "create_account", CUSTOMER, gettext_lazy("Open account"), _create_account, CreateAccountForm,
            _account_blocker,
        ),
        Action("edit_account", ACCOUNT, gettext_lazy("Edit account"), _edit_account, EditAccountForm),
        Action("create_agreement", ACCOUNT, gettext_lazy("Start agreement"), _create_agreement, CreateAgreementForm),
        Action(
            "start_agreement", AGREEMENT, gettext_lazy("Start service"), _start, None, _start_blocker, _is_pending,
            _confirm_start,
        ),
        Action(
            "stop_agreement", AGREEMENT, gettext_lazy("Stop agreement"), _stop, StopAgreementForm, _stop_blocker,
            confirm=_confirm_stop,
        ),
        Action(
            "cancel_agreement", AGREEMENT, gettext_lazy("Cancel agreement"), _cancel, CancelAgreementForm,
            _cancel_blocker, style="outline-danger",
        ),
    ):  # fmt: skip
        actions.register(action)
