"""Lists of the ledger as tables; amounts in the organization's format, plain in exports."""

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

import django_tables2 as tables
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from receivables.core.columns import AMOUNT, DayColumn, MoneyColumn
from receivables.core.dates import today
from receivables.core.money import NumberFormat, format_money
from receivables.ledger.models import JournalEntry
from receivables.ledger.standing import Standing, standings
from receivables.ledger.words import kind_words


def _format(table: Any) -> NumberFormat:
    actor = table.request.actor
    return NumberFormat.of(actor.organization, actor.user)


class AmountsColumn(tables.Column):
    """One amount for each currency, below one another; `part` names the figures of the row's standing."""

    def __init__(self, part: str, **kwargs: Any) -> None:
        self.part = part
        super().__init__(**{"attrs": AMOUNT, "empty_values": (), **kwargs})

    def _amounts(self, record: Any) -> dict[str, Decimal]:
        amounts: dict[str, Decimal] = getattr(record.standing, self.part)
        return amounts

    def render(self, record: Any, table: Any) -> Any:
        amounts = self._amounts(record)
        if not amounts:
            return format_html('<span class="muted">{}</span>', "–")
        lines = ((format_money(amount, code, _format(table), True),) for code, amount in amounts.items())
        return format_html_join("", '<div><bdi class="amount">{}</bdi></div>', lines)

    def value(self, record: Any) -> str:
        return "; ".join(f"{amount} {currency}" for currency, amount in self._amounts(record).items())


class CustomerTable(tables.Table):
    """Customers with what they owe; the figures of all rows shown come from one query."""

    number = tables.Column(verbose_name=gettext_lazy("Number"), linkify=True, attrs={"td": {"class": "text-nowrap"}})
    name = tables.Column(verbose_name=gettext_lazy("Name"))
    owed = AmountsColumn("owed", verbose_name=gettext_lazy("Owed"))
    past_due = AmountsColumn("past_due", verbose_name=gettext_lazy("Past due"))
    on_account = AmountsColumn("on_account", verbose_name=gettext_lazy("Left on account"))
    deposits = AmountsColumn("deposits", verbose_name=gettext_lazy("Deposits held"))
    oldest = tables.Column(verbose_name=gettext_lazy("Oldest past due"), empty_values=(), attrs=AMOUNT)
    terms = tables.Column(verbose_name=gettext_lazy("Terms"), accessor="terms__name")

    def __init__(self, data: Iterable[Any], **kwargs: Any) -> None:
        rows = list(data)
        actor = kwargs["request"].actor
        self.today = today(actor.organization)
        found = standings(actor, [row.pk for row in rows], self.today)
        for row in rows:
            row.standing = found.get(row.pk, Standing())
        super().__init__(rows, **kwargs)

    def _days(self, record: Any) -> int | None:
        oldest = record.standing.oldest
        return (self.today - oldest).days if oldest else None

    def render_oldest(self, record: Any) -> Any:
        days = self._days(record)
        if days is None:
            return format_html('<span class="muted">{}</span>', "–")
        return ngettext("%(days)s day", "%(days)s days", days) % {"days": days}

    def value_oldest(self, record: Any) -> Any:
        return self._days(record)


class JournalTable(tables.Table):
    """Journal entries with the accounts they move."""

    id = tables.Column(verbose_name=gettext_lazy("Entry"), linkify=True)
    posting_date = DayColumn(verbose_name=gettext_lazy("Posted on"))
    kind = tables.Column(verbose_name=gettext_lazy("What"))
    memo = tables.Column(verbose_name=gettext_lazy("Document"))
    lines = tables.Column(verbose_name=gettext_lazy("Accounts"), empty_values=(), orderable=False)
    currency = tables.Column(verbose_name=gettext_lazy("Currency"))
    total = MoneyColumn(verbose_name=gettext_lazy("Amount"))

    class Meta:
        model = JournalEntry
        fields = ()
        sequence = ("id", "posting_date", "kind", "memo", "lines", "currency", "total")

    def render_kind(self, value: str, record: Any) -> Any:
        if record.reverses_id:
            return format_html('{} <span class="badge badge-neutral">{}</span>', kind_words(value), _("Reversal"))
        return kind_words(value)

    def value_kind(self, value: str) -> str:
        return str(kind_words(value))

    def _sides(self, record: Any) -> tuple[str, str]:
        lines = sorted(record.lines.all(), key=lambda line: line.line_no)
        debit = dict.fromkeys(line.gl_account.code for line in lines if (line.amount or line.organization_amount) > 0)
        credit = dict.fromkeys(line.gl_account.code for line in lines if (line.amount or line.organization_amount) < 0)
        return ", ".join(debit), ", ".join(credit)

    def render_lines(self, record: Any) -> Any:
        debit, credit = self._sides(record)
        return format_html(
            '<span class="text-nowrap"><span class="muted">{}</span> <bdi class="code">{}</bdi></span>'
            ' <span class="text-nowrap"><span class="muted">{}</span> <bdi class="code">{}</bdi></span>',
            _("Dr"), debit, _("Cr"), credit,
        )  # fmt: skip

    def value_lines(self, record: Any) -> str:
        debit, credit = self._sides(record)
        return f"{_('Dr')} {debit} {_('Cr')} {credit}"


class TrialBalanceTable(tables.Table):
    """A trial balance as a file."""

    code = tables.Column(verbose_name=gettext_lazy("Account"))
    name = tables.Column(verbose_name=gettext_lazy("Name"))
    debit = MoneyColumn(verbose_name=gettext_lazy("Debit"))
    credit = MoneyColumn(verbose_name=gettext_lazy("Credit"))
