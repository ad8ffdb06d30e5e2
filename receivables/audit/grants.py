"""What the application may do with audits and seals: look and add."""

from receivables.core.grants import Grant

GRANTS = {
    "audit_sealmark": Grant(
        "it moves on with every sealing", update=("entries_through", "events_through", "horizon", "taken_at")
    ),
}
