"""What the application may do with write-offs: documents are added and read, the settings are edited."""

from receivables.core.grants import Grant

GRANTS = {
    "writeoffs_writeoffsettings": Grant(
        "the default type, and whether it is automated, are settings; every change is kept",
        update=("default_type_id", "automated"),
    ),
    "writeoffs_writeoffbatch": Grant(
        "a batch is worked out, confirmed and worked off; what was asked for stays",
        update=("plan", "planned_at", "confirmed_at", "confirmed_by_id", "request_id", "approved_by_id", "job_id"),
    ),
    "writeoffs_writeoffbatchitem": Grant(
        "an account of a batch says what became of it",
        update=(
            "state",
            "code",
            "message",
            "write_off_id",
            "undo_state",
            "undo_message",
            "undo_id",
            "finished_at",
        ),
    ),
    "writeoffs_registertotal": Grant("the register is written by the trigger on the ledger's movements", insert=False),
    "writeoffs_registerline": Grant("the register is written by the trigger on the ledger's movements", insert=False),
}
