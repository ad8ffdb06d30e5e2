"""The verbs of money on account as they can be clicked on a payment and on a refund."""

from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from receivables.approvals.models import ApprovalRequest
from receivables.approvals.queries import asked_text, names_of, possible_approvers
from receivables.billing.forms import ReasonForm
from receivables.billing.models import Invoice
from receivables.billing.pages import EffectLine, amount_text
from receivables.collections.models import Payment
from receivables.collections.queries import bank_accounts, unapplied
from receivables.collections.status import reversal_of
from receivables.collections.texts import day_text
from receivables.collections.unapplied.acting import read_payment
from receivables.collections.unapplied.forms import AssignPaymentForm, RefundForm
from receivables.collections.unapplied.models import Refund
from receivables.collections.unapplied.operations import assign_payment
from receivables.collections.unapplied.queries import money_facts, payer_owes, refunded, waiting_refund
from receivables.collections.unapplied.refunds import refund_unapplied, reverse_refund
from receivables.collections.unapplied.rules import no_money_blocker, reverse_refund_blocker
from receivables.collections.unapplied.texts import balance_text, crossed_texts, left_text, refunded_text
from receivables.core.errors import Blocker
from receivables.core.registry import Action, actions
from receivables.core.transactions import preview
from receivables.ledger.models import JournalEntry
from receivables.ledger.queries import entries_of

PAYMENT, REFUND = "collections.payment", "collections.refund"
REFUND_FIELDS = ("amount", "bank_account", "date", "method", "reason", "reference", "posting_date")


def _has_money(payment: Payment, actor: Any) -> bool:
    return reversal_of(payment) is None and unapplied(payment) > 0


def _facts(actor: Any, payment: Payment) -> list[dict[str, Any]]:
    return [
        {"label": _("Customer"), "value": payment.account.customer.name},
        {"label": _("Payment"), "value": f"{payment.number} · {day_text(actor, payment.date)}"},
        {"label": _("On account"), "value": amount_text(actor, unapplied(payment), payment.currency)},
    ]


def journal(entries: list[JournalEntry], sign: int = 1) -> list[EffectLine]:
    """The lines of entries, debits and credits apart, added up by account and currency; with sign -1 as a reversal has
    them."""
    sums: dict[tuple[str, str], Decimal] = {}
    for entry in entries:
        for line in entry.lines.all():
            key = (str(line.gl_account), line.currency)
            sums[key] = sums.get(key, Decimal(0)) + sign * line.amount
    several = len({currency for _name, currency in sums}) > 1
    return [
        EffectLine(name, amount if amount > 0 else None, -amount if amount < 0 else None, currency if several else "")
        for (name, currency), amount in sums.items()
        if amount
    ]


# Apply --------------------------------------------------------------------------------------------------------------


def _assign_blocker(payment: Payment, actor: Any) -> Blocker | None:
    if first := no_money_blocker(money_facts(actor, payment)):
        return first
    if payer_owes(actor, payment):
        return None
    return Blocker("nothing_open", _("%(customer)s has no open invoice.") % {"customer": payment.account.customer.name})


def _confirm_assign(payment: Payment, actor: Any) -> dict[str, Any]:
    return {
        "facts": _facts(actor, payment), "submit_label": _("Check"),
        "title": _("Apply payment %(number)s to invoices") % {"number": payment.number},
    }  # fmt: skip


def _preview_assign(actor: Any, payment: Payment, data: dict[str, Any]) -> dict[str, Any]:
    """The assignment as it would be: posted in full and rolled back."""

    def tried() -> dict[str, Any]:
        act = assign_payment(
            actor=actor, payment=payment, assignments=data["assignments"], posting_date=data["posting_date"]
        )
        after = [Invoice.objects.select_related("open_item").get(pk=each.invoice.pk) for each in data["assignments"]]
        return {
            "effects": [
                *crossed_texts(actor, act),
                *(balance_text(actor, each) for each in after),
                left_text(actor, read_payment(actor, payment.pk)),
            ],
            "journal": journal(list(entries_of(actor, act))),
            "posting_date": act.posting_date,
        }

    return {**preview(tried), "submit_label": _("Apply")}


def _assign(actor: Any, payment: Payment, data: dict[str, Any]) -> tuple[Any, str]:
    act = assign_payment(
        actor=actor, payment=payment, assignments=data["assignments"], posting_date=data["posting_date"]
    )
    words = {"amount": amount_text(actor, act.amount, act.currency), "number": payment.number}
    said = _("%(amount)s of payment %(number)s was applied.") % words
    return payment, f"{said} {left_text(actor, read_payment(actor, payment.pk))}"


# Refund -------------------------------------------------------------------------------------------------------------


