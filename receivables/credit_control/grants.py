"""What the application may do with disputes, the debt monitor and reminders beyond adding and looking."""

from receivables.core.grants import Grant

GRANTS = {
    "credit_control_dispute": Grant(
        "a dispute is closed with its decision",
        update=("state", "decision", "outcome", "closed_by_id", "closed_at"),
    ),
    "credit_control_collectioncriterion": Grant(
        "settings are edited in the Django admin; every change is kept", update="all"
    ),
    "credit_control_monitorrun": Grant("its job and how far it came", update=("job_id", "reviewed")),
    "credit_control_collectionprocess": Grant(
        "chasing rises by the criteria and ends when they are met no more",
        update=("step", "amount", "oldest_due", "raised_on", "ended_on", "ended_because", "version"),
    ),
    "credit_control_plan": Grant(
        "amounts fall due, charges are deferred, and a plan ends",
        update=("asked", "seen_movement", "ended_on", "ended_because", "version"),
    ),
    "credit_control_reminder": Grant("what becomes of its e-mail", update=("state", "attempts", "error", "sent_at")),
}
