"""The verbs of payments as they can be clicked: Record payment on an invoice, Delete payment on a payment."""

from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from receivables.billing.models import Accessorial, Invoice
from receivables.billing.pages import amount_text
from receivables.collections.assigning.across import refuse_moved
from receivables.collections.assigning.judging import lock_customers
from receivables.collections.excess.actions import excess_falls_texts
from receivables.collections.excess.operations import book_small_excess
from receivables.collections.forms import BouncePaymentForm, DeletePaymentForm, RecordPaymentForm
from receivables.collections.giving_up import granted_with, standing, staying
from receivables.collections.models import Payment
from receivables.collections.operations import Assignment, bounce_payment, delete_payment, record_payment
from receivables.collections.payable import unpayable_blocker
from receivables.collections.payoff_queries import waiting_asked
from receivables.collections.queries import (
    applied_rows,
    bank_accounts,
    is_live,
    likely_duplicate,
    outdated_load,
    unapplied,
)
from receivables.collections.recoveries.falling import falling_with
from receivables.collections.recoveries.operations import Parts, Received, recover_bad_debt
from receivables.collections.recoveries.texts import falls_text as recovery_falls_text
from receivables.collections.rules import (
    bounce_payment_blocker,
    delete_payment_blocker,
    duplicate_blocker,
    payable_blocker,
)
from receivables.collections.short_on import shares_short_on
from receivables.collections.standing import standing_shown
from receivables.collections.status import reversal_of
from receivables.collections.taking_back import reductions_with
from receivables.collections.texts import (
    asked_text,
    bounced_text,
    cure_text,
    day_text,
    deleted_text,
    falls_text,
    granted_text,
    paid_off_text,
    recorded_text,
    reopening,
    stays_text,
    taken_back_text,
    withdrawn_text,
)
from receivables.collections.unapplied.acting import invoice_of, lock_all_accounts
from receivables.collections.unapplied.operations import assign_payment
from receivables.collections.unapplied.queries import waiting_refund
from receivables.core.errors import Blocker, refuse
from receivables.core.registry import Action, actions
from receivables.customers.models import Account

RECORDED_FIELDS = ("amount", "date", "method", "bank_account", "reference", "note", "posting_date")


def workplace(invoice: Invoice) -> Any:
    """Where the work on an invoice goes on: its load if it has but one, else the invoice itself."""
    loads = [] if invoice.summary else list(invoice.loads.all()[:2])
    return loads[0] if len(loads) == 1 else invoice


def invoice_payable(invoice: Invoice, actor: Any) -> Blocker | None:
    return payable_blocker(
        number=invoice.number, voided=invoice.voided_at is not None, currency=invoice.currency,
        has_bank_account=bank_accounts(actor, invoice.currency).exists(),
    ) or unpayable_blocker(actor, [invoice])  # fmt: skip


def _confirm_record(invoice: Invoice, actor: Any) -> dict[str, Any]:
    item, customer = invoice.open_item, invoice.account.customer
    outdated = outdated_load(actor, invoice)
    return {
        "facts": [
            {"label": _("Invoice"), "value": invoice.number},
            {"label": _("Customer"), "value": customer.name},
            {"label": _("Total"), "value": amount_text(actor, item.amount, invoice.currency)},
            {"label": _("Open balance"), "value": amount_text(actor, item.balance, invoice.currency)},
        ],
        "warning": cure_text(actor, invoice, outdated, recorded=False) if outdated else None,
        "cancel_url": workplace(invoice).get_absolute_url(),
    }


def record(
    actor: Any, account: Account, data: dict[str, Any], assignments: Sequence[Assignment] = (), recovered: Parts = (),
    across: Sequence[Assignment] = (),
) -> Payment:  # fmt: skip
    """Record what the form says, `across` of it on invoices in other currencies; `Refused` if it looks recorded already
    and nobody said that it is another. That is asked under the customer's lock: two people may have the same check."""
    _lock_payers(actor, account, [*assignments, *across], recovered)
    found = likely_duplicate(
        actor, customer_id=account.customer_id, amount=data["amount"], currency=data["bank_account"].currency,
        reference=data["reference"], day=data["date"],
    )  # fmt: skip
    number, day = (found.number, day_text(actor, found.date)) if found else ("", "")
    refuse(duplicate_blocker(number=number, day=day, confirmed=data["again"]))
    refuse_moved(actor, across)
    payment = _received(actor, account, data, assignments, recovered)
    if across:
        assign_payment(actor=actor, payment=payment, assignments=across, posting_date=data["posting_date"])
    if data.get("excess"):
        book_small_excess(actor=actor, payment=payment, posting_date=data["posting_date"])
    return payment


