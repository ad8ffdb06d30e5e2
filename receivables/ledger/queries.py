"""Reading the ledger: accounts by role, open posting dates, trial balance."""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from functools import lru_cache
from typing import Any

from django.db import connection
from django.db.models import F, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from receivables.core.compiled import Arg, Compiled
from receivables.core.errors import Blocker, Refused, refuse
from receivables.ledger.models import GLAccount, JournalEntry, JournalLine, Period
from receivables.ledger.rules import month_text
from receivables.ledger.totals import moved


@lru_cache(maxsize=10_000)
def _role_account(database: str, organization_id: int, role: str) -> int:
    """The account of a role; kept for the life of the process, since the database lets neither role nor row go away."""
    found = GLAccount.objects.filter(organization_id=organization_id, role=role).values_list("pk", flat=True).first()
    if found is None:
        message = _("No GL account has the role “%(role)s”. An administrator can set one up in Settings.")
        raise Refused(Blocker("no_gl_account", message % {"role": GLAccount.Role(role).label}))
    return int(found)


def role_accounts(organization_id: int, *roles: str) -> dict[str, int]:
    """The GL accounts that play these roles. Raises `Refused` naming the first role that no account plays."""
    database = connection.settings_dict["NAME"]
    return {role: _role_account(database, organization_id, role) for role in roles}


def month_of(day: date) -> date:
    return day.replace(day=1)


def next_month(day: date) -> date:
    return (day.replace(day=28) + timedelta(days=4)).replace(day=1)


CLOSED = Compiled(
    lambda: Period.objects.filter(
        organization_id=Arg("organization"), month__gte=Arg("start"), closed_at__isnull=False
    ).values_list("month")
)


def closed_months(organization_id: int, start: date) -> set[date]:
    """The closed months from the month of `start` on."""
    return {month for (month,) in CLOSED.fetch(organization=organization_id, start=month_of(start))}


class PostingDays:
    """On which days an organization can post, for one operation: its closed months are read once, when first asked."""

    def __init__(self, organization_id: int) -> None:
        self.organization_id = organization_id
        self._since, self._closed = date.max, set[date]()

    def is_open(self, day: date) -> bool:
        if day < self._since:
            self._since, self._closed = month_of(day), closed_months(self.organization_id, day)
        return month_of(day) not in self._closed

    def first_open(self, document_date: date) -> date:
        """The document date if its period is open, else the first open day after it (two dates of a document)."""
        day = document_date
        while not self.is_open(day):
            day = next_month(day)
        return day

    def blocker(self, chosen: date) -> Blocker | None:
        """A posting date that a person chose must lie in an open period."""
        if self.is_open(chosen):
            return None
        return Blocker(
            "period_closed",
            _("%(month)s is closed. Choose a date in an open month.") % {"month": month_text(chosen)},
            field="posting_date",
        )

    def chosen(self, document_date: date, chosen: date | None) -> date:
        """The chosen date if its period is open (else `Refused`), or the first open day for the document date."""
        if chosen is None:
            return self.first_open(document_date)
        refuse(self.blocker(chosen))
        return chosen


def posting_date_for(organization_id: int, document_date: date) -> date:
    """The document date if its period is open, else the first open day after it."""
    return PostingDays(organization_id).first_open(document_date)


def posting_date_blocker(organization_id: int, posting_date: date) -> Blocker | None:
    """A posting date that a person chose must lie in an open period."""
    return PostingDays(organization_id).blocker(posting_date)


@dataclass(frozen=True)
class TrialBalanceRow:
    """A GL account's total in the organization's currency; a debit is positive."""

    code: str
    name: str
    kind: str
    balance: Decimal

    @property
    def debit(self) -> Decimal:
        return max(self.balance, Decimal(0))

    @property
    def credit(self) -> Decimal:
        return max(-self.balance, Decimal(0))


def trial_balance(actor: Any, as_of: date | None = None) -> list[TrialBalanceRow]:
    """Every GL account that was posted to, with its total up to a posting date."""
    totals = moved(actor, as_of or date.max)
    accounts = GLAccount.objects.of(actor).filter(pk__in=totals).order_by("code")
    return [TrialBalanceRow(each.code, each.name, each.kind, totals[each.pk]) for each in accounts]


def entries_of(actor: Any, *sources: Any) -> QuerySet[JournalEntry]:
    """The journal entries that these documents posted, oldest first, with their lines and accounts."""
    posted = Q(pk__in=[])
    for kind in sorted({source._meta.label_lower for source in sources}):
        keys = [source.pk for source in sources if source._meta.label_lower == kind]
        posted |= Q(source_type=kind, source_id__in=keys)
    return JournalEntry.objects.of(actor).filter(posted).prefetch_related("lines__gl_account").order_by("id")


def lines_of_item(item_id: int) -> QuerySet[JournalLine]:
    """The lines that moved an open item, oldest first."""
    return (
        JournalLine.objects.filter(open_item_id=item_id)
        .select_related("entry", "gl_account")
        .annotate(on=F("entry__posting_date"))
        .order_by("entry_id", "line_no")
    )
