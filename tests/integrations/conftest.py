"""An organization connected to a stand-in of an accounting system."""

from datetime import date

import pytest

from accounts.roles import Role
from receivables.billing.models import AccessorialType
from receivables.integrations import tasks
from receivables.integrations.delivering import deliver_customer
from receivables.integrations.models import Connection, Delivery, Mapping
from receivables.integrations.vault import sealed
from receivables.ledger.models import GLAccount
from tests.builders import make_member, make_organization, make_type
from tests.integrations.standins.qbo import QuickBooks
from tests.integrations.standins.server import running

# Their products, and the account each is booked to.
ITEMS = {"1": "sales", "2": "sales", "22": "write-off", "23": "write-off", "24": "concessions"}


@pytest.fixture
def bob(db):
    return make_member(make_organization(), Role.ADMIN, "Bob Biller")


@pytest.fixture
def quickbooks():
    with running(QuickBooks(ITEMS)) as books:
        yield books


@pytest.fixture
def write_off(bob):
    return make_type(bob)


@pytest.fixture
def connection(bob, quickbooks, write_off):
    """A live connection on which everything of the published example is mapped."""
    return connect(bob, quickbooks, write_off)


def connect(bob, quickbooks, write_off):
    made = Connection.objects.create(
        organization=bob.organization, system="quickbooks_online", name="Books", state=Connection.State.LIVE,
        options={
            "company": "9130", "base_url": quickbooks.address, "token_url": f"{quickbooks.address}/token",
            "receivables_account": "84",
        },
        secrets=sealed({"client_id": "ours", "client_secret": "hush", "refresh_token": "refresh-0"}),
        start_date=date(2026, 1, 1),
    )  # fmt: skip
    account = {each.code: f"account:{each.pk}" for each in GLAccount.objects.of(bob)}
    known = {
        "item:line_haul": "1", f"item:{write_off.pk}": "22", f"item:{account['6100']}": "23",
        f"item:{account['4900']}": "24", f"item:{account['6150']}": "23", account["1000"]: "35",
        account["6150"]: "write-off",
    }  # fmt: skip
    for key, remote in known.items():
        Mapping.objects.create(
            organization=bob.organization, connection=made, what="account" if key.startswith("account") else "item",
            local_key=key, remote_id=remote,
        )  # fmt: skip
    return made


def map_charges(connection):
    """Every charge that nothing is said of yet is their second product."""
    for kind in AccessorialType.objects.filter(organization=connection.organization):
        Mapping.objects.get_or_create(
            connection=connection, local_key=f"item:{kind.pk}",
            defaults={"organization": connection.organization, "what": "item", "remote_id": "2"},
        )  # fmt: skip


def sync(connection):
    """What the worker does until nothing is due: look at what changed, deliver each customer's documents."""
    tasks.look_for_changes()
    Delivery.objects.filter(connection=connection).update(next_attempt_at=None)
    connection.refresh_from_db()
    for customer in sorted(set(Delivery.objects.filter(connection=connection).values_list("customer", flat=True))):
        deliver_customer(connection, customer)


def states(connection):
    """State by reference."""
    return dict(Delivery.objects.filter(connection=connection).values_list("reference", "state"))
