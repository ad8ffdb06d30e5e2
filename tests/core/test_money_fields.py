"""Model fields, form fields and template tags of money: what they refuse, and what they keep."""

from datetime import UTC, date, datetime
from decimal import Decimal
from types import SimpleNamespace

import pytest
from django import forms
from django.core.exceptions import ValidationError
from django.db import connection, connections, models
from django.db.migrations.writer import MigrationWriter
from django.db.models.functions import Cast, Coalesce
from django.template import Context, Template
from django.test import RequestFactory
from django.test.utils import isolate_apps
from django.utils import timezone

from receivables.core.context import number_format
from receivables.core.fields import CurrencyField, ExchangeRateField, MoneyField, RateField
from receivables.core.forms import (
    CurrencyFormField,
    ExchangeRateFormField,
    FormWithFormat,
    MoneyFormField,
    RateFormField,
)
from receivables.core.money import FORMATS

POINT, COMMA, ARABIC = FORMATS["point"], FORMATS["comma"], FORMATS["arabic"]
KUWAIT = SimpleNamespace(currency="KWD", decimal_mark=",", group_mark=".", digits="latn", date_format="d/m/Y")
MEMBER = SimpleNamespace(organization=KUWAIT, user=None)


def D(text: str) -> Decimal:
    return Decimal(text)


@pytest.fixture
def charge():
    """A model as other packages write them."""
    with isolate_apps("django.contrib.contenttypes"):

        class Charge(models.Model):
            amount = MoneyField("amount", null=True, blank=True)
            quantity = RateField("quantity", default=1)
            exchange_rate = ExchangeRateField("rate", default=1)
            currency = CurrencyField("currency", default="SAR")

            class Meta:
                app_label = "contenttypes"
                db_table = "charge"

            def __str__(self):
                return f"{self.currency} {self.amount}"

        yield Charge


# Model fields


@pytest.mark.parametrize("field", [MoneyField(), RateField(), ExchangeRateField()])
@pytest.mark.parametrize(
    "value",
    [
        1.5,
        float("nan"),
        True,
        "NaN",
        "1e2",
        "1_000",
        "１２",
        "",
        "5 ",
        D("NaN"),
        D("sNaN"),
        D("Infinity"),
        D("1e15"),
        10**15,
        [],
    ],
)
def test_model_fields_refuse_before_the_database(field, value):
    for refuse in (field.to_python, field.get_prep_value):
        with pytest.raises(ValidationError) as caught:
            refuse(value)
        assert caught.value.code == "invalid"


@pytest.mark.parametrize(("field", "places"), [(MoneyField(), 4), (RateField(), 6), (ExchangeRateField(), 10)])
def test_model_fields_refuse_surplus_decimals(field, places):
    fits = D(1).scaleb(-places)
    assert field.get_prep_value(fits) == fits
    assert field.get_prep_value(fits * D("1.00")) == fits
    with pytest.raises(ValidationError) as caught:
        field.get_prep_value(fits / 10)
    assert caught.value.messages == [f"This number has more than {places} decimals."]


@pytest.mark.parametrize(
    ("value", "taken"), [("-12.50", D("-12.50")), (7, D(7)), (None, None), (D("0.0001"), D("0.0001"))]
)
def test_model_fields_take_exact_numbers(value, taken):
    assert MoneyField().to_python(value) == taken


def test_columns_have_no_scale_and_migrations_no_leftovers(charge):
    fields = {field.name: field for field in charge._meta.get_fields()}
    assert not charge.check()
    assert fields["amount"].db_type(connection) == "numeric"
    assert fields["currency"].db_type(connection) == "varchar(3)"
    assert fields["amount"].deconstruct()[1:] == (
        "receivables.core.fields.MoneyField",
        [],
        {"verbose_name": "amount", "null": True, "blank": True},
    )
    assert fields["currency"].deconstruct()[3] == {"verbose_name": "currency", "default": "SAR"}
    for field in fields.values():
        assert MigrationWriter.serialize(field)


@pytest.mark.parametrize("code", ["ZZZ", "sar", "SA", "SARX", "XXX", ""])
def test_currencies_are_real(code):
    with pytest.raises(ValidationError):
        CurrencyField().clean(code, None)


def test_form_fields_match(charge):
    made = forms.modelform_factory(charge, fields="__all__")().fields
    kinds = [MoneyFormField, RateFormField, ExchangeRateFormField, CurrencyFormField]
    assert [type(field) for field in made.values()] == kinds
    assert not made["amount"].required


