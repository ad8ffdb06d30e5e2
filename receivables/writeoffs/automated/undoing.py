"""Taking back what the monitor closed as a small difference, by hand: the debt or credit stands where it stood."""

from datetime import date
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from receivables.billing.operations.revisions import chosen_posting_date
from receivables.billing.pages import amount_text
from receivables.core.access import lock_rows
from receivables.core.dates import today
from receivables.core.errors import Blocker, refuse
from receivables.core.events import record
from receivables.core.operations import operation
from receivables.core.registry import Action, Panel, actions, panels
from receivables.customers.models import Account, Agreement
from receivables.ledger.models import JournalEntry
from receivables.ledger.posting import take_back
from receivables.writeoffs.automated.forms import ReasonForm
from receivables.writeoffs.automated.models import WriteDown, WriteDownReversal
from receivables.writeoffs.automated.rules import reverse_write_down_blocker

SHOWN = 20


@operation
def reverse_write_down(
    *, actor: Any, write_down: WriteDown, reason: str, posting_date: date | None = None
) -> WriteDownReversal:
    """Take back a write-down or write-up of the monitor, once; what it closed is reactivated. Raises `Refused`."""
    lock_rows(Account.objects.of(actor), [write_down.account_id])
    current = WriteDown.objects.of(actor).select_related("agreement", "account__customer").get(pk=write_down.pk)
    refuse(reverse_write_down_blocker(reversed_before=_reversed(current), reason=reason))
    posted = chosen_posting_date(actor, max(today(actor.organization), current.posting_date), posting_date)
    made = WriteDownReversal.objects.create(
        organization=actor.organization, write_down=current, reason=reason.strip(), posting_date=posted,
        created_by=actor.user,
    )  # fmt: skip
    _post(actor, current, made)
    record(
        actor, "reverse_write_down", current.agreement, about=[current.account, current.account.customer],
        reason=made.reason, amount=current.amount, currency=current.currency,
    )  # fmt: skip
    return made


def _reversed(write_down: WriteDown) -> bool:
    return hasattr(write_down, "reversal")


def _post(actor: Any, write_down: WriteDown, made: WriteDownReversal) -> None:
    """The entry mirrored, and its settlements taken off."""
    entry = JournalEntry.objects.of(actor).get(
        source_type=WriteDown._meta.label_lower, source_id=write_down.pk, reverses__isnull=True
    )
    take_back(actor, entry, kind="reverse_write_down", source=made, posting_date=made.posting_date)


# As it is clicked --------------------------------------------------------------------------------------------------


def of_agreement(agreement: Agreement, actor: Any) -> dict[str, Any]:
    """What the monitor closed of an agreement as small differences, the newest first."""
    rows = WriteDown.objects.of(actor).filter(agreement=agreement).select_related("reversal__created_by")
    return {"write_downs": list(rows.order_by("-pk")[:SHOWN])}


def _blocker(write_down: WriteDown, actor: Any) -> Blocker | None:
    return reverse_write_down_blocker(reversed_before=_reversed(write_down))


def _confirm(write_down: WriteDown, actor: Any) -> dict[str, Any]:
    return {
        "facts": [
            {"label": _("Agreement"), "value": write_down.agreement},
            {"label": _("Amount"), "value": amount_text(actor, write_down.amount, write_down.currency)},
        ],
        "effects": [
            _("The amount stands on its agreement again; if that was closed it is reactivated."),
            _("The monitor would close it again: postpone the account, or lower the limit of its control."),
        ],
        "tone": "warning",
    }


def _run(actor: Any, write_down: WriteDown, data: dict[str, Any]) -> tuple[Any, str]:
    reverse_write_down(actor=actor, write_down=write_down, reason=data["reason"])
    amount = amount_text(actor, write_down.amount, write_down.currency)
    return write_down.agreement, _("%(amount)s stands on the agreement again.") % {"amount": amount}


def register() -> None:
    """Called once, when the application is ready."""
    actions.register(
        Action(
            "reverse_write_down", "automated.writedown", gettext_lazy("Reverse small difference"), _run, ReasonForm,
            _blocker, lambda write_down, actor: not _reversed(write_down), _confirm, style="outline-danger",
        )
    )  # fmt: skip
    panels.register(Panel("write_downs", "customers.agreement", "main", "automated/write_downs.html", of_agreement))
