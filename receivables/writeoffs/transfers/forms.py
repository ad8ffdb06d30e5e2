"""What people type about debt that is moved."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from receivables.billing.pages import amount_text
from receivables.core.views import ActionForm
from receivables.customers.models import Agreement
from receivables.writeoffs.forms import DebtForm, posting_date_field, reason_field
from receivables.writeoffs.planning import Debt
from receivables.writeoffs.reading import debts_of, gl_accounts
from receivables.writeoffs.transfers.drafting import Move, targets_of, with_types
from receivables.writeoffs.transfers.models import DebtTransfer


class TargetField(forms.ModelChoiceField):
    """The other agreement, said so that it can be told from its like."""

    actor: Any = None

    def label_from_instance(self, obj: Agreement) -> str:
        words = {
            "number": obj.number, "type": obj.type.name, "account": obj.account.number,
            "state": obj.get_state_display(), "owed": amount_text(self.actor, obj.payoff_balance, obj.currency),
        }  # fmt: skip
        return _("%(number)s · %(type)s · account %(account)s · %(state)s · owes %(owed)s") % words


class TransferForm(DebtForm):
    """What of an agreement is moved, and to which other one."""

    target = TargetField(
        Agreement.objects.none(), label=gettext_lazy("To agreement"), empty_label=gettext_lazy("Choose"),
        help_text=gettext_lazy("Another agreement of the customer in this currency; of another account is unusual."),
        error_messages={"required": gettext_lazy("Choose the agreement that takes the debt.")},
    )  # fmt: skip

    obj: Agreement

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        target: Any = self.fields["target"]
        target.actor, target.queryset = self.actor, targets_of(self.actor, self.obj)

    def fitting(self) -> tuple[list[Debt], dict[int, Agreement]]:
        """Everything that is owed on the agreement."""
        source = with_types(Agreement.objects.of(self.actor)).get(pk=self.obj.pk)
        debts = debts_of(self.actor, [source], gl_accounts(self.actor)) if source.payoff_balance > 0 else []
        return debts, {source.pk: source}

    def nothing_owed(self) -> Any:
        return _("Nothing is owed on this agreement any more.")


class ReverseTransferForm(ActionForm):
    """Why a transfer is taken back, and when that is posted."""

    reason = reason_field()
    posting_date = posting_date_field()

    obj: DebtTransfer

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields.pop("seen")


def move_of(source: Agreement, data: dict[str, Any]) -> Move:
    """A checked form as the operation takes it."""
    return Move(
        source, data["target"], data["reason"], picks=data["picks"], posting_date=data["posting_date"],
        seen=data["previewed"],
    )  # fmt: skip
