"""What the package makes known at start: its buttons, its sections on the pages of invoices and credit notes,
its job, the words of its events."""

from django.utils.translation import gettext_lazy as _

from receivables.billing.einvoice import credit_pages
from receivables.billing.einvoice.bulk import JOB
from receivables.billing.einvoice.pages import ACTION, einvoice_panel
from receivables.core import jobs
from receivables.core.history import WORDS
from receivables.core.registry import Panel, actions, panels

TEMPLATE = "billing/einvoice_panel.html"


def register() -> None:
    actions.register(ACTION)
    actions.register(credit_pages.ACTION)
    jobs.register(JOB)
    panels.register(Panel("einvoice", "billing.invoice", "aside", TEMPLATE, einvoice_panel))
    panels.register(Panel("einvoice", "billing.creditnote", "aside", TEMPLATE, credit_pages.credit_note_panel))
    WORDS["export_einvoice"] = _("E-invoice exported")
    WORDS["export_credit_note"] = _("Credit note exported as e-invoice")