@pytest.mark.django_db(databases=["owner"])
def test_amounts_come_back_exactly_and_can_be_summed_and_compared(charge):
    with connections["owner"].cursor() as cursor:
        cursor.execute(
            "CREATE TEMPORARY TABLE charge (id serial, amount numeric, quantity numeric, exchange_rate numeric,"
            " currency char(3))"
        )
    charges = charge.objects.using("owner")
    for amount in ("0.10", "0.20", "999999999999999.99", "-0.0001"):
        charges.create(amount=amount, exchange_rate="3.7512345678")
    charges.create(amount=None)
    rows = charges.order_by("id")
    assert [str(amount) for amount in rows.values_list("amount", flat=True)[:2]] == ["0.10", "0.20"]
    assert rows[0].currency == "SAR"
    assert str(rows[0].exchange_rate) == "3.7512345678"
    assert charges.aggregate(total=models.Sum("amount"))["total"] == D("1000000000000000.2899")
    assert charges.filter(amount__lte="0.10", amount__gt=0, currency="SAR").get().amount == D("0.1")
    assert charges.filter(amount__in=[D("0.1"), D("0.2")], currency__in=["SAR"]).count() == 2
    assert charges.filter(amount__range=("0.1", "0.2")).count() == 2
    nothing = charges.filter(amount=0).aggregate(total=Coalesce(models.Sum("amount"), Decimal(0)))
    assert nothing["total"] == 0
    doubled = charges.annotate(double=models.F("amount") + models.F("amount"), text=Cast("id", MoneyField()))
    assert doubled.filter(double=D("0.4")).get().amount == D("0.2")
    charges.filter(amount=D("0.2")).update(amount=models.F("amount") - D("0.05"))
    assert charges.filter(amount=D("0.15")).exists()
    for slip in (lambda: charges.filter(amount__gt=0.1), lambda: charges.update(amount=D("NaN"))):
        with pytest.raises(ValidationError):
            slip()
    for slip in (charge(amount=0.3), charge(amount=D("NaN"))):
        with pytest.raises(ValidationError):
            slip.save(using="owner")


# Form fields


class Receipt(FormWithFormat, forms.Form):
    amount = MoneyFormField(min_value=D("0"), max_value=D("1500"))
    fee = MoneyFormField(currency="SAR", required=False)
    rate = RateFormField(required=False)


def receipt(**data):
    return Receipt(data, actor=MEMBER)


def test_a_form_reads_in_the_organizations_format_and_currency():
    form = receipt(amount="1.234,567", fee="5,5", rate="0,15")
    assert form.is_valid(), form.errors
    assert form.cleaned_data == {"amount": D("1234.567"), "fee": D("5.50"), "rate": D("0.15")}
    assert str(form.cleaned_data["fee"]) == "5.50"


def test_a_persons_own_format_comes_first():
    member = SimpleNamespace(organization=KUWAIT, user=SimpleNamespace(number_style="point"))
    form = Receipt({"amount": "1,234.567"}, actor=member)
    assert form.is_valid(), form.errors


@pytest.mark.parametrize(
    ("typed", "message"),
    [
        ("1,234.5", "Enter an amount like 1.234,500. “1,234.5” could mean more than one thing."),
        ("0,0001", "KWD has 3 decimals."),
        ("-1", "Enter 0,000\u00a0KWD or more."),
        ("1500,001", "Enter 1.500,000\u00a0KWD or less."),
        ("", "This field is required."),
        ("  ", "This field is required."),
        ("\x00", "Enter an amount like 1.234,500. “” could mean more than one thing."),
    ],
)
def test_what_is_refused_stays_as_it_was_typed(typed, message):
    form = receipt(amount=typed)
    assert form.errors["amount"] == [message]
    assert form["amount"].value() == typed
    assert f'value="{typed}"' in form["amount"].as_widget() or not typed


def test_inputs_are_text_with_a_numeric_keyboard():
    shown = str(Receipt(actor=MEMBER, initial={"amount": D("1234.5")})["amount"])
    for attribute in ('type="text"', 'inputmode="decimal"', 'dir="ltr"', 'autocomplete="off"', 'class="amount"'):
        assert attribute in shown
    assert 'value="1234,500"' in shown


def test_existing_values_are_shown_in_the_format_without_groups():
    field = MoneyFormField(currency="SAR", fmt=ARABIC)
    assert field.prepare_value(D("-1234.5")) == "−١٢٣٤٫٥٠"
    assert field.clean("−١٢٣٤٫٥٠") == D("-1234.50")
    assert MoneyFormField(fmt=COMMA).prepare_value(D("1234.500")) == "1234,500"
    assert RateFormField(fmt=COMMA).prepare_value(3) == "3"
    assert field.prepare_value("1,2,3") == "1,2,3"
    assert field.prepare_value(None) is None


def test_a_value_counts_as_changed_only_if_the_number_is_another():
    field = MoneyFormField(currency="SAR", fmt=POINT)
    assert not field.has_changed(D("1234.5"), "1,234.50")
    assert field.has_changed(D("1234.5"), "1234.51")
    assert field.has_changed(D("1234.5"), "x")


