"""The verb of a tax relief as it can be clicked; claiming has a page of its own."""

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from receivables.billing.forms import ReasonForm
from receivables.billing.pages import amount_text
from receivables.collections.models import TaxRelief
from receivables.collections.tax_relief.operations import reverse_blocker, reverse_tax_relief
from receivables.collections.tax_relief.queries import with_later_recovery
from receivables.collections.unapplied.actions import journal
from receivables.core.errors import Blocker
from receivables.core.registry import Action, actions
from receivables.ledger.queries import entries_of


def _blocker(relief: TaxRelief, actor: Any) -> Blocker | None:
    """Costs no query for one that was read with what it looks at."""
    known = hasattr(relief, "recovered_since")
    return reverse_blocker(relief if known else with_later_recovery(TaxRelief.objects.of(actor)).get(pk=relief.pk))


def _stands(relief: TaxRelief, actor: Any) -> bool:
    return not hasattr(relief, "reversal")


def _confirm(relief: TaxRelief, actor: Any) -> dict[str, Any]:
    posted = entries_of(actor, relief).filter(kind="tax_relief")
    return {
        "facts": [
            {"label": _("Claim"), "value": relief.claim.number},
            {"label": _("Invoice"), "value": relief.invoice.number},
            {"label": _("Tax inside"), "value": amount_text(actor, relief.amount, relief.currency)},
        ],
        "effects": [_("The tax is owed again, and the bad debt stands on the worksheet once more.")],
        "tone": "warning",
        "journal": journal(list(posted), -1) if _stands(relief, actor) else [],
    }


def _reverse(actor: Any, relief: TaxRelief, data: dict[str, Any]) -> tuple[Any, str]:
    reverse_tax_relief(actor=actor, relief=relief, reason=data["reason"], posting_date=data["posting_date"])
    return relief, _("The tax relief on invoice %(number)s was taken back.") % {"number": relief.invoice.number}


def register() -> None:
    """Called once, when the application is ready."""
    actions.register(
        Action(
            "reverse_tax_relief", "collections.taxrelief", gettext_lazy("Take back"), _reverse, form=ReasonForm,
            blocker=_blocker, visible=_stands, confirm=_confirm, style="outline-danger", template="billing/act.html",
        )
    )  # fmt: skip
