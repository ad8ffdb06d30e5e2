"""What people type about disputes."""

from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from receivables.billing.forms import REASON_LENGTH, reason_field
from receivables.billing.models import Invoice
from receivables.collections.wizard.models import ShortPaymentReason
from receivables.core.forms import DayField, MoneyFormField
from receivables.core.views import ActionForm
from receivables.credit_control.models import Dispute
from receivables.credit_control.queries import all_dispute_facts


def invoice_of(obj: Any) -> Invoice | None:
    """The invoice that a dispute about this invoice or load is about, with its open item; None for a load in Draft."""
    found: Invoice | None = obj if isinstance(obj, Invoice) else obj.invoice
    return found


class DisputedForm(ActionForm):
    """How much is disputed and when the next step is due: what the pages of a short payment do not ask already."""

    amount = MoneyFormField(label=gettext_lazy("Disputed amount"), min_value=Decimal(0))
    next_step_on = DayField(
        label=gettext_lazy("Next step on"), required=False,
        help_text=gettext_lazy("When somebody should look at it again."),
    )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        del self.fields["seen"]  # the rule looks at the balance of the moment
        invoice, load = invoice_of(self.obj), None if isinstance(self.obj, Invoice) else self.obj
        if invoice is None:  # the rule says so; the form is shown beside those of other ways
            return
        facts = min(all_dispute_facts(self.actor, invoice, load), key=lambda each: each.most)
        self.fields["amount"].initial = facts.most
        self.fields["amount"].help_text = _("At most %(most)s.") % {"most": facts.text(facts.most)}


class OpenDisputeForm(DisputedForm):
    """A dispute from the invoice's page."""

    why = forms.ChoiceField(label=gettext_lazy("Reason"), choices=[("", "—"), *ShortPaymentReason.choices])
    note = forms.CharField(
        label=gettext_lazy("Note"), required=False, max_length=REASON_LENGTH, widget=forms.Textarea(attrs={"rows": 2})
    )
    field_order = ("amount", "why", "note", "next_step_on")


class ResolveDisputeForm(ActionForm):
    """Who was right, and what comes of it."""

    decision = forms.ChoiceField(
        label=gettext_lazy("Decision"), choices=Dispute.Decision.choices, widget=forms.RadioSelect,
        error_messages={"required": gettext_lazy("Choose a decision.")},
    )  # fmt: skip
    reason = reason_field(required=True)
