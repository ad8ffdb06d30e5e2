"""What the application may do with changes seen over there."""

from receivables.core.grants import Grant

GRANTS = {
    "incoming_watch": Grant("how far was looked moves on", update=("since", "looked_at", "problem", "position")),
    "incoming_incomingchange": Grant(
        "a row follows what is seen over there and what a person decides",
        update=(
            "remote_version", "what", "state", "delivery_id", "payment_id", "reference", "date", "currency", "amount",
            "applied", "message", "note", "seen_at",
        ),
    ),
}  # fmt: skip
