"""Several people type the same number at once: one gets it, the others read that it is taken."""

from decimal import Decimal
from functools import partial

import pytest

from receivables.billing.operations import create_load
from receivables.core.errors import Refused
from receivables.customers.operations import create_customer
from tests.builders import make_account, make_member, make_organization
from tests.support.races import race


@pytest.mark.usefixtures("committed_db")
@pytest.mark.parametrize("verb", ["create_load", "create_customer"])
def test_one_number_typed_by_several_at_once_is_taken_once(verb):
    actor = make_member(make_organization())
    account = make_account(actor)
    calls = {
        "create_load": partial(
            create_load, actor=actor, account=account, agreement=account.agreements.get(), line_haul=Decimal(1)
        ),
        "create_customer": partial(create_customer, actor=actor, name="Twin"),
    }
    outcomes = race(*[partial(calls[verb], number="TWIN-1")] * 6)
    refused = [outcome for outcome in outcomes if isinstance(outcome, Exception)]
    assert len(refused) == 5
    assert all(isinstance(each, Refused) for each in refused), refused
    assert {each.code for each in refused if isinstance(each, Refused)} == {"number_taken"}
