"""Days in sentences, and days months apart."""

from datetime import date

from django.utils import translation

from receivables.core.dates import day_words, days_written, months_later

DAY = date(2026, 11, 3)


def test_a_day_is_written_as_its_reader_writes_days():
    with days_written("m/d/Y"):
        assert day_words(DAY) == "11/03/2026"
        with days_written("j F Y"), translation.override("es"):
            assert day_words(DAY) == "3 noviembre 2026"
        assert day_words(DAY) == "11/03/2026"
    assert day_words(DAY) == "2026-11-03", "where nobody reads"


def test_months_later_and_earlier():
    for day, months, expected in (
        (date(2026, 1, 31), 1, date(2026, 2, 28)),
        (date(2024, 2, 29), -12, date(2023, 2, 28)),
        (date(2026, 11, 22), -12, date(2025, 11, 22)),
        (date(2026, 12, 31), 1, date(2027, 1, 31)),
        (date(2026, 1, 15), -1, date(2025, 12, 15)),
    ):
        assert months_later(day, months) == expected, (day, months)
