"""What the application may do with loads, charges and invoices beyond adding and looking."""

from receivables.core.grants import Grant

GRANTS = {
    "billing_taxcode": Grant(
        "names are settings; a rate is never changed", update=("code", "name", "gl_account_id", "active")
    ),
    "billing_accessorialtype": Grant("settings are edited in the Django admin; every change is kept", update="all"),
    "billing_load": Grant("a load is edited, and joins its invoice", update="all"),
    "billing_accessorial": Grant(
        "charges are changed and removed; what was billed stands in revisions",
        update=("quantity", "rate", "amount", "note", "state", "version", "payment_id", "type_id"),
    ),
    "billing_invoice": Grant(
        "sending is noted; the revision moves by trigger", update=("sent_at", "sent_revision", "reference")
    ),
}
