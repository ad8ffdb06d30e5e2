"""PostgreSQL's own log (WAL) on a disk that fills up: PostgreSQL stops, as it has to. Nobody is answered with a fault,
nothing that was acknowledged is lost, nothing half is there, and the site goes on by itself as soon as there is room.
"""

import os
import subprocess
import urllib.error
import urllib.request
from collections import Counter
from pathlib import Path
from uuid import uuid4

import httpx
import pytest
from django.urls import reverse

from receivables.core import embedded
from tests.storm.judging import forgotten, repeated
from tests.storm.pages import Page
from tests.storm.site import PASSWORD, Site

SEGMENT, MEGABYTE, NAME = 16, 1024 * 1024, 24  # megabytes of one file of the log; letters of its name
LAST = 1_500_000  # bytes that are left for payments
ROOM, MORE = 3 * SEGMENT - 4, 40 * SEGMENT  # two files and a bit; enough
MOST, WHILE_DOWN = 400, 5  # payments that are tried; forms that are sent when nothing answers any more
WRITING = "SELECT file_name, file_offset FROM pg_walfile_name_offset(pg_current_wal_insert_lsn())"
MESSAGE = "SELECT pg_logical_emit_message(false, 'ballast', repeat('x', %s))"
OPEN = """SELECT i.id FROM billing_invoice i JOIN ledger_openitem o ON o.id = i.open_item_id
 JOIN accounts_membership m ON m.organization_id = i.organization_id JOIN accounts_user u ON u.id = m.user_id
 WHERE u.email = %s AND o.balance > 5 AND i.currency = 'USD' ORDER BY i.id DESC"""


class SmallLog(Site):
    """A site whose PostgreSQL writes its log to a disk of its own."""

    @property
    def disk(self):
        return self.folder / "postgres" / "pg_wal"

    def _serve(self):
        if not os.path.ismount(self.disk):
            self._move()
        return super()._serve()

    def _move(self):
        """Onto a tmpfs, with no more files than PostgreSQL needs."""
        embedded.ensure_running(self.folder / "postgres")
        with self.database() as database:
            for statement in (
                "ALTER SYSTEM SET min_wal_size = '32MB'", "SELECT pg_reload_conf()", "CHECKPOINT",
                "SELECT pg_switch_wal()", "CHECKPOINT",
            ):  # fmt: skip
                database.execute(statement)
        embedded.stop(self.folder / "postgres")
        owner, aside = self.disk.stat(), self.disk.with_name("pg_wal_before")
        self.disk.rename(aside)
        self.disk.mkdir()
        self.mount(f"size={ROOM}m,uid={owner.st_uid},gid={owner.st_gid},mode=0700")
        subprocess.run(["cp", "-a", f"{aside}/.", str(self.disk)], check=True)

    def mount(self, options):
        subprocess.run(["mount", "-t", "tmpfs", "-o", options, "none", str(self.disk)], check=True)

    def close(self):
        self.server.terminate()
        self.server.wait(60)
        embedded.stop(self.folder / "postgres")
        subprocess.run(["umount", "-l", str(self.disk)], check=False)
        super().close()


@pytest.fixture
def site():
    if os.geteuid() != 0:
        pytest.skip("only root may mount a disk")
    model = os.environ.get("STORM_MODEL")
    site = SmallLog(scale=0.02, model=Path(model) if model else None)
    try:
        yield site
    finally:
        site.close()


class Payer:
    """Somebody who records payments of a cent, and notes what was acknowledged."""

    def __init__(self, site, email):
        self.http = httpx.Client(base_url=site.address, timeout=60)
        self.statuses, self.acknowledged, self.opened, self.unanswered = Counter(), [], [], []
        form = self.form("/sign-in/", "password")
        self.http.post("/sign-in/", data={**form, "email": email, "password": PASSWORD}, headers=self.referer)

    @property
    def referer(self):
        return {"Referer": str(self.http.base_url)}

    def form(self, path, field):
        """What stands in the form with this field, else the first choice; None where the page does not come."""
        page = self.http.get(path)
        if page.status_code != 200:
            self.note(page)
            return None
        form = next(form for form in Page(path, page.text).forms if any(each.name == field for each in form.fields))
        return {each.name: each.value or next(filter(None, each.options), "") for each in form.fields}

    def filled(self, invoice):
        """The form of a payment of a cent, as it is sent; None where it does not come."""
        path = reverse("record_payment", args=[invoice])
        form = self.form(path, "amount")
        if form is None:
            return None
        plain = {name: value for name, value in form.items() if name not in ("pay_bill", "ask", "again")}
        return path, {**plain, "amount": "0.01", "reference": uuid4().hex}

    def send(self, path, body):
        """Send a form; whether it was answered with more than that nobody is there."""
        answer = self.http.post(path, data=body, headers=self.referer)
        self.note(answer)
        if answer.status_code == 302:
            self.acknowledged.append(body["_key"])
        return answer.status_code != 503

    def pay(self, invoice):
        """With the form of this invoice, or one that was opened while all was well."""
        filled = self.filled(invoice) or (self.opened.pop() if self.opened else None)
        if filled and not self.send(*filled):
            self.unanswered.append(filled)

    def note(self, answer):
        self.statuses[answer.status_code] += 1
        if answer.status_code >= 500:
            assert "The database does not answer" in answer.text, answer.text
            assert answer.headers["Retry-After"] == "10"


@pytest.mark.skipif(not os.environ.get("SMALL_DISK"), reason="make prove PARTS=faults")
def test_a_full_log_stops_the_database_and_loses_nothing(site):
    payer = Payer(site, "biller@northway.demo.example")
    with site.database() as database:
        invoices = [invoice for (invoice,) in database.execute(OPEN, ["biller@northway.demo.example"]).fetchall()]
        payer.pay(invoices[0])
        assert payer.statuses == {302: 1}, payer.statuses
        payer.opened = [payer.filled(invoice) for invoice in invoices[:WHILE_DOWN]]
        while left(database, site) > LAST:
            database.execute(MESSAGE, [LAST // 2])
    for at in range(MOST):
        payer.pay(invoices[at % len(invoices)])
        if not payer.opened:
            break
    assert payer.unanswered, payer.statuses
    assert set(payer.statuses) <= {302, 422, 503}, payer.statuses  # 422: an invoice that takes no cent
    assert len(payer.acknowledged) > 1
    assert ready(site) == 503
    site.mount(f"remount,size={MORE}m")
    site._wait()
    for path, body in payer.unanswered:  # as its page says: once more, and saved once
        assert payer.send(path, body)
    payer.pay(invoices[0])
    assert payer.statuses[302] == len(payer.acknowledged)
    with site.database() as database:
        assert forgotten(database, payer.acknowledged) == []
        assert repeated(database) == []
    assert site.audited() == []
    assert site.server.poll() is None, "it went on by itself"
    print(dict(payer.statuses))


def left(database, site):
    """Bytes that the files of the log still take."""
    newest = max(file.name for file in site.disk.glob("0000*") if len(file.name) == NAME)
    writing, written = database.execute(WRITING).fetchone()
    return SEGMENT * MEGABYTE * (int(newest, 16) - int(writing, 16) + 1) - written


def ready(site):
    try:
        return urllib.request.urlopen(f"{site.address}/readyz", timeout=30).status
    except urllib.error.HTTPError as error:
        return error.code
