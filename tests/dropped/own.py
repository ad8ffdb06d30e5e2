"""Triggers with a function of their own: attacks that are written for them, and changed copies of rows."""

from collections import Counter
from collections.abc import Callable, Iterable
from functools import partial

from receivables.audit.checks import all_checks
from tests.dropped.attempts import (
    ALONE,
    APART,
    BEHIND,
    Attack,
    Books,
    Guard,
    Result,
    other_constraints,
    other_triggers,
    triggers,
)
from tests.dropped.computed import COMPUTED
from tests.dropped.copies import made
from tests.dropped.kinds import OF_A_KIND
from tests.dropped.written import WRITTEN

AT_ONCE = 20  # attacks for which a guard is dropped once


def owned(books: Books) -> list[Guard]:
    """Triggers that are on always, but those of a kind."""
    return triggers(books, "own trigger", f"tgenabled = 'A' AND NOT ({OF_A_KIND})")


def judge_own(books: Books, guard: Guard) -> Result:
    """Which attack goes through without it; if none does, which does when nothing else is left on its table. Of a
    trigger that refuses nothing, what it leaves undone."""
    result = Result(guard)
    if str(guard) in COMPUTED:
        told_apart(books, guard, result)
    else:
        went_through(books, guard, result)
    result.audited = not books.missed_by_the_audit(guard.drop, guard)
    return result


def went_through(books: Books, guard: Guard, result: Result) -> None:
    written = WRITTEN.get(str(guard))
    attacks: list[Attack] = [*([(written, ())] if written else []), *made(books, guard)]
    if freed(books, attacks, [], guard):
        result.how = ALONE
        return
    fences = [*other_triggers(books, [guard.table], guard.name), *other_constraints(books, guard.table)]
    attack = freed(books, attacks, fences, guard)
    if attack:
        result.how, result.behind = BEHIND, books.refusal(attack, [guard.drop])
    result.tried = [f"{each[0][:60]} {books.refusal(each)}" for each in attacks[:2]]


def freed(books: Books, attacks: list[Attack], fences: list[str], guard: Guard) -> Attack | None:
    """The first attack that goes through when the guard is gone, and is refused when it is there."""
    for some in (attacks[at : at + AT_ONCE] for at in range(0, len(attacks), AT_ONCE)):
        without = refusals(books, some, [*fences, guard.drop])
        through = [attack for attack, words in zip(some, without, strict=True) if not words]
        if not through:
            continue
        for attack, words in zip(through, refusals(books, through, fences), strict=True):
            if words:
                return attack
    return None


def refusals(books: Books, attacks: Iterable[Attack], removals: Iterable[str]) -> list[str]:
    """What refuses each attack when guards are gone, which are taken away once."""
    with books.database.transaction(force_rollback=True):
        for removal in removals:
            books.database.execute(removal)
        return [books.refusal(attack) for attack in attacks]


def told_apart(books: Books, guard: Guard, result: Result) -> None:
    """A trigger that computes: after a statement a figure differs, or the audit finds what it did not find with it."""
    statement, figure = COMPUTED[str(guard)]
    ask = partial(figures, figure=figure) if figure else findings
    # Without it first: which transaction locked a row is still seen when it was rolled back.
    without, usual = (outcome(books, statement, ask, removals) for removals in ([guard.drop], []))
    if without - usual:
        result.how = APART


def outcome(books: Books, statement: str, ask: Callable[[Books], Counter[str]], removals: list[str]) -> Counter[str]:
    """What is seen after a statement that nothing refuses at once."""
    with books.database.transaction(force_rollback=True):
        for removal in removals:
            books.database.execute(removal)
        books.database.execute(statement)
        return ask(books)


def figures(books: Books, figure: str) -> Counter[str]:
    return Counter(f"{row}" for row in books.rows(figure))


def findings(books: Books) -> Counter[str]:
    """How many rows each check of the audit finds."""
    books.database.execute("SET CONSTRAINTS ALL IMMEDIATE")
    checks = [check for check in all_checks() if check.name != "guards_are_on"]
    return Counter(check.name for check in checks for _row in books.rows(check.statement))
