"""What each GL account moved on each day: the sums from which the trial balance starts instead of from every line.

The database counts an entry when it is sealed, since then no entry with a lower key can come any more; so nobody who
posts waits for a sum that others move too. What was posted since is added up from its lines.
"""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import connection, models

from receivables.core.fields import MoneyField
from receivables.core.models import OrganizationModel


class AccountTotal(OrganizationModel):
    """What the counted entries of a posting day moved on a GL account, in the organization's currency (debit > 0)."""

    gl_account = models.ForeignKey("ledger.GLAccount", on_delete=models.PROTECT, related_name="+", db_index=False)
    day = models.DateField()
    amount = MoneyField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "gl_account", "day"], include=["amount"], name="account_total_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.gl_account_id} {self.day} {self.amount}"


class Counted(OrganizationModel):
    """The last entry of an organization that is in its totals, and with it every entry before."""

    through = models.BigIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["organization"], name="counted_once")]

    def __str__(self) -> str:
        return str(self.through)


COUNTED = """
SELECT gl_account_id, amount FROM ledger_accounttotal
 WHERE organization_id = %(organization)s AND {of_account} day <= %(as_of)s
UNION ALL
SELECT l.gl_account_id, l.organization_amount FROM ledger_journalline l
 WHERE l.organization_id = %(organization)s AND {of_account} l.entry_id = ANY(ARRAY(
   SELECT id FROM ledger_journalentry WHERE organization_id = %(organization)s AND posting_date <= %(as_of)s
      AND id > coalesce((SELECT through FROM ledger_counted WHERE organization_id = %(organization)s), 0)))
"""
KNOWN = """
SELECT l.gl_account_id, l.organization_amount AS amount
  FROM ledger_journalentry e JOIN ledger_journalline l ON l.entry_id = e.id
 WHERE e.organization_id = %(organization)s AND e.posting_date <= %(as_of)s AND e.posted_at <= %(known)s
"""
NEWER = """
UNION ALL
SELECT gl_account_id, -organization_amount FROM ledger_journalline
 WHERE gl_account_id = %(account)s AND organization_id = %(organization)s AND entry_id >= %(entry)s
   AND (entry_id, line_no) > (%(entry)s, %(line)s)
"""


def _sums(actor: Any, parts: str, **values: Any) -> dict[int, Decimal]:
    """Added up by one statement, so that what is counted or posted meanwhile is seen once or not at all."""
    narrowed = "gl_account_id = %(account)s AND" if "account" in values else ""
    statement = f"SELECT gl_account_id, sum(amount) FROM ({parts.format(of_account=narrowed)}) moved GROUP BY 1"  # noqa: S608
    with connection.cursor() as cursor:
        cursor.execute(statement, {"organization": actor.organization_id, "as_of": date.max, **values})
        return dict(cursor.fetchall())


def moved(actor: Any, as_of: date, known: datetime | None = None) -> dict[int, Decimal]:
    """What each GL account that was posted to comes to up to a posting date, by its key; only by what was posted
    until the moment `known`, if one is given, for which every line is read."""
    if known is not None:
        return _sums(actor, KNOWN, as_of=as_of, known=known)
    return _sums(actor, COUNTED, as_of=as_of)


def balance_after(actor: Any, account: int, entry: int, line: int) -> Decimal:
    """What a GL account came to after a line of the journal, in the order of posting."""
    return _sums(actor, COUNTED + NEWER, account=account, entry=entry, line=line).get(account, Decimal(0))
