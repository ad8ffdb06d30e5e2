"""What an organization says about itself on e-invoices is checked where it is typed."""

import pytest
from django.core.exceptions import ValidationError

from accounts.models import Organization
from receivables.core.countries import CODES, country_code

WHOLE = {"name": "A", "slug": "a", "currency": "EUR"}


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("country", "XX"), ("country", "de"), ("country", "UK"), ("bank_account", "DE88 3704 0044 0532 0130 00"),
        ("bic", "COBA"), ("contact_email", "nobody"), ("electronic_address_scheme", "9999"),
        ("electronic_address", "DE123456789"), ("untaxed_category", "S"),
    ],
)  # fmt: skip
def test_what_is_wrong_stands_beside_its_field(field, value):
    with pytest.raises(ValidationError) as caught:
        Organization(**WHOLE, **{field: value}).clean_fields()
        Organization(**WHOLE, **{field: value}).clean()
    beside = "electronic_address_scheme" if field == "electronic_address" else field
    assert beside in caught.value.message_dict


@pytest.mark.parametrize(
    "right",
    [
        {"country": "DE", "bank_account": "DE89 3704 0044 0532 0130 00", "bic": "COBADEFFXXX"},
        {"bank_account": "0012345678"},
        {"electronic_address": "4012345000009", "electronic_address_scheme": "0088"},
        {},
    ],
)
def test_what_is_right_passes(right):
    """Neither the fields nor the row as a whole finds anything to say: no sentence stands beside any field."""
    said = {}
    for check in (Organization.clean_fields, Organization.clean):
        try:
            check(Organization(**WHOLE, **right))
        except ValidationError as error:
            said.update(error.message_dict)
    assert said == {}


@pytest.mark.parametrize(
    ("typed", "code"), [("de", "DE"), (" GB ", "GB"), ("uk", "GB"), ("EL", "GR"), ("XX", ""), ("USA", ""), ("", "")]
)
def test_countries_are_read_as_people_type_them(typed, code):
    assert country_code(typed) == code
    assert len(CODES) == 249
