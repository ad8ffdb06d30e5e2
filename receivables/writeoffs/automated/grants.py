"""What the application may do with the automated write-off beyond adding and looking."""

from receivables.core.grants import Grant

SETTINGS = "settings are edited in the Django admin; every change is kept"

GRANTS = {
    "automated_collectionagency": Grant(SETTINGS, update="all"),
    "automated_processtemplate": Grant(SETTINGS, update="all"),
    "automated_templateevent": Grant(SETTINGS, update="all"),
    "automated_writeoffcontrol": Grant(SETTINGS, update="all"),
    "automated_writeoffcriterion": Grant(SETTINGS, update="all"),
    "automated_automatedrun": Grant("its job and how far it came", update=("job_id", "reviewed")),
    "automated_writeoffprocess": Grant(
        "it ends once, for a reason", update=("state", "ended_at", "ended_because", "reason", "version")
    ),
    "automated_processagreement": Grant(
        "an agreement leaves its process once", update=("active", "left_at", "left_because")
    ),
    "automated_processevent": Grant(
        "an event is changed until it is done, and a to-do ticked off",
        update=(
            "sequence", "text", "agency_id", "due_on", "state", "done_on", "outcome", "amount", "rows", "request_id",
            "handled_on", "handled_by_id", "version",
        ),
    ),
    "automated_lettermail": Grant(
        "an e-mail is handed over, and what came of it is kept", update=("state", "attempts", "error", "sent_at")
    ),
    "automated_referral": Grant("a referral is cancelled", update=("active", "cancelled_at")),
}  # fmt: skip
