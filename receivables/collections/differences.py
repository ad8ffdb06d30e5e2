"""What a payment fell short of, as pages show it: settled, waiting for approval, refused; and undoing it by itself."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from receivables.approvals.models import ApprovalRequest
from receivables.billing.forms import ReasonForm
from receivables.billing.models import CreditNote, Invoice, Load
from receivables.billing.pages import amount_text
from receivables.billing.status import Status
from receivables.collections.models import Payment, PayOff, PayOffRequest
from receivables.collections.payoff_queries import waiting_asked
from receivables.collections.reversing import reverse_pay_off
from receivables.collections.rules import reverse_pay_off_blocker
from receivables.core.errors import Blocker
from receivables.core.registry import Action, Panel, actions, panels

State = ApprovalRequest.State
SETTLED = Status("settled", gettext_lazy("Settled"), "success")
GRANTED = Status("granted", gettext_lazy("Granted"), "success")
REVERSED = Status("reversed", gettext_lazy("Reversed"), "neutral")
WAITS = Status("waiting", gettext_lazy("Waits for approval"), "warning")
ASKED = {
    State.WAITING: WAITS,
    State.REJECTED: Status("rejected", gettext_lazy("Rejected"), "danger"),
    State.WITHDRAWN: Status("withdrawn", gettext_lazy("Withdrawn"), "neutral"),
}


@dataclass(frozen=True)
class Difference:
    """One row: what was taken off which invoice, or is to be. `given` is what was posted of it; `said` why it was
    refused."""

    invoice: Invoice
    reason: str
    amount: Decimal
    currency: str
    status: Status
    given: PayOff | None = None
    note: CreditNote | None = None
    url: str = ""
    said: str = ""

    @property
    def stands(self) -> bool:
        return self.given is not None and self.status != REVERSED

    @property
    def posted(self) -> bool:
        return self.given is not None


def differences_of(actor: Any, payment: Payment) -> list[Difference]:
    """What was settled with a payment besides money, and what was asked for with it; a constant number of queries."""
    given = PayOff.objects.of(actor).filter(payment=payment).order_by("pk")
    rows = list(given.select_related("invoice", "credit_note", "reason", "allocation__reversed_by"))
    asked = list(
        PayOffRequest.objects.of(actor).filter(payment=payment).select_related("invoice", "reason").order_by("pk")
    )
    requests = _requests(actor, asked)
    granted = {row.asked_id for row in rows if row.asked_id}
    shown = [_given(row, requests.get(row.asked_id or 0)) for row in rows]
    return [*shown, *(_asked(row, requests[row.pk]) for row in asked if row.pk not in granted and row.pk in requests)]


def documents_of(actor: Any, payment: Payment) -> list[Any]:
    """The rows behind what was granted or reversed alone without a credit note: they post entries of their own."""
    return [
        *PayOffRequest.objects.of(actor).filter(payment=payment, granted__credit_note=None),
        *PayOff.objects.of(actor).filter(payment=payment, credit_note=None),
    ]


def _requests(actor: Any, asked: Sequence[PayOffRequest]) -> dict[int, ApprovalRequest]:
    """The requests that hold these, by what they hold."""
    if not asked:
        return {}
    found = ApprovalRequest.objects.of(actor).filter(
        subject_type__app_label="collections", subject_type__model="payoffrequest",
        subject_id__in=[each.pk for each in asked],
    )  # fmt: skip
    return {request.subject_id: request for request in found}


def _given(row: PayOff, request: ApprovalRequest | None) -> Difference:
    status = GRANTED if request else SETTLED
    if is_undone(row):
        status = REVERSED
    url = request.get_absolute_url() if request else ""
    return Difference(
        row.invoice, row.reason.name, row.amount, row.currency, status, row, row.credit_note, url,
    )  # fmt: skip


def _asked(row: PayOffRequest, request: ApprovalRequest) -> Difference:
    return Difference(
        row.invoice, row.reason.name, row.amount, row.currency, ASKED.get(State(request.state), WAITS),
        url=request.get_absolute_url(), said=request.decision_note,
    )  # fmt: skip


def is_undone(row: PayOff) -> bool:
    return getattr(row.allocation, "reversed_by", None) is not None


# On the pages of invoices and loads -----------------------------------------------------------------------------------


def waits_on_invoice(invoice: Invoice, actor: Any) -> dict[str, Any]:
    """What of an invoice waits for approval; while it does, nobody reminds of the invoice."""
    rows = list(waiting_asked(actor, invoice=invoice).select_related("reason").order_by("pk"))
    requests = _requests(actor, rows)
    return {"waiting": [{"row": row, "url": requests[row.pk].get_absolute_url()} for row in rows if row.pk in requests]}


def waits_on_load(load: Load, actor: Any) -> dict[str, Any]:
    return waits_on_invoice(load.invoice, actor) if load.invoice is not None else {"waiting": []}


# Reverse --------------------------------------------------------------------------------------------------------------


def _blocker(pay_off: PayOff, actor: Any) -> Blocker | None:
    return reverse_pay_off_blocker(number=pay_off.invoice.number, standing=not is_undone(pay_off))


def _confirm(pay_off: PayOff, actor: Any) -> dict[str, Any]:
    amount = amount_text(actor, pay_off.amount, pay_off.currency)
    balance = pay_off.invoice.open_item.balance + pay_off.amount
    words = {"number": pay_off.invoice.number, "balance": amount_text(actor, balance, pay_off.currency)}
    effects = [_("Invoice %(number)s will be open again with a balance of %(balance)s.") % words]
    if pay_off.credit_note is not None:
        effects.append(_("Credit note %(number)s is reversed.") % {"number": pay_off.credit_note.number})
    effects.append(_("What the payment itself paid stays as it is."))
    return {
        "title": _("Reverse %(amount)s on invoice %(number)s?") % {"amount": amount, **words},
        "facts": [
            {"label": _("Invoice"), "value": pay_off.invoice.number},
            {"label": _("Reason"), "value": pay_off.reason.name},
            {"label": _("Amount"), "value": amount},
            {"label": _("Payment"), "value": pay_off.payment.number},
        ],
        "effects": effects if not is_undone(pay_off) else [],
        "tone": "warning",
    }


def _run(actor: Any, pay_off: PayOff, data: dict[str, Any]) -> tuple[Any, str]:
    reverse_pay_off(actor=actor, pay_off=pay_off, reason=data["reason"], posting_date=data["posting_date"])
    words = {"number": pay_off.invoice.number, "amount": amount_text(actor, pay_off.amount, pay_off.currency)}
    return pay_off.payment, _("%(amount)s on invoice %(number)s was reversed.") % words


def register() -> None:
    """Called once, when the application is ready."""
    actions.register(
        Action(
            "reverse_pay_off", "collections.payoff", gettext_lazy("Reverse"), _run, form=ReasonForm, blocker=_blocker,
            visible=lambda pay_off, actor: not is_undone(pay_off), confirm=_confirm, style="outline-danger",
        )
    )  # fmt: skip
    mark = "collections/waits_mark.html"
    panels.register(Panel("waiting_pay_off", "billing.invoice", "marks", mark, waits_on_invoice))
    panels.register(Panel("waiting_pay_off", "billing.load", "marks", mark, waits_on_load))
