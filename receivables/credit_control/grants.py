"""What the application may do with disputes: open them, and close each once."""

from receivables.core.grants import Grant

GRANTS = {
    "credit_control_dispute": Grant(
        "a dispute is closed with its decision",
        update=("state", "decision", "outcome", "closed_by_id", "closed_at"),
    ),
}
