"""A worker killed half way: the next one goes on, and every invoice is there exactly once."""

import pytest
from django.db import transaction

from accounts.roles import Role
from receivables.billing.importing.fields import guess
from receivables.billing.importing.models import ImportFile
from receivables.billing.models import Invoice
from receivables.core.jobs import start_job
from receivables.core.models import Event, Job
from receivables.core.uploads import UPLOAD_BYTES
from receivables.core.workbooks import open_table
from tests.builders import balances, make_member, make_organization
from tests.importing.conftest import csv_bytes, good
from tests.support.workers import take_over, wait_for, worker

ROWS = 10_500  # two full batches of 5,000 and one more


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

    take_over()
    job.refresh_from_db()
    assert (job.state, job.result["counts"]["new"], job.result["counts"]["rows"]) == (Job.State.DONE, ROWS, ROWS)
    assert Invoice.objects.count() == ROWS
    assert balances(alice)["1200"] == ROWS
    assert Event.objects.filter(name="import_invoice").count() == ROWS
    # The worker may have had daily work to do as well.
    assert Event.objects.filter(name="job_done", subject_id=job.pk).count() == 1
