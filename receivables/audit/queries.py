"""What the pages show of audits."""

from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from receivables.audit.checks import all_checks
from receivables.audit.models import AuditRun, Seal
from receivables.audit.running import SHOWN
from receivables.core.context import day_text
from receivables.core.dates import local_day


@dataclass(frozen=True)
class Row:
    """One check of a run for its page: the rows that it named, each with the address of its page, if it has one."""

    code: str
    promise: Any
    rows: Any
    count: int
    named: list[tuple[str, str]]

    @property
    def more(self) -> int:
        return self.count - len(self.named)


def rows_of(run: AuditRun) -> list[Row]:
    """The checks of a run, those that found something first."""
    found = []
    for check in all_checks():
        result = run.found(check.name)
        if result is not None:
            named = [(row, _address(check.rows.page, row)) for row in result["ids"][:SHOWN]]
            found.append(Row(check.code, check.promise, check.rows.words, result["count"], named))
    return sorted(found, key=lambda row: row.count == 0)


def _address(page: str, row: str) -> str:
    return reverse(page, args=[row]) if page and row.isdigit() else ""


def finding_notices(actor: Any) -> list[dict[str, str]]:
    """A notice where the newest audit found something."""
    run = AuditRun.objects.of(actor).order_by("-pk").first()
    if run is None or not run.failed:
        return []
    day = day_text(actor, local_day(actor.organization, run.as_of))
    text = _("The audit of %(day)s found rows in the books that break a promise. Look at them before you go on.")
    return [{"text": text % {"day": day}, "url": run.get_absolute_url()}]


def newest_seal(actor: Any) -> Seal | None:
    """The head of the organization's chain."""
    return Seal.objects.of(actor).order_by("-number").first()
