"""The house of e-invoices: a seller with all that is needed."""

import pytest

from tests.support.einvoices import make_house


@pytest.fixture
def house(db):
    return make_house()
