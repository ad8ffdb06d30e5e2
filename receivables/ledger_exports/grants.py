"""What the application may do with exports of the ledger."""

from receivables.core.grants import Grant

GRANTS = {
    "ledger_exports_ledgerexport": Grant(
        "a batch may be withdrawn, with a reason", update=("withdrawn_at", "withdrawn_by_id", "withdrawn_reason")
    ),
}
