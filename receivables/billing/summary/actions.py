"""What can be clicked: the loads of a summary invoice, and a customer's schedule."""

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from receivables.billing.models import Invoice, SummarySchedule
from receivables.billing.pages import amount_text, facts_of
from receivables.billing.rules import regenerate_invoice_blocker
from receivables.billing.summary.forms import ChangeLoadsForm, ScheduleForm
from receivables.billing.summary.operations import change_summary_loads, first_load
from receivables.billing.summary.schedule import schedule_summary_invoices
from receivables.core.dates import day_words
from receivables.core.errors import Blocker
from receivables.core.registry import Action, Panel, actions, panels
from receivables.customers.models import Customer


def _change(actor: Any, invoice: Invoice, data: dict[str, Any]) -> tuple[Any, str]:
    revision = change_summary_loads(
        actor=actor, invoice=invoice, join=data["join"], leave=data["leave"], reason=data["reason"],
        posting_date=data["posting_date"], seen=data["seen"],
    )  # fmt: skip
    words = {
        "number": invoice.number, "n": revision.number,
        "total": amount_text(actor, revision.total, revision.currency),
    }  # fmt: skip
    return invoice, _("Invoice %(number)s is now revision %(n)s: %(total)s.") % words


def _change_blocker(invoice: Invoice, actor: Any) -> Blocker | None:
    """As regenerating, but for the total, which changes with the loads; the checks stand beside that button already."""
    found = regenerate_invoice_blocker(facts_of(first_load(actor, invoice), actor))
    if found is None or found.code == "total_unchanged":
        return None
    return Blocker(found.code, found.message, found.link)


def _is_live_summary(invoice: Invoice, actor: Any) -> bool:
    return invoice.summary and invoice.voided_at is None


def _confirm_change(invoice: Invoice, actor: Any) -> dict[str, Any]:
    return {
        "facts": [
            {"label": _("Invoice"), "value": invoice.number},
            {"label": _("Total now"), "value": amount_text(actor, invoice.open_item.amount, invoice.currency)},
        ],
        "effects": [
            _("The invoice is regenerated: it keeps its number and dates, the ledger gets the difference."),
            _("A load that leaves is a draft again and can be billed anew."),
        ],
    }


def _schedule(actor: Any, customer: Customer, data: dict[str, Any]) -> tuple[Any, str]:
    frequency = "" if data["frequency"] == ScheduleForm.OFF else data["frequency"]
    schedule = schedule_summary_invoices(
        actor=actor, customer=customer, frequency=frequency, next_date=data["next_date"] if frequency else None
    )
    if not schedule.active:
        return customer, _("Summary invoices are no longer made by a schedule.")
    words = {"often": schedule.get_frequency_display(), "day": day_words(schedule.next_date)}
    return customer, _("Summary invoices: %(often)s, next on %(day)s.") % words


def schedule_panel(customer: Customer, actor: Any) -> dict[str, Any]:
    """How a customer's loads are summed up, on the customer's page."""
    schedule = SummarySchedule.objects.of(actor).filter(customer=customer, active=True).first()
    return {"customer": customer, "schedule": schedule}


def register() -> None:
    """Called once, when the application is ready."""
    actions.register(
        Action(
            "change_summary_loads", "billing.invoice", gettext_lazy("Change loads"), _change, form=ChangeLoadsForm,
            blocker=_change_blocker, visible=_is_live_summary, confirm=_confirm_change, style="secondary",
        )
    )  # fmt: skip
    actions.register(
        Action(
            "schedule_summary_invoices", "customers.customer", gettext_lazy("Schedule summary invoices"), _schedule,
            form=ScheduleForm, style="secondary",
        )
    )  # fmt: skip
    panels.register(
        Panel("summary_schedule", "customers.customer", "aside", "billing/summary_schedule.html", schedule_panel)
    )
