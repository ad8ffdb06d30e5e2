"""What people type about write-offs."""

import re
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from receivables.billing.pages import number_format
from receivables.core.forms import DayField, MoneyFormField, set_format
from receivables.core.views import ActionForm
from receivables.customers.models import Account, Agreement, AgreementType
from receivables.writeoffs.drafting import DebtKey, Wanted, amount_field, read_debts
from receivables.writeoffs.planning import Debt
from receivables.writeoffs.reading import gl_accounts
from receivables.writeoffs.rules import nothing_owed_blocker

MOST_ROWS = 100
TYPED = re.compile(r"(?:amount|whole)_(\d{1,18})_(\d{1,18})")


def posting_date_field() -> DayField:
    return DayField(
        label=gettext_lazy("Posting date"), required=False,
        help_text=gettext_lazy("Leave empty for today, or for the first open day if this month is closed."),
    )  # fmt: skip


def reason_field() -> forms.CharField:
    return forms.CharField(
        label=gettext_lazy("Reason"), max_length=500, widget=forms.Textarea(attrs={"rows": 2}),
        error_messages={"required": gettext_lazy("Say why.")},
    )  # fmt: skip


class ReverseWriteOffForm(ActionForm):
    """How much of a write-off is taken back, and why."""

    amount = MoneyFormField(
        label=gettext_lazy("Amount"), required=False,
        help_text=gettext_lazy("Leave empty to take back all that is left. A part is split with its taxes."),
    )  # fmt: skip
    reason = reason_field()
    posting_date = posting_date_field()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields.pop("seen")


def _whole_field(key: DebtKey) -> str:
    return amount_field(key).replace("amount", "whole")


class DebtForm(ActionForm):
    """Debts with a tick for all of each and a field for a part; a reason, and when it is posted.

    `item` is the open item that a link came from: it is ticked. `previewed` is what the person was shown. Which debts
    there are says `fitting`.
    """

    reason = reason_field()
    posting_date = posting_date_field()
    item = forms.IntegerField(required=False, widget=forms.HiddenInput)
    previewed = forms.CharField(required=False, widget=forms.HiddenInput)

    none_ticked = gettext_lazy("Tick at least one debt, or enter an amount of one.")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields.pop("seen")
        fitting, self.agreements = self.fitting()
        self.debts = self._shown(fitting)
        asked = str(self.initial.get("item", ""))
        for debt in self.debts:
            ticked = asked.isascii() and asked == str(debt.item_id)
            self.fields[_whole_field(debt.key)] = forms.BooleanField(
                label=_("All of %(number)s") % {"number": debt.number}, required=False, initial=ticked
            )
            self.fields[amount_field(debt.key)] = MoneyFormField(
                label=_("Amount of %(number)s") % {"number": debt.number}, required=False, currency=debt.currency,
                min_value=Decimal(0),
            )  # fmt: skip
        set_format(self, number_format(self.actor), self.get_currency())

    def fitting(self) -> tuple[list[Debt], dict[int, Agreement]]:
        """The debts that may be chosen, the oldest due first, and their agreements."""
        return [], {}

    def _shown(self, fitting: list[Debt]) -> list[Debt]:
        """Not more than fit a page; what was typed into or linked to is always among it."""
        typed = {(int(m[1]), int(m[2])) for name in self.data if (m := TYPED.fullmatch(name))} if self.is_bound else ()
        rest = (debt for debt in fitting[MOST_ROWS:] if (debt.agreement_id, debt.item_id or 0) in typed)
        return [*fitting[:MOST_ROWS], *rest]

    def rows(self) -> list[dict[str, Any]]:
        """Each debt with its agreement and its two fields."""
        return [
            {
                "debt": debt, "agreement": self.agreements[debt.agreement_id], "whole": self[_whole_field(debt.key)],
                "amount": self[amount_field(debt.key)],
            }
            for debt in self.debts
        ]  # fmt: skip

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or self.cleaned_data
        picks: dict[DebtKey, Decimal] = {}
        for debt in self.debts:
            amount = data.get(amount_field(debt.key))
            if amount is None and data.get(_whole_field(debt.key)):
                amount = debt.balance
            if amount:
                picks[debt.key] = amount
        if not picks and not self.errors:
            self.add_error(None, str(self.none_ticked if self.debts else self.nothing_owed()))
        data["picks"] = picks
        return data

    def nothing_owed(self) -> Any:
        """What to say where there is nothing to choose any more."""
        return self.none_ticked


class WriteOffForm(DebtForm):
    """What of an account is written off, and where it goes."""

    to_type = forms.ModelChoiceField(
        AgreementType.objects.none(), label=gettext_lazy("Write-off type"), required=False,
        empty_label=gettext_lazy("By the accounts the debt was booked to"),
        help_text=gettext_lazy("Choosing one type makes no difference between revenue and taxes."),
    )  # fmt: skip
    onto = forms.CharField(
        label=gettext_lazy("Account of the write-off agreements"), max_length=40, required=False,
        help_text=gettext_lazy("The number of another account; leave empty for this one, which is usual."),
    )  # fmt: skip

    obj: Account

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        types: Any = self.fields["to_type"]
        types.queryset = AgreementType.objects.of(self.actor).filter(
            special_role=AgreementType.SpecialRole.WRITE_OFF, active=True
        )

    def fitting(self) -> tuple[list[Debt], dict[int, Agreement]]:
        """What may be written off."""
        debts, held = read_debts(self.actor, self.obj.pk, gl_accounts(self.actor))
        fitting = [
            debt
            for debt in debts
            if not debt.written_off and held[debt.agreement_id].type.write_off_debt_class.eligible_for_write_off
        ]
        return fitting, held

    def nothing_owed(self) -> Any:
        gone = nothing_owed_blocker(owed=False)
        return gone.message if gone else self.none_ticked

    def clean_onto(self) -> Account | None:
        number = str(self.cleaned_data["onto"]).strip()
        if not number:
            return None
        found = Account.objects.of(self.actor).filter(number__iexact=number).first()
        if found is None:
            raise forms.ValidationError(_("There is no account with this number."))
        return found


def wanted_of(account: Account, data: dict[str, Any]) -> Wanted:
    """A checked form as an operation takes it."""
    return Wanted(
        account, data["reason"], picks=data["picks"], to_type=data["to_type"], onto=data["onto"],
        posting_date=data["posting_date"], seen=data["previewed"],
    )  # fmt: skip
