"""A worker killed half way: the next one goes on, and every invoice is there exactly once."""

import contextlib
import os
import subprocess
import sys
import threading
import time
from pathlib import Path
from urllib.parse import quote

import pytest
from django.conf import settings
from django.db import connection, connections, transaction
from procrastinate.contrib.django import app
from procrastinate.exceptions import AlreadyEnqueued

from accounts.roles import Role
from receivables.billing.importing.fields import guess
from receivables.billing.importing.files import UPLOAD_BYTES
from receivables.billing.importing.models import ImportFile
from receivables.billing.importing.workbooks import open_table
from receivables.billing.models import Invoice
from receivables.core.jobs import start_job
from receivables.core.models import Event, Job
from tests.builders import balances, make_member, make_organization
from tests.importing.conftest import csv_bytes, good

ROWS = 10_500  # two full batches of 5,000 and one more
SECONDS = 120


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


def work_here(queue, defer=""):
    """Work off a queue in a thread of this process."""

    def run():
        if defer:
            with contextlib.suppress(AlreadyEnqueued):  # the killed worker's own schedule may have done it
                app.configure_task(defer, queueing_lock=defer).defer(timestamp=0)
        with app.replace_connector(app.connector.get_worker_connector()):
            app.run_worker(queues=[queue], wait=False, listen_notify=False, install_signal_handlers=False)
        connections.close_all()

    thread = threading.Thread(target=run)
    thread.start()
    thread.join(SECONDS)
    assert not thread.is_alive()


@pytest.mark.parametrize("good_rows_only", [False, True], ids=["all or nothing", "good rows"])
def test_a_killed_import_is_finished_by_the_next_worker(committed_db, good_rows_only):
    alice = make_member(make_organization(), Role.BILLER)
    content = csv_bytes(*(good(f"A-{n}", customer=f"C-{n % 50}", amount="1.00") for n in range(ROWS)))
    with transaction.atomic():
        file = ImportFile.objects.create(
            organization=alice.organization, name="open.csv", content=content,
            choices=guess(open_table(content, UPLOAD_BYTES)).plain(),
        )  # fmt: skip
        job = start_job(alice, "import_receivables", "Import", {"file": file.pk, "good_rows_only": good_rows_only})

    def half_way():
        job.refresh_from_db()
        return bool(job.result.get("line")) if good_rows_only else job.done >= 5_000

    process = worker()
    try:
        wait_for(half_way, process)
    finally:
        process.kill()
        process.wait()
    job.refresh_from_db()
    assert job.state == Job.State.RUNNING
    assert Invoice.objects.count() in ((5_000, 10_000) if good_rows_only else (0,))

    with connection.cursor() as cursor:  # the dead worker has been silent for long
        cursor.execute("UPDATE procrastinate_workers SET last_heartbeat = now() - interval '1 minute'")
    work_here("watch", defer="core.retry_stalled")
    work_here("jobs")
    job.refresh_from_db()
    assert (job.state, job.result["counts"]["new"], job.result["counts"]["rows"]) == (Job.State.DONE, ROWS, ROWS)
    assert Invoice.objects.count() == ROWS
    assert balances(alice)["1200"] == ROWS
    assert Event.objects.filter(name="import_invoice").count() == ROWS
    assert Event.objects.filter(name="job_done").count() == 1
