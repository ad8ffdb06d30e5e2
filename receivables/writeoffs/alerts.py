"""What an account's page warns of: a warning of ours stands before what people wrote there."""

from typing import Any

from receivables.customers.models import Account
from receivables.customers.operations import edit_account

LENGTH = Account._meta.get_field("alert").max_length


def warn(worker: Any, account: Account, said: str) -> None:
    """Put a sentence before the alert of an account that was read under its lock, unless it stands there already; what
    the alert said stays behind it, as far as there is room."""
    if said not in account.alert:
        edit_account(actor=worker, account=account, alert=f"{said} {account.alert}".strip()[:LENGTH])
