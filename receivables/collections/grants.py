"""What the application may do with money received: record it and reverse it, never change it."""

from receivables.core.grants import Grant

GRANTS = {
    "collections_bankaccount": Grant(
        "settings are edited in the Django admin",
        update=("name", "gl_account_id", "active", "bounce_fee", "fee_account_id"),
    ),
    "collections_payoffpolicy": Grant(
        "a setting that is edited in the Django admin; every change is kept",
        update=("maximum", "percent", "cap", "reason_id", "over_maximum", "over_account_id", "why"),
    ),
    "collections_payoffexclusion": Grant("customers are excluded and let in again; every change is kept", delete=True),
    "collections_paymentdraft": Grant(
        "a draft is kept anew, saved or thrown away", update=("data", "saved_at"), delete=True
    ),
    "collections_shortpaymentdraft": Grant(
        "a draft is kept anew, sent or thrown away",
        update=("data", "file_name", "content", "kept_until"),
        delete=True,
    ),
    "collections_batchresolution": Grant("a batch names the job that works on it, and is locked", update=("job_id",)),
    "collections_batchitem": Grant(
        "an item of a batch says what became of its invoice",
        update=(
            "state",
            "code",
            "message",
            "resolution_id",
            "accessorial_id",
            "undo_state",
            "undo_message",
            "undo_id",
            "finished_at",
        ),
    ),
}
