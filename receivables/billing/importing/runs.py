"""One import from file to end, as page, background job and command all do it."""

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from receivables.billing.importing.checking import Checker, Counts
from receivables.billing.importing.fields import Choices
from receivables.billing.importing.models import ImportFile
from receivables.billing.importing.operations import batches, import_receivables, import_receivables_blocker
from receivables.billing.importing.parsing import Problem, Reader, Row
from receivables.billing.importing.posting import default_terms
from receivables.core.dates import today
from receivables.core.errors import Blocker, Refused
from receivables.core.jobs import Progress, Stopped
from receivables.core.models import Job
from receivables.core.uploads import UPLOAD_BYTES, Table
from receivables.core.workbooks import open_table

LISTED = 10_000  # problems that are kept and shown; beyond that only their number
NOTED = 1_000
# A column that nearly every row fills: where it is empty, the row is worth a look.
USUALLY_FILLED = 0.9

Watch = Callable[[int, int], None]


@dataclass
class Understood:
    """A file read under its choices. `wrong` counts rows, of which each may have several problems."""

    rows: list[Row] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    notes: list[Problem] = field(default_factory=list)
    read: int = 0
    wrong: int = 0
    cut: bool = False


def understand(actor: Any, table: Table, choices: Choices, limit: int = 0) -> Understood:
    """Read every row (or the first `limit`), collecting what is wrong. Raises `Refused` for a file at fault as such."""
    if not choices.ready_for(table):
        raise Refused(Blocker("no_columns", _("Say first which columns hold what, and how dates are written.")))
    reader = Reader(actor.organization, table.headings, choices, today(actor.organization))
    found = Understood()
    empty: dict[int, list[int]] = defaultdict(list)
    for line, cells in table.rows():
        if limit and found.read >= limit:
            found.cut = True
            break
        found.read += 1
        if "" in cells or len(cells) < len(table.headings):
            _note_empty(empty, line, cells, len(table.headings))
        result = reader.read(line, cells)
        if isinstance(result, Row):
            found.rows.append(result)
        else:
            found.wrong += 1
            found.problems += result
    if not choices.complete:
        found.notes = _notes(table, empty, found.read)
    return found


def _note_empty(empty: dict[int, list[int]], line: int, cells: Sequence[Any], width: int) -> None:
    for place in range(width):
        if place >= len(cells) or cells[place] == "":
            empty[place].append(line)


def _notes(table: Table, empty: dict[int, list[int]], read: int) -> list[Problem]:
    """Rows that leave a cell empty which nearly all others fill."""
    notes = [
        Problem(line, table.headings[place], "", _("%(column)s is empty.") % {"column": table.headings[place]})
        for place, lines in empty.items()
        if len(lines) <= read * (1 - USUALLY_FILLED)
        for line in lines
    ]
    return sorted(notes)[:NOTED]


def new_checker(actor: Any, choices: Choices) -> Checker:
    return Checker(actor, choices, default_terms(actor).days)


def check(actor: Any, understood: Understood, choices: Choices) -> Counts:
    """Compare all rows with what is there; adds to the problems. What is new is counted as if it were imported."""
    checker, counts = new_checker(actor, choices), Counts()
    for batch in batches(understood.rows):
        _fresh, found, counted = checker.check(batch)
        understood.problems += found
        counts += counted
    counts.rows, counts.wrong = understood.read, counts.wrong + understood.wrong
    understood.problems.sort(key=lambda problem: problem.line)
    return counts


def import_table(
    actor: Any, table: Table, choices: Choices, *, source: str, good_rows_only: bool, watch: Watch,
    ended: Callable[[Counts], None] = lambda counts: None,
) -> tuple[Counts, Understood]:  # fmt: skip
    """Read, check and import in one transaction. Raises `WrongRows`, with all that is wrong, if all were wanted."""
    understood = understand(actor, table, choices)
    counts = check(actor, understood, choices)
    if import_receivables_blocker(wrong=counts.wrong, good_rows_only=good_rows_only):
        raise WrongRows(counts, understood)

    def at_the_end(posted: Counts, problems: list[Problem]) -> None:
        posted.rows, posted.wrong = understood.read, understood.wrong + len(problems)
        ended(posted)

    counts, _problems = import_receivables(
        actor=actor, rows=understood.rows, checker=new_checker(actor, choices), source=source,
        good_rows_only=good_rows_only, progress=watch, ended=at_the_end,
    )  # fmt: skip
    return counts, understood


