"""What the application's own login may do with each table: look and add, unless a line here or in an app says more.

An app's `grants.py` has `GRANTS`, table -> `Grant`, and may have `FUNCTIONS`, function -> reason, for functions that
run with the owner's rights. `receivables.core.privileges` applies them all.
"""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Grant:
    """Rights beyond the default (SELECT and INSERT) on one table, and why.

    `update` names the columns that may change, or is "all". To lock a row takes the right to update one of its
    columns. `insert=False` leaves a table that the application only reads.
    """

    reason: str
    update: tuple[str, ...] | Literal["all"] = ()
    delete: bool = False
    insert: bool = True


GRANTS = {
    "core_idempotencykey": Grant(
        "a claimed key is completed with the answer; keys older than the retention are cleared away",
        update=("location", "message"),
        delete=True,
    ),
    "core_job": Grant(
        "progress, result and the wish to stop are written while the job runs",
        update=("state", "result", "done", "total", "message", "stop_requested", "started_at", "finished_at"),
    ),
    "core_sequence": Grant(
        "its prefix and width are settings; the number moves only through take_numbers",
        update=("prefix", "width"),
    ),
    # Django
    "django_session": Grant("a session is renewed, ended and cleared away", update="all", delete=True),
    "django_migrations": Grant("written by the owner's migrations", insert=False),
    "django_content_type": Grant("written by the owner's migrations", insert=False),
    "auth_permission": Grant("written by the owner's migrations", insert=False),
    "auth_group": Grant("unused: rights come from the membership", insert=False),
    "auth_group_permissions": Grant("unused: rights come from the membership", insert=False),
    # Sign-in attempts
    "axes_accessattempt": Grant("failures are counted, and forgotten after a success", update="all", delete=True),
    "axes_accessattemptexpiration": Grant("moves and goes with its attempt", update="all", delete=True),
    "axes_accesslog": Grant("gets the time of signing out", update=("logout_time",)),
    # Second factor
    "otp_totp_totpdevice": Grant("counts used codes and failures; its owner may remove it", update="all", delete=True),
    "otp_static_staticdevice": Grant("counts failures; its owner may replace it", update="all", delete=True),
    "otp_static_statictoken": Grant("a recovery code works once", delete=True),
    # Background jobs
    "procrastinate_jobs": Grant("a job is fetched, finished, retried and cleared away", update="all", delete=True),
    "procrastinate_events": Grant("the log of a job is cleared away with it", delete=True),
    "procrastinate_periodic_defers": Grant("only the last run of a schedule is kept", update="all", delete=True),
    "procrastinate_workers": Grant(
        "a worker reports that it lives; silent ones are removed", update="all", delete=True
    ),
    # History of settings
    "pghistory_context": Grant("one context collects what a request adds to it", update=("metadata", "updated_at")),
}

FUNCTIONS = {
    "take_numbers": "the only way a document number moves",
}
