"""What a check is: a promise in words, and the statement that finds the rows which break it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Rows:
    """What the ids of a check are, in words, and the URL name of the page that shows such a row, if there is one."""

    words: Any
    page: str = ""


@dataclass(frozen=True)
class Check:
    """One promise, checked from the rows alone by one statement.

    `code` is the invariant's (J1), several checks may share one; `name` is the check's own. `sql` finds what should
    not exist, as (organization_id, id), and is a function where it takes long to put together; a check of the whole
    database has no organization.
    """

    code: str
    name: str
    promise: Any
    rows: Rows
    sql: str | Callable[[], str]
    whole_database: bool = False

    @property
    def statement(self) -> str:
        return self.sql if isinstance(self.sql, str) else self.sql()
