"""What the package makes known at start: its button, its section on the invoice's page, its
job, the words of its event."""

from django.utils.translation import gettext_lazy as _

from receivables.billing.einvoice.bulk import JOB
from receivables.billing.einvoice.pages import ACTION, einvoice_panel
from receivables.core import jobs
from receivables.core.history import WORDS
from receivables.core.registry import Panel, actions, panels


def register() -> None:
    actions.register(ACTION)
    jobs.register(JOB)
    panels.register(Panel("einvoice", "billing.invoice", "aside", "billing/einvoice_panel.html", einvoice_panel))
    WORDS["export_einvoice"] = _("E-invoice exported")