def _lock_payers(actor: Any, account: Account, assignments: Sequence[Assignment], recovered: Parts) -> None:
    """Everything that the acts of one Save lock, in the order of the house."""
    payers = {account.pk, *(each.invoice.account_id for each in assignments)}
    payers |= {loss.invoice.account_id for loss, _amount in recovered}
    lock_customers(actor, payers)
    lock_all_accounts(actor, payers)


def _received(
    actor: Any, account: Account, data: dict[str, Any], assignments: Sequence[Assignment], recovered: Parts
) -> Payment:
    values = {name: data[name] for name in RECORDED_FIELDS}
    why = data.get("why", "")
    if recovered:
        day = values.pop("posting_date")
        money = Received(account, assignments=assignments, why=why, override=data["override"], **values)
        return recover_bad_debt(
            actor=actor, money=money, parts=recovered, date=data["date"], posting_date=day
        )[0].payment  # fmt: skip
    return record_payment(
        actor=actor, account=account, assignments=assignments, why=why, override=data["override"], **values
    )


def _run_record(actor: Any, invoice: Invoice, data: dict[str, Any]) -> tuple[Any, str]:
    applied = min(data["amount"], invoice.open_item.balance) if data[RecordPaymentForm.KEEP] else data["amount"]
    shares = shares_short_on(invoice, data.get("short_on"), applied)
    assignment = Assignment(invoice, applied, shares, pay_bill=data.get("pay_bill", False), ask=data.get("ask", False))
    wanted = [assignment] if applied or not data["amount"] else []
    payment = record(actor, invoice.account, data, wanted)
    invoice = Invoice.objects.select_related("open_item", "account__customer").get(pk=invoice.pk)
    said = recorded_text(actor, payment, invoice if wanted else None, applied, invoice.open_item.balance)
    said = " ".join(filter(None, [said, paid_off_text(actor, payment), asked_text(actor, payment)]))
    outdated = outdated_load(actor, invoice)
    if outdated is not None:
        cure = cure_text(actor, invoice, outdated, recorded=True)
        said = f"{said} {cure.title} {cure.message}"
    return workplace(invoice), said


def payment_blocker(payment: Payment, actor: Any) -> Blocker | None:
    undone = reversal_of(payment) is not None
    return delete_payment_blocker(number=payment.number, undone=undone) or standing_shown(payment)


def _confirm_delete(
    payment: Payment, actor: Any, given: Sequence[Accessorial] = (), *, bounced: bool = False
) -> dict[str, Any]:
    """What deleting does; `given` are the reductions that are taken back with it. When the money never came
    (`bounced`), what was granted because of it goes as well."""
    amount = amount_text(actor, payment.amount, payment.currency)
    live = [row for row in applied_rows(credit_item=payment.open_item_id) if is_live(row)]
    lost = standing(payment, granted=bounced)
    effects = [reopening(actor, row, lost, given) for row in live]
    effects += [falls_text(actor, each) for each in lost]
    effects += [recovery_falls_text(actor, each) for each in falling_with(payment, granted=bounced)]
    effects += excess_falls_texts(actor, payment)
    effects += [granted_text(actor, each) for each in granted_with(payment) if not bounced]
    effects += [stays_text(actor, each) for each in staying(actor, live)]
    waiting_rests = waiting_asked(actor, payment=payment).select_related("invoice", "reason").order_by("pk")
    effects += [withdrawn_text(actor, each) for each in waiting_rests]
    if left := unapplied(payment):
        words = {"left": amount_text(actor, left, payment.currency), "customer": payment.account.customer.name}
        effects.append(_("%(left)s on account for %(customer)s is taken back.") % words)
    if waiting := waiting_refund(actor, payment):
        amount_asked = amount_text(actor, waiting.amount, waiting.currency)
        effects.append(_("The refund of %(amount)s that waits for approval is withdrawn.") % {"amount": amount_asked})
    effects.append(_("The payment stays in the history, and the ledger keeps it together with its reversal."))
    return {
        "title": _("Delete payment %(number)s, %(amount)s?") % {"number": payment.number, "amount": amount},
        "submit_label": _("Delete payment"),
        "facts": [
            {"label": _("Customer"), "value": payment.account.customer.name},
            {"label": _("Date received"), "value": day_text(actor, payment.date)},
            {"label": _("Reference"), "value": payment.reference or "–"},
        ],
        "effects": effects if reversal_of(payment) is None else [],
        "tone": "warning",
    }


