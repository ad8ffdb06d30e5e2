"""Background jobs: begun in a transaction, seen while they run, stopped, and never done twice."""

from types import SimpleNamespace

import pytest
from django.db import OperationalError, connection, transaction
from django.test import Client
from django.urls import reverse
from procrastinate.contrib.django.models import ProcrastinateJob

from accounts.roles import Role
from receivables.core import jobs, tasks
from receivables.core.errors import Blocker, NotPermitted, Refused
from receivables.core.models import Event, Job
from tests.builders import make_member, make_organization
from tests.support.races import other_connection


@pytest.fixture
def kind(monkeypatch):
    """A kind of job whose work a test sets: `kind.work = lambda actor, job, progress: {...}`."""
    holder = SimpleNamespace(work=lambda actor, job, progress: {"rows": 3}, runs=0)

    def run(actor, job, progress):
        holder.runs += 1
        return holder.work(actor, job, progress)

    monkeypatch.setitem(jobs.KINDS, "trial", jobs.Kind("trial", "import_receivables", run))
    return holder


@pytest.fixture
def alice(db):
    return make_member(make_organization(), Role.BILLER)


def work_off(job, attempts=0):
    tasks.run_job.func(SimpleNamespace(job=SimpleNamespace(attempts=attempts)), job_id=job.pk)
    job.refresh_from_db()
    return job


def start(actor, **parameters):
    return jobs.start_job(actor, "trial", "A trial", parameters)


def sign_in(member):
    client = Client()
    client.force_login(member.user, backend="accounts.backends.MembershipBackend")
    return client


def test_a_job_and_its_task_exist_exactly_if_the_transaction_commits(alice, kind):
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        start(alice)
        1 / 0  # noqa: B018
    assert not Job.objects.exists()
    assert not ProcrastinateJob.objects.exists()
    job = start(alice)
    task = ProcrastinateJob.objects.get()
    assert task.task_name == "core.run_job"
    assert task.args == {"job_id": job.pk}


def test_a_job_runs_as_the_member_who_started_it_and_keeps_its_result(alice, kind):
    kind.work = lambda actor, job, progress: {"by": actor.name, "role": actor.role}
    job = work_off(start(alice))
    assert (job.state, job.result) == (Job.State.DONE, {"by": alice.name, "role": Role.BILLER})
    assert Event.objects.filter(name="job_done", subject_id=job.pk).count() == 1


def test_a_job_that_ended_is_not_run_again(alice, kind):
    job = work_off(work_off(start(alice)))
    assert kind.runs == 1
    assert job.state == Job.State.DONE


def test_who_lost_the_permission_meanwhile_is_refused(alice, kind):
    bob = make_member(alice.organization, Role.BILLER, "Bob Biller")
    job = start(bob)
    bob.role = Role.AUDITOR
    bob.save(update_fields=["role"])
    job = work_off(job)
    assert (job.state, kind.runs) == (Job.State.FAILED, 0)
    assert "permission" in job.message


def test_without_the_permission_no_job_is_started(alice, kind):
    auditor = make_member(alice.organization, Role.AUDITOR, "Ann Auditor")
    with pytest.raises(NotPermitted):
        start(auditor)


def test_a_refusal_ends_the_job_with_its_sentence(alice, kind):
    def refused(actor, job, progress):
        raise Refused(Blocker("no", "Not today."))

    kind.work = refused
    job = work_off(start(alice))
    assert (job.state, job.message) == (Job.State.FAILED, "Not today.")


def test_a_fault_is_told_without_its_details(alice, kind):
    kind.work = lambda actor, job, progress: 1 / 0
    job = work_off(start(alice))
    assert job.state == Job.State.FAILED
    assert "Reference job-" in job.message
    assert "division" not in job.message


def test_a_lost_connection_is_tried_again_but_not_for_ever(alice, kind):
    def lost(actor, job, progress):
        raise OperationalError("server closed the connection")

    kind.work = lost
    job = start(alice)
    with pytest.raises(OperationalError):
        work_off(job)
    job.refresh_from_db()
    assert job.state == Job.State.RUNNING
    assert work_off(job, attempts=tasks.MAX_ATTEMPTS).state == Job.State.FAILED


def test_a_job_that_kills_every_worker_is_given_up(alice, kind):
    job = work_off(start(alice), attempts=tasks.MAX_ATTEMPTS + 1)
    assert (job.state, kind.runs) == (Job.State.FAILED, 0)


def test_stop_job_ends_a_waiting_job_at_once(alice, kind):
    job = jobs.stop_job(actor=alice, job=start(alice))
    assert work_off(job).state == Job.State.STOPPED
    assert kind.runs == 0
    with pytest.raises(Refused) as caught:
        jobs.stop_job(actor=alice, job=job)
    assert caught.value.code == "job_over"


