"""What people type when they distribute a payment: an amount for each debt of the account."""

from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from receivables.billing.forms import posting_date_field
from receivables.billing.pages import number_format
from receivables.collections.debts import debt_text
from receivables.collections.distribution.queries import debts_of, is_written_off, proposed, takes_payments
from receivables.collections.distribution.rules import share_field
from receivables.collections.held.queries import overpayments, total_of
from receivables.collections.queries import unapplied
from receivables.core.forms import MoneyFormField, keys_typed, set_format
from receivables.core.views import ActionForm


class DistributePaymentForm(ActionForm):
    """An amount for each debt, suggested as the organization distributes payments; empty ones are left alone."""

    keep_rest = forms.BooleanField(
        label=gettext_lazy("Hold what is left as an overpayment"), required=False,
        help_text=gettext_lazy("The next distribution uses it first. Otherwise it stays on account."),
    )  # fmt: skip
    posting_date = posting_date_field()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        items = debts_of(self.actor, self.obj.account_id, self.obj.currency)
        typed = {*keys_typed(self.data, "debt")} - {item.pk for item in items}
        items += debts_of(self.actor, self.obj.account_id, self.obj.currency, settled=typed) if typed else []
        overpaid = total_of(overpayments(self.actor, self.obj.account_id, self.obj.currency))
        self.suggested = proposed(self.actor, unapplied(self.obj) + overpaid, items)
        paid_first = list(self.suggested)
        self.items = sorted(
            (item for item in items if takes_payments(item)),
            key=lambda item: paid_first.index(item.pk) if item.pk in self.suggested else len(paid_first),
        )
        self.barred = [item for item in items if not takes_payments(item)]
        for item in self.items:
            self.fields[share_field(item.pk)] = MoneyFormField(
                label=_("Amount on %(debt)s") % {"debt": debt_text(item)}, required=False, currency=item.currency,
                min_value=Decimal(0), initial=None if self.is_bound else self.suggested.get(item.pk),
            )  # fmt: skip
        set_format(self, number_format(self.actor), self.obj.currency)

    def rows(self) -> list[dict[str, Any]]:
        """Each debt with the field of its amount."""
        return [
            {"item": item, "field": self[share_field(item.pk)], "written_off": is_written_off(item)}
            for item in self.items
        ]

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or self.cleaned_data
        amounts = {item.pk: data.get(share_field(item.pk)) for item in self.items}
        data["amounts"] = {pk: amount for pk, amount in amounts.items() if amount}
        return data
