"""What people type about credit notes: the reason, and what is taken off each open invoice."""

import re
from typing import Any

from django import forms
from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from receivables.billing.credit_notes.drafting import amount_field
from receivables.billing.credit_notes.models import Reason
from receivables.billing.credit_notes.queries import usable_reasons
from receivables.billing.models import Invoice
from receivables.billing.pages import number_format
from receivables.core.dates import today
from receivables.core.forms import DayField, MoneyFormField, keys_of, set_format
from receivables.core.views import ActionForm
from receivables.customers.models import Account

MOST_ROWS = 100
TYPED = re.compile(r"amount_(\d{1,18})")


def creditable(actor: Any, account: Account, also: set[int]) -> list[Invoice]:
    """The open invoices of an account, the oldest due first, and those of it that were asked for by key."""
    rows = (
        Invoice.objects.of(actor)
        .filter(account=account)
        .select_related("open_item", "account__customer")
        .order_by("due_date", "pk")
    )
    still_open = Q(voided_at__isnull=True) & ~Q(open_item__balance=0)
    asked = list(rows.filter(pk__in=also)) if also else []
    others = rows.filter(still_open).exclude(pk__in=also)[: max(MOST_ROWS - len(asked), 0)]
    return [*asked, *others]


class IssueCreditNoteForm(ActionForm):
    """A reason, a text, the dates, and an amount for each open invoice of the account; empty ones are left alone.

    `invoice` is the one that a link came from: it stands first, with all that is open on it.
    """

    reason = forms.ModelChoiceField(
        label=gettext_lazy("Reason"),
        queryset=Reason.objects.none(),
        empty_label=gettext_lazy("Choose a reason"),
        error_messages={
            "invalid_choice": gettext_lazy("This reason does not exist or is not active."),
            "required": gettext_lazy("Choose a reason."),
        },
    )
    text = forms.CharField(
        label=gettext_lazy("Text"), required=False, max_length=300, widget=forms.Textarea(attrs={"rows": 2}),
        help_text=gettext_lazy("Stands on the credit note, for example what was agreed."),
    )  # fmt: skip
    date = DayField(label=gettext_lazy("Date of the credit note"))
    posting_date = DayField(
        label=gettext_lazy("Posting date"), required=False,
        help_text=gettext_lazy("Leave empty for the date above, or for the first open day if that month is closed."),
    )  # fmt: skip
    invoice = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        reasons: Any = self.fields["reason"]
        reasons.queryset = usable_reasons(self.actor)
        self.fields["date"].initial = today(self.actor.organization)
        chosen = self._chosen()
        self.invoices = creditable(self.actor, self.obj, chosen)
        for row in self.invoices:
            self.fields[amount_field(row.pk)] = MoneyFormField(
                label=_("Amount on %(number)s") % {"number": row.number}, required=False, currency=row.currency,
                min_value=0, initial=row.open_item.balance if row.pk in chosen and not self.is_bound else None,
            )  # fmt: skip
        set_format(self, number_format(self.actor), self.get_currency())

    def _chosen(self) -> set[int]:
        """Which invoices must have a row: those that were typed into, or the one that a link names."""
        names = self.data if self.is_bound else ()
        typed = {int(match[1]) for name in names if (match := TYPED.fullmatch(name)) and self.data[name].strip()}
        asked = str(self.data.get("invoice", "") if self.is_bound else self.initial.get("invoice", ""))
        return typed | set(keys_of([asked]))

    def rows(self) -> list[dict[str, Any]]:
        """Each invoice with the field of its amount."""
        return [{"invoice": row, "field": self[amount_field(row.pk)]} for row in self.invoices]

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or self.cleaned_data
        amounts = [(row, data.get(amount_field(row.pk))) for row in self.invoices]
        data["parts"] = [(row, amount) for row, amount in amounts if amount]
        return data
