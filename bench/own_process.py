"""A worker's process of its own that writes off a batch: what it costs, how much memory it takes, and that it may be
killed half way, as the operating system would.

python -m bench.own_process DATABASE BATCH
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
PATIENCE = 3 * 3600  # seconds
MEGABYTE = 2**20


@dataclass(frozen=True)
class Memory:
    """The most that was seen, in megabytes: of the worker all that is resident, its proportional share of that, and
    the private memory of its server process (what it shares with others is the cache of the whole server)."""

    resident: float = 0
    proportional: float = 0
    server: float = 0

    def or_more(self, other: "Memory") -> "Memory":
        return Memory(
            max(self.resident, other.resident), max(self.proportional, other.proportional),
            max(self.server, other.server),
        )  # fmt: skip


@dataclass(frozen=True)
class Worked:
    """How many of the batch are done, what the process cost, and the memory it took; how often progress was written."""

    done: int
    cost: Cost
    memory: Memory
    progress: int = 0


def work(batch: Any, *, until: int | None = None) -> Worked:
    """Write off the batch in another process; with `until` it is killed (-9) once the job says that so many are done.
    Its start costs nothing here: it is counted from when it is ready."""
    from django.db import connection

    from bench.measure import server_cpu
    from receivables.writeoffs.bulk.models import WriteOffBatch, WriteOffBatchItem

    command = [sys.executable, "-m", "bench.own_process", connection.settings_dict["NAME"], str(batch.pk)]
    child = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert child.stdin is not None
    assert child.stdout is not None
    server, usage = int(child.stdout.readline()), psutil.Process(child.pid)
    began, loaded, memory = time.perf_counter(), sum(usage.cpu_times()[:2]), Memory()
    used, reached = Cost(0, 0, 0), WriteOffBatch.objects.filter(pk=batch.pk, job__done__gte=until or 0)
    while not _over(child, server):
        of_server = server_cpu(server) or used.server
        used = Cost(time.perf_counter() - began, sum(usage.cpu_times()[:2]) - loaded, of_server)
        memory = memory.or_more(_memory(usage, psutil.Process(server)))
        if until is not None and reached.exists():
            break
        if used.wall > PATIENCE:
            raise AssertionError("the worker does not end")
        time.sleep(0.2)
    progress = 0 if until is not None else int(child.stdout.readline())
    os.kill(child.pid, signal.SIGKILL)
    child.wait()
    done = WriteOffBatchItem.objects.filter(batch=batch, state=WriteOffBatchItem.State.DONE).count()
    return Worked(done, used, memory, progress)


def _over(child: subprocess.Popen[str], server: int) -> bool:
    """Whether the work is done: the child then gives its connection back and waits to be ended."""
    if child.poll() is not None:
        raise AssertionError("the worker ended by itself")
    return not psutil.pid_exists(server)


def _memory(worker: psutil.Process, server: psutil.Process) -> Memory:
    own = worker.memory_full_info()
    try:
        private = server.memory_full_info().uss
    except psutil.Error:  # of another login, or gone by now
        private = 0
    return Memory(own.rss / MEGABYTE, own.pss / MEGABYTE, private / MEGABYTE)


def main(database: str, batch: str) -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "bench.settings")
    import django

    django.setup()
    from django.db import connection

    from bench import scratch
    from bench.writing_off import work_off
    from receivables.core import jobs
    from receivables.writeoffs.bulk.models import WriteOffBatch

    scratch.point(database)
    connection.ensure_connection()
    print(connection.connection.info.backend_pid, flush=True)
    written, write = [], jobs.Progress._write
    jobs.Progress._write = lambda self, done, total: written.append(done) or write(self, done, total)  # type: ignore[method-assign,func-returns-value]
    work_off(WriteOffBatch.objects.get(pk=batch))
    print(len(written), flush=True)
    connection.close()
    sys.stdin.read()


if __name__ == "__main__":
    main(*sys.argv[1:])
