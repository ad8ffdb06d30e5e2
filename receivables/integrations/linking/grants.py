"""What the application may do with what was seen over there."""

from receivables.core.grants import Grant

GRANTS = {
    "linking_directory": Grant(
        "a look begins, goes on and ends", update=("state", "asked_at", "looked_at", "problem", "position")
    ),
    "linking_counterpart": Grant(
        "a row follows what is over there, and goes when it is there no more",
        update=("number", "name", "email", "tax_id", "currency", "seen_at"), delete=True,
    ),
}  # fmt: skip
