"""What the application may do with deliveries."""

from receivables.core.grants import Grant

GRANTS = {
    "integrations_connection": Grant(
        "its settings and credentials are changed, its state follows what the system answers",
        update=("name", "state", "options", "secrets", "start_date", "problem", "paused_until", "version"),
    ),
    "integrations_mapping": Grant("a mapping may be corrected or taken away", update="all", delete=True),
    "integrations_change": Grant(
        "a change is locked, and taken off the list once it was looked at", update=("event_id",), delete=True
    ),
    "integrations_delivery": Grant(
        "its state follows what is sent and answered",
        update=(
            "reference", "currency", "amount", "state", "trouble", "message", "system_text", "fix", "note", "remote",
            "synced", "payload_hash", "pending", "attempts", "tries", "again", "next_attempt_at", "changed_at",
            "synced_at",
        ),
    ),
    "integrations_connectorsession": Grant(
        "a visit goes on from message to message",
        update=("seen_at", "ended_at", "version", "delivery_id", "asks", "message", "handed_at", "sent", "problem"),
    ),
}  # fmt: skip
