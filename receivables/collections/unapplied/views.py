"""Pages of one assignment: taking a payment off an invoice, and moving it to another."""

from decimal import Decimal
from functools import cached_property
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from receivables.billing.forms import ReasonForm
from receivables.billing.models import Invoice
from receivables.billing.pages import amount_text
from receivables.collections.debts import debt_balance_text, debt_text, reopened_text, taken_off_text
from receivables.collections.models import Payment, PayOff
from receivables.collections.queries import is_live, with_documents
from receivables.collections.unapplied.acting import given_up_with, invoice_of, read_payment
from receivables.collections.unapplied.actions import journal
from receivables.collections.unapplied.forms import MoveForm
from receivables.collections.unapplied.operations import move_payment_assignment, unassign_payment
from receivables.collections.unapplied.queries import payable_with
from receivables.collections.unapplied.rules import crossed_blocker, unassign_payment_blocker
from receivables.collections.unapplied.texts import balance_text, left_text, removing_effects
from receivables.core.access import fetch
from receivables.core.errors import Blocker
from receivables.core.views import FormView
from receivables.ledger.models import Allocation, JournalEntry, OpenItem


class AssignmentView(FormView):
    """What both pages show: the payment, the invoice that it is applied to, and whether it still is."""

    label: Any = ""

    @cached_property
    def row(self) -> Allocation:
        rows = Allocation.objects.filter(kind=Allocation.Kind.PAYMENT, reverses__isnull=True)
        full = rows.select_related("credit_item", "debit_item__invoice", "debit_item__agreement__type", "reversed_by")
        return fetch(self.request.actor, full, self.kwargs["pk"], self.verb)

    @cached_property
    def payment(self) -> Payment:
        return with_documents(Payment.objects.of(self.request.actor)).get(open_item=self.row.credit_item_id)

    def blocker(self) -> Blocker | None:
        number, invoice = self.payment.number, self.row.debit_item.number
        return unassign_payment_blocker(number=number, invoice=invoice, live=is_live(self.row))

    @cached_property
    def given_up(self) -> list[PayOff]:
        return given_up_with(self.payment, invoice_of(self.row.debit_item))

    @property
    def reopened(self) -> Decimal:
        """What the invoice owes afterwards: without the payment, and without the bad debt that was given with it."""
        lost = sum((each.amount for each in self.given_up), Decimal(0))
        return self.row.debit_item.balance + self.row.amount + lost

    def form_kwargs(self) -> dict[str, Any]:
        return {**super().form_kwargs(), "obj": self.row}

    def context(self) -> dict[str, Any]:
        actor, row, here = self.request.actor, self.row, self.payment.get_absolute_url()
        return {
            "title": self.label, "section": _("Payments"), "cancel_url": here, "object": self.payment,
            "breadcrumb": [
                {"label": _("Payments"), "url": reverse("payments")}, {"label": self.payment.number, "url": here}
            ],
            "facts": [
                {"label": _("Customer"), "value": self.payment.account.customer.name},
                {"label": _("Payment"), "value": self.payment.number},
                {"label": _("Applied to"), "value": debt_text(row.debit_item)},
                {"label": _("Applied"), "value": amount_text(actor, row.amount, row.currency)},
            ],
            "blocker": self.blocker(),
        }  # fmt: skip


class UnassignView(AssignmentView):
    """Take a payment off one invoice; what happens is said beforehand, with the lines of the journal."""

    verb = "unassign_payment"
    template = "billing/act.html"
    form_class = ReasonForm
    label = gettext_lazy("Take the payment off")

    def context(self) -> dict[str, Any]:
        context = super().context()
        if context["blocker"] is None:
            actor = self.request.actor
            context["effects"] = removing_effects(actor, self.row, self.reopened)
            entries = JournalEntry.objects.of(actor).filter(pk=self.row.entry_id).prefetch_related("lines__gl_account")
            context["journal"] = [] if self.given_up else journal(list(entries), -1)
        return {**context, "submit_label": _("Take off"), "submit_style": "danger", "tone": "warning"}

    def run(self, data: dict[str, Any]) -> tuple[str, str]:
        actor = self.request.actor
        unassign_payment(actor=actor, allocation=self.row, reason=data["reason"], posting_date=data["posting_date"])
        debt = OpenItem.objects.of(actor).select_related("agreement__type").get(pk=self.row.debit_item_id)
        after = [debt_balance_text(actor, debt), left_text(actor, read_payment(actor, self.payment.pk))]
        return self.payment.get_absolute_url(), " ".join([taken_off_text(self.payment, debt), *after])


class MoveView(AssignmentView):
    """Take a payment off one invoice and apply it to another in one step."""

    verb = "move_payment_assignment"
    form_class = MoveForm
    label = gettext_lazy("Move to another invoice")

    def form_kwargs(self) -> dict[str, Any]:
        return {**super().form_kwargs(), "payment": self.payment}

    def blocker(self) -> Blocker | None:
        number, invoice = self.payment.number, self.row.debit_item.number
        if first := super().blocker() or crossed_blocker(number=number, invoice=invoice, crossed=self.row.crossed):
            return first
        others = payable_with(self.request.actor, self.payment).exclude(open_item=self.row.debit_item_id)
        if others.exists():
            return None
        words = {"customer": self.payment.account.customer.name, "currency": self.payment.currency}
        return Blocker("nothing_open", _("%(customer)s has no other open invoice in %(currency)s.") % words)

    def context(self) -> dict[str, Any]:
        context = super().context()
        if context["blocker"] is None:
            row, actor = self.row, self.request.actor
            context["effects"] = [
                reopened_text(actor, row.debit_item, self.reopened),
                _("The amount is applied to the invoice that you choose; what you don't move goes on account."),
                _("Both are posted in one step, or nothing is."),
            ]
        return {**context, "submit_label": _("Move")}

    def run(self, data: dict[str, Any]) -> tuple[str, str]:
        actor = self.request.actor
        act = move_payment_assignment(
            actor=actor, allocation=self.row, invoice=data["invoice"], amount=data["amount"], reason=data["reason"],
            posting_date=data["posting_date"],
        )  # fmt: skip
        invoice = Invoice.objects.of(actor).select_related("open_item").get(pk=data["invoice"].pk)
        words = {
            "amount": amount_text(actor, act.amount, act.currency), "invoice": invoice.number,
            "before": debt_text(self.row.debit_item), "number": self.payment.number,
        }  # fmt: skip
        said = _("%(amount)s of payment %(number)s was moved from %(before)s to invoice %(invoice)s.")
        return self.payment.get_absolute_url(), " ".join([said % words, balance_text(actor, invoice)])
