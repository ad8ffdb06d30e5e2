"""A worker's process of its own that is killed while it writes off a batch, as the operating system would.

python -m bench.killed DATABASE BATCH
"""

import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil

from bench.writing_off import Cost

ROOT = Path(__file__).resolve().parent.parent
PATIENCE = 3600  # seconds for half of the work


@dataclass(frozen=True)
class Half:
    """What the killed process had done, and what it cost; of its server process what it had used a moment before."""

    done: int
    cost: Cost
    megabytes: float


def first_half(batch: Any, count: int) -> Half:
    """Begin to write off in another process, and kill it (-9) once the job says that half is done."""
    from django.db import connection

    from bench.measure import server_cpu
    from receivables.writeoffs.bulk.models import WriteOffBatch, WriteOffBatchItem

    database = connection.settings_dict["NAME"]
    child = subprocess.Popen(
        [sys.executable, "-m", "bench.killed", database, str(batch.pk)], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    assert child.stdout is not None
    server, usage = int(child.stdout.readline()), psutil.Process(child.pid)
    began, loaded = time.perf_counter(), sum(usage.cpu_times()[:2])
    used, megabytes, deadline = Cost(0, 0, 0), 0.0, began + PATIENCE
    while WriteOffBatch.objects.filter(pk=batch.pk, job__done__lt=count / 2).exists():
        if child.poll() is not None or time.perf_counter() > deadline:
            raise AssertionError("the worker ended by itself, or never came to half")
        used = Cost(time.perf_counter() - began, sum(usage.cpu_times()[:2]) - loaded, server_cpu(server) or 0.0)
        megabytes = max(megabytes, usage.memory_info().rss / 2**20)
        time.sleep(0.1)
    os.kill(child.pid, signal.SIGKILL)
    child.wait()
    done = WriteOffBatchItem.objects.filter(batch=batch, state=WriteOffBatchItem.State.DONE).count()
    return Half(done, used, megabytes)


def main(database: str, batch: str) -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "bench.settings")
    import django

    django.setup()
    from django.db import connection

    from bench import scratch
    from bench.writing_off import work_off
    from receivables.writeoffs.bulk.models import WriteOffBatch

    scratch.point(database)
    connection.ensure_connection()
    print(connection.connection.info.backend_pid, flush=True)
    work_off(WriteOffBatch.objects.get(pk=batch))


if __name__ == "__main__":
    main(*sys.argv[1:])
