"""What the application may do with webhooks."""

from receivables.core.grants import Grant

GRANTS = {
    "webhooks_endpoint": Grant(
        "its settings and secrets are changed, its state follows what the other side answers",
        update=("name", "url", "types", "state", "problem", "secrets", "previous_until", "shown_at"),
    ),
    "webhooks_pending": Grant(
        "an event is locked, and taken off once it was looked at", update=("event_id",), delete=True
    ),
    "webhooks_message": Grant(
        "its state follows what is sent and answered", update=("state", "tries", "next_attempt_at", "delivered_at")
    ),
}
