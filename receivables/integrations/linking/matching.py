"""Which of theirs may be one of ours, and why. Pure.

Numbers and tax ids that agree say more than e-mail addresses and names. One reason alone is a proposal; whether it is
chosen beforehand takes more: a tax id, or two reasons, or a name that nobody else has.
"""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from receivables.integrations.linking.reading import Theirs

NUMBER, TAX_ID, EMAIL, NAME = "number", "tax_id", "email", "name"
WEIGHTS = {TAX_ID: 8, NUMBER: 4, NAME: 3, EMAIL: 2}
MOST = 5  # candidates of one customer that are shown
# What companies put behind their names; it differs from book to book.
FORMS = frozenset({
    "inc", "incorporated", "corp", "corporation", "co", "company", "llc", "llp", "lp", "ltd", "limited", "plc",
    "gmbh", "ag", "kg", "sa", "sas", "sarl", "srl", "bv", "nv", "pty",
})  # fmt: skip


@dataclass(frozen=True)
class Ours:
    """One of our customers, charges or accounts."""

    key: str
    name: str
    number: str = ""
    email: str = ""
    tax_id: str = ""
    currency: str = ""


@dataclass(frozen=True)
class Candidate:
    """One of theirs that may be ours, with the reasons. `sure`: chosen unless somebody says otherwise."""

    theirs: Theirs
    reasons: tuple[str, ...]
    sure: bool = False

    @property
    def weight(self) -> int:
        return sum(WEIGHTS[each] for each in self.reasons)


def plain_name(name: str) -> str:
    """A name without accents, signs, capitals and the form of the company."""
    text = unicodedata.normalize("NFKD", name).casefold()
    words = re.findall(r"\w+", "".join(each for each in text if not unicodedata.combining(each)))
    told = [word for word in words if word not in FORMS]
    return " ".join(told or words)


def _signs(text: str) -> str:
    return re.sub(r"[\W_]+", "", text).casefold()


def _facts(number: str, tax_id: str, email: str, name: str) -> dict[str, str]:
    told = {NUMBER: number.strip().casefold(), TAX_ID: _signs(tax_id), EMAIL: email.strip().casefold(),
            NAME: plain_name(name)}  # fmt: skip
    return {reason: value for reason, value in told.items() if value}


def candidates(ours: Iterable[Ours], theirs: Sequence[Theirs]) -> dict[str, list[Candidate]]:
    """For each of ours its candidates, the best first. One of theirs is chosen beforehand for one of ours at most."""
    index: dict[tuple[str, str], list[int]] = defaultdict(list)
    for place, each in enumerate(theirs):
        for fact in _facts(each.number, each.tax_id, each.email, each.name).items():
            index[fact].append(place)
    found = {}
    for mine in ours:
        reasons: dict[int, list[str]] = defaultdict(list)
        facts = _facts(mine.number, mine.tax_id, mine.email, mine.name)
        for reason, value in facts.items():
            for place in index.get((reason, value), ()):
                reasons[place].append(reason)
        rows = [Candidate(theirs[place], tuple(each)) for place, each in reasons.items()]
        rows.sort(key=lambda row: (-row.weight, row.theirs.name, row.theirs.key))
        found[mine.key] = [_judged(row, rows, mine) for row in rows[:MOST]]
    return _once(found)


def _judged(row: Candidate, rows: list[Candidate], mine: Ours) -> Candidate:
    """Whether a candidate is chosen beforehand: it alone fits best, and for more than a number or an address."""
    others = [each for each in rows if each is not row and each.weight >= row.weight]
    fits = not (mine.currency and row.theirs.currency) or mine.currency == row.theirs.currency
    told = TAX_ID in row.reasons or NAME in row.reasons or len(row.reasons) > 1
    return Candidate(row.theirs, row.reasons, fits and told and not others)


def _once(found: dict[str, list[Candidate]]) -> dict[str, list[Candidate]]:
    """One of theirs that is sure for several of ours is sure for none."""
    count: dict[str, int] = defaultdict(int)
    for rows in found.values():
        for row in rows:
            count[row.theirs.key] += row.sure
    return {
        key: [Candidate(row.theirs, row.reasons, row.sure and count[row.theirs.key] == 1) for row in rows]
        for key, rows in found.items()
    }
