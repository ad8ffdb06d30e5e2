"""Somebody holds a lock, a statement hangs, a client forgets its transaction, the disk is full: refused, nothing saved,
and it goes on as soon as it can."""

import contextlib
import os
import subprocess
import tempfile
from pathlib import Path

import psycopg
import pytest
from django.conf import settings
from django.db import connection, transaction
from psycopg import sql

from receivables.collections.models import Payment
from receivables.core import provision
from receivables.core.errors import Refused
from tests.builders import pay
from tests.support.attack import make_books
from tests.support.invariants import broken
from tests.support.races import other_connection

HOLD = "SELECT 1 FROM customers_account WHERE id = %s FOR UPDATE"
ROOM, CENT = 8, "0.01"  # megabytes of the small disk; what is paid on it


@pytest.fixture
def books(committed_db):
    with transaction.atomic():
        return make_books()


@contextlib.contextmanager
def impatient(setting):
    """This connection waits a moment only, instead of the seconds of production."""
    with connection.cursor() as cursor:
        cursor.execute(f"SET {setting} = '150ms'")
        yield
        cursor.execute(f"RESET {setting}")


@pytest.mark.parametrize("setting", ["lock_timeout", "statement_timeout"])
def test_what_waits_too_long_is_refused_and_saves_nothing(books, setting):
    with other_connection("owner") as stuck:
        stuck.execute(HOLD, [books.account.pk])
        with impatient(setting), pytest.raises(Refused) as refusal:
            pay(books.actor, books.unpaid, "10")
        assert refusal.value.blocker.code == "busy"
        assert not Payment.objects.of(books.actor).filter(amount=10).exists()
    assert pay(books.actor, books.unpaid, "10").pk
    assert broken() == {}


def test_a_forgotten_transaction_is_ended_and_the_others_go_on(books):
    with other_connection("owner") as forgotten:
        forgotten.execute("SET idle_in_transaction_session_timeout = '150ms'")
        forgotten.execute(HOLD, [books.account.pk])
        assert pay(books.actor, books.unpaid, "10").pk  # waits for the lock until the server takes it away
        with pytest.raises(psycopg.errors.IdleInTransactionSessionTimeout):
            forgotten.execute("SELECT 1")


def test_the_time_outs_are_those_of_the_application(books):
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT name, setting FROM pg_settings WHERE name IN"
            " ('lock_timeout', 'statement_timeout', 'idle_in_transaction_session_timeout')"
        )
        kept = dict(cursor.fetchall())
    assert kept == {
        "lock_timeout": "5000", "statement_timeout": "15000", "idle_in_transaction_session_timeout": "30000",
    }  # fmt: skip


@pytest.fixture
def disk(books):
    """A disk of `ROOM` megabytes that holds the journal's lines; its folder. Only root may mount one."""
    if not settings.EMBEDDED:
        pytest.skip("the files of an external database are not ours")
    folder = Path(tempfile.mkdtemp(prefix="rv-disk-"))
    if subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={ROOM}m", "none", folder], capture_output=True).returncode:
        folder.rmdir()
        pytest.skip("only root may mount a disk")
    data, server = folder / "data", (settings.DATA_DIR / "postgres").stat()
    data.mkdir()
    folder.chmod(0o755)
    os.chown(data, server.st_uid, server.st_gid)
    name = sql.Identifier(f"small_{os.getpid()}")
    with provision.maintenance() as superuser:
        superuser.execute(sql.SQL("CREATE TABLESPACE {} LOCATION {}").format(name, str(data)))
        superuser.execute(sql.SQL("GRANT CREATE ON TABLESPACE {} TO PUBLIC").format(name))
    move = sql.SQL("ALTER TABLE ledger_journalline SET TABLESPACE {}")
    with provision.connect("owner") as owner:
        owner.execute(move.format(name))
    try:
        yield folder
    finally:  # moved back first: a server that misses a file it has to write stops
        with provision.connect("owner") as owner:
            owner.execute(move.format(sql.Identifier("pg_default")))
        with provision.maintenance() as superuser:
            superuser.execute("CHECKPOINT")
            superuser.execute(sql.SQL("DROP TABLESPACE {}").format(name))
        # Lazily: some process of the server may hold a file open that it has no more use for.
        subprocess.run(["umount", "-l", folder], check=True)
        folder.rmdir()


@pytest.mark.skipif(not os.environ.get("SMALL_DISK"), reason="make prove PARTS=faults")
def test_on_a_full_disk_payments_are_refused_whole_until_there_is_room(books, disk):
    ballast = disk / "ballast"
    with contextlib.suppress(OSError), ballast.open("wb", buffering=0) as file:
        while file.write(bytes(4096)):
            pass
    saved, refusal = pay_until_refused(books)
    assert refusal.blocker.code == "disk_full"
    assert Payment.objects.of(books.actor).filter(amount=CENT).count() == saved
    assert broken() == {}
    ballast.unlink()
    assert pay(books.actor, books.unpaid, CENT).pk
    assert broken() == {}


def pay_until_refused(books):
    """How many payments were taken, and the refusal of the next: a page of the table holds some lines more."""
    for saved in range(100):
        try:
            pay(books.actor, books.unpaid, CENT)
        except Refused as refusal:
            return saved, refusal
    raise AssertionError("the disk was never full")
