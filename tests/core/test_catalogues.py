"""The Spanish and Arabic texts: whole sentences with every placeholder, and compiled where there is no gettext."""

import re
from collections import Counter
from decimal import Decimal

import pytest
from babel.messages.pofile import read_po
from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext, ngettext

from receivables.core.catalogues import compile_stale
from receivables.core.money import DEFAULT_FORMAT, format_money, parse_money

PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|\{\w*\}|%%|</?[a-z][^<>]*>")
EDGES = re.compile(r"\A\s*|\s*\Z")
FOLDER = settings.BASE_DIR / "locale"
LANGUAGES = {"es": 2, "ar": 6}
# Of the sentences in a catalogue; those that were added to the code since are not in it yet, and block nobody.
FLOOR = 0.97
DAY = re.compile(r"\u2068%\((?:at|day|downloaded|ends|moment|month|since|starts|until)\)s\u2069")
DAYS = re.compile(r"%\((?:at|day|downloaded|ends|moment|month|since|starts|until)\)s")
# Lines of documents and names of files: what leaves the house holds no invisible marks.
PLAIN = {"Bill of %(number)s to %(day)s", "%(step)s of %(day)s", "Trial balance %(day)s", "Ageing %(day)s"}
# What the most used pages say; the rest may wait for its translation and is English until then.
ALWAYS = [
    "Collections and assignments", "Pay bill?", "Record payment", "Invoices", "Loads", "Approvals", "Sign in",
    "This invoice can't be paid off: the pending balance of %(left)s exceeds the pay off limit of %(limit)s.",
    "The amount to apply (%(applied)s) is bigger than the invoice balance (%(balance)s).",
    "%(lost)s will be recorded as bad debt and the invoice paid off.",
    "You can't regenerate this invoice yet.",
]  # fmt: skip


def catalogue(language):
    with (FOLDER / language / "LC_MESSAGES" / "django.po").open("rb") as file:
        return read_po(file, locale=language)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_translation_says_what_the_sentence_says(language):
    """Every placeholder and tag of a sentence is in its translation, and no other; singular forms may leave their
    number out. What stands around a sentence, such as a line break, stands around its translation too."""
    wrong = []
    for message in catalogue(language):
        texts = message.string if isinstance(message.string, tuple) else (message.string,)
        if not message.id or not any(texts):
            continue
        ids = (message.id,) if isinstance(message.id, str) else message.id
        wrong += [(message.id, text) for text in texts if EDGES.findall(text) != EDGES.findall(ids[0])]
        if isinstance(message.id, str):
            wanted, said = (Counter(PLACEHOLDER.findall(text)) for text in (message.id, message.string))
            wrong += [(message.id, message.string)] if wanted != said else []
            continue
        forms, wanted = message.string, set(PLACEHOLDER.findall(message.id[1]))
        assert len(forms) == LANGUAGES[language], message.id
        many = all(set(PLACEHOLDER.findall(form)) == wanted for form in forms[len(forms) // 2 :])
        inside = all(set(PLACEHOLDER.findall(form)) <= wanted for form in forms)
        wrong += [(message.id, forms)] if not many or not inside or not all(forms) else []
    assert wrong == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_nothing_is_fuzzy_and_nearly_all_is_translated(language):
    found = catalogue(language)
    messages = [message for message in found if message.id]
    assert [message.id for message in messages if message.fuzzy] == []
    assert [text for text in ALWAYS if not (found.get(text) and found.get(text).string)] == []
    left = [message.id for message in messages if not all(message.string if message.pluralizable else [message.string])]
    assert len(left) <= (1 - FLOOR) * len(messages), left


def test_both_catalogues_hold_the_same_sentences():
    spanish, arabic = ({(message.context, message.id) for message in catalogue(each)} for each in LANGUAGES)
    assert spanish ^ arabic == set()


def test_a_day_in_an_arabic_sentence_is_isolated():
    """After an Arabic letter the parts of 2026-11-03 would be shown from right to left, as 03-11-2026."""
    wrong = []
    for message in catalogue("ar"):
        texts = message.string if isinstance(message.string, tuple) else (message.string,)
        days = 0 if message.id in PLAIN else None
        for text in texts:
            wanted = len(DAYS.findall(text)) if days is None else days
            wrong += [(message.id, text)] if message.id and len(DAY.findall(text)) != wanted else []
    assert wrong == []


def test_a_changed_catalogue_is_compiled_once(tmp_path):
    folder = tmp_path / "es" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    (folder / "django.po").write_bytes((FOLDER / "es" / "LC_MESSAGES" / "django.po").read_bytes())
    assert compile_stale([tmp_path]) == [folder / "django.mo"]
    assert compile_stale([tmp_path]) == []
    assert sorted(path.name for path in folder.iterdir()) == ["django.mo", "django.po"]


def test_what_was_compiled_is_what_people_read():
    with translation.override("es"):
        assert gettext("Collections and assignments") == "Cobros y asignaciones"
    with translation.override("ar"):
        said = [ngettext("%(n)s row", "%(n)s rows", n) % {"n": n} for n in (0, 1, 2, 3, 11, 100)]
    assert len(set(said)) == 6, said


def test_an_amount_in_a_sentence_keeps_its_order_where_text_reads_from_right_to_left():
    assert format_money(Decimal("130"), "SAR", DEFAULT_FORMAT, with_code=True) == "130.00\u00a0SAR"
    with translation.override("ar"):
        shown = format_money(Decimal("130"), "SAR", DEFAULT_FORMAT, with_code=True)
        assert shown == "\u2066130.00\u00a0SAR\u2069"
        assert parse_money(shown, "SAR", DEFAULT_FORMAT) == 130, "what is copied can be pasted"
