"""Moving debt that came back to its bankruptcy, as it is clicked: what it would come to, done in full and rolled back,
and then done."""

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from receivables.approvals.models import ApprovalRequest
from receivables.approvals.queries import asked_text
from receivables.billing.pages import amount_text
from receivables.core.errors import Blocker
from receivables.core.registry import Action, actions
from receivables.core.transactions import preview
from receivables.customers.holds import on_plan
from receivables.writeoffs.bankruptcy.coming_back import (
    VERB,
    Addition,
    add_to_bankruptcy,
    addition_facts,
    carry_out,
    drafted,
    outside_sums,
)
from receivables.writeoffs.bankruptcy.forms import AddToBankruptcyForm
from receivables.writeoffs.bankruptcy.operations import owed_of
from receivables.writeoffs.bankruptcy.pages import shown
from receivables.writeoffs.bankruptcy.rules import add_to_bankruptcy_blocker
from receivables.writeoffs.models import Bankruptcy
from receivables.writeoffs.writing import plan_effects


def _addition(bankruptcy: Bankruptcy, data: dict[str, Any]) -> Addition:
    return Addition(bankruptcy, data["posting_date"], data["previewed"])


def _blocker(bankruptcy: Bankruptcy, actor: Any) -> Blocker | None:
    owed = bool(outside_sums(actor, bankruptcy))
    return add_to_bankruptcy_blocker(addition_facts(actor, bankruptcy, owed=owed))


def outside_texts(actor: Any, bankruptcy: Bankruptcy) -> list[str]:
    """What is owed from before the petition outside the bankruptcy type, one amount a currency."""
    return [amount_text(actor, amount, currency) for currency, amount in outside_sums(actor, bankruptcy).items()]


def _confirm(bankruptcy: Bankruptcy, actor: Any) -> dict[str, Any]:
    return {
        "facts": [
            {"label": _("Account"), "value": bankruptcy.account},
            {"label": _("Court and case number"), "value": bankruptcy.reference},
            {"label": _("Owed from before the petition"), "value": ", ".join(outside_texts(actor, bankruptcy)) or "–"},
        ],
        "effects": [_("It moves to the bankruptcy type, as what was owed at the filing did. It can't be paid there.")],
        "tone": "warning",
        "submit_label": _("Check"),
    }


def tried(actor: Any, addition: Addition) -> dict[str, Any]:
    """What it comes to: done in full, also where it would wait, in a transaction that is rolled back."""
    draft = drafted(actor, addition)
    planned = on_plan(actor, {debt.agreement_id for debt in draft.moved})
    made = carry_out(actor, draft, author=actor.user)
    owed = [amount_text(actor, each, code) for code, each in owed_of(draft.addition.bankruptcy).items()]
    said = _("%(owed)s is then owed of this bankruptcy.") % {"owed": ", ".join(owed)}
    return shown(actor, draft, made, [*plan_effects(actor, planned), said])


def _run(actor: Any, bankruptcy: Bankruptcy, data: dict[str, Any]) -> tuple[Any, str]:
    made = add_to_bankruptcy(actor=actor, addition=_addition(bankruptcy, data))
    if isinstance(made, ApprovalRequest):
        return bankruptcy, asked_text(actor, made)
    moved = ", ".join(amount_text(actor, each.amount, each.currency) for each in made)
    return bankruptcy, _("%(amount)s was moved to the bankruptcy type.") % {"amount": moved}


def register() -> None:
    """Called once, when the application is ready."""
    actions.register(
        Action(
            VERB, "writeoffs.bankruptcy", gettext_lazy("Move debt to bankruptcy"), _run, form=AddToBankruptcyForm,
            blocker=_blocker, confirm=_confirm, style="outline-danger", template="writeoffs/start_bankruptcy.html",
            preview=lambda actor, bankruptcy, data: preview(
                lambda: tried(actor, _addition(bankruptcy, {**data, "previewed": ""}))
            ),
        )
    )  # fmt: skip