class WrongRows(Refused):
    """Rows are wrong and all were wanted: nothing was imported."""

    def __init__(self, counts: Counts, understood: Understood) -> None:
        sentence = ngettext(
            "%(n)s row is wrong, so nothing was imported.",
            "%(n)s rows are wrong, so nothing was imported.",
            counts.wrong,
        )
        super().__init__(Blocker("wrong_rows", sentence % {"n": f"{counts.wrong:,}"}))
        self.counts = counts
        self.understood = understood


def result_of(counts: Counts, understood: Understood, good_rows_only: bool) -> dict[str, Any]:
    """What a job remembers of an import."""
    return {
        "counts": counts.plain(),
        "good_rows_only": good_rows_only,
        "problems": len(understood.problems),
        "notes": len(understood.notes),
    }


def keep_problems(file: ImportFile, understood: Understood) -> None:
    """Keep what was wrong with the file, for its page and its list."""
    file.problems = {"problems": understood.problems[:LISTED], "notes": understood.notes}
    file.save(update_fields=["problems"])


def run_job(actor: Any, job: Job, progress: Progress) -> dict[str, Any]:
    """The background job: import the file that its parameters name, all or the good rows."""
    file = ImportFile.objects.of(actor).filter(pk=job.parameters["file"]).first()
    if file is None:
        raise Refused(Blocker("no_file", _("The uploaded file was cleared away. Upload it again.")))
    table, choices = open_table(bytes(file.content), UPLOAD_BYTES), Choices.of(file.choices)
    if job.parameters.get("good_rows_only"):
        return _good_rows(actor, job, file, table, choices, progress)
    try:
        import_table(
            actor, table, choices, source=file.name, good_rows_only=False, watch=progress,
            ended=lambda counts: progress.complete(actor, result_of(counts, Understood(), False)),
        )  # fmt: skip
    except WrongRows as wrong:
        keep_problems(file, wrong.understood)
        progress.keep(result_of(wrong.counts, wrong.understood, False))
        raise
    except Stopped as stopped:
        raise Stopped(_("All rows or none were asked for, so nothing was imported.")) from stopped
    return job.result


def _keep(
    progress: Progress, before: Counts, found: Sequence[Problem], line: int, posted: Counts, problems: list[Problem]
) -> None:
    """Remember, in a batch's own transaction, everything up to its last line."""
    progress.keep({"counts": (before + posted).plain(), "line": line, "found": [*found, *problems][:LISTED]})


def _good_rows(
    actor: Any, job: Job, file: ImportFile, table: Table, choices: Choices, progress: Progress
) -> dict[str, Any]:
    """Import batch by batch, each in a transaction that also says how far it got, so that work goes on from there."""
    understood = understand(actor, table, choices)
    checker = new_checker(actor, choices)
    kept = dict(job.result)
    counts, line = Counts.of(kept.get("counts", {})), kept.get("line", 0)
    found = [Problem(*problem) for problem in kept.get("found", [])]
    for row in understood.rows:
        if row.line <= line:
            checker.numbers.setdefault(row.number.upper(), row.line)
    total, done = len(understood.rows), 0
    for batch in batches(understood.rows):
        done += len(batch)
        if batch[-1].line <= line:
            continue
        progress(done - len(batch), total)

        keep = partial(_keep, progress, counts, tuple(found), batch[-1].line)
        posted, problems = import_receivables(
            actor=actor, rows=batch, checker=checker, source=file.name, good_rows_only=True, ended=keep
        )  # fmt: skip
        counts = counts + posted
        found += problems
    progress(total, total)
    understood.problems = sorted([*understood.problems, *found], key=lambda problem: problem.line)
    keep_problems(file, understood)
    counts.rows, counts.wrong = understood.read, counts.wrong + understood.wrong
    return result_of(counts, understood, True)