def test_classes_of_a_widget_are_kept_and_hidden_inputs_stay_plain():
    assert 'class="wide amount"' in str(
        MoneyFormField(widget=forms.TextInput({"class": "wide"})).get_bound_field(forms.Form(), "a")
    )
    assert "inputmode" not in str(MoneyFormField(widget=forms.HiddenInput).get_bound_field(forms.Form(), "a"))


def test_a_field_without_a_currency_takes_what_some_currency_allows():
    assert MoneyFormField().clean("1.2345") == D("1.2345")
    with pytest.raises(ValidationError):
        MoneyFormField().clean("1.23456")
    assert ExchangeRateFormField().clean("3.7512345678") == D("3.7512345678")
    with pytest.raises(ValidationError) as caught:
        RateFormField().clean("1.1234567")
    assert caught.value.messages == ["Enter at most 6 decimals."]


def test_bounds_are_named_without_a_currency_too():
    with pytest.raises(ValidationError) as caught:
        RateFormField(max_value=D("100"), fmt=COMMA).clean("100,5")
    assert caught.value.messages == ["Enter 100 or less."]
    with pytest.raises(ValidationError) as caught:
        MoneyFormField(min_value=D("0.5")).clean("0")
    assert caught.value.messages == ["Enter 0.5 or more."]


def test_the_currency_is_the_typed_one_then_the_rows_then_the_organizations(charge):
    class ChargeForm(FormWithFormat, forms.ModelForm):
        class Meta:
            model = charge
            fields = ("amount", "currency")

    assert ChargeForm(actor=MEMBER, instance=charge(currency="JPY")).fields["amount"].currency == "JPY"
    assert ChargeForm({"currency": "usd"}, actor=MEMBER).fields["amount"].currency == "USD"
    assert ChargeForm({"x-currency": "USD"}, actor=MEMBER, prefix="x").fields["amount"].currency == "USD"
    assert ChargeForm({"currency": "ZZZ"}, actor=MEMBER, instance=charge(currency="")).get_currency() == "KWD"
    form = ChargeForm({"amount": "0,5", "currency": "usd"}, actor=MEMBER)
    assert form.is_valid(), form.errors
    assert form.cleaned_data == {"amount": D("0.50"), "currency": "USD"}
    assert not ChargeForm({"amount": "0,5", "currency": "jpy"}, actor=MEMBER).is_valid()
    assert not ChargeForm({"amount": "5", "currency": "zzz"}, actor=MEMBER).is_valid()


# Pages


def render(source, organization=None, user=None, **values):
    request = RequestFactory().get("/")
    request.organization, request.user = organization, user
    return Template("{% load money %}" + source).render(Context(values | number_format(request)))


@pytest.mark.parametrize(
    ("source", "organization", "text"),
    [
        ('{% money amount "KWD" %}', KUWAIT, '<bdi class="amount">−1.234,500</bdi>'),
        ('{% money amount "KWD" %}', None, '<bdi class="amount">−1,234.500</bdi>'),
        ('{% money amount "SAR" with_code=True %}', None, '<bdi class="amount">−1,234.50\u00a0SAR</bdi>'),
        ('{% money none "SAR" %}', None, ""),
        ("{% rate amount %}", KUWAIT, '<bdi class="amount">−1.234,50</bdi>'),
        ("{% rate amount 0 %}", KUWAIT, '<bdi class="amount">−1.235</bdi>'),
        ("{% rate none %}", None, ""),
        ("{% day date %}", KUWAIT, '<bdi><time datetime="2026-11-30">30/11/2026</time></bdi>'),
        ("{% day date %}", None, '<bdi><time datetime="2026-11-30">30 Nov 2026</time></bdi>'),
        ("{% day none %}", None, ""),
    ],
)
def test_tags_follow_the_organization(source, organization, text):
    assert render(source, organization, amount=D("-1234.50"), none=None, date=date(2026, 11, 30)) == text


def test_tags_follow_the_persons_own_choice_first():
    user = SimpleNamespace(number_style="arabic", date_format="Y-m-d")
    assert "١٬٢٣٤٫٥٠" in render('{% money amount "SAR" %}', KUWAIT, user, amount=D("1234.5"))
    assert ">2026-11-30<" in render("{% day date %}", KUWAIT, user, date=date(2026, 11, 30))


def test_tags_work_where_no_request_is_at_hand():
    assert "5.00" in Template('{% load money %}{% money 5 "SAR" %}').render(Context())


def test_the_day_of_a_moment_is_the_local_one():
    moment = datetime(2026, 11, 30, 22, 30, tzinfo=UTC)
    with timezone.override("Asia/Riyadh"):
        assert "1 Dec 2026" in render("{% day moment %}", moment=moment)
    assert "30 Nov 2026" in render("{% day moment %}", moment=moment.replace(tzinfo=None))


def test_nothing_typed_becomes_markup():
    field = receipt(amount='"><script>')
    assert "<script>" not in str(field["amount"]) + str(field.errors)
