"""What the application may do with requests: decide them, once."""

from receivables.core.grants import Grant

GRANTS = {
    "approvals_authoritylimit": Grant(
        "authority is a setting; every change is kept", update=("minimum", "maximum"), delete=True
    ),
    "approvals_approvalstep": Grant("how many people decide is a setting; every change is kept", update=("decisions",)),
    "approvals_approvalrequest": Grant(
        "a waiting request is decided", update=("state", "decided_by_id", "decided_at", "decision_note")
    ),
    "approvals_delegation": Grant("a delegation may be ended early, once", update=("ended_by_id", "ended_at")),
    "approvals_approvalquestion": Grant(
        "a question is answered, once", update=("answer", "answered_by_id", "answered_at")
    ),
}
