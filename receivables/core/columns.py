"""Columns that tables of any package have."""

from typing import Any

import django_tables2 as tables
from django.utils.translation import gettext_lazy

ROW = gettext_lazy("Select row")


class SelectColumn(tables.CheckBoxColumn):
    """A box to choose rows for a bulk action, which belongs to the form below the table; part of no export.

    `label` names the box of a row to those who don't see the row. The key is read as `id`: an export is ordered
    by "pk", and a table would order it again.
    """

    def __init__(self, label: Any = ROW) -> None:
        super().__init__(
            accessor="id", exclude_from_export=True,
            attrs={
                "th__input": {
                    "data-select-page": "", "class": "form-check-input", "aria-label": gettext_lazy("Select page"),
                },
                "td__input": {
                    "class": "row-select form-check-input", "name": "selected", "form": "bulk", "aria-label": label,
                },
                "td": {"class": "cell-select"},
                "th": {"class": "cell-select"},
            },
        )  # fmt: skip
