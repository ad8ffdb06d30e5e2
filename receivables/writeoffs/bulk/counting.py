"""What became of the accounts of a batch, read from its tally: no item is counted."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property

ZERO = Decimal(0)
WAITING, DONE, SKIPPED, FAILED, UNDONE, KEPT = "waiting", "done", "skipped", "failed", "undone", "kept"


@dataclass(frozen=True)
class Sums:
    """So many accounts, and what they come to: what is owed, what of it the customers' own money pays first, and what
    is written off."""

    accounts: int = 0
    amount: Decimal = ZERO
    money: Decimal = ZERO
    planned: Decimal = ZERO

    def __add__(self, other: "Sums") -> "Sums":
        return Sums(
            self.accounts + other.accounts, self.amount + other.amount, self.money + other.money,
            self.planned + other.planned,
        )  # fmt: skip


@dataclass(frozen=True)
class Row:
    """The accounts of a batch in one state, with one reason for being passed over. One that was taken back is in the
    state UNDONE for whoever reads it."""

    state: str
    taking_back: str
    code: str
    sums: Sums

    @property
    def reads(self) -> str:
        return UNDONE if self.taking_back == UNDONE else self.state


def _row(key: str, accounts: str, amount: str, money: str, planned: str) -> Row:
    state, taking_back, code = key.split("|")
    return Row(state, taking_back, code, Sums(int(accounts), Decimal(amount), Decimal(money), Decimal(planned)))


class Counts:
    """A tally ("state|state of taking it back|reason": accounts, owed, own money, written off) in words."""

    def __init__(self, tally: Mapping[str, Sequence[str]]) -> None:
        self.rows = [_row(key, *sums) for key, sums in sorted(tally.items())]

    def _sums(self, wanted: Callable[[Row], bool]) -> Sums:
        return sum((row.sums for row in self.rows if wanted(row)), Sums())

    def of(self, *states: str) -> Sums:
        """What accounts that read so come to."""
        return self._sums(lambda row: row.reads in states)

    @cached_property
    def done(self) -> Sums:
        return self.of(DONE)

    @cached_property
    def undone(self) -> Sums:
        return self.of(UNDONE)

    @cached_property
    def waiting(self) -> Sums:
        return self.of(WAITING)

    @cached_property
    def skipped(self) -> Sums:
        return self.of(SKIPPED)

    @cached_property
    def failed(self) -> Sums:
        return self.of(FAILED)

    @cached_property
    def kept(self) -> Sums:
        """What could not be taken back."""
        return self._sums(lambda row: row.taking_back == KEPT)

    @cached_property
    def all(self) -> Sums:
        return self._sums(lambda row: True)

    @property
    def reasons(self) -> dict[str, int]:
        """How many accounts were passed over or failed for each reason, the commonest first."""
        found: dict[str, int] = {}
        for row in self.rows:
            if row.code:
                found[row.code] = found.get(row.code, 0) + row.sums.accounts
        return dict(sorted(found.items(), key=lambda each: (-each[1], each[0])))