def _refund_blocker(payment: Payment, actor: Any) -> Blocker | None:
    if first := no_money_blocker(money_facts(actor, payment)):
        return first
    if waiting_refund(actor, payment) is not None:
        return Blocker("already_asked", _("A refund of this payment waits for approval already."))
    if not bank_accounts(actor, payment.currency).exists():
        message = _("There is no active bank account in %(currency)s. An administrator can add one in Settings.")
        return Blocker("no_bank_account", message % {"currency": payment.currency})
    return None


def _confirm_refund(payment: Payment, actor: Any) -> dict[str, Any]:
    return {
        "facts": _facts(actor, payment), "submit_label": _("Check"),
        "title": _("Refund money of payment %(number)s") % {"number": payment.number},
    }  # fmt: skip


def _preview_refund(actor: Any, payment: Payment, data: dict[str, Any]) -> dict[str, Any]:
    amount = amount_text(actor, data["amount"], payment.currency)

    def tried() -> dict[str, Any]:
        made = refund_unapplied(actor=actor, payment=payment, **{name: data[name] for name in REFUND_FIELDS})
        if isinstance(made, ApprovalRequest):
            return {"approval": _approval(actor, payment, data["amount"]), "effects": [], "journal": []}
        said = _("%(amount)s is given back from %(bank)s.") % {"amount": amount, "bank": data["bank_account"].name}
        return {
            "effects": [said, left_text(actor, read_payment(actor, payment.pk))],
            "journal": journal(list(entries_of(actor, made))), "posting_date": made.posting_date,
        }  # fmt: skip

    found = preview(tried)
    return {**found, "submit_label": _("Ask for approval") if "approval" in found else _("Refund")}


def _approval(actor: Any, payment: Payment, amount: Decimal) -> str:
    names = names_of(possible_approvers(actor, "refund", payment.currency, refunded(payment) + amount))
    if not names:
        return _("This is more than you may give back alone, and nobody may approve it yet; ask an administrator.")
    return _("This is more than you may give back alone: it goes to %(approver)s for approval.") % {"approver": names}


def _refund(actor: Any, payment: Payment, data: dict[str, Any]) -> tuple[Any, str]:
    made = refund_unapplied(actor=actor, payment=payment, **{name: data[name] for name in REFUND_FIELDS})
    if isinstance(made, ApprovalRequest):
        return payment, asked_text(actor, made)
    return payment, refunded_text(actor, made)


def _reverse_blocker(refund: Refund, actor: Any) -> Blocker | None:
    return reverse_refund_blocker(number=refund.number, reversed_already=hasattr(refund, "reversal"))


def _stands(refund: Refund, actor: Any) -> bool:
    return _reverse_blocker(refund, actor) is None


def _confirm_reverse(refund: Refund, actor: Any) -> dict[str, Any]:
    amount = amount_text(actor, refund.amount, refund.currency)
    words = {"amount": amount, "number": refund.payment.number}
    shown = [{"label": _("Refund"), "value": refund.number}, {"label": _("Amount"), "value": amount}]
    return {
        "facts": [*shown, {"label": _("Payment"), "value": refund.payment.number}],
        "effects": [
            _("%(amount)s of payment %(number)s is on account again.") % words,
            _("The refund keeps its number and stays readable, marked as reversed."),
        ],
        "tone": "warning",
        "journal": journal(list(entries_of(actor, refund).filter(kind="refund")), -1) if _stands(refund, actor) else [],
    }  # fmt: skip


def _reverse(actor: Any, refund: Refund, data: dict[str, Any]) -> tuple[Any, str]:
    reverse_refund(actor=actor, refund=refund, reason=data["reason"], posting_date=data["posting_date"])
    return refund, _("Refund %(number)s was reversed.") % {"number": refund.number}


def register() -> None:
    """Called once, when the application is ready."""
    actions.register(
        Action(
            "assign_payment", PAYMENT, gettext_lazy("Apply to invoices"), _assign, form=AssignPaymentForm,
            blocker=_assign_blocker, visible=_has_money, confirm=_confirm_assign, preview=_preview_assign,
            style="primary", template="collections/unapplied/assign_payment.html",
        )
    )  # fmt: skip
    actions.register(
        Action(
            "refund_unapplied", PAYMENT, gettext_lazy("Refund"), _refund, form=RefundForm, blocker=_refund_blocker,
            visible=_has_money, confirm=_confirm_refund, preview=_preview_refund, style="secondary",
            template="collections/unapplied/checked.html",
        )
    )  # fmt: skip
    actions.register(
        Action(
            "reverse_refund", REFUND, gettext_lazy("Reverse refund"), _reverse, form=ReasonForm,
            blocker=_reverse_blocker, visible=_stands, confirm=_confirm_reverse, style="outline-danger",
            template="billing/act.html",
        )
    )  # fmt: skip
