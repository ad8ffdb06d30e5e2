"""What the application may do with write-offs: documents are added and read, the settings are edited."""

from receivables.core.grants import Grant

GRANTS = {
    "writeoffs_writeoffsettings": Grant(
        "the default type, and whether it is automated, are settings; every change is kept",
        update=("default_type_id", "automated"),
    ),
}
