"""What the application's login may change about people. Rows of people and organizations are never deleted."""

from accounts.einvoicing import FIELDS as EINVOICE_FIELDS
from receivables.core.grants import Grant

# Email and platform staff are set when a user is made, and stay.
USER_COLUMNS = (
    "password",
    "last_login",
    "full_name",
    "is_active",
    "language",
    "timezone",
    "number_style",
    "date_format",
    "page_size",
    "theme",
    "shortcuts",
)

GRANTS = {
    "accounts_organization": Grant(
        "its settings change; its currency and short name never do, and rows are locked",
        update=(
            "name", "legal_name", "address_line_1", "address_line_2", "city", "region", "postal_code", "country",
            "tax_id", "decimal_mark", "group_mark", "grouping", "digits", "date_format", "timezone", "language",
            "days_mode", "work_days", "payment_distribution", "exchange_warn_days", "exchange_refuse_days",
            "exchange_tolerance", "second_factor_required", "pay_off_policy_granted", "active", *EINVOICE_FIELDS,
        ),
    ),
    "accounts_user": Grant(
        "password, last sign-in, standing and preferences change; rows are locked",
        update=USER_COLUMNS,
    ),
    "accounts_membership": Grant(
        "role, permissions and standing change; person and organization never do",
        update=("role", "granted", "denied", "active"),
    ),
    "accounts_usersession": Grant(
        "a session gets a new key, moves to another organization, and ends",
        update=("session_key", "organization_id", "membership_id", "second_factor", "last_seen"),
        delete=True,
    ),
}  # fmt: skip
