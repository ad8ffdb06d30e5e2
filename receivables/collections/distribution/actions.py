"""“Distribute payment” as it can be clicked on a payment with money on account."""

from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from receivables.billing.pages import amount_text
from receivables.collections.debts import debt_balance_text
from receivables.collections.distribution.forms import DistributePaymentForm
from receivables.collections.distribution.operations import distribute_payment, share_facts
from receivables.collections.distribution.paying import Paid
from receivables.collections.distribution.queries import debts_of, proposed
from receivables.collections.distribution.rules import distribute_payment_blocker
from receivables.collections.held.queries import overpayments, total_of
from receivables.collections.models import Payment
from receivables.collections.queries import unapplied
from receivables.collections.status import reversal_of
from receivables.collections.unapplied.acting import read_payment
from receivables.collections.unapplied.actions import journal
from receivables.collections.unapplied.queries import money_facts
from receivables.collections.unapplied.texts import left_text
from receivables.core.errors import Blocker
from receivables.core.registry import Action, actions, distributions
from receivables.core.transactions import preview
from receivables.ledger.models import OpenItem
from receivables.ledger.queries import entries_of

FIELDS = ("amounts", "keep_rest", "posting_date")


def _has_money(payment: Payment, actor: Any) -> bool:
    return reversal_of(payment) is None and unapplied(payment) > 0


def _blocker(payment: Payment, actor: Any) -> Blocker | None:
    items = {item.pk: item for item in debts_of(actor, payment.account_id, payment.currency)}
    shares = proposed(actor, unapplied(payment), list(items.values()))
    facts = [share_facts(pk, items[pk], amount) for pk, amount in shares.items()]
    return distribute_payment_blocker(money_facts(actor, payment), facts)


def _confirm(payment: Payment, actor: Any) -> dict[str, Any]:
    way = distributions.get(actor.organization.payment_distribution, "")
    overpaid = total_of(overpayments(actor, payment.account_id, payment.currency))
    used_first = [{"label": _("Overpaid before"), "value": amount_text(actor, overpaid, payment.currency)}]
    return {
        "title": _("Distribute payment %(number)s") % {"number": payment.number}, "submit_label": _("Check"),
        "facts": [
            {"label": _("Customer"), "value": payment.account.customer.name},
            {"label": _("Account"), "value": payment.account.number},
            {"label": _("On account"), "value": amount_text(actor, unapplied(payment), payment.currency)},
            *(used_first if overpaid else []),
            {"label": _("Suggested by"), "value": way},
        ],
    }  # fmt: skip


def _preview(actor: Any, payment: Payment, data: dict[str, Any]) -> dict[str, Any]:
    """The distribution as it would be: posted in full and rolled back."""

    def tried() -> dict[str, Any]:
        paid = distribute_payment(actor=actor, payment=payment, **{name: data[name] for name in FIELDS})
        after = OpenItem.objects.of(actor).filter(pk__in=data["amounts"]).select_related("agreement")
        debts = after.in_bulk()
        return {
            "effects": [
                *(debt_balance_text(actor, debts[pk]) for pk in data["amounts"]),
                *rest_texts(actor, payment, paid),
            ],
            "journal": journal(list(entries_of(actor, *paid.documents))),
            "posting_date": paid.acts[-1].posting_date,
        }

    return {**preview(tried), "submit_label": _("Distribute payment")}


def _run(actor: Any, payment: Payment, data: dict[str, Any]) -> tuple[Any, str]:
    paid = distribute_payment(actor=actor, payment=payment, **{name: data[name] for name in FIELDS})
    said = _("%(amount)s was distributed.") % {"amount": amount_text(actor, paid.amount, payment.currency)}
    return payment, " ".join([said, *rest_texts(actor, payment, paid)])


def rest_texts(actor: Any, payment: Payment, paid: Paid) -> list[str]:
    """What was used of earlier overpayments, what became of the rest, and what stays on account."""
    used = sum((each.amount for each in paid.releases), Decimal(0))
    said = []
    if used:
        amount = amount_text(actor, used, payment.currency)
        said.append(_("%(amount)s of it was overpaid before and is used first.") % {"amount": amount})
    if paid.holding is not None:
        words = {
            "amount": amount_text(actor, paid.holding.amount, payment.currency),
            "agreement": paid.holding.agreement.number,
        }
        said.append(_("%(amount)s is held as an overpayment on agreement %(agreement)s.") % words)
    return [*said, left_text(actor, read_payment(actor, payment.pk))]


def register() -> None:
    """Called once, when the application is ready."""
    actions.register(
        Action(
            "distribute_payment", "collections.payment", gettext_lazy("Distribute payment"), _run,
            form=DistributePaymentForm, blocker=_blocker, visible=_has_money, confirm=_confirm, preview=_preview,
            style="primary", template="collections/distribution/distribute_payment.html",
        )
    )  # fmt: skip
