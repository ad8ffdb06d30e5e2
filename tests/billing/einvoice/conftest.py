"""The house of e-invoices: a seller with all that is needed."""

from copy import deepcopy

import pytest

from tests.support.einvoices import make_house


@pytest.fixture(scope="module")
def kept_house(keep):
    return keep(make_house)


@pytest.fixture
def house(kept_house, db):
    return deepcopy(kept_house)
