"""Choices of language, theme and of how numbers and dates are written."""

from functools import cache
from zoneinfo import available_timezones

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _


class Language(models.TextChoices):
    ENGLISH = "en", "English"
    SPANISH = "es", "Español"
    ARABIC = "ar", "العربية"


class Digits(models.TextChoices):
    LATIN = "latn", _("Western (0123456789)")
    ARABIC = "arab", _("Arabic (٠١٢٣٤٥٦٧٨٩)")


class DecimalMark(models.TextChoices):
    POINT = ".", _("Point (.)")
    COMMA = ",", _("Comma (,)")
    ARABIC = "٫", _("Arabic decimal mark (٫)")


class GroupMark(models.TextChoices):
    COMMA = ",", _("Comma (,)")
    POINT = ".", _("Point (.)")
    SPACE = "\u202f", _("Narrow space")
    APOSTROPHE = "'", _("Apostrophe (')")
    ARABIC = "٬", _("Arabic group mark (٬)")


class DateFormat(models.TextChoices):
    """Codes of Django's date formatting."""

    ISO = "Y-m-d", "2026-11-30"
    DAY_MONTH = "d/m/Y", "30/11/2026"
    MONTH_DAY = "m/d/Y", "11/30/2026"
    DOTS = "d.m.Y", "30.11.2026"
    WORDS = "j M Y", _("30 Nov 2026")


class Grouping(models.TextChoices):
    THREES = "3", "1,234,567"
    INDIAN = "indian", "12,34,567"


class NumberStyle(models.TextChoices):
    """How a person wants numbers (names of `core.money.FORMATS`); empty follows the organization."""

    POINT = "point", "1,234.56"
    COMMA = "comma", "1.234,56"
    SPACE = "space", "1\u202f234,56"
    APOSTROPHE = "apostrophe", "1'234.56"
    INDIAN = "indian", "12,34,567.89"
    ARABIC = "arabic", "١٬٢٣٤٫٥٦"


class Theme(models.TextChoices):
    AUTO = "auto", _("Like the device")
    LIGHT = "light", _("Light")
    DARK = "dark", _("Dark")


class DaysMode(models.TextChoices):
    CALENDAR = "calendar", _("Calendar days")
    WORK = "work", _("Work days")


class PageSize(models.IntegerChoices):
    SMALL = 25, "25"
    MEDIUM = 50, "50"
    LARGE = 100, "100"


@cache
def known_timezones() -> frozenset[str]:
    """The names of all time zones; a search through some 600 files, made once a process."""
    return frozenset(available_timezones())


def timezones() -> list[str]:
    """The names of all time zones, in order."""
    return sorted(known_timezones())


def validate_timezone(name: str) -> None:
    """Raise ValidationError unless the name is a time zone that this machine knows."""
    if name not in known_timezones():
        raise ValidationError(_("This time zone is not known: %(name)s."), params={"name": name})


def monday_to_friday() -> list[int]:
    """The days worked by default, Monday being 0."""
    return [0, 1, 2, 3, 4]
