"""What the application may do with loads, charges and invoices beyond adding and looking."""

from receivables.core.grants import Grant

GRANTS = {
    "billing_taxcode": Grant(
        "names are settings; a rate is never changed",
        update=("code", "name", "category", "exemption_reason", "gl_account_id", "active"),
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
    "billing_importfile": Grant(
        "an uploaded file gets its reading and its findings, and is cleared away",
        update=("choices", "problems"),
        delete=True,
    ),
    "billing_importmapping": Grant("how files are read is remembered anew", update=("name", "choices", "used_at")),
}
