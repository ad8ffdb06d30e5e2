"""What makes billing happen, one file a noun."""

from receivables.billing.delivery.operations import send_invoice
from receivables.billing.operations.accessorials import add_accessorial, change_accessorial, remove_accessorial
from receivables.billing.operations.invoices import (
    generate_invoice,
    regenerate_invoice,
    reissue_invoice,
    void_invoice,
)
from receivables.billing.operations.loads import create_load, edit_load

__all__ = [
    "add_accessorial",
    "change_accessorial",
    "create_load",
    "edit_load",
    "generate_invoice",
    "regenerate_invoice",
    "reissue_invoice",
    "remove_accessorial",
    "send_invoice",
    "void_invoice",
]
