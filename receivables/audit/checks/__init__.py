"""Every check of the books, by its name, in the order in which an auditor reads them."""

from functools import cache

from receivables.audit.checks import access, documents, items, journal, payments, seals, writeoffs
from receivables.audit.checks.base import Check

__all__ = ["Check", "all_checks", "named"]


@cache
def all_checks() -> tuple[Check, ...]:
    """All of them; asked for when every package is loaded."""
    return (
        *journal.CHECKS, *items.CHECKS, *documents.CHECKS, *payments.CHECKS, *writeoffs.CHECKS, *access.checks(),
        *seals.CHECKS,
    )  # fmt: skip


def named(name: str) -> tuple[Check, ...]:
    """The checks of this name, or of this code (J1). Empty if there are none."""
    return tuple(check for check in all_checks() if name.lower() in (check.name, check.code.lower()))
