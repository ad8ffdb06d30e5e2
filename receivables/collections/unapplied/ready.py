"""What the package makes known at start: its verbs, its panels, its words, and what it does when others act."""

from django.utils.translation import gettext_lazy as _

from receivables.approvals.moved import watch
from receivables.collections.unapplied import actions, panels
from receivables.collections.unapplied.queries import REFUND
from receivables.collections.unapplied.refunds import drop_refund, release_refund, shown_now
from receivables.core.history import WORDS
from receivables.core.registry import reactions


def register() -> None:
    actions.register()
    panels.register()
    watch(REFUND, shown_now)
    reactions.on("approve_request", release_refund)
    reactions.on("delete_payment", drop_refund)
    reactions.on("bounce_payment", drop_refund)
    WORDS.update(
        {
            "assign_payment": _("Payment applied"),
            "unassign_payment": _("Payment taken off the invoice"),
            "move_payment_assignment": _("Payment moved to another invoice"),
            "refund_unapplied": _("Money given back"),
            "reverse_refund": _("Refund reversed"),
        }
    )
