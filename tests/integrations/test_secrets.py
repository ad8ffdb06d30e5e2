"""Whatever a system says or repeats, and whatever goes wrong: no credential of a connection is found anywhere."""

import logging
import re
from dataclasses import replace

import pytest
from django.db import connection as database
from django.test import Client
from django.urls import reverse

from receivables.billing.operations import generate_invoice
from receivables.integrations.models import Attempt, Connection, Delivery
from receivables.integrations.vault import opened
from tests.builders import pay, seed_load
from tests.integrations.conftest import connect, map_charges, sync
from tests.integrations.stages import PASSWORD, VARIANTS
from tests.integrations.standins.server import Reply

pytestmark = pytest.mark.django_db
KNOWN = {
    "quickbooks_online": {
        "client_id": "WATERMARK-ID", "client_secret": "WATERMARK-SECRET", "refresh_token": "WATERMARK-REFRESH",
        "verifier_token": "WATERMARK-VERIFIER",
    },
    "business_central": {"client_id": "WATERMARK-ID", "client_secret": "WATERMARK-SECRET"},
    "netsuite": {"client_id": "WATERMARK-ID", "certificate_id": "WATERMARK-CERTIFICATE"},
    "sage_intacct": {
        "user_id": "WATERMARK-ID", "user_password": "WATERMARK-PASSWORD", "client_secret": "WATERMARK-SECRET"
    },
    "quickbooks_desktop": {},
}  # fmt: skip
GIVEN = r"\b(access|refresh|session)-\d"  # the tokens of the stand-ins


def prepared(stage, books):
    """The stage with credentials that are recognized wherever they turn up; its stand-in takes them."""
    taken = {*stage.secrets, "verifier_token"}
    known = {name: value for name, value in KNOWN[stage.system].items() if name in taken}
    for name, value in (("refresh", "refresh_token"), ("secret", "client_secret"), ("password", "user_password"),
                        ("certificate", "certificate_id")):  # fmt: skip
        if hasattr(books, name) and value in known:
            setattr(books, name, known[value])
    return replace(stage, secrets={**stage.secrets, **known})


def marks(stage):
    """A pattern of what may be nowhere: each credential, a line from the middle of a key, every token given out."""
    found = [PASSWORD if "pbkdf2" in each or "argon2" in each else each for each in stage.secrets.values()]
    lines = [each.splitlines()[2] if "PRIVATE KEY" in each else each for each in found]
    return "|".join([*(re.escape(each) for each in lines), GIVEN])


def tables():
    with database.cursor() as cursor:
        cursor.execute("SELECT table_name FROM information_schema.tables WHERE table_schema = current_schema()")
        return sorted(name for (name,) in cursor.fetchall())


def rows_with(table, wanted):
    """How many rows of a table have such a text in any column."""
    pattern = wanted.replace(r"\b", r"\y")
    with database.cursor() as cursor:
        cursor.execute(f'SELECT count(*) FROM "{table}" AS found WHERE found::text ~ %s', [pattern])
        return cursor.fetchone()[0]


@pytest.mark.parametrize("stage", VARIANTS, indirect=True)
def test_no_credential_is_found_in_any_table_log_or_page(bob, books, write_off, stage, caplog, settings):
    settings.REQUIRE_SECOND_FACTOR = False
    caplog.set_level(logging.DEBUG)
    stage = prepared(stage, books)
    connection = connect(bob, stage, books, write_off)
    load = seed_load(bob)
    map_charges(connection)
    invoice = generate_invoice(actor=bob, load=load)
    sync(connection)
    wanted = marks(stage)
    connection.refresh_from_db()
    repeated = " ".join(
        [*opened(connection.secrets).values(), getattr(books, "access", ""), getattr(books, "session", "")]
    )
    for fault in (
        "cut_before",
        "cut_after",
        *(
            [
                Reply(400, {"error": {"code": "Application_X", "message": repeated}}),
                Reply(500, repeated),
                Reply(200, f"<html>{repeated}"),
            ]
            if stage.client
            else [("3210", "too much")]
        ),
    ):
        pay(bob, invoice, "1")
        books.faults = [fault]
        sync(connection)
        Connection.objects.update(paused_until=None)
    books.access = books.refresh = books.secret = books.session = books.password = books.certificate = "changed"
    pay(bob, invoice, "1")
    sync(connection)
    assert Attempt.objects.count() > 3

    assert {name: count for name in tables() if (count := rows_with(name, wanted))} == {}
    assert re.search(wanted, caplog.text) is None
    browser = Client()
    browser.force_login(bob.user, backend="accounts.backends.MembershipBackend")
    pages = [connection.get_absolute_url(), reverse("error_transactions"),
             reverse("admin:integrations_connection_change", args=[connection.pk])]  # fmt: skip
    for page in [*pages, *(each.get_absolute_url() for each in Delivery.objects.all())]:
        text = browser.get(page).content.decode()
        assert re.search(wanted, text) is None, page
    assert opened(Connection.objects.get().secrets), "they are kept, encrypted"
