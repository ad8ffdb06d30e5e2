"""Keyset paging finds every row once, in order, in both directions; exports are safe for spreadsheets."""

import base64
import itertools
from datetime import UTC, date, datetime
from types import SimpleNamespace

import django_tables2 as tables
import pytest
from django.core.exceptions import BadRequest
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from receivables.core import exports
from receivables.core.columns import DayColumn, MomentColumn
from receivables.core.errors import Refused
from receivables.core.exports import safe_text
from receivables.core.listing import keyset_page
from receivables.customers.models import Customer, PaymentTerms
from tests.builders import make_member, make_organization


@pytest.fixture
def customers(db):
    alice = make_member(make_organization())
    terms = PaymentTerms.objects.of(alice).get(code="NET30")
    Customer.objects.bulk_create(
        Customer(organization=alice.organization, number=f"C{n}", name=name, currency="USD", terms=terms)
        for n, name in enumerate(["Beta", "Alpha", "Beta", "Gamma", "Alpha", "Beta", "Delta"])
    )
    return Customer.objects.of(alice)


@pytest.mark.parametrize("sort", ["name", "-name", "pk", "-created_at"])
@pytest.mark.parametrize("size", [1, 2, 3, 7, 50])
def test_pages_show_every_row_once_in_order_forwards_and_back(customers, sort, size):
    field, down = sort.lstrip("-"), sort.startswith("-")
    wanted = [row.pk for row in customers.order_by(sort, "-pk" if down else "pk")]
    pages = [keyset_page(customers, sort, size, "", "")]
    while pages[-1].after:
        pages.append(keyset_page(customers, sort, size, pages[-1].after, ""))
    assert [row.pk for page in pages for row in page.rows] == wanted
    for earlier, later in itertools.pairwise(pages):
        back = keyset_page(customers, sort, size, "", later.before)
        assert [row.pk for row in back.rows] == [row.pk for row in earlier.rows]
    assert not pages[0].before, field


def test_a_row_added_meanwhile_neither_repeats_nor_hides_others(customers):
    first = keyset_page(customers, "name", 3, "", "")
    row = customers.first()
    row.pk, row.number, row.name = None, "NEW", "AAA"
    row.save(force_insert=True)
    second = keyset_page(customers, "name", 3, first.after, "")
    assert not {each.pk for each in first.rows} & {each.pk for each in second.rows}


@pytest.mark.parametrize("cursor", ["x", "e30", "WyJhIl0", "!!!!", "WyJCZXRhIiwgIngiXQ", "\u0000", "W251bGwsIG51bGxd"])
def test_a_broken_cursor_is_a_bad_request(customers, cursor):
    with pytest.raises(BadRequest):
        keyset_page(customers, "name", 3, cursor, "")


@pytest.mark.parametrize(
    "content",
    ['["a", Infinity]', '["a", 1e999]', '["a", NaN]', r'["\u0000", 1]', r'["\ud800", 1]', "[" * 3000],
    ids=["infinity", "overflow", "nan", "nul", "half a character", "deep"],
)
def test_a_hostile_cursor_is_a_bad_request(customers, content):
    with pytest.raises(BadRequest):
        keyset_page(customers, "name", 3, base64.urlsafe_b64encode(content.encode()).decode(), "")


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "＝1", "－1"])
def test_no_exported_text_is_a_formula(text):
    assert safe_text(text).startswith("'")


@given(st.text())
def test_an_exported_text_never_begins_like_a_formula(text):
    assert not safe_text(text).startswith(("=", "+", "-", "@", "\t", "\r", "\n"))


class Plain(tables.Table):
    name = tables.Column()


def test_a_list_that_is_too_long_for_one_file_is_refused_and_never_cut(customers, monkeypatch):
    monkeypatch.setattr(exports, "ROW_LIMIT", 7)
    assert exports.export_response(None, Plain, customers, "All", "csv").content.count(b"\n") == 8
    monkeypatch.setattr(exports, "ROW_LIMIT", 6)
    with pytest.raises(Refused, match="more than 6 rows"):
        exports.export_response(None, Plain, customers, "All", "csv")


def test_a_workbook_may_be_called_anything():
    assert exports.rows_response(Plain, [], "'C/1: [x]*?\\ Ageing'", "xlsx").status_code == 200


def test_a_moment_in_a_column_of_days_is_the_readers_day_on_the_page_and_in_the_file(db):
    late, alice = datetime(2026, 11, 22, 23, 30, tzinfo=UTC), make_member(make_organization())
    request = SimpleNamespace(actor=alice)
    with timezone.override("Asia/Tokyo"):
        assert DayColumn().value(late) == date(2026, 11, 23)
        assert "23 Nov 2026" in DayColumn().render(late, SimpleNamespace(request=request))
        assert MomentColumn().value(late) == "2026-11-23 08:30"
        assert "23 Nov 2026 08:30" in MomentColumn().render(late, SimpleNamespace(request=request))