def _run_delete(actor: Any, payment: Payment, data: dict[str, Any]) -> tuple[Any, str]:
    rows = [row for row in applied_rows(credit_item=payment.open_item_id) if is_live(row)]
    lost, both = standing(payment), data.get("with_reductions", False)
    given = list(reductions_with(actor, payment)) if both else []
    delete_payment(
        actor=actor, payment=payment, reason=data["reason"], posting_date=data["posting_date"], with_reductions=both
    )
    paid = [invoice_of(row.debit_item) for row in rows]
    target = workplace(paid[0]) if len(paid) == 1 and paid[0] else payment
    return target, deleted_text(actor, payment, rows, lost, given)


def _bounce_blocker(payment: Payment, actor: Any) -> Blocker | None:
    undone = reversal_of(payment) is not None
    return bounce_payment_blocker(number=payment.number, undone=undone) or standing_shown(payment)


def _confirm_bounce(payment: Payment, actor: Any) -> dict[str, Any]:
    given = list(reductions_with(actor, payment))
    shown = _confirm_delete(payment, actor, given, bounced=True)
    amount = amount_text(actor, payment.amount, payment.currency)
    if reversal_of(payment) is None:
        again = _("This can't be undone; if the money comes after all, record it as a new payment.")
        reductions = [taken_back_text(actor, each) for each in given]
        shown["effects"] = [*reductions, *shown["effects"], again]
    return {
        **shown,
        "title": _("Payment %(number)s, %(amount)s, bounced?") % {"number": payment.number, "amount": amount},
        "submit_label": _("Record bounce"),
    }


def _run_bounce(actor: Any, payment: Payment, data: dict[str, Any]) -> tuple[Any, str]:
    given = [taken_back_text(actor, each, done=True) for each in reductions_with(actor, payment)]
    fee = data.get("fee") or None
    bounce_payment(actor=actor, payment=payment, reason=data["reason"], posting_date=data["posting_date"], fee=fee)
    charged = [_("A fee of %(fee)s was charged.") % {"fee": amount_text(actor, fee, payment.currency)}] if fee else []
    return payment, " ".join([bounced_text(actor, payment), *given, *charged])


def _is_live(payment: Payment, actor: Any) -> bool:
    return reversal_of(payment) is None


def register() -> None:
    """Called once, when the application is ready."""
    actions.register(
        Action(
            "record_payment", "billing.invoice", gettext_lazy("Record payment"), _run_record, form=RecordPaymentForm,
            blocker=invoice_payable, confirm=_confirm_record, template="collections/record_payment.html",
        )
    )  # fmt: skip
    actions.register(
        Action(
            "delete_payment", "collections.payment", gettext_lazy("Delete payment"), _run_delete,
            form=DeletePaymentForm, blocker=payment_blocker, visible=_is_live, confirm=_confirm_delete,
            style="outline-danger",
        )
    )  # fmt: skip
    actions.register(
        Action(
            "bounce_payment", "collections.payment", gettext_lazy("Record bounce"), _run_bounce,
            form=BouncePaymentForm, blocker=_bounce_blocker, visible=_is_live, confirm=_confirm_bounce,
            style="outline-danger",
        )
    )  # fmt: skip
