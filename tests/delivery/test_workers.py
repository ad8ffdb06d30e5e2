"""Real worker processes and a real mail server: mail does not wait behind other work, and a kill never mails twice."""

import pytest
from django.db import connection

from receivables.billing.delivery.operations import retry_dispatch, send_invoice
from receivables.core.children import worker_commands
from receivables.core.jobs import start_job
from receivables.core.models import Job
from tests.builders import make_invoice, make_member, make_organization
from tests.delivery.conftest import dispatch_of, fresh, letter, with_address
from tests.support.smtp import mail_server
from tests.support.workers import wait_for, work_here, worker


@pytest.fixture
def dispatch(committed_db):
    bob = make_member(make_organization(), "biller", "Bob Biller")
    invoice = make_invoice(bob, with_address(bob))
    send_invoice(actor=bob, invoice=invoice, letter=letter())
    return dispatch_of(invoice)


def test_the_worker_of_the_mail_leaves_other_work_alone(dispatch):
    """Serving starts two workers; the one for mail is free however long the other's import takes."""
    assert [command[4:] for command in worker_commands()] == [[], ["--queues", "mail,watch"]]
    member = make_member(dispatch.organization, "biller", "Ira Importer")
    job = start_job(member, "import_receivables", "A long import", {"file": 0})
    with mail_server() as server:
        process = worker(queues="mail,watch", EMAIL_URL=server.url)
        try:
            wait_for(lambda: fresh(dispatch).state == "sent", process)
        finally:
            process.terminate()
            process.wait()
    assert len(server.mails) == 1
    assert b"application/pdf" in server.mails[0]
    assert fresh(job).state == Job.State.WAITING


def test_a_worker_killed_after_the_server_took_the_mail_never_mails_it_again(dispatch):
    with mail_server(silent=True) as server:
        process = worker(queues="mail", EMAIL_URL=server.url)
        try:
            wait_for(server.taken.is_set, process)
        finally:
            process.kill()
            process.wait()
        assert fresh(dispatch).state == "sending"
        with connection.cursor() as cursor:  # the dead worker has been silent for long
            cursor.execute("UPDATE procrastinate_workers SET last_heartbeat = now() - interval '1 minute'")
        work_here("watch", defer="core.retry_stalled")
        work_here("mail")
    assert (fresh(dispatch).state, len(server.mails)) == ("uncertain", 1)
    assert fresh(dispatch.invoice).sent_revision is None
    retry_dispatch(actor=make_member(dispatch.organization, "biller", "Rita Retry"), dispatch=dispatch)
    work_here("mail")
    assert fresh(dispatch).state == "sent"
