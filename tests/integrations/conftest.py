"""An organization connected to a stand-in of an accounting system; QuickBooks Online where a test names no stage."""

from datetime import date
from types import SimpleNamespace

import pytest

from accounts.roles import Role
from receivables.billing.models import AccessorialType
from receivables.billing.operations import generate_invoice
from receivables.integrations import tasks
from receivables.integrations.models import Connection, Delivery, Mapping
from receivables.integrations.vault import sealed
from receivables.ledger.models import GLAccount
from tests.builders import make_member, make_organization, make_type, seed_load
from tests.integrations.stages import VARIANTS

# The books that a connection of a test leads to, by its key.
BOOKS = {}


@pytest.fixture
def bob(db):
    return make_member(make_organization(), Role.ADMIN, "Bob Biller")


@pytest.fixture
def stage(request):
    return VARIANTS[getattr(request, "param", "quickbooks_online")]


@pytest.fixture
def books(stage):
    with stage.running(stage.stand_in()) as books:
        yield books


@pytest.fixture
def quickbooks(books):
    return books


@pytest.fixture
def write_off(bob):
    return make_type(bob)


@pytest.fixture
def connection(bob, stage, books, write_off):
    """A live connection on which everything of the published example is mapped."""
    return connect(bob, stage, books, write_off)


@pytest.fixture
def invoice(bob, connection):
    """1,000.00 for one load, delivered."""
    load = seed_load(bob)
    map_charges(connection)
    invoice = generate_invoice(actor=bob, load=load)
    sync(connection)
    return invoice


def connect(bob, stage, books, write_off):
    made = Connection.objects.create(
        organization=bob.organization, system=stage.system, name="Books", state=Connection.State.LIVE,
        options=stage.options(books), secrets=sealed(stage.secrets), start_date=date(2026, 1, 1),
    )  # fmt: skip
    BOOKS[made.pk] = SimpleNamespace(stage=stage, books=books)
    account = {each.code: f"account:{each.pk}" for each in GLAccount.objects.of(bob)}
    theirs = stage.theirs
    known = {
        "item:line_haul": theirs["line_haul"], f"item:{write_off.pk}": theirs["write_off"],
        **{f"item:{account[code]}": theirs[code] for code in ("6100", "4900", "6150")},
        account["1000"]: theirs["bank"], account["6150"]: theirs["6150_account"],
    }  # fmt: skip
    for key, remote in known.items():
        Mapping.objects.create(
            organization=bob.organization, connection=made, what="account" if key.startswith("account") else "item",
            local_key=key, remote_id=remote,
        )  # fmt: skip
    return made


def map_charges(connection):
    """Every charge that nothing is said of yet is their second product."""
    remote = BOOKS[connection.pk].stage.theirs["other"]
    for kind in AccessorialType.objects.filter(organization=connection.organization):
        Mapping.objects.get_or_create(
            connection=connection, local_key=f"item:{kind.pk}",
            defaults={"organization": connection.organization, "what": "item", "remote_id": remote},
        )  # fmt: skip


def sync(connection):
    """What the worker does until nothing is due: look at what changed, deliver each customer's documents."""
    tasks.look_for_changes()
    Delivery.objects.filter(connection=connection).update(next_attempt_at=None)
    connection.refresh_from_db()
    led = BOOKS[connection.pk]
    led.stage.deliver(connection, led.books)


def states(connection):
    """State by reference."""
    return dict(Delivery.objects.filter(connection=connection).values_list("reference", "state"))
