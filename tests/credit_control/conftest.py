"""Cora is Collector of Blue Freight; Bob, its Biller, bills and records payments; Charlie is of Rival Lines."""

import pytest

from accounts.roles import Role
from receivables.billing.operations import generate_invoice
from tests.builders import make_load, make_member, make_type, pay
from tests.collections.conftest import biller, browser_of, stranger  # noqa: F401  the same people


@pytest.fixture
def collector(biller):  # noqa: F811
    return make_member(biller.organization, Role.COLLECTOR, "Cora Collector")


@pytest.fixture
def load(biller):  # noqa: F811
    """Invoice 1,000.00 of which 880.00 are paid."""
    make_type(biller)
    load = make_load(biller)
    pay(biller, generate_invoice(actor=biller, load=load), "880")
    return load
