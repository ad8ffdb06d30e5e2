"""What the application may do with money received: record it and reverse it, never change it."""

from receivables.core.grants import Grant

GRANTS = {
    "collections_bankaccount": Grant(
        "settings are edited in the Django admin", update=("name", "gl_account_id", "active")
    ),
    "collections_shortpaymentdraft": Grant(
        "a draft is kept anew, sent or thrown away",
        update=("data", "file_name", "content", "kept_until"),
        delete=True,
    ),
}
