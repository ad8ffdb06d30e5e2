"""What people type to recover bad debt: an amount beside each, on a payment's page or beside money that just came."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from receivables.billing.forms import posting_date_field
from receivables.billing.operations.locking import number_format
from receivables.collections.queries import unapplied
from receivables.collections.recoveries.losses import Loss, named_losses, recoverable
from receivables.collections.recoveries.rules import recovery_field, taken_back_blocker
from receivables.core.errors import Blocker
from receivables.core.forms import MoneyFormField, set_format
from receivables.core.money import decimals, format_number, parse_money
from receivables.core.views import ActionForm
from receivables.customers.models import Account


@dataclass(frozen=True)
class Row:
    """One loss with what is typed beside it; `other`: it is of another account of the same customer."""

    loss: Loss
    name: str
    value: str
    errors: Sequence[str] = ()
    other: bool = False

    @property
    def label(self) -> str:
        return _("Recover on %(number)s") % {"number": self.loss.invoice.number}


class RecoverForm(ActionForm):
    """An amount for each bad debt of the payer; empty ones are left alone. Suggested: the oldest first."""

    note = forms.CharField(label=gettext_lazy("Note"), max_length=200, required=False)
    posting_date = posting_date_field()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.losses, self.gone = _offered(self.actor, self.obj.account, self.obj.currency, self.data)
        left = unapplied(self.obj)
        for loss in self.losses:
            part = min(left, loss.left)
            left -= part
            self.fields[recovery_field(loss.key)] = MoneyFormField(
                label=_("Recover on %(number)s") % {"number": loss.invoice.number}, required=False,
                currency=self.obj.currency, min_value=Decimal(0), initial=part or None,
            )  # fmt: skip
        set_format(self, number_format(self.actor), self.obj.currency)

    def rows(self) -> list[Row]:
        found = []
        for loss in self.losses:
            typed = self[recovery_field(loss.key)]
            other = loss.invoice.account_id != self.obj.account_id
            value = typed.value()
            errors = [str(each) for each in typed.errors]
            found.append(Row(loss, typed.html_name, "" if value is None else str(value), errors, other))
        return found

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or self.cleaned_data
        typed = [(loss, data.get(recovery_field(loss.key))) for loss in self.losses]
        data["parts"], data["gone"] = [(loss, amount) for loss, amount in typed if amount], self.gone
        return data


def _offered(actor: Any, account: Account, currency: str, data: Mapping[str, str]) -> tuple[list[Loss], str]:
    """The losses of an account's customer, those beside which something is typed whatever became of them, and the
    number of an invoice whose bad debt is named and stands no more."""
    customer = {"account__customer_id": account.customer_id}
    offered = recoverable(actor, currency=currency, **customer)
    named = {name.removeprefix(recovery_field("")) for name in recoveries_in(data)} - {loss.key for loss in offered}
    others, gone = named_losses(actor, named, **customer) if named else ([], "")
    return [*offered, *others], gone


@dataclass(frozen=True)
class Section:
    """The part of "Collections and assignments" that lists what can be recovered in the currency of the money; `gone`
    is the number of an invoice beside which something was typed and whose bad debt was taken back."""

    rows: list[Row] = field(default_factory=list)
    parts: list[tuple[Loss, Decimal]] = field(default_factory=list)
    gone: str = ""

    @property
    def blocker(self) -> Blocker | None:
        return taken_back_blocker(self.gone)

    @property
    def refused(self) -> bool:
        return any(row.errors for row in self.rows)

    @property
    def total(self) -> Decimal:
        return sum((amount for _loss, amount in self.parts), Decimal(0))


def read_section(
    actor: Any, account: Account, currency: str, data: Mapping[str, str], said: tuple[str, str] = ("", "")
) -> Section:
    """The losses of the account's customer with what is typed beside them; `said` is a field with its refusal."""
    if not actor.can("recover_bad_debt"):
        return Section()
    rows, parts = [], []
    losses, gone = _offered(actor, account, currency, data)
    for loss in losses:
        name = recovery_field(loss.key)
        text, errors = data.get(name, ""), [said[1]] if said[0] == name else []
        try:
            amount = parse_money(text, currency, number_format(actor)) if text.strip() else Decimal(0)
            if amount:
                parts.append((loss, amount))
        except ValidationError as wrong:
            errors = list(wrong.messages)
        rows.append(Row(loss, name, text, errors, loss.invoice.account_id != account.pk))
    return Section(rows, parts, gone)


def recoveries_in(data: Mapping[str, str]) -> dict[str, str]:
    """What is typed in the section, or suggested by a link to it."""
    return {name: text for name, text in data.items() if name.startswith(recovery_field("")) and text.strip()}


def suggested(actor: Any, loss: Loss) -> str:
    """What a link to the section suggests: all that is left of a loss, as it would be typed."""
    return format_number(loss.left, decimals(loss.invoice.currency), number_format(actor).ungrouped())
