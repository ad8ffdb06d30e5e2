"""One way to run a piece of work in a transaction: all or nothing, guard errors as refusals, bounded retries."""

import random
import time
from collections.abc import Callable
from typing import TypeVar

from django.db import DatabaseError, connection, transaction
from django.utils.translation import gettext_lazy as _

from receivables.core.errors import Blocker, Refused
from receivables.core.money import OutOfRange

Result = TypeVar("Result")

# Deadlock and serialization; and a number that a twin took meanwhile: in a second look the rule says so by name.
RETRIED = {"40001", "40P01", "23505"}
MAX_ATTEMPTS = 3
CHECK_VIOLATION = "23514"
TOO_BIG = ("too_big", _("Together with what is booked already this is a bigger amount than the books can hold."))

# The guards of the database speak through these codes; the rule has the better sentence, this is the second fence.
GUARD_MESSAGES = {
    "RV001": ("immutable", _("What is posted is never changed or deleted, only reversed.")),
    "RV002": ("numbering", _("The document number is taken or would leave a gap.")),
    "RV003": ("period_closed", _("The period of this posting date is closed.")),
    "RV004": ("unbalanced", _("The journal entry does not balance.")),
    "RV005": ("already_reversed", _("This was already reversed.")),
    "RV006": ("live_payment", _("A payment exists on this invoice; delete it first.")),
    "RV007": ("mismatch", _("These records do not belong together.")),
    "RV008": ("settled_beyond", _("This would settle more than is owed.")),
    "RV010": ("no_payments", _("This agreement takes no payments. The money can stay on account or pay other debt.")),
    "55P03": ("busy", _("Somebody else is working on this account right now. Try again in a moment.")),
    "57014": ("busy", _("This took too long and was stopped; nothing was saved. Try again in a moment.")),
    "53100": ("disk_full", _("The server has no room left; nothing was saved. Tell whoever runs it.")),
    "40001": ("busy", _("Somebody else is working on this account right now. Try again in a moment.")),
    "40P01": ("busy", _("Somebody else is working on this account right now. Try again in a moment.")),
}


def sqlstate(error: DatabaseError) -> str:
    """The five-character code of the database error behind a Django one, or ''."""
    return getattr(error.__cause__, "sqlstate", None) or ""


def _beyond_amounts(error: DatabaseError) -> bool:
    """Whether an amount, or a balance that it adds to, would leave the range of money: each may be possible alone."""
    constraint = getattr(getattr(error.__cause__, "diag", None), "constraint_name", None) or ""
    return sqlstate(error) == CHECK_VIOLATION and constraint.endswith("_money")


def as_refusal(error: DatabaseError) -> Refused | None:
    """The refusal that a guard's error code stands for, or None for a real fault."""
    known = TOO_BIG if _beyond_amounts(error) else GUARD_MESSAGES.get(sqlstate(error))
    if known is None:
        return None
    code, message = known
    return Refused(Blocker(code, message))


def run_atomic(work: Callable[[], Result]) -> Result:
    """Run `work` in a transaction. Outermost: deadlocks and numbers taken meanwhile are tried again as a whole, at most
    twice, with jitter.

    Raises `Refused` where a guard of the database refused, or an amount would be bigger than any that the books hold.
    """
    attempts = 1 if connection.in_atomic_block else MAX_ATTEMPTS
    for attempt in range(1, attempts + 1):
        try:
            with transaction.atomic():
                return work()
        except DatabaseError as error:
            if sqlstate(error) in RETRIED and attempt < attempts:
                time.sleep(random.uniform(0.01, 0.05) * attempt)
                continue
            refusal = as_refusal(error)
            if refusal is None:
                raise
            raise refusal from error
        except OutOfRange as error:
            raise Refused(Blocker(*TOO_BIG)) from error
    raise AssertionError("unreachable: the loop returns or raises")


def preview(work: Callable[[], Result]) -> Result:
    """What `work` would come to: it runs whole, what is checked at commit included, and is rolled back.

    Raises `Refused` exactly where doing it would.
    """

    def tried() -> Result:
        result = work()
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        transaction.set_rollback(True)
        return result

    return run_atomic(tried)
