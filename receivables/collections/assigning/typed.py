"""What stands in the fields of the grid "Collections and assignments", as it was typed."""

from collections.abc import Mapping
from dataclasses import dataclass

from receivables.core.forms import key_of

MOST_PARTS = 4  # reasons that one difference is split over, besides Pay bill?


@dataclass(frozen=True)
class TypedPart:
    """A line of a split difference: the key of its reason, and its amount; left empty, all the rest."""

    reason: str = ""
    amount: str = ""

    @property
    def blank(self) -> bool:
        return not (self.reason or self.amount.strip())


@dataclass(frozen=True)
class Typed:
    """What stands in the fields of a row, as it was typed."""

    applied: str = ""
    bad_debt: str = ""
    pay_bill: bool = False
    short_on: str = ""
    seen: str = ""
    ask: bool = False
    parts: tuple[TypedPart, ...] = ()

    @property
    def blank(self) -> bool:
        split = any(not part.blank for part in self.parts)
        return not (self.applied.strip() or self.bad_debt.strip() or self.pay_bill or split)


def typed_rows(data: Mapping[str, str]) -> dict[int, Typed]:
    """What a form says of each invoice, by key; rows without anything typed included."""
    keys = {name.partition("_")[2] for name in data if name.startswith("seen_")}
    return {
        pk: Typed(
            data.get(f"applied_{key}", ""), data.get(f"bad_{key}", ""), bool(data.get(f"pay_{key}")),
            data.get(f"short_{key}", ""), data.get(f"seen_{key}", ""), bool(data.get(f"ask_{key}")),
            tuple(
                TypedPart(data.get(f"why_{key}_{n}", ""), data.get(f"part_{key}_{n}", ""))
                for n in range(MOST_PARTS)
                if f"part_{key}_{n}" in data
            ),
        )
        for key in keys
        if (pk := key_of(key)) is not None
    }  # fmt: skip