def test_stop_job_of_somebody_else_is_refused(alice, kind):
    job = start(alice)
    stranger = make_member(make_organization("Charlie Cargo"), name="Charlie Else")
    with pytest.raises(Refused) as caught:
        jobs.stop_job(actor=stranger, job=job)
    assert caught.value.code == "not_yours"


def test_progress_is_seen_and_a_stop_obeyed_while_the_work_is_uncommitted(committed_db, kind):
    alice = make_member(make_organization())
    seen = []

    def work(actor, job, progress):
        with transaction.atomic():
            alice.organization.name = "Changed"
            alice.organization.save(update_fields=["name"])
            progress(5, 10)
            with other_connection(autocommit=True) as other:
                seen.append(other.execute("SELECT done, total FROM core_job").fetchone())
                other.execute("UPDATE core_job SET stop_requested = true")
            progress(10, 10)
        return {}

    kind.work = work
    job = work_off(start(alice))
    alice.organization.refresh_from_db()
    assert seen == [(5, 10)]
    assert (job.state, job.done, alice.organization.name) == (Job.State.STOPPED, 10, "Blue Freight")


def test_the_end_of_a_job_is_kept_with_its_effect_or_not_at_all(committed_db, kind):
    """Killed after its last transaction, the job is not done twice; killed before, it is not called done."""
    alice = make_member(make_organization())

    def work(actor, job, progress):
        with transaction.atomic():
            progress.complete(actor, {"rows": 1})
            if kind.runs == 1:
                raise OperationalError("killed before the commit")
        raise SystemExit("killed after the commit")

    kind.work = work
    job = start(alice)
    with pytest.raises(OperationalError):
        work_off(job)
    job.refresh_from_db()
    assert job.state == Job.State.RUNNING
    with pytest.raises(SystemExit):
        work_off(job)
    job = work_off(job)
    assert (job.state, job.result, kind.runs) == (Job.State.DONE, {"rows": 1}, 2)


def test_the_task_of_a_dead_worker_is_given_to_the_living(committed_db, kind):
    alice = make_member(make_organization())
    job = start(alice)
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO procrastinate_workers (last_heartbeat) VALUES (now() - interval '1 minute')")
        cursor.execute(
            "UPDATE procrastinate_jobs SET status = 'doing', worker_id = (SELECT max(id) FROM procrastinate_workers)"
        )
    run_worker_once("watch", defer="core.retry_stalled")
    run_worker_once("jobs")
    job.refresh_from_db()
    assert (job.state, kind.runs) == (Job.State.DONE, 1)


def run_worker_once(queue, defer=""):
    """A worker of this process until its queue is empty, on the database of the test."""
    import threading

    from procrastinate.contrib.django import app

    def run():
        if defer:
            app.configure_task(defer).defer(timestamp=0)
        with app.replace_connector(app.connector.get_worker_connector()):
            app.run_worker(queues=[queue], wait=False, listen_notify=False, install_signal_handlers=False)

    thread = threading.Thread(target=run)
    thread.start()
    thread.join(30)
    assert not thread.is_alive()


def test_the_page_shows_progress_and_stops_asking_when_the_job_has_ended(alice, kind):
    job, client = start(alice), sign_in(alice)
    page = client.get(reverse("job", args=[job.pk])).content.decode()
    assert 'hx-trigger="every 1s"' in page
    assert "Waiting for its turn" in page
    assert "HX-Refresh" not in client.get(reverse("job_progress", args=[job.pk]))
    work_off(job)
    ended = client.get(reverse("job_progress", args=[job.pk]))
    assert ended["HX-Refresh"] == "true"
    assert "hx-get" not in client.get(reverse("job", args=[job.pk])).content.decode()


def test_the_list_holds_ones_own_jobs(alice, kind):
    bob = make_member(alice.organization, Role.BILLER, "Bob Biller")
    start(alice)
    assert "A trial" in sign_in(alice).get(reverse("jobs")).content.decode()
    assert "A trial" not in sign_in(bob).get(reverse("jobs")).content.decode()


def test_a_job_of_another_organization_does_not_exist(alice, kind):
    job = start(alice)
    charlie = sign_in(make_member(make_organization("Charlie Cargo"), Role.BILLER, "Charlie Else"))
    for name in ("job", "job_progress", "stop_job"):
        assert charlie.get(reverse(name, args=[job.pk])).status_code == 404


def test_who_may_not_do_the_work_does_not_see_it(alice, kind):
    job = start(alice)
    auditor = sign_in(make_member(alice.organization, Role.AUDITOR, "Ann Auditor"))
    assert auditor.get(reverse("job", args=[job.pk])).status_code == 404
