"""What the application may do with loads, charges and invoices beyond adding and looking."""

from receivables.core.grants import Grant

GRANTS = {
    "billing_agreementcharge": Grant(
        "a charge ends, is taken back, and knows up to where it is billed",
        update=("ends_on", "billed_through", "cancelled", "version"),
    ),
    "billing_billingrun": Grant("the job that works on it", update=("job_id",)),
    "billing_billingrunitem": Grant(
        "what became of an agreement of a run",
        update=("state", "code", "message", "amount", "final", "invoice_id", "finished_at"),
    ),
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
    "billing_reason": Grant(
        "settings are edited in the Django admin; every change is kept, its kind is never changed",
        update=(
            "code",
            "name",
            "gl_account_id",
            "document",
            "tax_rule",
            "relief_days",
            "relief_from",
            "maximum",
            "active",
        ),
    ),
    "billing_summaryschedule": Grant(
        "a schedule is a setting and takes its turns", update=("frequency", "next_date", "day_of_month", "active")
    ),
    "billing_importfile": Grant(
        "an uploaded file gets its reading and its findings, and is cleared away",
        update=("choices", "problems"),
        delete=True,
    ),
    "billing_customerdelivery": Grant(
        "how a customer wants invoices is edited; every change is an event",
        update=("method", "mail_to", "cc", "language", "automatic", "attach_pdf", "attach_xml", "version"),
    ),
    "billing_invoicemailtext": Grant("settings are edited in the Django admin; every change is kept", update="all"),
    "billing_dispatch": Grant(
        "a sending moves from waiting to what became of it; to whom and in which words stays as it was",
        update=("state", "attempts", "error", "sent_at", "bounced_on", "bounce_reason"),
    ),
    "billing_importmapping": Grant("how files are read is remembered anew", update=("name", "choices", "used_at")),
}
