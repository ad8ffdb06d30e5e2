"""What the kinds of journal entries are called, and the document an entry came from."""

from typing import Any

from django.apps import apps
from django.utils.translation import gettext_lazy as _

from receivables.ledger.models import JournalEntry, JournalLine

# Packages above add their own in `AppConfig.ready`; a reversal is called by what it takes back.
KINDS: dict[str, Any] = {
    "generated": _("Invoice generated"),
    "regenerated": _("Invoice regenerated"),
    "reissued": _("Invoice reissued"),
    "voided": _("Invoice voided"),
    "imported": _("Invoice imported"),
    "payment": _("Payment received"),
    "application": _("Payment applied"),
    "held": _("Held for the customer"),
    "released": _("Taken from what is held"),
    "deposit_required": _("Deposit required"),
    "deposit_returned": _("Deposit not required any more"),
    "application_taken": _("Payment applied in another currency"),
    "application_taken_deleted": _("Payment taken off, in its currency"),
    "application_taken_bounced": _("Payment taken off, in its currency (bounced)"),
    "on_taken": _("Payment put back, in its currency"),
    "on_taken_deleted": _("Payment taken off, in its currency"),
    "on_taken_bounced": _("Payment taken off, in its currency (bounced)"),
    "recovered": _("Recovery of written-off debt"),
    "recovered_deleted": _("Recovery taken off"),
    "recovered_bounced": _("Recovery taken off (bounced)"),
    "payment_deleted": _("Payment deleted"),
    "application_deleted": _("Payment taken off"),
    "payment_bounced": _("Payment bounced"),
    "application_bounced": _("Payment taken off (bounced)"),
    "bad_debt": _("Bad debt"),
    "credited": _("Difference settled"),
    "bad_debt_reversed": _("Settled difference reversed"),
    "credit_note": _("Credit note issued"),
    "credit_note_reversed": _("Credit note reversed"),
    "off": _("Payment taken off"),
    "on": _("Payment put back"),
    "on_deleted": _("Payment taken off"),
    "on_bounced": _("Payment taken off (bounced)"),
    "bounce_fee": _("Fee for a bounced payment"),
    "bounce_fee_reversed": _("Fee reversed"),
    "tax_relief": _("Tax relief claimed"),
    "tax_relief_reversed": _("Tax relief taken back"),
    "recovery": _("Bad debt recovered"),
    "recovery_reversed": _("Recovery reversed"),
    "excess": _("Over-payment booked as income"),
    "excess_reversed": _("Over-payment taken out of income"),
    "refund": _("Refund"),
    "refund_reversed": _("Refund reversed"),
}


def kind_words(kind: str) -> Any:
    """The words of a kind. Behind a space stands what tells several entries of one document apart."""
    name = kind.partition(" ")[0]
    return KINDS.get(name, name.replace("_", " ").capitalize())


def document_url(lines: list[JournalLine], source: Any) -> str:
    """Where the document of an entry is: its source's own page, else the open item that it moves."""
    if hasattr(source, "get_absolute_url"):
        return str(source.get_absolute_url())
    items = [line.open_item for line in lines if line.open_item_id]
    return items[0].get_absolute_url() if items and items[0] is not None else ""


def source_of(entry: JournalEntry) -> Any:
    """The row that an entry was posted for, or None where its package is gone."""
    try:
        model = apps.get_model(entry.source_type)
    except (LookupError, ValueError):
        return None
    return model.objects.filter(organization_id=entry.organization_id, pk=entry.source_id).first()
