"""The worksheet as a table, for its export."""

import django_tables2 as tables
from django.utils.translation import gettext_lazy as _

from receivables.core.columns import DayColumn, MoneyColumn


class WorksheetTable(tables.Table):
    """What is eligible, one bad debt a row."""

    invoice = tables.Column(verbose_name=_("Invoice"), accessor="loss__invoice__number")
    customer = tables.Column(verbose_name=_("Customer"))
    reason = tables.Column(verbose_name=_("Reason"), accessor="reason__name")
    given_on = DayColumn(verbose_name=_("Given up"), accessor="loss__given_on")
    since = DayColumn(verbose_name=_("Eligible since"))
    by = tables.Column(verbose_name=_("By"), accessor="loss__by")
    currency = tables.Column(verbose_name=_("Currency"))
    base = MoneyColumn(verbose_name=_("Bad debt"))
    tax = MoneyColumn(verbose_name=_("Tax inside"))
