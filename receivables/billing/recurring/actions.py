"""What can be clicked on charges of agreements and on billing runs."""

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from receivables.billing.pages import amount_text
from receivables.billing.recurring import operations
from receivables.billing.recurring.forms import AddChargeForm, EndChargeForm
from receivables.billing.recurring.models import AgreementCharge, BillingRun
from receivables.billing.recurring.rules import (
    add_agreement_charge_blocker,
    end_agreement_charge_blocker,
    retry_billing_run_blocker,
)
from receivables.core.dates import day_words
from receivables.core.errors import Blocker
from receivables.core.registry import Action, actions
from receivables.customers.models import Agreement


def _add_blocker(agreement: Agreement, actor: Any) -> Blocker | None:
    return add_agreement_charge_blocker(eligible=agreement.type.eligible_for_billing, state=agreement.state)


def _confirm_add(agreement: Agreement, actor: Any) -> dict[str, Any]:
    return {
        "facts": [
            {"label": _("Account"), "value": agreement.account},
            {"label": _("Agreement"), "value": agreement.number},
        ],
        "effects": [
            _("Billing runs put it on an ordinary invoice, behind each period."),
            _("When service stops, the last period is billed by days on a final bill."),
        ],
    }


def _add(actor: Any, agreement: Agreement, data: dict[str, Any]) -> tuple[Any, str]:
    data["every_months"] = data["every_months"] or None
    charge = operations.add_agreement_charge(actor=actor, agreement=agreement, **data)
    amount = amount_text(actor, charge.amount, charge.currency)
    return charge, _("%(type)s of %(amount)s was added.") % {"type": charge.type.name, "amount": amount}


def end_blocker(charge: AgreementCharge, actor: Any) -> Blocker | None:
    return end_agreement_charge_blocker(
        cancelled=charge.cancelled, recurring=charge.every_months is not None, ends_on=charge.ends_on,
        billed_through=charge.billed_through, day=None,
    )  # fmt: skip


def _can_end(charge: AgreementCharge, actor: Any) -> bool:
    return end_blocker(charge, actor) is None


def _confirm_end(charge: AgreementCharge, actor: Any) -> dict[str, Any]:
    billed = charge.billed_through
    return {
        "facts": [
            {"label": _("Charge"), "value": charge},
            {"label": _("Amount"), "value": amount_text(actor, charge.amount, charge.currency)},
            {"label": _("Billed up to"), "value": day_words(billed) if billed else _("Not billed yet")},
        ],
        "effects": [_("What was billed stays. The last period is billed by days.")],
    }


def _end(actor: Any, charge: AgreementCharge, data: dict[str, Any]) -> tuple[Any, str]:
    ended = operations.end_agreement_charge(actor=actor, charge=charge, **data)
    if ended.cancelled or ended.ends_on is None:
        return ended, _("The charge was taken back.")
    return ended, _("The charge ends on %(day)s.") % {"day": day_words(ended.ends_on)}


def _left(run: BillingRun) -> int:
    return run.items.filter(state__in=[operations.ItemState.WAITING, operations.ItemState.FAILED]).count()


def _retry_blocker(run: BillingRun, actor: Any) -> Blocker | None:
    return retry_billing_run_blocker(running=operations.is_running(actor), left=_left(run))


def _can_retry(run: BillingRun, actor: Any) -> bool:
    return _retry_blocker(run, actor) is None


def _retry(actor: Any, run: BillingRun, data: dict[str, Any]) -> tuple[Any, str]:
    return operations.retry_billing_run(actor=actor, run=run), _("The run goes on.")


def _confirm_retry(run: BillingRun, actor: Any) -> dict[str, Any]:
    count = {"n": f"{_left(run):,}"}
    return {
        "facts": [{"label": _("Not billed yet"), "value": count["n"]}],
        "effects": [_("What is billed already is left as it is; the rest is tried again.")],
    }


def register() -> None:
    """Called once, when the application is ready."""
    actions.register(
        Action(
            "add_agreement_charge", "customers.agreement", gettext_lazy("Add charge"), _add, form=AddChargeForm,
            blocker=_add_blocker, confirm=_confirm_add,
        )
    )  # fmt: skip
    actions.register(
        Action(
            "end_agreement_charge", "billing.agreementcharge", gettext_lazy("End charge"), _end, form=EndChargeForm,
            blocker=end_blocker, visible=_can_end, confirm=_confirm_end, style="secondary",
        )
    )  # fmt: skip
    actions.register(
        Action(
            "retry_billing_run", "billing.billingrun", gettext_lazy("Go on with the rest"), _retry,
            blocker=_retry_blocker, visible=_can_retry, confirm=_confirm_retry, style="primary",
        )
    )  # fmt: skip
