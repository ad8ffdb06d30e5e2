"""Workers of their own: a process that can be killed, and one in a thread that works off a queue."""

import contextlib
import os
import subprocess
import sys
import threading
import time
from pathlib import Path
from urllib.parse import quote

from django.conf import settings
from django.db import connection, connections
from procrastinate.contrib.django import app
from procrastinate.exceptions import AlreadyEnqueued

SECONDS, TRIES = 120, 5


def worker(queues="jobs", **more):
    """A worker process of its own on the test's database, as the application's login."""
    place = connections["default"].settings_dict
    who = f"{quote(place['USER'])}:{quote(place['PASSWORD'])}"
    host, port = place["HOST"] or place["OPTIONS"].get("host", ""), place["PORT"] or place["OPTIONS"].get("port", "")
    environment = {name: value for name, value in os.environ.items() if name not in ("DATABASE_URL", "CI")}
    environment |= {
        "DJANGO_SETTINGS_MODULE": "receivables.settings",
        "DATABASE_APP_URL": f"postgres://{who}@/{place['NAME']}?host={quote(host)}&port={port}",
        "SECRET_KEY": settings.SECRET_KEY,
        "DEBUG": "true",
        "LOG_LEVEL": "WARNING",
        **more,
    }
    command = [sys.executable, "manage.py", "procrastinate", "worker", "--queues", queues]
    return subprocess.Popen(command, env=environment, cwd=Path(__file__).resolve().parents[2])


def wait_for(condition, process):
    deadline = time.monotonic() + SECONDS
    while time.monotonic() < deadline:
        if condition():
            return
        assert process.poll() is None, "the worker ended by itself"
        time.sleep(0.02)
    raise AssertionError(f"nothing happened within {SECONDS} seconds")


def work_here(queue, defer="", patience=SECONDS):
    """Work off a queue in a thread of this process, which may take so many seconds."""

    def run():
        if defer:
            with contextlib.suppress(AlreadyEnqueued):  # the killed worker's own schedule may have done it
                app.configure_task(defer, queueing_lock=defer).defer(timestamp=0)
        with app.replace_connector(app.connector.get_worker_connector()):
            app.run_worker(queues=[queue], wait=False, listen_notify=False, install_signal_handlers=False)
        connections.close_all()

    thread = threading.Thread(target=run)
    thread.start()
    thread.join(patience)
    assert not thread.is_alive()


def end_other_connections():
    """The server notices that a process is gone only when it next talks to it; until then a statement under way goes on
    and keeps its locks. A while later, as here, nothing is left of it."""
    others = "FROM pg_stat_activity WHERE datname = current_database() AND usename = current_user"
    others += " AND pid <> pg_backend_pid() AND backend_type = 'client backend'"
    deadline = time.monotonic() + SECONDS
    with connection.cursor() as cursor:
        while time.monotonic() < deadline:
            cursor.execute(f"SELECT count(pg_terminate_backend(pid)) {others}")
            if cursor.fetchone()[0] == 0:
                return
            time.sleep(0.02)
    raise AssertionError("the connections of the dead worker do not end")


def give_back():
    """What happens a while after a worker died: its jobs are given to others."""
    end_other_connections()
    with connection.cursor() as cursor:  # the dead worker has been silent for long
        cursor.execute("UPDATE procrastinate_workers SET last_heartbeat = now() - interval '1 minute'")
    work_here("watch", defer="core.retry_stalled")


def take_over():
    """The same, and one of the others is here. What is to be tried again, as where a machine was too busy for a
    statement's time, is tried at once."""
    give_back()
    for _try in range(TRIES):
        work_here("jobs")
        with connection.cursor() as cursor:
            cursor.execute(
                "UPDATE procrastinate_jobs SET scheduled_at = NULL"
                " WHERE status = 'todo' AND queue_name = 'jobs' AND scheduled_at IS NOT NULL"
            )
            if cursor.rowcount == 0:
                return
