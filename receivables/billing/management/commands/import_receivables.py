from datetime import date
from pathlib import Path
from typing import Any

from django.apps import apps
from django.core.management import BaseCommand, CommandError, CommandParser

from receivables.billing.importing.checking import Counts
from receivables.billing.importing.fields import BY_NAME, DATE_ORDERS, REQUIRED, Choices, guess
from receivables.billing.importing.models import ImportMapping
from receivables.billing.importing.parsing import Problem
from receivables.billing.importing.runs import WrongRows, check, import_table, understand
from receivables.core.errors import Refused
from receivables.core.operations import SystemActor
from receivables.core.uploads import COMMAND_BYTES, Table
from receivables.core.workbooks import open_table

LISTED = 500


class Command(BaseCommand):
    """The import without a browser: the same reading, rules and posting as the page's."""

    help = "Import customers and open invoices from a CSV or Excel file: all of its rows or none."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--organization", required=True, help="the short name of the organization")
        parser.add_argument("--mapping", help="a reading that was remembered, by its name; else headings are guessed")
        parser.add_argument("--dates", choices=list(DATE_ORDERS), help="order of year, month and day, if not certain")
        parser.add_argument("--good-rows-only", action="store_true", help="leave out rows that are wrong")
        parser.add_argument("--complete-rows", action="store_true", help="a row with an empty cell is wrong")
        parser.add_argument("--dry-run", action="store_true", help="only say what would happen")
        parser.add_argument("--as-of", type=date.fromisoformat, help="only what was open on this day (YYYY-MM-DD)")

    def handle(self, *, file: Path, organization: str, **options: Any) -> None:
        actor = self.actor(organization)
        try:
            with file.open("rb") as source:
                table = open_table(source.read(COMMAND_BYTES + 1), COMMAND_BYTES)
            choices = self.choices(actor, table, options)
            if options["dry_run"]:
                self.rehearse(actor, table, choices, options["good_rows_only"])
                return
            counts, understood = import_table(
                actor, table, choices, source=file.name, good_rows_only=options["good_rows_only"], watch=self.watch
            )
        except OSError as error:
            raise CommandError(f"{file} cannot be read: {error.strerror}.") from error
        except WrongRows as wrong:
            self.list("wrong", wrong.understood.problems)
            raise CommandError(str(wrong.blocker.message)) from wrong
        except Refused as refused:
            raise CommandError(str(refused.blocker.message)) from refused
        self.list("wrong", understood.problems)
        self.list("note", understood.notes)
        self.summary(counts)

    def actor(self, slug: str) -> SystemActor:
        organization = apps.get_model("accounts", "Organization").objects.filter(slug=slug, active=True).first()
        if organization is None:
            raise CommandError(f"There is no active organization with the short name {slug}.")
        return SystemActor(organization, "import_receivables", frozenset({"import_receivables"}))

    def choices(self, actor: SystemActor, table: Table, options: dict[str, Any]) -> Choices:
        """The remembered or guessed reading with what the options say. Raises CommandError if something is missing."""
        if options["mapping"]:
            kept = ImportMapping.objects.of(actor).filter(name__iexact=options["mapping"]).order_by("-used_at").first()
            if kept is None:
                raise CommandError(f"No reading is remembered under the name {options['mapping']}.")
            base = Choices.of(kept.choices)
        else:
            base = guess(table)
        given = {
            "date_order": options["dates"] or base.date_order,
            "complete": options["complete_rows"] or base.complete,
            "as_of": options["as_of"].isoformat() if options["as_of"] else base.as_of,
        }
        choices = Choices.of({**base.plain(), **given})
        unknown = sorted(set(choices.columns.values()) - set(table.headings))
        missing = [str(BY_NAME[name].label) for name in REQUIRED if name not in choices.columns]
        if unknown or missing:
            raise CommandError(
                f"The file has no column {', '.join([*unknown, *missing])}. Its columns: {', '.join(table.headings)}."
            )
        if not choices.date_order:
            raise CommandError("Day and month could be either way round in this file; say --dates mdy or --dates dmy.")
        return choices

    def rehearse(self, actor: SystemActor, table: Table, choices: Choices, good_rows_only: bool) -> None:
        understood = understand(actor, table, choices)
        counts = check(actor, understood, choices)
        self.list("wrong", understood.problems)
        self.list("note", understood.notes)
        self.summary(counts)
        verdict = "Nothing was imported: this was a rehearsal."
        if counts.wrong and not good_rows_only:
            verdict += " With wrong rows nothing would be imported."
        self.stdout.write(verdict)

    def list(self, what: str, problems: list[Problem]) -> None:
        for problem in problems[:LISTED]:
            self.stderr.write(f"{what}: row {problem.line}: {problem.column}: {problem.reason}")
        if len(problems) > LISTED:
            self.stderr.write(f"… and {len(problems) - LISTED:,} more")

    def watch(self, done: int, total: int) -> None:
        self.stdout.write(f"{done:,} of {total:,} rows")

    def summary(self, counts: Counts) -> None:
        self.stdout.write(
            f"{counts.rows:,} rows: {counts.new:,} invoices new, {counts.new_customers:,} customers new, "
            f"{counts.already_there:,} already there, {counts.wrong:,} wrong, "
            f"{counts.settled + counts.later:,} not open on the day"
        )
        for currency, total in sorted(counts.totals.items()):
            self.stdout.write(f"Sum of the new invoices: {currency} {total:,.4f}".rstrip("0").rstrip("."))
