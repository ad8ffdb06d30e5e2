import json
from typing import Any

from django.core.management import BaseCommand, CommandError, CommandParser

from accounts.models import Organization
from receivables.audit.checks import Check, all_checks, named
from receivables.audit.running import Finding, instant, run_checks

Found = tuple[Check, int | None, Finding]


class Command(BaseCommand):
    """Every promise of the books, added up again from the rows. Ends with 1 if one does not hold."""

    help = "Check the books from the rows alone; name the rows that break a promise and end with 1 if any does."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--organization", help="name of one organization; otherwise all")
        parser.add_argument("--check", action="append", help="name or code of a check (J1); may be repeated")
        parser.add_argument("--json", action="store_true", help="one JSON object instead of lines")

    def handle(self, *, organization: str | None, check: list[str] | None, json: bool, **options: Any) -> None:
        checks = self.wanted(check)
        found = []
        with instant() as cursor:
            for each, findings in run_checks(cursor, checks, self.one(organization)):
                found += [(each, owner, finding) for owner, finding in findings.items()]
                if not json:
                    self.say(each, findings)
        if json:
            self.stdout.write(as_json(checks, found))
        else:
            self.stdout.write(f"{len(checks)} checks, {len({each.name for each, _owner, _finding in found})} failed")
        if found:
            raise SystemExit(1)

    def wanted(self, names: list[str] | None) -> list[Check]:
        unknown = [name for name in names or () if not named(name)]
        if unknown:
            raise CommandError(f"There is no check {unknown[0]}. {', '.join(check.name for check in all_checks())}")
        return [check for name in names for check in named(name)] if names else list(all_checks())

    def one(self, name: str | None) -> int | None:
        if name is None:
            return None
        found = Organization.objects.filter(name=name).first()
        if found is None:
            raise CommandError(f"There is no organization {name}.")
        return int(found.pk)

    def say(self, check: Check, findings: dict[int | None, Finding]) -> None:
        verdict = self.style.SUCCESS("OK") if not findings else self.style.ERROR("FAILED")
        self.stdout.write(f"{check.code:4}{check.name:44}{verdict}")
        for owner, finding in findings.items():
            whose = f"organization {owner}: " if owner is not None else ""
            more = " …" if finding.count > len(finding.ids) else ""
            self.stdout.write(f"    {whose}{finding.count} × {check.rows.words}: {', '.join(finding.ids)}{more}")


def as_json(checks: list[Check], found: list[Found]) -> str:
    """What was checked and found, for other programs."""
    findings = [
        {"check": check.name, "code": check.code, "organization": owner, "count": finding.count, "ids": finding.ids}
        for check, owner, finding in found
    ]
    return json.dumps({"checks": [check.name for check in checks], "findings": findings})
