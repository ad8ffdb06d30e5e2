"""What the application may do with the tables of the ledger: post, and close months. Balances move by triggers."""

from receivables.core.grants import Grant

GRANTS = {
    "ledger_glaccount": Grant(
        "names and write-off controls are settings",
        update=("code", "name", "active", "write_off_type_id", "write_off_override"),
    ),
    "ledger_period": Grant("months are closed and reopened", update=("closed_at", "closed_by_id")),
    "ledger_accounttotal": Grant("totals are counted by the trigger on seals", insert=False),
    "ledger_counted": Grant("totals are counted by the trigger on seals", insert=False),
}
